/**
 * Signing in and making an account: one form, two intentions.
 */
import { type FormEvent, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AppModel, AppView } from '../../app/model.ts';
import { faultTrace, faultWords } from '../../i18n/fault-words.ts';
import { Button } from '../../ui/Button.tsx';
import { FaultNotice } from '../../ui/FaultNotice.tsx';
import { Field } from '../../ui/Field.tsx';
import { Mark } from '../../ui/Mark.tsx';
import { Notice } from '../../ui/Notice.tsx';
import { wishesForName } from './credentials.ts';
import { NewPasswordHints } from './NewPasswordHints.tsx';
import { PasswordField } from './PasswordField.tsx';
import { Wishes } from './Wishes.tsx';

type SignedOutProps = {
  readonly view: Extract<AppView, { at: 'signedOut' }>;
  readonly model: Pick<AppModel, 'register' | 'signIn'>;
};

export function SignedOut({ view, model }: SignedOutProps) {
  const { t } = useTranslation();
  const [intention, setIntention] = useState<'signIn' | 'register'>('signIn');
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const nameField = useRef<HTMLInputElement>(null);
  const { busy, fault, parted, limits } = view;
  const isNew = intention === 'register';

  // biome-ignore lint/correctness/useExhaustiveDependencies: another intention starts at the top.
  useEffect(() => nameField.current?.focus(), [intention]);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    model[intention](name.trim(), password);
  };

  const nameHint = isNew && (
    <Wishes
      wishes={wishesForName(name.trim(), limits)}
      min={limits.usernameCharsMin}
      max={limits.usernameCharsMax}
    />
  );
  const passwordHint = isNew && (
    <NewPasswordHints password={password} name={name.trim()} limits={limits} />
  );

  return (
    <div className="m-auto flex w-full max-w-md flex-col gap-8 px-5 py-8">
      <div className="flex flex-col items-center gap-4 text-center">
        <Mark className="size-14" />
        <p className="max-w-xs font-display text-xl leading-snug">{t('app.promise')}</p>
      </div>
      <form
        onSubmit={submit}
        aria-busy={busy}
        className="flex flex-col gap-5 rounded-3xl border border-rule bg-card p-6 sm:p-8"
      >
        <h1 className="font-display text-3xl">
          {t(isNew ? 'account.registerTitle' : 'account.signInTitle')}
        </h1>
        {parted !== null && (
          <Notice tone="calm" role="status">
            {t(`account.parted.${parted}`)}
          </Notice>
        )}
        {fault !== null && (
          <FaultNotice words={faultWords(t, fault)} trace={faultTrace(t, fault)} />
        )}
        <Field
          ref={nameField}
          label={t('account.username')}
          name="username"
          value={name}
          autoComplete="username"
          autoCapitalize="none"
          autoCorrect="off"
          spellCheck={false}
          required
          hint={nameHint || undefined}
          onChange={(event) => setName(event.target.value)}
        />
        <PasswordField
          value={password}
          autoComplete={isNew ? 'new-password' : 'current-password'}
          hint={passwordHint || undefined}
          onChange={setPassword}
        />
        {isNew && (
          <p className="text-sm text-muted">
            {t('account.noRecovery')} {t('account.keyIsMade')}
          </p>
        )}
        <Button type="submit" tone="primary" busy={busy}>
          {t(submitWords(intention, busy))}
        </Button>
      </form>
      <Button
        tone="plain"
        className="self-center underline decoration-edge underline-offset-4"
        onClick={() => setIntention(isNew ? 'signIn' : 'register')}
      >
        {t(isNew ? 'account.toSignIn' : 'account.toRegister')}
      </Button>
    </div>
  );
}

function submitWords(intention: 'signIn' | 'register', busy: boolean) {
  if (intention === 'register') return busy ? 'account.registering' : 'account.register';
  return busy ? 'account.signingIn' : 'account.signIn';
}
