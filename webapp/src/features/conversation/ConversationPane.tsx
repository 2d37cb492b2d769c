/**
 * One conversation: who, where it stands, and either what is said or why nothing can be.
 */
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { AppModel, ConversationView, KeyState, Person } from '../../app/model.ts';
import { ConversationHeader } from './ConversationHeader.tsx';
import { Interlude } from './Interlude.tsx';
import { KeysDiffer } from './KeysDiffer.tsx';
import { Talk, type TalkParts } from './Talk.tsx';

type ConversationPaneProps = TalkParts & {
  readonly me: Person;
  readonly keyState: KeyState;
  readonly conversation: ConversationView;
  readonly model: AppModel;
};

export function ConversationPane(props: ConversationPaneProps) {
  const { me, keyState, conversation, model, ...parts } = props;
  const { t } = useTranslation();
  const { peer, phase, keyHistory } = conversation;
  const scan = conversation.comparison?.scan ?? null;
  const heading = useRef<HTMLHeadingElement>(null);

  // Who opens a conversation is taken to it.
  // biome-ignore lint/correctness/useExhaustiveDependencies: another peer is another conversation.
  useEffect(() => heading.current?.focus(), [peer.id]);

  // A button that vanished with its phase leaves the focus nowhere.
  // biome-ignore lint/correctness/useExhaustiveDependencies: looked at on every change of phase.
  useEffect(() => {
    if (document.activeElement === document.body) heading.current?.focus();
  }, [phase.is]);

  return (
    <section
      aria-label={t('conversation.with', { name: peer.name })}
      data-phase={phase.is}
      data-connection={phase.is === 'secure' ? phase.connection : undefined}
      className="flex min-h-0 min-w-0 flex-1 flex-col"
    >
      <ConversationHeader
        headingRef={heading}
        conversation={conversation}
        keyState={keyState}
        onConfirm={(fingerprint) => model.confirmPeer(fingerprint)}
        onScanned={(text) => model.scanned(text)}
        onLeave={() => model.leave()}
      />
      {scan?.is === 'differs' && (
        <KeysDiffer peer={peer} scan={scan} onLeave={() => model.leave()} />
      )}
      {phase.is === 'secure' ? (
        <Talk key={peer.id} peer={peer} phase={phase} model={model} {...parts} />
      ) : (
        <Interlude me={me} peer={peer} phase={phase} keyHistory={keyHistory} model={model} />
      )}
    </section>
  );
}
