/**
 * Another password for the account. The fields are emptied once it has changed.
 */
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AppModel, AppView } from '../../app/model.ts';
import { Button } from '../../ui/Button.tsx';
import { AccountOutcome } from './AccountOutcome.tsx';
import { NewPasswordHints } from './NewPasswordHints.tsx';
import { PasswordField } from './PasswordField.tsx';
import { UsernameForManagers } from './UsernameForManagers.tsx';

type SignedIn = Extract<AppView, { at: 'signedIn' }>;

type ChangePasswordProps = {
  readonly view: Pick<SignedIn, 'me' | 'accountWork' | 'limits'>;
  readonly model: Pick<AppModel, 'changePassword'>;
};

export function ChangePassword({ view, model }: ChangePasswordProps) {
  const { t } = useTranslation();
  const { me, accountWork: work, limits } = view;
  const [old, setOld] = useState('');
  const [password, setPassword] = useState('');
  const [seen, setSeen] = useState(work);
  const isBusy = work.is === 'busy';
  const isMine = work.is !== 'idle' && work.what === 'changePassword';

  if (work !== seen) {
    setSeen(work);
    if (work.is === 'done' && isMine) {
      setOld('');
      setPassword('');
    }
  }

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!isBusy && old !== '' && password !== '') model.changePassword(old, password);
  };

  return (
    <form onSubmit={submit} aria-busy={isBusy && isMine} className="flex flex-col gap-4">
      <p className="text-sm text-muted">{t('account.changeMeans')}</p>
      <UsernameForManagers name={me.name} />
      <PasswordField
        label={t('account.oldPassword')}
        value={old}
        autoComplete="current-password"
        onChange={setOld}
      />
      <PasswordField
        label={t('account.newPassword')}
        name="new-password"
        value={password}
        autoComplete="new-password"
        hint={<NewPasswordHints password={password} name={me.name} limits={limits} />}
        onChange={setPassword}
      />
      <AccountOutcome work={work} about="changePassword" />
      <Button type="submit" tone="primary" busy={isBusy} className="self-start">
        {t(isBusy && isMine ? 'account.changing' : 'account.change')}
      </Button>
    </form>
  );
}
