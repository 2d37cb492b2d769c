/**
 * What a QR code says, and what it is worth to have scanned one: both people's ids and whole
 * fingerprints, the same text on both screens.
 *
 *     DHCHAT:1/<id>/<fingerprint>/<id>/<fingerprint>
 *
 * The lower id comes first, so that the order does not tell who shows it. Capitals, digits, `:`
 * and `/` only: a QR code packs these two to 11 bits (ISO/IEC 18004, alphanumeric mode).
 */
import { type Bytes, fromHex } from '../bytes.ts';
import { type UserId, userIdFrom } from '../wire/ids.ts';

export type Fingerprinted = { readonly id: UserId; readonly fingerprint: string };

/** Two people, the lower id first. */
export type Pairing = readonly [Fingerprinted, Fingerprinted];

export type ScanVerdict =
  /** The other screen shows the same keys: there is nobody in between. */
  | { readonly is: 'same' }
  /** The same people with other keys: somebody may be in between. */
  | { readonly is: 'differs'; readonly about: readonly UserId[] }
  /** A code of other people. */
  | { readonly is: 'otherPeople' }
  /** No code of this kind, or of a version that this client does not know. */
  | { readonly is: 'unreadable' };

const LAYOUT = /^DHCHAT:1\/([0-9A-F]{32})\/([0-9A-F]{64})\/([0-9A-F]{32})\/([0-9A-F]{64})$/;

export function pairingOf(one: Fingerprinted, other: Fingerprinted): Pairing {
  return one.id < other.id ? [one, other] : [other, one];
}

export function qrText(pairing: Pairing): string {
  const parts = pairing.flatMap(({ id, fingerprint }) => [id.replaceAll('-', ''), fingerprint]);
  return `DHCHAT:1/${parts.join('/')}`.toUpperCase();
}

/** `null` for anything but what `qrText` makes. */
export function readQrText(text: string): Pairing | null {
  const [, idA, printA, idB, printB] = LAYOUT.exec(text) ?? [];
  const one = fingerprinted(idA, printA);
  const other = fingerprinted(idB, printB);
  if (one === null || other === null || one.id >= other.id) return null;
  return [one, other];
}

export function compareScanned(scanned: string, ours: Pairing): ScanVerdict {
  const theirs = readQrText(scanned);
  if (theirs === null) return { is: 'unreadable' };
  if (theirs.some(({ id }, at) => id !== ours[at]?.id)) return { is: 'otherPeople' };
  const about = theirs.filter(({ fingerprint }, at) => fingerprint !== ours[at]?.fingerprint);
  return about.length === 0 ? { is: 'same' } : { is: 'differs', about: about.map(({ id }) => id) };
}

/**
 * What is known in one conversation after another scan. A code that differed is not forgotten for
 * one of other people or for none: only one that agrees takes it back.
 */
export function afterScan(before: ScanVerdict | null, scanned: ScanVerdict): ScanVerdict {
  const isAnswer = scanned.is === 'same' || scanned.is === 'differs';
  return before?.is === 'differs' && !isAnswer ? before : scanned;
}

function fingerprinted(idHex = '', printHex = ''): Fingerprinted | null {
  const bytes: Bytes | null = fromHex(idHex);
  const id = bytes && userIdFrom(bytes);
  return id && { id, fingerprint: printHex.toLowerCase() };
}
