/** A relay that meddles with the records of an open channel: nothing it does passes unnoticed. */
import { describe, expect, it } from 'vitest';
import type { Bytes } from '../core/bytes.ts';
import { Channel } from '../core/crypto/channel.ts';
import { KIND } from '../core/crypto/record-layout.ts';
import type { PeerFrame } from '../core/wire/frames.ts';
import { CONTROL_CODES, type Label } from '../core/wire/generated.ts';
import { frameIdBytes, type UserId, userIdBytes } from '../core/wire/ids.ts';
import { flipped, frameId } from '../test/builders.ts';
import type { Scene } from '../test/scene.ts';
import type { Relayed } from '../test/test-server.ts';
import { type Played, playedAt, type Trick } from '../test/trick.ts';

/** At how many moments of a conversation each trick is played. */
const MOMENTS = Number(process.env['DHCHAT_MOMENTS'] ?? 20);
const SLOW = { timeout: 600_000 };

const LABELS: readonly Label[] = [
  'message',
  'message_edit',
  'message_delete',
  'message_read',
  'reaction',
  'typing',
  'ack',
  'session_established',
  'ephemeral_key',
  'declined',
];

/** Messages of the handshake may look like records; their labels tell them apart. */
const placeOf = ({ frame }: Relayed) =>
  frame.label === 'ephemeral_key' ? null : Channel.peek(frame.body);
const isRecord = (relayed: Relayed) => placeOf(relayed) !== null;
const isTalk = (relayed: Relayed) => placeOf(relayed)?.lane === 1;
/** From the second on: one has gone by before. */
const isLaterRecord = (relayed: Relayed, scene: Scene) =>
  isRecord(relayed) && scene.relayed.filter(isRecord).length > 1;

const sameWay = (a: Relayed, b: Relayed) => a.from === b.from;
const recordsOf = (all: readonly Relayed[]) => all.filter(isRecord);

function randomBytes(scene: Scene, length: number): Bytes {
  return scene.random.bytes(length);
}

const TRICKS: readonly Trick[] = [
  {
    name: 'says a record twice',
    at: isRecord,
    play: (scene, { frame }) => [
      frame,
      { ...frame, attempt: frame.attempt + scene.pick([0, 1, 7]) },
    ],
    shows: ['counted'],
  },
  {
    name: 'says an older record again',
    at: isLaterRecord,
    play: (scene, relayed) => {
      const older = recordsOf(scene.relayed).filter((each) => each !== relayed);
      const again = scene.pick(older);
      scene.inject(again.to, { ...again.frame, attempt: 9 });
      return [relayed.frame];
    },
    shows: ['counted'],
  },
  {
    name: 'gives a record back to its sender',
    at: isRecord,
    play: (scene, { from, frame }) => {
      scene.inject(from, frame);
      return [frame];
    },
    shows: ['counted', 'cutOff'],
  },
  {
    name: 'lets a record be overtaken by the next',
    at: isTalk,
    play: (scene, held) => {
      scene.meddle = (next) => {
        if (!isTalk(next) || !sameWay(next, held)) return [next.frame];
        scene.meddle = ({ frame }) => [frame];
        return [next.frame, held.frame];
      };
      return [];
    },
    shows: ['recovered'],
  },
  {
    name: 'drops one record and passes the rest',
    at: isRecord,
    play: () => [],
    shows: ['recovered'],
  },
  {
    name: 'drops one word however often it is said',
    at: isTalk,
    play: (scene, { frame: dropped }) => {
      scene.meddle = ({ frame }) => (frame.id === dropped.id ? [] : [frame]);
      return [];
    },
    shows: ['cutOff'],
  },
  {
    name: 'changes the label',
    at: isRecord,
    play: (scene, { frame }) => {
      const label = scene.pick(LABELS.filter((each) => each !== frame.label));
      return [{ ...frame, label } as PeerFrame];
    },
    shows: ['counted'],
  },
  {
    name: 'changes the id',
    at: isRecord,
    play: (scene, { frame }) => {
      const others = scene.relayed.filter((each) => each.frame.id !== frame.id);
      const id = scene.pick([frameId(7), ...others.map((each) => each.frame.id)]);
      return [{ ...frame, id }];
    },
    shows: ['counted'],
  },
  {
    name: 'changes a byte',
    at: isRecord,
    play: (scene, { frame }) => {
      const at = Math.floor(scene.random.fraction() * frame.body.length);
      return [{ ...frame, body: flipped(frame.body, at) }];
    },
    shows: ['counted', 'cutOff'],
  },
  {
    name: 'changes lane, epoch or counter',
    at: isRecord,
    play: (scene, { frame }) => [{ ...frame, body: flipped(frame.body, scene.pick([1, 5, 9])) }],
    shows: ['counted', 'cutOff'],
  },
  {
    name: 'cuts or lengthens a record',
    at: isRecord,
    play: (scene, { frame }) => {
      const { body } = frame;
      const at = Math.floor(scene.random.fraction() * body.length);
      const longer = new Uint8Array(body.length + 1 + (at % 9));
      longer.set(body);
      return [{ ...frame, body: scene.pick([body.slice(0, at), longer]) }];
    },
    shows: ['counted'],
  },
  {
    name: 'gives one record the content of another',
    at: isLaterRecord,
    play: (scene, relayed) => {
      const { frame } = relayed;
      const before = recordsOf(scene.relayed).filter((each) => each.frame.id !== frame.id);
      const other = scene.pick(before).frame.body;
      // With its own place, the content of the other.
      const body = frame.body.slice();
      body.set(other.slice(10, body.length), 10);
      return [{ ...frame, body: scene.pick([other, body]) }];
    },
    shows: ['counted'],
  },
  {
    name: 'moves an edit to another line',
    at: ({ frame }) => frame.label === 'message_edit',
    play: (scene, { frame, to }) => {
      const lines = scene.relayed.filter(
        (each) => each.to === to && each.frame.label === 'message',
      );
      return [{ ...frame, id: scene.pick(lines).frame.id }];
    },
    shows: ['counted'],
  },
  {
    name: 'forges a receipt for a word that it drops',
    at: (relayed) => relayed.frame.label === 'message' && isTalk(relayed),
    play: (scene, { from, frame: dropped }) => {
      const acks = recordsOf(scene.relayed).filter(
        (each) => each.to === from && ['ack', 'message_read'].includes(each.frame.label),
      );
      const before = scene.earlier.filter((each) => each.to === from);
      scene.meddle = ({ frame }) => {
        const forged = { ...dropped, label: scene.pick(['ack', 'message_read'] as const) };
        scene.inject(from, { ...forged, body: randomBytes(scene, 282) });
        scene.inject(from, { ...forged, body: frameIdBytes(dropped.id) });
        for (const each of [...acks, ...before].slice(-3)) {
          scene.inject(from, { ...each.frame, attempt: 5 });
        }
        return frame.id === dropped.id ? [] : [frame];
      };
      return [];
    },
    shows: ['counted'],
    isKnown: true,
  },
  {
    name: 'forges deletes, edits and reactions',
    at: (relayed) => relayed.frame.label === 'message' && isTalk(relayed),
    play: (scene, { to, frame }) => {
      for (const label of ['message_delete', 'message_edit', 'reaction'] as const) {
        scene.inject(to, { ...frame, label });
        scene.inject(to, { ...frame, label, body: frameIdBytes(frame.id) });
        scene.inject(to, { ...frame, label, body: randomBytes(scene, 282) });
      }
      return [frame];
    },
    shows: ['counted'],
  },
  {
    name: 'forges a goodbye',
    at: isRecord,
    play: (scene, { to, from, frame }) => {
      const kind = scene.pick([KIND.left, KIND.cutOff]);
      const proof = randomBytes(scene, 33);
      proof[0] = kind;
      const farewells = scene.earlier.filter((each) => each.frame.body[0] === KIND.left);
      scene.inject(to, { ...frame, body: proof });
      for (const each of farewells) {
        scene.inject(to, { ...each.frame, label: frame.label });
        scene.inject(from, { ...each.frame, label: frame.label });
      }
      return [frame];
    },
    shows: ['counted'],
    isKnown: true,
  },
  {
    name: 'replays a whole earlier conversation',
    at: isRecord,
    play: (scene, { frame }) => {
      for (const each of scene.earlier) scene.inject(each.to, { ...each.frame, attempt: 3 });
      return [frame];
    },
    shows: ['counted'],
    isKnown: true,
  },
  {
    name: 'shows the two different things from here on',
    at: isTalk,
    play: (scene, { from: silenced }) => {
      // One is heard no more and hears everything; the other hears only what was said before.
      scene.meddle = ({ from, to, frame }) => {
        if (from !== silenced) return [frame];
        const control = recordsOf(scene.relayed).filter(
          (each) => each.from === silenced && !isTalk(each),
        );
        const stale = control.at(-3);
        if (stale !== undefined) scene.inject(to, stale.frame);
        return [];
      };
      return [];
    },
    shows: ['cutOff'],
  },
  {
    name: 'says that everybody has gone, that nobody has, and that nothing was taken',
    at: isRecord,
    play: (scene, { to, from, frame }) => {
      storm(scene, to, from, frame);
      storm(scene, from, to, frame);
      return [frame];
    },
    shows: ['reconnecting', 'counted'],
  },
  {
    name: 'says in the clear that it rang, that it was declined, and that it is agreed',
    at: isRecord,
    play: (scene, { to, frame }) => {
      const offers = scene.relayed.filter((each) => each.frame.label === 'ephemeral_key');
      const ids = [frame.id, ...offers.map((each) => each.frame.id)];
      for (const label of ['ack', 'declined', 'session_established', 'ephemeral_key'] as const) {
        for (const id of ids) scene.inject(to, { ...frame, label, body: frameIdBytes(id) });
      }
      return [frame];
    },
    shows: ['counted', 'cutOff'],
  },
  {
    name: 'says that a stranger wrote it',
    at: isTalk,
    play: (scene, { to, frame }) => {
      const stranger = userIdOfStranger(scene);
      scene.story.server.inject(to, { ...frame, peer: stranger });
      return [];
    },
    shows: ['recovered'],
  },
];

function storm(scene: Scene, told: UserId, about: UserId, frame: PeerFrame): void {
  const { server } = scene.story;
  const peer_id = userIdBytes(about);
  for (let n = 0; n < 40; n += 1) {
    server.tell(told, CONTROL_CODES.peer_disconnected, { peer_id });
    server.tell(told, CONTROL_CODES.peer_offline, { peer_id, id: frameIdBytes(frame.id) });
    server.tell(told, CONTROL_CODES.peer_online, { peer_id });
    server.tell(told, CONTROL_CODES.error, { code: 'BUS_AWAY', id: frameIdBytes(frame.id) });
  }
}

function userIdOfStranger(scene: Scene): UserId {
  const ids = [...scene.story.server.users.keys()];
  const stranger = ids.find((id) => id !== scene.alice.me.id && id !== scene.bob.me.id);
  return stranger ?? ('00000000-0000-4000-8000-00000000ffff' as UserId);
}

describe('a relay that meddles with records', SLOW, () => {
  const table: Played[] = [];

  for (const trick of TRICKS) {
    it(`[HOSTILE1] ${trick.name}`, async () => {
      const played = await playedAt(trick, MOMENTS);
      table.push(...played);
      expect(played.filter(({ outcome }) => outcome !== 'noticed')).toEqual([]);
    });
  }

  it('[HOSTILE1] every trick at every moment was noticed', () => {
    const noticed = table.filter(({ outcome }) => outcome === 'noticed');
    expect(noticed).toHaveLength(TRICKS.length * MOMENTS);
  });
});
