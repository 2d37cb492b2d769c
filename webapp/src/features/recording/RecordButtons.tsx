/**
 * Where recording begins: beside the writing, while nothing is written.
 */
import { useTranslation } from 'react-i18next';
import type { RecordedKind } from '../../app/model.ts';
import { IconButton } from '../../ui/Button.tsx';
import { Icon } from '../../ui/Icon.tsx';

type RecordButtonsProps = {
  readonly peerName: string;
  readonly onRecord: (kind: RecordedKind) => void;
};

const BUTTONS = [
  { kind: 'video', icon: 'camera' },
  { kind: 'voice', icon: 'microphone' },
] as const;

export function RecordButtons({ peerName, onRecord }: RecordButtonsProps) {
  const { t } = useTranslation();
  return BUTTONS.map(({ kind, icon }) => (
    <IconButton
      key={kind}
      label={t(`recording.record.${kind}`, { name: peerName })}
      aria-haspopup="dialog"
      onClick={() => onRecord(kind)}
    >
      <Icon name={icon} />
    </IconButton>
  ));
}
