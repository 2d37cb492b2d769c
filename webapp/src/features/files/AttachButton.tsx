/**
 * Where files come from: picked by a button beside the writing, dropped on the page, or pasted.
 * All of them are shown, with what may be done with each, before any is offered. Here is also
 * where they are looked at: beside the list, which draws only what is in view.
 */
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AppModel, AppView } from '../../app/model.ts';
import { IconButton } from '../../ui/Button.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { Looking } from './Looking.tsx';
import { SendFiles } from './SendFiles.tsx';
import { useIncomingFiles } from './use-incoming-files.ts';

/** Files of one conversation that may wait for their turn, as the core has it. */
const QUEUED_MAX = 16;

type AttachButtonProps = {
  readonly peerName: string;
  /** The largest file that is sent and taken. */
  readonly fileBytesMax: number;
  readonly model: Pick<AppModel, 'sendFile' | 'snapshot'>;
};

export function AttachButton(props: AttachButtonProps) {
  const { peerName, fileBytesMax, model } = props;
  const { t } = useTranslation();
  const picker = useRef<HTMLInputElement>(null);
  const [chosen, setChosen] = useState<readonly File[]>([]);
  const take = (files: readonly File[]) => {
    // Another dialog is open, and asks about something else.
    const isElsewhere = document.querySelector('dialog[open]') !== null && chosen.length === 0;
    if (!isElsewhere) setChosen([...chosen, ...files]);
  };
  const isOver = useIncomingFiles(take);
  return (
    <>
      <input
        ref={picker}
        type="file"
        multiple
        hidden
        onChange={(event) => {
          take([...(event.target.files ?? [])]);
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
      {chosen.length > 0 && (
        <SendFiles
          files={chosen}
          peerName={peerName}
          fileBytesMax={fileBytesMax}
          room={QUEUED_MAX - queuedOf(model.snapshot())}
          model={model}
          onDrop={(file) => setChosen(chosen.filter((each) => each !== file))}
          onClose={() => setChosen([])}
        />
      )}
      <Looking />
      {isOver && (
        <div className="pointer-events-none fixed inset-3 z-10 flex items-center justify-center rounded-3xl border-2 border-dashed border-accent bg-card/90 text-xl">
          {t('files.dropHere', { name: peerName })}
        </div>
      )}
    </>
  );
}

/** Own files that wait for their turn already. */
function queuedOf(view: AppView): number {
  const phase = view.at === 'signedIn' ? view.conversation?.phase : undefined;
  if (phase?.is !== 'secure') return 0;
  return phase.transfers.filter(({ by, stage }) => by === 'me' && stage.is === 'queued').length;
}
