/**
 * What recording needs of the world: somebody who opens a microphone or a camera, and records.
 * `platform/recorder.ts` is the browser; tests have one that does as they say.
 */
import type { RecordedKind } from './kind.ts';

/** Why nothing can be recorded. */
export type Refusal =
  /** The page was not opened over a secure connection: no browser gives it a microphone. */
  | 'insecureContext'
  /** This browser has no way to record, or records nothing that a peer could play. */
  | 'unsupported'
  /** The person, or whoever looks after this browser, does not allow it. */
  | 'denied'
  | 'noMicrophone'
  | 'noCamera'
  /** Something else has the device. */
  | 'inUse'
  | 'failed';

/** Which camera it is, so that another one can be asked for. */
export type Camera = {
  readonly id: string;
  /** `null` for one that looks nowhere in particular, as those of desks do. */
  readonly facing: 'user' | 'environment' | null;
};

export type Wish = {
  readonly kind: RecordedKind;
  /** Any camera but this one; `null` for the usual one. */
  readonly insteadOf: Camera | null;
};

export type CaptureNews =
  | { readonly is: 'begun' }
  /** So many more bytes are recorded. */
  | { readonly is: 'piece'; readonly bytes: number }
  /** The device was taken away, or the recorder broke: nothing more comes. */
  | { readonly is: 'lost' };

/** A device that is on: its light is lit until `close`. */
export type Capture = {
  /** `null` where only a voice is recorded. */
  readonly camera: Camera | null;
  /** Whether there is another camera. */
  readonly canSwitch: boolean;
  /** What the camera sees, for whoever can show it. */
  readonly preview: MediaStream | null;
  /** How loud it is at this moment, from 0 to 1. */
  level(): number;
  /** Records from here on; `begun` is told when it does. */
  begin(): void;
  /** Everything that was recorded. */
  finish(): Promise<Blob>;
  /** The device is off, and what was recorded is let go of; harmless when called again. */
  close(): void;
};

export type Opened =
  | { readonly is: 'opened'; readonly capture: Capture }
  | { readonly is: 'refused'; readonly why: Refusal };

export type Devices = {
  /** Asks the person if need be, for as long as they take. Never rejects. */
  open(wish: Wish, tell: (news: CaptureNews) => void): Promise<Opened>;
};
