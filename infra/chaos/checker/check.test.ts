/** Plants each kind of wrong in a history that is right otherwise, and sees it found alone. */
import { deepStrictEqual, strictEqual } from 'node:assert';
import { describe, it } from 'node:test';
import { check, type Verdict, type Wrongs, wrongsOf } from './check.ts';
import type { History } from './history.ts';
import { countOf, faultOf, goodTale, Tale, without } from './planted.ts';

/** What was found of each kind, but for those of which nothing was. */
function found({ wrongs }: Verdict): Record<string, string[]> {
  const kinds = Object.entries(wrongs).filter(([, findings]) => findings.length > 0);
  return Object.fromEntries(kinds.map(([kind, all]) => [kind, all.map(({ about }) => about)]));
}

/** Exactly this kind of wrong, about exactly these words. */
function finds(history: History, kind: keyof Wrongs, words: string[]): void {
  deepStrictEqual(found(check(history)), { [kind]: words });
}

describe('a history', () => {
  it('that is right has no findings', () => {
    const verdict = check(goodTale().history());
    deepStrictEqual(wrongsOf(verdict), []);
    const { said, displayed, confirmed, unconfirmed, recovered, conversations } = verdict;
    deepStrictEqual(
      { said, displayed, confirmed, unconfirmed, recovered, conversations },
      { said: 6, displayed: 6, confirmed: 6, unconfirmed: 0, recovered: 0, conversations: 1 },
    );
  });

  it('tells how many words were recovered by a re-send, and how long each took', () => {
    const tale = new Tale().opened().says('alice', 'a1');
    tale.tell('alice', { did: 'resent', frame: 'frame of a1' }, 300);
    tale.tell('alice', { did: 'resent', frame: 'frame of something else' });
    const verdict = check(tale.sees('bob', 'a1').learns('alice', 'a1').history());
    deepStrictEqual([verdict.recovered, verdict.delaysMs], [1, [303]]);
  });
});

describe('a lost word is found', () => {
  it('that was skipped', () => {
    const gone = without((event) => 'word' in event && event.word === 'a2' && event.did !== 'said');
    finds(gone, 'lost', ['a2']);
  });

  it('that was the last one of a conversation that went on', () => {
    const gone = without((event) => 'word' in event && event.word === 'b3' && event.did !== 'said');
    finds(gone, 'lost', ['b3']);
  });

  it('that did not even appear on the own screen', () => {
    const tale = goodTale();
    tale.tell('alice', { did: 'said', word: 'a4', channel: '1-2-3', peer: 'bob' });
    finds(tale.history(), 'lost', ['a4']);
  });

  it('of an ended conversation only if its sender was not told of it', () => {
    const ended = (unconfirmed: number) =>
      goodTale().says('alice', 'a4').ends('alice', 'cutOff', unconfirmed).ends('bob');
    deepStrictEqual(found(check(ended(1).history())), {});
    strictEqual(check(ended(1).history()).unconfirmed, 1);
    finds(ended(0).history(), 'lost', ['1-2-3']);
  });
});

describe('a wrong display is found', () => {
  it('of a word that was displayed before', () => {
    finds(goodTale().sees('bob', 'a2').history(), 'duplicated', ['a2']);
  });

  it('of words in another order', () => {
    const tale = new Tale().opened().says('alice', 'a1').says('alice', 'a2');
    tale.sees('bob', 'a2').sees('bob', 'a1').learns('alice', 'a1').learns('alice', 'a2');
    finds(tale.history(), 'reordered', ['a1']);
  });

  it('to somebody else', () => {
    finds(goodTale().sees('carol', 'a1', 'alice').history(), 'misdelivered', ['a1']);
  });

  it('as a word of somebody else', () => {
    finds(goodTale().sees('bob', 'a1', 'carol').history(), 'misdelivered', ['a1']);
  });

  it('in another conversation of the same people', () => {
    const tale = goodTale().sees('bob', 'a1', 'alice', '7-7-7');
    finds(tale.history(), 'misdelivered', ['a1']);
  });

  it('of what nobody said', () => {
    finds(goodTale().sees('bob', 'forged').history(), 'unexpected', ['forged']);
  });

  it('in a run whose words do not differ', () => {
    const { unexpected } = check(goodTale().says('bob', 'a1').history()).wrongs;
    deepStrictEqual(
      unexpected.map(({ about }) => about),
      ['a1'],
    );
  });
});

describe('an acknowledgement that is false is found', () => {
  it('for a word that was never displayed', () => {
    const tale = goodTale().says('alice', 'a4').learns('alice', 'a4').ends('alice').ends('bob');
    finds(tale.history(), 'falselyAcknowledged', ['a4']);
  });

  it('for a word that was displayed only later', () => {
    const tale = goodTale().says('bob', 'b4').learns('bob', 'b4', 'read').sees('alice', 'b4');
    finds(tale.history(), 'falselyAcknowledged', ['b4']);
  });

  it('for a word that only somebody else saw', () => {
    const tale = goodTale().says('alice', 'a4').sees('carol', 'a4', 'alice').learns('alice', 'a4');
    const { falselyAcknowledged } = check(tale.history()).wrongs;
    deepStrictEqual(
      falselyAcknowledged.map(({ about }) => about),
      ['a4'],
    );
  });

  it('and so is one that never came', () => {
    const gone = without((event) => event.did === 'delivered' && event.word === 'a3');
    finds(gone, 'unresolved', ['a3']);
  });
});

describe('a login that was lost', () => {
  it('is found', () => {
    finds(goodTale().tell('bob', { did: 'signedOut' }).history(), 'putOut', ['bob']);
  });
});

describe('an end that nobody asked for', () => {
  const tale = () => goodTale().connection('bob', 'reconnecting').ends('bob', 'cutOff', 0, 30_000);
  const about = (history: History) =>
    check(history).endings.unexcused.map(({ about: channel }) => channel);

  it('is found', () => {
    deepStrictEqual(about(tale().history()), ['1-2-3']);
    strictEqual(wrongsOf(check(tale().history())).length, 1);
  });

  it('is not excused by a fault that was short, or long ago', () => {
    const short = faultOf({ begin: 10, end: 30_009 });
    const old = faultOf({ kind: 'edge-freeze', begin: -40_000, end: -1_000 });
    deepStrictEqual(about(tale().history({ faults: [short, old] })), ['1-2-3']);
  });

  it('is excused by a fault longer than the resume window, and counted by it', () => {
    const long = faultOf({ kind: 'broker-freeze', begin: 10, end: 31_000 });
    const { endings } = check(tale().history({ faults: [long] }));
    deepStrictEqual(endings.unexcused, []);
    deepStrictEqual([...endings.byCause], [['cutOff, broker-freeze', 1]]);
  });

  it('may take the place of nothing: another channel without a word is one as well', () => {
    deepStrictEqual(about(goodTale().ends('alice', 'replaced').history()), ['1-2-3']);
  });
});

describe('silence of an edge', () => {
  const drops = (...counts: Parameters<typeof countOf>[0][]) =>
    check(goodTale().history({ counts: counts.map(countOf) })).silence;

  it('is none where every frame is accounted for', () => {
    deepStrictEqual(drops({}, { edge: 'edge-2' }), { frames: 20, drops: 0, findings: [] });
  });

  it('is found where a frame is missing in every count of the last look', () => {
    const gone = { received: 11 };
    const { drops: number, findings } = drops(gone, { look: 2, ...gone }, { look: 2, ...gone });
    deepStrictEqual([number, findings.map(({ about }) => about)], [1, ['edge-1, start 1']]);
  });

  it('is not what a count shows that was read between two counters', () => {
    strictEqual(drops({ received: 11 }, {}).drops, 0);
  });

  it('is not made up for by another start of the same edge', () => {
    strictEqual(drops({ received: 12 }, { start: 2, look: 2 }).drops, 2);
  });

  it('is not hidden by ends that were counted twice', () => {
    strictEqual(drops({ published: 9 }).findings.length, 1);
  });
});

describe('a standstill', () => {
  const fault = { touched: ['alice'] };
  const stood = (tale: Tale, begin: number) =>
    check(tale.history({ faults: [faultOf({ ...fault, begin })] })).recoveries[0];

  it('lasts until both sides are up again', () => {
    const tale = goodTale();
    const begin = tale.events.at(-1)?.at ?? 0;
    tale.connection('alice', 'reconnecting', 10).connection('bob', 'reconnecting', 10);
    tale.connection('alice', 'up', 100).connection('bob', 'up', 200);
    deepStrictEqual(stood(tale, begin)?.stoodMs, [320]);
  });

  it('is told apart if another fault met one of the two meanwhile', () => {
    const tale = goodTale();
    const begin = (tale.events.at(-1)?.at ?? 0) + 20_000;
    tale.connection('alice', 'reconnecting', 20_001).connection('alice', 'up', 500);
    const own = faultOf({ begin, end: begin + 100, touched: ['alice'] });
    const told = (fault: Parameters<typeof faultOf>[0]) => {
      const other = faultOf({ kind: 'client-cut', touched: ['bob'], ...fault });
      const [recovery] = check(tale.history({ faults: [own, other] })).recoveries;
      return [recovery?.stoodMs, recovery?.crowdedMs];
    };
    deepStrictEqual(told({ begin: begin + 400, end: begin + 900 }), [[], [501]]);
    deepStrictEqual(told({ begin: begin - 900, end: begin + 1 }), [[], [501]]);
    deepStrictEqual(told({ begin: begin + 600, end: begin + 600 }), [[501], []]);
    deepStrictEqual(told({ begin, end: begin, touched: ['carol'] }), [[501], []]);
  });

  it('is told apart if a link had just broken, and so waits longer than at first', () => {
    const told = (steadyMs: number) => {
      const tale = goodTale().tell('alice', { did: 'link', is: 'reconnecting' });
      const begin = (tale.events.at(-1)?.at ?? 0) + steadyMs;
      tale.connection('alice', 'reconnecting', steadyMs + 1).connection('alice', 'up', 500);
      const recovery = stood(tale, begin);
      return [recovery?.stoodMs, recovery?.crowdedMs];
    };
    deepStrictEqual(told(9_000), [[], [501]]);
    deepStrictEqual(told(11_000), [[501], []]);
  });

  it('begins with the notice where an edge was stopped in order', () => {
    const tale = goodTale();
    const begin = tale.events.at(-1)?.at ?? 0;
    tale.connection('alice', 'reconnecting', 8_000).connection('alice', 'up', 400);
    const took = (kind: 'edge-restart' | 'edge-freeze', end: number) => {
      const one = faultOf({ ...fault, kind, begin, end });
      return check(tale.history({ faults: [one] })).recoveries[0]?.stoodMs;
    };
    deepStrictEqual(took('edge-restart', begin + 9_000), [400]);
    deepStrictEqual(took('edge-freeze', begin + 9_000), [8_400]);
    deepStrictEqual(took('edge-restart', begin + 1_000), []);
  });

  it('has no end where the conversation ended in it', () => {
    const tale = goodTale();
    const begin = tale.events.at(-1)?.at ?? 0;
    tale.connection('alice', 'reconnecting').ends('alice', 'cutOff', 0, 30_000);
    deepStrictEqual(stood(tale, begin)?.stoodMs, [Number.POSITIVE_INFINITY]);
  });

  it('is none where nobody noticed, and none of those who were not touched', () => {
    const tale = goodTale();
    const begin = tale.events.at(-1)?.at ?? 0;
    tale.connection('alice', 'reconnecting', 6_000).connection('alice', 'up', 500);
    const recovery = stood(tale, begin);
    deepStrictEqual([recovery?.conversations, recovery?.stoodMs], [1, []]);
    const others = { faults: [faultOf({ begin, touched: ['carol'] })] };
    strictEqual(check(tale.history(others)).recoveries[0]?.conversations, 0);
  });
});

describe('a file', () => {
  const sent = { hash: 'h', bytes: 1_000 };
  const told = (
    ...deeds: (readonly [string, 'sentFile' | 'tookFile' | 'fileDelivered', object?])[]
  ) => {
    const tale = goodTale();
    for (const [who, did, file] of deeds) tale.tell(who, { did, ...sent, ...file });
    return check(tale.history()).files.findings.map(({ says }) => says);
  };
  const good = [
    ['alice', 'sentFile'],
    ['bob', 'tookFile'],
    ['alice', 'fileDelivered'],
  ] as const;

  it('that came whole, once and at a fair cost has no findings', () => {
    deepStrictEqual(told(...good), []);
  });

  it('that did not come, came twice, or came otherwise is found', () => {
    deepStrictEqual(told(['alice', 'sentFile']), [
      'the file came 0 times',
      'the file is not shown as delivered',
    ]);
    deepStrictEqual(told(...good, ['bob', 'tookFile']), ['the file came 2 times']);
    deepStrictEqual(told(...good, ['bob', 'tookFile', { hash: 'other' }]), [
      'came to bob, and nobody sent it',
    ]);
  });

  it('that is shown as delivered too early, or cost too much, is found', () => {
    deepStrictEqual(told(['alice', 'sentFile'], ['alice', 'fileDelivered'], ['bob', 'tookFile']), [
      'the file is shown as delivered before it came',
    ]);
    const dear = ['alice', 'fileDelivered', { bytes: 1_301 }] as const;
    deepStrictEqual(told(['alice', 'sentFile'], ['bob', 'tookFile'], dear), [
      'the file cost 1.30 times its bytes',
    ]);
  });
});
