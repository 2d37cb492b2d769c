/**
 * Asks for the account's password, for what happens under it.
 */
import { type FormEvent, type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '../../ui/Button.tsx';
import { Field } from '../../ui/Field.tsx';

type PasswordFormProps = {
  readonly submit: string;
  readonly busy: boolean;
  readonly tone?: 'primary' | 'quiet' | 'danger';
  /** More to be given than a password. */
  readonly children?: ReactNode;
  readonly onSubmit: (password: string) => void;
};

export function PasswordForm(props: PasswordFormProps) {
  const { t } = useTranslation();
  const { submit, busy, tone = 'primary', children, onSubmit } = props;
  const [password, setPassword] = useState('');
  const onForm = (event: FormEvent) => {
    event.preventDefault();
    if (!busy && password !== '') onSubmit(password);
  };
  return (
    <form onSubmit={onForm} aria-busy={busy} className="mt-3 flex flex-col gap-3">
      {children}
      <Field
        label={t('account.password')}
        type="password"
        value={password}
        autoComplete="current-password"
        required
        onChange={(event) => setPassword(event.target.value)}
      />
      <Button type="submit" tone={tone} busy={busy} className="self-start">
        {submit}
      </Button>
    </form>
  );
}
