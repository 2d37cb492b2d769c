/**
 * Whether this browser may tell of what happens while nobody looks: that something happened, and
 * neither who nor what.
 */
import { useTranslation } from 'react-i18next';
import type { NoticeState } from '../../app/model.ts';
import { Switch } from '../../ui/Switch.tsx';

type NoticesSwitchProps = {
  readonly state: NoticeState;
  readonly onSwitch: (on: boolean) => void;
};

export function NoticesSwitch({ state, onSwitch }: NoticesSwitchProps) {
  const { t } = useTranslation();
  return (
    <Switch
      label={t('notices.label')}
      checked={state === 'on'}
      disabled={state === 'refused' || state === 'unsupported'}
      hint={t(`notices.${state}`)}
      onChange={onSwitch}
    />
  );
}
