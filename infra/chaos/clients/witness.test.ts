/** The witness writes down what a view shows, each thing once, and nothing that it does not show. */
import { deepStrictEqual } from 'node:assert';
import { it } from 'node:test';
import type { AppView, Line, Phase } from '../../../webapp/src/app/model.ts';
import { signedIn } from '../../../webapp/src/features/test/views.ts';
import type { Deed } from '../checker/history.ts';
import { Witness } from './witness.ts';

const BOB = { id: 'id of bob', name: 'bob' };

function lineOf(by: Line['by'], text: string, state: Line['state']): Line {
  const untouched = { edited: false, deleted: false, hidden: false, reactions: [] };
  const rest = { at: 0, replyTo: null, ...untouched };
  return { id: `frame of ${text}`, by, text, state, ...rest };
}

function secure(lines: readonly Line[], rest: Partial<Phase & { is: 'secure' }> = {}): Phase {
  return {
    is: 'secure',
    lines,
    peerFingerprint: '',
    pin: 'known',
    shortCode: [1, 2, 3],
    connection: 'up',
    outbox: 'open',
    peerTyping: false,
    peerRecording: null,
    unopened: 0,
    noticed: 0,
    transfers: [],
    fileBytesMax: 1,
    ...rest,
  };
}

function viewOf(phase: Phase | null, link: 'online' | 'reconnecting' = 'online'): AppView {
  const conversation = phase && { peer: BOB, phase, keyHistory: [], comparison: null };
  return signedIn({
    me: { id: 'id of alice', name: 'alice' },
    link: link === 'online' ? { is: link } : { is: link, nextTryInMs: 0 },
    conversation,
  });
}

/** What is written down of views, one after the other, after those that lead to a conversation. */
function written(...phases: (Phase | null)[]): Deed[] {
  const deeds: Deed[] = [];
  const witness = new Witness((deed) => deeds.push(deed));
  for (const phase of [null, secure([]), ...phases]) witness.look(viewOf(phase));
  const expected = { did: 'opened', channel: '1-2-3', peer: 'bob' };
  deepStrictEqual(deeds.splice(0, 2), [{ did: 'link', is: 'online' }, expected]);
  return deeds;
}

const displayed = (word: string) => ({
  did: 'displayed',
  word,
  channel: '1-2-3',
  peer: 'bob',
});

it('words of the peer are displayed once, however often the view is drawn', () => {
  const [one, two] = [lineOf('peer', 'b1', 'received'), lineOf('peer', 'b2', 'received')];
  const seen = written(secure([one]), secure([one]), secure([one, two]));
  deepStrictEqual(seen, [displayed('b1'), displayed('b2')]);
});

it('a word that stands there twice was displayed twice', () => {
  const line = lineOf('peer', 'b1', 'received');
  deepStrictEqual(written(secure([line]), secure([line, line])), [
    displayed('b1'),
    displayed('b1'),
  ]);
});

it('own words are followed until they were read', () => {
  const own = (state: Line['state']) => secure([lineOf('me', 'a1', state)]);
  const seen = written(own('sending'), own('delivered'), own('delivered'), own('read'));
  deepStrictEqual(seen, [
    { did: 'showed', word: 'a1', frame: 'frame of a1' },
    { did: 'delivered', word: 'a1', channel: '1-2-3' },
    { did: 'read', word: 'a1', channel: '1-2-3' },
  ]);
});

it('the connection and the end are told, and the end with what is unconfirmed', () => {
  const down = secure([], { connection: 'reconnecting' });
  const over = { is: 'ended', why: 'cutOff', unconfirmed: 3 } as const;
  deepStrictEqual(written(down, down, over, over), [
    { did: 'connection', is: 'reconnecting', channel: '1-2-3' },
    { did: 'ended', channel: '1-2-3', why: 'cutOff', unconfirmed: 3 },
  ]);
});

it('a conversation that another takes the place of without a word has ended', () => {
  const seen = written(secure([lineOf('peer', 'b1', 'received')], { shortCode: [4] }));
  deepStrictEqual(seen, [
    { did: 'ended', channel: '1-2-3', why: 'replaced', unconfirmed: 0 },
    { did: 'opened', channel: '4', peer: 'bob' },
    { ...displayed('b1'), channel: '4' },
  ]);
});

it('an attempt that came to nothing is no end of a conversation', () => {
  const deeds: Deed[] = [];
  const witness = new Witness((deed) => deeds.push(deed));
  for (const phase of [{ is: 'establishing' }, { is: 'peerOffline' }] as const) {
    witness.look(viewOf(phase, 'reconnecting'));
  }
  deepStrictEqual(deeds, [
    { did: 'link', is: 'reconnecting' },
    { did: 'ended', channel: '', why: 'peerOffline', unconfirmed: 0 },
  ]);
});
