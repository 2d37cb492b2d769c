/** Frames as the core handles them: parsed once, ids branded, states apart. */
import { type Bytes, concat } from '../bytes.ts';
import type { FileLabel, TalkLabel } from './codes.ts';
import type { FrameId, UserId } from './ids.ts';

/** A frame from one browser to another. `peer` is the receiver when sent, the sender when heard. */
export type PeerFrame = {
  readonly type: 'peer';
  readonly label: TalkLabel;
  /** Raised by a deliberate re-send, so that the server does not take it for a repeat. */
  readonly attempt: number;
  readonly peer: UserId;
  readonly id: FrameId;
  readonly body: Bytes;
};

/** A frame about a piece of a file; `peer` as in `PeerFrame`. */
export type FileFrame = {
  readonly type: 'file';
  readonly label: FileLabel;
  readonly attempt: number;
  readonly peer: UserId;
  readonly id: FrameId;
  /** Which chunk, from 0; the count itself in `file_complete`. */
  readonly index: number;
  /** How many chunks the file has. */
  readonly count: number;
  readonly body: Bytes;
};

/** As it is sent: the beginning of a large body may stand apart, so that the rest is copied once. */
export type SentFileFrame = FileFrame & { readonly head?: Bytes };

/** The same with one body, as it will arrive. */
export function joined({ head, ...frame }: SentFileFrame): FileFrame {
  return head === undefined ? frame : { ...frame, body: concat(head, frame.body) };
}

export type ClientFrame =
  | {
      readonly type: 'auth';
      readonly token: string;
      /** 16 random bytes of this page load. */
      readonly instance: Bytes;
      /** Raised by one with each connection of this page. */
      readonly attach: number;
    }
  | { readonly type: 'ping' }
  | PeerFrame
  | SentFileFrame;

export type ServerFrame =
  | { readonly type: 'authenticated'; readonly user: UserId; readonly expiresInMs: number }
  | { readonly type: 'notAuthenticated'; readonly code: string }
  | PeerFrame
  | FileFrame
  | { readonly type: 'peerOffline'; readonly peer: UserId; readonly id: FrameId | null }
  | { readonly type: 'peerDisconnected'; readonly peer: UserId }
  | { readonly type: 'peerOnline'; readonly peer: UserId }
  | { readonly type: 'error'; readonly code: string; readonly id: FrameId | null }
  | { readonly type: 'goingAway'; readonly afterMs: number }
  | { readonly type: 'superseded' }
  | { readonly type: 'tokenExpiring'; readonly inMs: number }
  | { readonly type: 'pong' };
