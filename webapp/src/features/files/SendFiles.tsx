/**
 * The files that are about to be offered: what each is called, how large it is, and what the
 * other person shall be able to do with it. What cannot be sent says why, and stays behind.
 */
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AppModel, SendAs } from '../../app/model.ts';
import { Button, IconButton } from '../../ui/Button.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { Notice } from '../../ui/Notice.tsx';
import { sizeWords } from './file-words.ts';

type AccessMode = SendAs['accessMode'];
const ACCESS_MODES: readonly AccessMode[] = ['both', 'view_only', 'download_only'];

type SendFilesProps = {
  readonly files: readonly File[];
  readonly peerName: string;
  readonly fileBytesMax: number;
  /** How many more may wait for their turn. */
  readonly room: number;
  readonly model: Pick<AppModel, 'sendFile'>;
  readonly onDrop: (file: File) => void;
  readonly onClose: () => void;
};

type Obstacle = 'tooLarge' | 'empty' | 'tooMany' | null;

export function SendFiles(props: SendFilesProps) {
  const { files, peerName, fileBytesMax, room, model, onDrop, onClose } = props;
  const { t, i18n } = useTranslation();
  const list = useRef<HTMLUListElement>(null);
  const [modes, setModes] = useState<ReadonlyMap<File, AccessMode>>(new Map());
  const obstacles = obstaclesOf(files, fileBytesMax, room);
  const sendable = files.filter((_, place) => obstacles[place] === null);
  const modeOf = (file: File) => modes.get(file) ?? 'both';
  const isWish = sendable.some((file) => modeOf(file) !== 'both');
  const send = () => {
    for (const file of sendable) {
      model.sendFile(file, file.name, { accessMode: modeOf(file), kind: 'file', durationMs: null });
    }
    onClose();
  };
  return (
    <Dialog
      title={t('files.sendTitle', { name: peerName })}
      closeLabel={t('files.notSend')}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{t('files.notSend')}</Button>
          <Button tone="primary" disabled={sendable.length === 0} onClick={send}>
            {t('files.send', { count: sendable.length })}
          </Button>
        </>
      }
    >
      <p className="text-sm text-muted">
        {t('files.sendHint', { name: peerName, size: sizeWords(i18n.language, fileBytesMax) })}
      </p>
      <ul ref={list} tabIndex={-1} aria-label={t('files.chosen')} className="flex flex-col gap-3">
        {files.map((file, place) => (
          <ChosenFile
            // biome-ignore lint/suspicious/noArrayIndexKey: two may have all in common; a row has no state.
            key={place}
            file={file}
            peerName={peerName}
            obstacle={obstacles[place] ?? null}
            limit={sizeWords(i18n.language, fileBytesMax)}
            mode={modeOf(file)}
            onMode={(mode) => setModes(new Map(modes).set(file, mode))}
            onDrop={() => {
              onDrop(file);
              // The button that was pressed is gone with its row.
              list.current?.focus();
            }}
          />
        ))}
      </ul>
      {isWish && <Notice tone="calm">{t('files.wish', { name: peerName })}</Notice>}
    </Dialog>
  );
}

/** Why each is not sent; the first ones have the room that is left. */
function obstaclesOf(files: readonly File[], bytesMax: number, room: number): readonly Obstacle[] {
  let left = room;
  return files.map(({ size }) => {
    if (size === 0) return 'empty';
    if (size > bytesMax) return 'tooLarge';
    left -= 1;
    return left < 0 ? 'tooMany' : null;
  });
}

type ChosenFileProps = {
  readonly file: File;
  readonly peerName: string;
  readonly obstacle: Obstacle;
  readonly limit: string;
  readonly mode: AccessMode;
  readonly onMode: (mode: AccessMode) => void;
  readonly onDrop: () => void;
};

function ChosenFile(props: ChosenFileProps) {
  const { file, peerName, obstacle, limit, mode, onMode, onDrop } = props;
  const { t, i18n } = useTranslation();
  return (
    <li className="flex flex-col gap-2 rounded-2xl border border-rule px-4 py-3">
      <div className="flex items-start gap-2">
        <p className="min-w-0 flex-1 pt-2">
          <bdi className="font-medium wrap-anywhere">{file.name}</bdi>{' '}
          <span className="whitespace-nowrap text-sm text-muted">
            {sizeWords(i18n.language, file.size)}
          </span>
        </p>
        <IconButton
          label={t('files.notSendOf', { file: file.name })}
          onClick={onDrop}
          className="-me-2"
        >
          <Icon name="close" />
        </IconButton>
      </div>
      {obstacle === null ? (
        <label className="flex flex-wrap items-center gap-x-3 gap-y-1 text-sm">
          <span className="text-muted">{t('files.mayDo', { name: peerName })}</span>
          <select
            value={mode}
            aria-label={t('files.mayDoOf', { name: peerName, file: file.name })}
            onChange={(event) => onMode(event.target.value as AccessMode)}
            className="min-h-11 min-w-0 rounded-full border border-edge bg-card px-4"
          >
            {ACCESS_MODES.map((each) => (
              <option key={each} value={each}>
                {t(`files.mode.${each}`)}
              </option>
            ))}
          </select>
        </label>
      ) : (
        <p className="text-sm text-danger">{t(`files.obstacle.${obstacle}`, { limit })}</p>
      )}
    </li>
  );
}
