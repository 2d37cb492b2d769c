/**
 * A file as a card: its name and size, what it is, how far it has come, and the presses that its
 * stage has.
 */
import { useTranslation } from 'react-i18next';
import type { TransferView } from '../../app/model.ts';
import { Icon, type IconName } from '../../ui/Icon.tsx';
import { type Content, isMisnamed } from './content.ts';
import { FilePresses } from './FilePresses.tsx';
import { FileStanding } from './FileStanding.tsx';
import { sizeWords } from './file-words.ts';
import type { FilesDevice, FilesModel } from './files-model.ts';
import { useContent } from './use-content.ts';

type FileCardProps = {
  readonly transfer: TransferView;
  readonly peerName: string;
  readonly model: FilesModel;
  readonly device: FilesDevice;
};

export function FileCard({ transfer, peerName, model, device }: FileCardProps) {
  const { t, i18n } = useTranslation();
  const { name, size, accessMode } = transfer;
  const content = useContent(model, transfer);
  return (
    <div data-content={content?.is} className="flex flex-col gap-2">
      <div className="flex items-start gap-3">
        <span className="mt-0.5 flex size-10 shrink-0 items-center justify-center rounded-xl bg-sunken text-muted">
          <Icon name={iconOf(content)} />
        </span>
        <p className="min-w-0 flex-1">
          {/* A name cannot reach out of its place, whatever direction it is written in. */}
          <bdi data-file-name className="font-medium wrap-anywhere">
            {name}
          </bdi>{' '}
          <span className="block text-sm text-muted">
            {sizeWords(i18n.language, size)}
            {content !== null && ` · ${t(`files.content.${content.is}`)}`}
            {accessMode !== 'both' && ` · ${t(`files.modeMark.${accessMode}`)}`}
          </span>
        </p>
      </div>
      {content !== null && <Caution name={name} content={content} />}
      {/* How it goes on is not read out: only that a file is there. */}
      <div aria-live="off">
        <FileStanding transfer={transfer} peerName={peerName} />
      </div>
      <FilePresses transfer={transfer} content={content} model={model} device={device} />
    </div>
  );
}

function iconOf(content: Content | null): IconName {
  switch (content?.is) {
    case 'picture':
      return 'picture';
    case 'video':
    case 'sound':
      return 'play';
    case 'program':
      return 'alert';
    default:
      return 'file';
  }
}

function Caution({ name, content }: { name: string; content: Content }) {
  const { t } = useTranslation();
  const words = [
    ...(isMisnamed(name, content) ? [t('files.misnamed')] : []),
    ...(content.is === 'program' || content.is === 'markup'
      ? [t(`files.caution.${content.is}`)]
      : []),
  ];
  if (words.length === 0) return null;
  return <p className="text-sm text-warn">{words.join(' ')}</p>;
}
