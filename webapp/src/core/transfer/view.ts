/** A transfer as it is shown: plain data, without keys and without the file. */
import { endOf, type FileMeta } from './header.ts';
import { bytesPerSecond } from './pace.ts';
import type { Receiving } from './receiving.ts';
import type { Reason } from './records.ts';
import type { FileShape, Paused, Sending } from './sending.ts';

export type TransferStage =
  /** Waits until those before it are done. */
  | { readonly is: 'queued' }
  /** Waits until the receiver accepts. */
  | { readonly is: 'offered' }
  | { readonly is: 'moving' }
  | { readonly is: 'paused'; readonly by: 'me' | 'peer' | 'both' }
  /** Everything has come; the receiver compares. */
  | { readonly is: 'checking' }
  | { readonly is: 'delivered' }
  | { readonly is: 'ended'; readonly why: Reason; readonly by: 'me' | 'peer' };

export type TransferView = FileMeta & {
  readonly id: number;
  /** Who sends it. */
  readonly by: 'me' | 'peer';
  /** When it was sent, or announced, here, in milliseconds since 1970. */
  readonly at: number;
  readonly stage: TransferStage;
  /** How much of it has come to the other side. */
  readonly bytes: number;
  readonly bytesPerSecond: number;
  /** Its receiver has looked at it, heard it, or saved it. */
  readonly isRead: boolean;
};

type Shown = Pick<TransferView, 'stage' | 'bytes' | 'bytesPerSecond' | 'isRead'>;

export function shownSending(state: Sending, file: FileShape, now: number): Shown {
  switch (state.at) {
    case 'queued':
    case 'announcing':
      return still({ is: 'queued' }, 0);
    case 'offered':
      return still(pausedOr(state.paused, { is: 'offered' }), 0);
    case 'moving': {
      const bytes = bytesBefore(file, state.acknowledged);
      const stage = pausedOr(state.paused, { is: 'moving' });
      return moving(stage, bytes, bytesPerSecond(state.speed, bytes, now));
    }
    case 'completing':
      return still({ is: 'checking' }, file.size);
    case 'delivered':
      return still({ is: 'delivered' }, file.size, state.isRead);
    case 'ended':
      return still({ is: 'ended', why: state.why, by: state.by }, 0);
  }
}

export function shownReceiving(state: Receiving, file: FileShape, now: number): Shown {
  switch (state.at) {
    case 'offered':
      return still(pausedOr(state.paused, { is: 'offered' }), 0);
    case 'preparing':
      return still(pausedOr(state.paused, { is: 'moving' }), 0);
    case 'moving': {
      const bytes = bytesBefore(file, state.next);
      const stage = pausedOr(state.paused, { is: 'moving' });
      return moving(stage, bytes, bytesPerSecond(state.speed, bytes, now));
    }
    case 'finishing':
      return still({ is: 'checking' }, file.size);
    case 'delivered':
      return still({ is: 'delivered' }, file.size, state.isRead);
    case 'ended':
      return still({ is: 'ended', why: state.why, by: state.by }, 0);
  }
}

function still(stage: TransferStage, bytes: number, isRead = false): Shown {
  return { stage, bytes, bytesPerSecond: 0, isRead };
}

function moving(stage: TransferStage, bytes: number, bytesPerSecond: number): Shown {
  return { stage, bytes, bytesPerSecond, isRead: false };
}

function pausedOr({ me, peer }: Paused, stage: TransferStage): TransferStage {
  if (me && peer) return { is: 'paused', by: 'both' };
  if (me || peer) return { is: 'paused', by: me ? 'me' : 'peer' };
  return stage;
}

function bytesBefore(file: FileShape, chunk: number): number {
  return chunk === 0 ? 0 : endOf(file, chunk - 1);
}
