/**
 * What the page and the worker that holds the keys say to each other. Everything crosses by
 * structured clone: views, what is asked for, and bytes of sockets; never a key.
 */
import type { Bytes } from '../core/bytes.ts';
import type { UserId } from '../core/wire/ids.ts';
import type { AppModel, AppView } from './model.ts';
import type { Patch } from './patch.ts';

type Name = Exclude<keyof AppModel, 'subscribe' | 'snapshot' | 'readFile'>;
type Given = { readonly [N in Name]: Parameters<AppModel[N]> };

/** Everything that may be asked of a model. */
export type Asks = { readonly [N in Name]: (...given: Given[N]) => void };

/** Their names: what is not listed does not compile here, and cannot be asked for. */
export const ASKS: { readonly [N in Name]: N } = {
  restart: 'restart',
  register: 'register',
  signIn: 'signIn',
  signOut: 'signOut',
  forgetDevice: 'forgetDevice',
  lookAtDevices: 'lookAtDevices',
  endDevice: 'endDevice',
  changePassword: 'changePassword',
  deleteAccount: 'deleteAccount',
  putAccountAway: 'putAccountAway',
  find: 'find',
  clearRecent: 'clearRecent',
  block: 'block',
  unblock: 'unblock',
  publishKey: 'publishKey',
  open: 'open',
  accept: 'accept',
  decline: 'decline',
  leave: 'leave',
  retry: 'retry',
  acceptKey: 'acceptKey',
  confirmPeer: 'confirmPeer',
  scanned: 'scanned',
  unlock: 'unlock',
  exportIdentity: 'exportIdentity',
  importIdentity: 'importIdentity',
  exportPeers: 'exportPeers',
  importPeers: 'importPeers',
  putAway: 'putAway',
  say: 'say',
  edit: 'edit',
  deleteLine: 'deleteLine',
  hideLine: 'hideLine',
  react: 'react',
  typing: 'typing',
  recording: 'recording',
  sendFile: 'sendFile',
  acceptFile: 'acceptFile',
  pauseFile: 'pauseFile',
  resumeFile: 'resumeFile',
  cancelFile: 'cancelFile',
  fileSeen: 'fileSeen',
  sendFileAgain: 'sendFileAgain',
  seen: 'seen',
  useHere: 'useHere',
};

export type Ask<N extends Name = Name> = {
  readonly [Each in N]: {
    readonly type: 'ask';
    readonly name: Each;
    readonly given: Given[Each];
  };
}[N];

/** Asks for a part of a file: the one thing that is answered with bytes, and not seen in a view. */
export type Read = {
  readonly type: 'read';
  /** Given by the page, each once. */
  readonly read: number;
  readonly given: Parameters<AppModel['readFile']>;
};

/** What is seen until the worker has said anything. */
export const FIRST_VIEW: AppView = { at: 'starting' };

export type ToWorker =
  /** The first word: the worker does nothing before it. */
  | { readonly type: 'begin'; readonly visible: boolean }
  | { readonly type: 'visible'; readonly visible: boolean }
  | Ask
  /** The view has arrived: the next may come. */
  | { readonly type: 'took' }
  | { readonly type: 'answered'; readonly errand: number; readonly yes: boolean }
  | Read
  | SocketNews;

export type ToPage =
  | { readonly type: 'view'; readonly patch: Patch }
  | { readonly type: 'errand'; readonly errand: number; readonly what: Errand }
  /** What was read; `null` for nothing. */
  | { readonly type: 'piece'; readonly read: number; readonly bytes: Bytes | null }
  | SocketOrder;

/** What only a page can do, and is answered with yes or no. */
export type Errand =
  | { readonly do: 'keepStorage' }
  | { readonly do: 'recallKey'; readonly account: UserId }
  | { readonly do: 'markKey'; readonly account: UserId }
  | { readonly do: 'forgetKey'; readonly account: UserId };

/** Sockets are told apart by a number that the worker gives. */
type OfSocket = { readonly socket: number };

/** What became of a socket. */
export type SocketNews = OfSocket &
  (
    | { readonly type: 'opened' }
    | { readonly type: 'received'; readonly bytes: Bytes }
    | { readonly type: 'closed'; readonly code: number }
    /** The answer to `measure`: what had not left when it was asked. */
    | { readonly type: 'measured'; readonly bytes: number }
  );

/** What a socket should do. */
export type SocketOrder = OfSocket &
  (
    | { readonly type: 'connect' }
    /** In this order; it is measured after them if that is asked for. */
    | { readonly type: 'send'; readonly frames: readonly Bytes[]; readonly measure: boolean }
    | { readonly type: 'measure' }
    | { readonly type: 'lastWords'; readonly bytes: Bytes | null }
    | { readonly type: 'close'; readonly code: number }
  );

/** One end of the wire between the two: a `Worker`, the scope inside it, or a `MessagePort`. */
export type End = {
  postMessage(message: unknown, options?: { transfer?: Transferable[] }): void;
  onmessage: ((event: MessageEvent) => void) | null;
};
