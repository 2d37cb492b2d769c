/**
 * A password that can be looked at, which spares typing it twice.
 */
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { IconButton } from '../../ui/Button.tsx';
import { Field } from '../../ui/Field.tsx';
import { Icon } from '../../ui/Icon.tsx';

type PasswordFieldProps = {
  readonly label?: string;
  readonly name?: string;
  readonly value: string;
  readonly autoComplete: 'current-password' | 'new-password';
  readonly hint?: ReactNode;
  readonly onChange: (password: string) => void;
};

export function PasswordField(props: PasswordFieldProps) {
  const { t } = useTranslation();
  const { label, name = 'password', value, autoComplete, hint, onChange } = props;
  const [shown, setShown] = useState(false);
  return (
    <Field
      label={label ?? t('account.password')}
      name={name}
      type={shown ? 'text' : 'password'}
      value={value}
      autoComplete={autoComplete}
      // Once it is shown it is text like any other: spelling is looked up at servers by some browsers.
      spellCheck={false}
      autoCapitalize="none"
      autoCorrect="off"
      required
      hint={hint}
      onChange={(event) => onChange(event.target.value)}
      trailing={
        <IconButton
          label={t(shown ? 'account.hidePassword' : 'account.showPassword')}
          onClick={() => setShown(!shown)}
        >
          <Icon name={shown ? 'eyeOff' : 'eye'} />
        </IconButton>
      }
    />
  );
}
