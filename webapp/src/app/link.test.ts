/** The link over a server that lets it down in every way. */
import { decode as unpack } from '@msgpack/msgpack';
import { describe, expect, it } from 'vitest';
import { good } from '../core/api.ts';
import type { Bytes } from '../core/bytes.ts';
import { Link } from '../core/link/driver.ts';
import { CONTROL_CODES } from '../core/wire/generated.ts';
import { BOB, frameId } from '../test/builders.ts';
import { ManualClock } from '../test/manual-clock.ts';
import { Network } from '../test/network.ts';
import { seededRandom } from '../test/seeded-random.ts';
import { Story } from '../test/story.ts';

type Said = [type: number, fields: { token: string; instance: Uint8Array; attach: number }];

describe('the link', () => {
  it('[LINK6] says first who it is: token, page, and which connection of the page', async () => {
    const heard: Said[] = [];
    const network = new Network();
    const clock = new ManualClock();
    let hangUp = () => {};
    const listener = {
      accept: (end: { close(code: number): void }) => {
        hangUp = () => end.close(1006);
        return {
          received: (bytes: Bytes) => void heard.push(unpack(bytes) as Said),
          closed: () => {},
        };
      },
    };
    const token = async () => good('the token');
    const link = new Link({
      sockets: network.sockets(listener),
      clock,
      random: seededRandom(3),
      visibility: { visible: () => true, watch: () => () => {} },
      tokens: { accessToken: token, renewedToken: token },
    });
    link.start();
    for (let connection = 1; connection <= 3; connection += 1) {
      for (let tick = 0; tick < 5; tick += 1) {
        clock.advance(500);
        await Promise.resolve();
        while (network.step());
      }
      hangUp();
      network.step();
    }
    expect(heard.map(([type]) => type)).toEqual([0, 0, 0]);
    expect(heard.map(([, { token }]) => token)).toEqual(Array(3).fill('the token'));
    expect(heard.map(([, { attach }]) => attach)).toEqual([1, 2, 3]);
    const instances = new Set(heard.map(([, { instance }]) => `${instance}`));
    expect([instances.size, heard[0]?.[1].instance.length]).toEqual([1, 16]);
  });

  it('[LINK1] comes back by itself, and says when it will try', async () => {
    const story = new Story();
    const alice = await story.person('alice');
    story.server.refusing = true;
    story.server.cut(alice.me.id);
    await story.until(() => alice.home.link.is === 'reconnecting');
    const { link } = alice.home;
    expect(link.is === 'reconnecting' && link.nextTryInMs).toBeLessThan(500);
    await story.pass(20_000);
    expect(alice.home.link.is).toBe('reconnecting');
    story.server.refusing = false;
    await story.pass(30_000);
    expect(alice.isOnline).toBe(true);
  });

  it('[LINK4] gets past an expired token by itself', async () => {
    const story = new Story();
    const alice = await story.person('alice');
    story.server.expireTokens();
    story.server.cut(alice.me.id, 1012);
    await story.pass(3_000);
    expect(alice.isOnline).toBe(true);
  });

  it('[LINK5] is superseded by another browser, and takes the chat back on request', async () => {
    const story = new Story();
    const alice = await story.person('alice');
    const other = story.browser(alice);
    await story.until(() => other.isOnline);
    await story.until(() => alice.home.link.is === 'superseded');
    await story.pass(60_000, 5_000);
    expect([alice.home.link.is, other.home.link.is]).toEqual(['superseded', 'online']);
    alice.model.useHere();
    await story.until(() => alice.isOnline);
    await story.until(() => other.home.link.is === 'superseded');
  });

  it('[LINK7] renews its token in band when the server says that it will expire', async () => {
    const story = new Story();
    const { alice, bob } = await story.secured();
    const before = story.server.requests.filter((r) => r.endsWith('/refresh')).length;
    story.server.tell(alice.me.id, CONTROL_CODES.token_expiring, { in_ms: 60_000 });
    await story.quiet();
    const after = story.server.requests.filter((r) => r.endsWith('/refresh')).length;
    expect(after - before).toBe(1);
    alice.model.say('still here');
    await story.until(() => bob.lines.length === 1);
  });

  it('[LINK8] queues nothing: what cannot leave is refused at once', () => {
    const link = new Link({
      sockets: {
        connect: () => ({
          send: () => {},
          buffered: () => 0,
          lastWords: () => {},
          close: () => {},
        }),
      },
      clock: new ManualClock(),
      random: seededRandom(1),
      visibility: { visible: () => true, watch: () => () => {} },
      tokens: { accessToken: async () => good('t'), renewedToken: async () => good('t') },
    });
    const frame = { label: 'message', attempt: 0, peer: BOB, id: frameId(1) } as const;
    expect(link.send({ type: 'peer', ...frame, body: new Uint8Array() })).toBe(false);
  });

  it('[LINK12] draws nothing for a frame that changes nothing', async () => {
    const story = new Story();
    const alice = await story.person('alice');
    let drawn = 0;
    alice.model.subscribe(() => {
      drawn += 1;
    });
    for (let said = 0; said < 3; said += 1) {
      story.server.tell(alice.me.id, CONTROL_CODES.pong, {});
      await story.quiet();
    }
    expect([drawn, alice.isOnline]).toEqual([0, true]);
  });

  it('[LINK3] notices a server that fell silent and connects anew', async () => {
    const story = new Story();
    const alice = await story.person('alice');
    const before = story.network.opened;
    story.network.frozen = true;
    await story.pass(9_000);
    story.network.frozen = false;
    await story.pass(3_000);
    expect(story.network.opened).toBe(before + 1);
    expect(alice.isOnline).toBe(true);
  });
});
