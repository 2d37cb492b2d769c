/**
 * The ways to part for good: this browser forgets the account, or the account is removed. Each
 * says what is lost before it can be done.
 */
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AppModel, AppView, KeyState } from '../../app/model.ts';
import { Button } from '../../ui/Button.tsx';
import { Notice } from '../../ui/Notice.tsx';
import { AccountOutcome } from './AccountOutcome.tsx';
import { PasswordField } from './PasswordField.tsx';
import { UsernameForManagers } from './UsernameForManagers.tsx';

type SignedIn = Extract<AppView, { at: 'signedIn' }>;

type ForgetDeviceProps = {
  readonly keyState: KeyState;
  readonly model: Pick<AppModel, 'forgetDevice'>;
};

export function ForgetDevice({ keyState, model }: ForgetDeviceProps) {
  const { t } = useTranslation();
  const holdsKey = keyState.is === 'ready' || keyState.is === 'locked';
  return (
    <>
      <p>{t('account.forgetMeans')}</p>
      {holdsKey && <Notice tone="warn">{t('account.forgetKey')}</Notice>}
      <Button tone="danger" className="self-start" onClick={() => model.forgetDevice()}>
        {t('account.forget')}
      </Button>
    </>
  );
}

type DeleteAccountProps = {
  readonly view: Pick<SignedIn, 'me' | 'accountWork'>;
  readonly model: Pick<AppModel, 'deleteAccount'>;
};

export function DeleteAccount({ view, model }: DeleteAccountProps) {
  const { t } = useTranslation();
  const { me, accountWork: work } = view;
  const [password, setPassword] = useState('');
  const isBusy = work.is === 'busy';
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!isBusy && password !== '') model.deleteAccount(password);
  };
  return (
    <form onSubmit={submit} aria-busy={isBusy} className="flex flex-col gap-4">
      <Notice tone="warn">{t('account.deleteMeans', { name: me.name })}</Notice>
      <UsernameForManagers name={me.name} />
      <PasswordField value={password} autoComplete="current-password" onChange={setPassword} />
      <AccountOutcome work={work} about="deleteAccount" />
      <Button type="submit" tone="danger" busy={isBusy} className="self-start">
        {t('account.delete')}
      </Button>
    </form>
  );
}
