/** Conversations over a server that drops, repeats, reorders, changes and forges. */
import { describe, expect, it } from 'vitest';
import { toBase64 } from '../core/bytes.ts';
import { toSpki } from '../core/crypto/identity.ts';
import type { PeerFrame } from '../core/wire/frames.ts';
import { frameIdBytes } from '../core/wire/ids.ts';
import { flipped, makeIdentity } from '../test/builders.ts';
import { seededRandom } from '../test/seeded-random.ts';
import { type Browser, over, Story } from '../test/story.ts';
import { labelled } from '../test/test-server.ts';

/** What the peer's lines say, in the order they stand. */
function heardBy({ phase }: Browser): readonly string[] {
  if (phase?.is !== 'secure') return [];
  return phase.lines.filter(({ by }) => by === 'peer').map(({ text }) => text);
}

describe('over a hostile server', () => {
  it('[CONV18] a changed handshake message leads to no channel on the side it reaches', async () => {
    for (const step of [2, 3, 4]) {
      const story = new Story();
      const [alice, bob] = [await story.person('alice'), await story.person('bob')];
      const victim = step === 3 ? bob : alice;
      let secure = false;
      victim.model.subscribe(() => {
        secure ||= victim.phase?.is === 'secure';
      });
      story.server.meddle = ({ frame }) => [
        frame.body[0] === step && frame.label !== 'ack'
          ? { ...frame, body: flipped(frame.body, -1) }
          : frame,
      ];
      alice.model.open(bob.me);
      await story.until(() => bob.home.incoming.length === 1);
      bob.model.accept(alice.me.id);
      await story.until(() => victim.phase?.is === 'ended');
      expect(victim.phase).toEqual(over('failed'));
      expect(secure).toBe(false);
    }
  });

  it('[CONV18] a server that shows another key than the peer holds gets no channel', async () => {
    const story = new Story();
    const [alice, bob] = [await story.person('alice'), await story.person('bob')];
    const mallory = await makeIdentity();
    const account = story.server.users.get(bob.me.id);
    if (account) account.key = toBase64(toSpki(mallory.publicKey));
    alice.model.open(bob.me);
    await story.until(() => bob.home.incoming.length === 1);
    bob.model.accept(alice.me.id);
    await story.until(() => alice.phase?.is === 'ended');
    expect(alice.phase).toEqual(over('failed'));
  });

  it('[CONV19] repeated records change nothing', async () => {
    const story = new Story();
    const { alice, bob } = await story.secured();
    story.server.meddle = ({ frame }) => [frame, frame, { ...frame, attempt: 9 }];
    for (const word of ['one', 'two', 'three']) alice.model.say(word);
    await story.until(() => alice.lines.every((line) => line.endsWith('(delivered)')));
    await story.quiet();
    expect(heardBy(bob)).toEqual(['one', 'two', 'three']);
  });

  it('[CONV20] a missing or overtaken record is heard in its place', async () => {
    for (const reorder of [false, true]) {
      const story = new Story();
      const { alice, bob } = await story.secured();
      let kept: PeerFrame | null = null;
      story.server.meddle = (relayed) => {
        const { frame } = relayed;
        if (!labelled('message', relayed)) return [frame];
        if (kept !== null) return reorder ? [frame, kept] : [frame];
        kept = frame;
        return [];
      };
      alice.model.say('one');
      alice.model.say('two');
      await story.until(() => heardBy(bob).length === 2);
      expect(heardBy(bob)).toEqual(['one', 'two']);
      await story.until(() => alice.lines.every((line) => line.endsWith('(delivered)')));
    }
  });

  it('[CONV19] a changed or forged record is no line and disturbs none', async () => {
    const story = new Story();
    const { alice, bob } = await story.secured();
    story.server.meddle = (relayed) => {
      const { frame } = relayed;
      if (!labelled('message', relayed)) return [frame];
      const changes: PeerFrame[] = [
        { ...frame, body: flipped(frame.body, 20) },
        { ...frame, label: 'message_read' },
        { ...frame, body: frame.body.slice(0, 40) },
        { ...frame, body: new Uint8Array(300).fill(255) },
      ];
      return [...changes, frame];
    };
    alice.model.say('genuine');
    await story.until(() => alice.lines[0] === 'me: genuine (delivered)');
    expect(heardBy(bob)).toEqual(['genuine']);
    // The last one does not even say that it is a record.
    expect(bob.phase).toMatchObject({ unopened: 3 });
    expect(alice.phase).toMatchObject({ unopened: 0 });
  });

  it('[CONV19] a goodbye cannot be forged', async () => {
    const story = new Story();
    const { alice, bob } = await story.secured();
    const word = story.server.relayed.length;
    alice.model.say('hello');
    await story.until(() => heardBy(bob).length === 1);
    const frame = story.server.relayed[word]?.frame;
    if (frame === undefined) throw new Error('a record was relayed');
    const offer = story.server.relayed.find((r) => labelled('ephemeral_key', r))?.frame;
    if (offer === undefined) throw new Error('an offer was relayed');
    const declined = { ...frame, label: 'declined', body: frameIdBytes(offer.id) } as const;
    story.server.inject(bob.me.id, declined);
    for (const label of ['declined', 'session_established', 'ack', 'message'] as const) {
      story.server.inject(bob.me.id, { ...frame, label, attempt: 5 });
    }
    const left = new Uint8Array(33).fill(7);
    left[0] = 2;
    story.server.inject(bob.me.id, { ...frame, label: 'message', attempt: 6, body: left });
    await story.quiet();
    expect(bob.phase?.is).toBe('secure');
    story.server.refusing = true;
    story.server.cut(alice.me.id);
    await story.pass(31_000, 1_000);
    expect(bob.phase).toEqual(over('cutOff'));
  });

  it('[CONV20] whatever it does, what was said is heard, once and in order', async () => {
    for (let seed = 1; seed <= 25; seed += 1) {
      const story = new Story();
      const { alice, bob } = await story.secured();
      const random = seededRandom(seed);
      const kept: PeerFrame[] = [];
      story.server.meddle = ({ frame }) => {
        const chance = random.fraction();
        if (chance < 0.8) return [frame];
        if (chance < 0.84) return [];
        if (chance < 0.88) return [frame, frame];
        if (chance < 0.94) return [{ ...frame, body: flipped(frame.body, -1 - (seed % 9)) }, frame];
        kept.push(frame);
        return kept.length > 1 ? kept.splice(0) : [];
      };
      const said = Array.from({ length: 12 }, (_, n) => `${seed}: ${n}`);
      const seen: (readonly string[])[] = [];
      bob.model.subscribe(() => seen.push(heardBy(bob)));
      for (const word of said) {
        alice.model.say(word);
        if (random.fraction() < 0.3) await story.quiet();
      }
      await story.pass(12_000, 500);
      story.server.meddle = ({ frame }) => [frame];
      await story.pass(8_000, 500);
      for (const heard of seen) expect(heard).toEqual(said.slice(0, heard.length));
      expect(heardBy(bob)).toEqual(said);
      expect(alice.lines.every((line) => line.endsWith('(delivered)'))).toBe(true);
    }
  });

  it('[CONV21] somebody who offers again and again is asked about once', async () => {
    const story = new Story();
    const [alice, bob] = [await story.person('alice'), await story.person('bob')];
    alice.model.open(bob.me);
    await story.until(() => bob.home.incoming.length === 1);
    const offer = story.server.relayed.find((r) => labelled('ephemeral_key', r))?.frame;
    if (offer === undefined) throw new Error('an offer was relayed');
    const asked = story.server.requests.length;
    for (let attempt = 1; attempt < 30; attempt += 1) {
      story.server.inject(bob.me.id, { ...offer, peer: alice.me.id, attempt });
    }
    await story.quiet();
    expect(bob.home.incoming).toEqual([alice.me]);
    expect(story.server.requests.length).toBe(asked);
    bob.model.decline(alice.me.id);
    story.server.inject(bob.me.id, { ...offer, peer: alice.me.id, attempt: 99 });
    await story.quiet();
    expect(bob.home.incoming).toEqual([]);
  });
});
