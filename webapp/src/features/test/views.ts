/**
 * Builders of views for tests and pictures: Alice looks, Bob is her peer.
 */
import type { AppView, ConversationView, Line, Person, Phase } from '../../app/model.ts';

export const alice: Person = { id: '0190a000-0000-7000-8000-00000000000a', name: 'alice' };
export const bob: Person = { id: '0190a000-0000-7000-8000-00000000000b', name: 'bob' };
export const carol: Person = { id: '0190a000-0000-7000-8000-00000000000c', name: 'carol' };

export const limits = {
  usernameCharsMin: 3,
  usernameCharsMax: 32,
  passwordCharsMin: 8,
  passwordCharsMax: 128,
  searchCharsMin: 2,
} as const;

export const aliceFingerprint = '9f2c41d07be8a35610cd4e7f82b9630a5d1847fce2906b3ba4f85c71de023968';
export const bobFingerprint = '27e1b8640fd35a9cc8427190be5f6d03118ea7f45b20d96cf3704e8a96c1d52b';
export const otherFingerprint = 'c0530d7e94a1f86b2b7de614083f5ac9e95104bd7a6f82c31d48e07a5bf92e66';

type PinState = Extract<Phase, { is: 'secure' }>['pin'];
export type SignedOutView = Extract<AppView, { at: 'signedOut' }>;
export type SecurePhase = Extract<Phase, { is: 'secure' }>;
type TransferView = SecurePhase['transfers'][number];
export type SignedInView = Extract<AppView, { at: 'signedIn' }>;

export function signedOut(changes: Partial<SignedOutView> = {}): SignedOutView {
  return { at: 'signedOut', busy: false, fault: null, parted: null, limits, ...changes };
}

export function signedIn(changes: Partial<SignedInView> = {}): SignedInView {
  return {
    at: 'signedIn',
    me: alice,
    key: { is: 'ready', fingerprint: aliceFingerprint, exportable: true },
    publishing: { is: 'idle' },
    keyWork: { is: 'idle' },
    devices: { is: 'idle' },
    accountWork: { is: 'idle' },
    limits,
    byLibrary: [],
    link: { is: 'online' },
    search: { query: '', people: { is: 'idle' } },
    recent: [],
    blocked: [],
    verified: [],
    presence: {},
    incoming: [],
    conversation: null,
    ...changes,
  };
}

/** What Alice and Bob may compare, as far as screens are concerned. */
const comparing: ConversationView['comparison'] = {
  shortCode: {
    pictures: ['dog', 'sun', 'key', 'apple', 'train', 'owl', 'crown'],
    digits: '0123 456 789 012',
  },
  ownPictures: [
    'whale',
    'egg',
    'tent',
    'rose',
    'cat',
    'moon',
    'lamp',
    'corn',
    'tree',
    'fish',
    'key',
  ],
  peerPictures: [
    'lion',
    'drum',
    'bee',
    'ship',
    'cake',
    'star',
    'owl',
    'leaf',
    'dog',
    'sun',
    'clock',
  ],
  qrText: [
    'DHCHAT:1',
    '0190A0000000700080000000000000AA',
    aliceFingerprint.toUpperCase(),
    '0190A0000000700080000000000000BB',
    bobFingerprint.toUpperCase(),
  ].join('/'),
  scan: null,
};

/** Alice's conversation with Bob in some phase. */
export function withBob(phase: Phase): { readonly conversation: ConversationView } {
  const comparison = phase.is === 'secure' ? comparing : null;
  return { conversation: { peer: bob, phase, keyHistory: [], comparison } };
}

export function secure(lines: readonly Line[], pin: PinState = 'firstUse'): SecurePhase {
  return {
    is: 'secure',
    lines,
    peerFingerprint: bobFingerprint,
    pin,
    shortCode: [7, 42, 0, 63, 21, 35, 14],
    connection: 'up',
    outbox: 'open',
    peerTyping: false,
    peerRecording: null,
    unopened: 0,
    noticed: 0,
    transfers: [],
    fileBytesMax: 50 * 1024 * 1024,
  };
}

export function over(why: Extract<Phase, { is: 'ended' }>['why'], unconfirmed = 0): Phase {
  return { is: 'ended', why, unconfirmed };
}

/** A file between the two, in some stage: Bob's unless it says otherwise. */
export function aTransfer(changes: Partial<TransferView> = {}): TransferView {
  return {
    id: 3,
    by: 'peer',
    at: FIRST_LINE_AT,
    name: 'list.pdf',
    mime: 'application/pdf',
    size: 1_400_000,
    accessMode: 'both',
    kind: 'file',
    durationMs: null,
    stage: { is: 'offered' },
    bytes: 0,
    bytesPerSecond: 0,
    isRead: false,
    ...changes,
  };
}

let lineCount = 0;
const FIRST_LINE_AT = Date.UTC(2026, 10, 20, 18, 4);

export function mine(text: string, state: Exclude<Line['state'], 'received'> = 'read'): Line {
  return { ...anyLine(text), by: 'me', state };
}

export function theirs(text: string): Line {
  return { ...anyLine(text), by: 'peer', state: 'received' };
}

function anyLine(text: string): Omit<Line, 'by' | 'state'> {
  lineCount += 1;
  const at = FIRST_LINE_AT + lineCount * 7_000;
  const untouched = {
    replyTo: null,
    edited: false,
    deleted: false,
    hidden: false,
    reactions: [],
  } as const;
  return { id: `line-${lineCount}`, text, at, ...untouched };
}
