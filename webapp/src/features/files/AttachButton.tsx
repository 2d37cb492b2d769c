/**
 * Where files are chosen: a button beside the writing.
 */
import { useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { AppModel } from '../../app/model.ts';
import { IconButton } from '../../ui/Button.tsx';
import { Icon } from '../../ui/Icon.tsx';

type AttachButtonProps = {
  readonly peerName: string;
  /** The largest file that is sent and taken. */
  readonly fileBytesMax: number;
  readonly model: Pick<AppModel, 'sendFile'>;
};

export function AttachButton({ peerName, fileBytesMax, model }: AttachButtonProps) {
  const { t } = useTranslation();
  const picker = useRef<HTMLInputElement>(null);
  const send = (files: FileList | null) => {
    for (const file of files ?? []) {
      if (file.size === 0 || file.size > fileBytesMax) continue;
      model.sendFile(file, file.name, { accessMode: 'both', kind: 'file', durationMs: null });
    }
  };
  return (
    <>
      <input
        ref={picker}
        type="file"
        multiple
        hidden
        onChange={(event) => {
          send(event.target.files);
          // The same file can be chosen once more.
          event.target.value = '';
        }}
      />
      <IconButton
        label={t('files.attach', { name: peerName })}
        onClick={() => picker.current?.click()}
      >
        <Icon name="clip" />
      </IconButton>
    </>
  );
}
