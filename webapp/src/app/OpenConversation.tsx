/**
 * Joins the features that a conversation is made of: what is said, the files that are sent, and
 * what is recorded.
 */
import { ConversationPane } from '../features/conversation/ConversationPane.tsx';
import { AttachButton } from '../features/files/AttachButton.tsx';
import type { AppModel, ConversationView, KeyState, Person } from './model.ts';
import { Recorders } from './Recorders.tsx';
import { TransferEntry } from './TransferEntry.tsx';

type OpenConversationProps = {
  readonly me: Person;
  readonly keyState: KeyState;
  readonly conversation: ConversationView;
  readonly model: AppModel;
};

export function OpenConversation(props: OpenConversationProps) {
  const { conversation, model } = props;
  const { peer, phase } = conversation;
  const attach = phase.is === 'secure' && (
    <AttachButton peerName={peer.name} fileBytesMax={phase.fileBytesMax} model={model} />
  );
  const record = phase.is === 'secure' && (
    <Recorders peerName={peer.name} bytesMax={phase.fileBytesMax} model={model} />
  );
  return <ConversationPane {...props} Transfer={TransferEntry} before={attach} instead={record} />;
}
