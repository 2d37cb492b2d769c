/** A peer that has the channel and abuses it: it can say what it likes of its own, and no more. */
import { encode as pack } from '@msgpack/msgpack';
import { describe, expect, it } from 'vitest';
import { type Bytes, fromBase64, toBase64 } from '../core/bytes.ts';
import { EDIT_WAIT_MS } from '../core/conversation/lines.ts';
import { encodeRecord } from '../core/conversation/records.ts';
import { fromSpki, signerOf, toSpki } from '../core/crypto/identity.ts';
import { noble } from '../core/crypto/suite/noble.ts';
import { frameIdBytes } from '../core/wire/ids.ts';
import { anIdentity, DEPLOYMENT } from '../test/builders.ts';
import { Puppet } from '../test/puppet.ts';
import { type Browser, Story } from '../test/story.ts';

const MOMENTS = Number(process.env['DHCHAT_MOMENTS'] ?? 20);
const SLOW = { timeout: 600_000 };

type Stage = { readonly story: Story; readonly alice: Browser; readonly peer: Puppet };

/** Alice talks to a peer that does what it is told; she has said so many lines. */
async function stageWith(lines: number, seed: number): Promise<Stage> {
  const story = new Story();
  const [alice, bob] = [await story.person('alice'), await story.person('bob')];
  const identity = await anIdentity(2);
  const account = story.server.users.get(bob.me.id);
  const key = fromSpki(
    fromBase64(story.server.users.get(alice.me.id)?.key ?? '') ?? new Uint8Array(),
  );
  if (account === undefined || key === null) throw new Error('both have accounts and keys');
  account.key = toBase64(toSpki(identity.publicKey));
  const parties = {
    deployment: DEPLOYMENT,
    primitives: noble,
    self: { id: bob.me.id, signer: signerOf(noble, identity) },
    peer: { id: alice.me.id, publicKey: key },
  };
  const say = (frame: Parameters<typeof story.server.inject>[1]) =>
    story.server.inject(alice.me.id, { ...frame, peer: bob.me.id });
  const peer = new Puppet(parties, seed, say);
  story.server.meddle = ({ frame }) => {
    peer.hear(frame);
    return [];
  };
  alice.model.open(bob.me);
  await story.until(() => alice.phase?.is === 'secure');
  for (let n = 0; n < lines; n += 1) alice.model.say(`mine ${n}`);
  await story.until(() => alice.lines.every((line) => line.endsWith('(delivered)')));
  await peer.tell({ is: 'text', text: 'theirs', replyTo: null });
  await story.until(() => alice.lines.length === lines + 1);
  return { story, alice, peer };
}

function noticedBy({ phase }: Browser): number {
  return phase?.is === 'secure' ? phase.noticed : -1;
}

function linesOf({ phase }: Browser) {
  return phase?.is === 'secure' ? phase.lines : [];
}

type Abuse = {
  readonly name: string;
  readonly does: (stage: Stage, mine: ReturnType<typeof linesOf>[number]) => Promise<void>;
};

const ABUSES: readonly Abuse[] = [
  {
    name: 'edits a line of mine',
    does: ({ peer }, { id }) => peer.tell({ is: 'edit', line: id as never, text: 'yours' }),
  },
  {
    name: 'deletes a line of mine',
    does: ({ peer }, { id }) => peer.tell({ is: 'delete', line: id as never }),
  },
  {
    name: 'edits a line that nobody said',
    does: ({ peer }) => peer.tell({ is: 'edit', line: peer.newId(), text: 'ghost' }),
  },
  {
    name: 'says another line under the id of mine',
    does: ({ peer }, { id }) =>
      peer.tell({ is: 'text', text: 'I am you', replyTo: null }, id as never),
  },
  {
    name: 'says what no client can read',
    does: async ({ peer }) => {
      const junk: readonly Bytes[] = [
        new Uint8Array(),
        Uint8Array.of(0xc1),
        pack([1, 'x'.repeat(4_001), null]),
        pack([1, '', null]),
        pack([2, new Uint8Array(3), 'short id']),
        pack({ __proto__: null, kind: 1 }),
        pack([99, 'newer']),
        peer.random.bytes(200),
      ];
      for (const content of junk) await peer.say(1, content);
    },
  },
  {
    name: 'says talk on the control lane and control on the talk lane',
    does: async ({ peer }, { id }) => {
      await peer.say(0, encodeRecord({ is: 'text', text: 'unkept', replyTo: null }));
      await peer.say(0, encodeRecord({ is: 'delete', line: id as never }));
      await peer.say(1, encodeRecord({ is: 'ack', next: 1_000, ahead: null }));
    },
  },
  {
    name: 'reacts with what is no emoji',
    does: ({ peer }, { id }) => peer.say(1, pack([4, frameIdBytes(id as never), 'Mallory:\n<b>'])),
  },
  {
    name: 'says random bytes, sealed and not',
    does: async ({ peer }) => {
      await peer.say(1, peer.random.bytes(2_400));
      peer.send('message', peer.random.bytes(2_800));
    },
  },
];

describe('a peer that abuses its channel', SLOW, () => {
  let noticed = 0;

  for (const { name, does } of ABUSES) {
    it(`[HOSTILE5] ${name}`, async () => {
      for (let n = 0; n < MOMENTS; n += 1) {
        const stage = await stageWith(1 + (n % 7), n);
        const { story, alice, peer } = stage;
        const before = linesOf(alice);
        const mine = before[Math.floor(peer.random.fraction() * (before.length - 1))];
        if (mine === undefined) throw new Error('Alice has said something');
        await does(stage, mine);
        await story.pass(1_000);
        expect(linesOf(alice)).toEqual(before);
        expect(noticedBy(alice)).toBeGreaterThan(0);
        // The channel is none the worse for it.
        await peer.tell({ is: 'text', text: 'still here', replyTo: null });
        await story.until(() => alice.lines.at(-1) === 'peer: still here (received)');
        noticed += 1;
      }
    });
  }

  it('[HOSTILE5] every abuse at every moment was noticed', () => {
    expect(noticed).toBe(ABUSES.length * MOMENTS);
  });

  it('[HOSTILE5] edits of its own are taken for 15 min, and as long as they may be on their way', async () => {
    const { story, alice, peer } = await stageWith(1, 1);
    const [line] = linesOf(alice).filter(({ by }) => by === 'peer');
    if (line === undefined) throw new Error('the peer has said something');
    const edit = (text: string) => peer.tell({ is: 'edit', line: line.id as never, text });
    await edit('in time');
    await story.until(() => alice.lines.at(-1) === 'peer: in time (received)');
    await story.pass(EDIT_WAIT_MS + 31_000, 1_000);
    await edit('too late');
    await story.pass(1_000);
    expect(alice.lines.at(-1)).toBe('peer: in time (received)');
    expect(noticedBy(alice)).toBeGreaterThan(0);
  });

  it('[HOSTILE5] a word that it has what was never said is believed of nothing else', async () => {
    const { story, alice, peer } = await stageWith(2, 3);
    story.server.meddle = () => [];
    await peer.tell({ is: 'ack', next: 900, ahead: null });
    await story.pass(500);
    alice.model.say('later');
    await story.pass(1_000);
    expect(alice.lines.at(-1)).toBe('me: later (sending)');
  });
});
