/**
 * What two people say while their conversation is secure.
 */
import { type ReactNode, useContext, useMemo, useState } from 'react';
import type { AppModel, Line, Person, Phase } from '../../app/model.ts';
import { Composer } from './Composer.tsx';
import { DeleteLine } from './DeleteLine.tsx';
import { DraftsContext } from './drafts.ts';
import { LineList, type TransferRow } from './LineList.tsx';
import { type Choice, lastEditable } from './line-acts.ts';
import { PeerActivity } from './PeerActivity.tsx';
import { type Chosen, type Topic, topicOf } from './topic.ts';
import { useNote } from './use-note.ts';

/** What stands in a conversation of other features; `app` joins it. */
export type TalkParts = {
  readonly Transfer?: TransferRow;
  /** Before the writing. */
  readonly before?: ReactNode;
  /** Where the button to send is, while nothing is written. */
  readonly instead?: ReactNode;
};

type TalkProps = TalkParts & {
  readonly peer: Person;
  readonly phase: Extract<Phase, { is: 'secure' }>;
  readonly model: AppModel;
};

const NO_TRANSFERS: Extract<Phase, { is: 'secure' }>['transfers'] = [];

export function Talk({ peer, phase, model, Transfer, before, instead }: TalkProps) {
  const { lines, transfers, outbox, peerTyping, peerRecording } = phase;
  const activity = peerRecording ?? (peerTyping ? 'writing' : null);
  const told = useMemo(
    () => ({ lines, transfers: Transfer === undefined ? NO_TRANSFERS : transfers }),
    [lines, transfers, Transfer],
  );
  const [chosen, setChosen] = useState<Chosen | null>(null);
  const [deletingId, setDeletingId] = useState<string | null>(null);
  const [note, say] = useNote<'copied' | 'notCopied'>();
  const topic = topicOf(lines, chosen);

  const choose = (line: Line, choice: Choice) => {
    switch (choice.is) {
      case 'reply':
      case 'edit':
        return setChosen({ is: choice.is, lineId: line.id });
      case 'copy':
        return void copied(line.text).then(say);
      case 'delete':
        return setDeletingId(line.id);
      case 'react':
        return model.react(line.id, choice.emoji);
    }
  };

  return (
    <>
      <LineList
        peer={peer}
        told={told}
        model={model}
        Transfer={Transfer ?? NoTransfer}
        onChoose={choose}
      />
      <PeerActivity peerName={peer.name} activity={activity} note={note} />
      <Writing
        peer={peer}
        outbox={outbox}
        lines={lines}
        topic={topic}
        onTopic={setChosen}
        model={model}
        before={before}
        instead={instead}
      />
      <Deleting
        line={lines.find(({ id }) => id === deletingId)}
        peer={peer}
        model={model}
        onDone={() => setDeletingId(null)}
      />
    </>
  );
}

type WritingProps = Pick<TalkProps, 'peer' | 'model' | 'before' | 'instead'> & {
  readonly outbox: 'open' | 'full';
  readonly lines: readonly Line[];
  readonly topic: Topic | null;
  readonly onTopic: (chosen: Chosen | null) => void;
};

/** The composer, with what was begun for this peer. The new text of a line is no draft. */
function Writing(props: WritingProps) {
  const { peer, outbox, lines, topic, onTopic, model, before, instead } = props;
  const drafts = useContext(DraftsContext);
  const edited = topic?.is === 'edit' ? topic.line : null;
  const say = (text: string) => {
    if (edited === null) model.say(text, topic?.line.id);
    else if (text !== edited.text) model.edit(edited.id, text);
    onTopic(null);
  };
  return (
    <Composer
      key={edited?.id ?? 'new'}
      peerName={peer.name}
      outbox={outbox}
      topic={topic}
      initialText={edited?.text ?? drafts?.get(peer.id) ?? ''}
      onSay={say}
      onText={(text) => edited === null && drafts?.set(peer.id, text)}
      onTyping={(on) => model.typing(on)}
      onCancel={() => onTopic(null)}
      onEditLast={() => {
        const last = lastEditable(lines, Date.now());
        if (last !== null) onTopic({ is: 'edit', lineId: last.id });
      }}
      before={before}
      instead={instead}
    />
  );
}

type DeletingProps = Pick<TalkProps, 'peer' | 'model'> & {
  readonly line: Line | undefined;
  readonly onDone: () => void;
};

function Deleting({ line, peer, model, onDone }: DeletingProps) {
  if (line === undefined || line.hidden) return null;
  const { id } = line;
  return (
    <DeleteLine
      line={line}
      peer={peer}
      onClose={onDone}
      onHide={() => {
        model.hideLine(id);
        onDone();
      }}
      onDelete={() => {
        model.deleteLine(id);
        onDone();
      }}
    />
  );
}

async function copied(text: string): Promise<'copied' | 'notCopied'> {
  try {
    await navigator.clipboard.writeText(text);
    return 'copied';
  } catch {
    // Forbidden here, or the page has no clipboard.
    return 'notCopied';
  }
}

function NoTransfer() {
  return null;
}
