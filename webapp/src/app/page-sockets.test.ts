/** Sockets of the page that the worker uses, and the last words. */
import { describe, expect, it } from 'vitest';
import { good } from '../core/api.ts';
import type { Bytes } from '../core/bytes.ts';
import { Link } from '../core/link/driver.ts';
import type { SocketHandlers } from '../core/ports.ts';
import { encode } from '../core/wire/codec.ts';
import type { PeerFrame } from '../core/wire/frames.ts';
import { BOB, frameId } from '../test/builders.ts';
import { ManualClock } from '../test/manual-clock.ts';
import { seededRandom } from '../test/seeded-random.ts';
import { FarSockets, HeldSockets } from './page-sockets.ts';

const utf8 = (text: string) => new TextEncoder().encode(text);

/** Both halves, with a real socket that writes down what is done to it. */
function pair() {
  const done: string[] = [];
  const waiting = { bytes: 0 };
  const reals: SocketHandlers[] = [];
  const connect = (handlers: SocketHandlers) => {
    reals.push(handlers);
    const n = reals.length;
    return {
      send: (bytes: Bytes) => void done.push(`${n} sends ${new TextDecoder().decode(bytes)}`),
      buffered: () => waiting.bytes,
      close: (code: number) => void done.push(`${n} closes ${code}`),
    };
  };
  const held = new HeldSockets(connect, (news) => far.hear(structuredClone(news)));
  const far = new FarSockets((order) => held.perform(structuredClone(order)));
  return { far, held, done, reals, waiting };
}

function noting(heard: string[]): SocketHandlers {
  return {
    opened: () => void heard.push('opened'),
    received: (bytes) => void heard.push(`received ${new TextDecoder().decode(bytes)}`),
    closed: (code) => void heard.push(`closed ${code}`),
  };
}

describe('a socket of the page', () => {
  it('[PAGE6] carries bytes both ways, each socket its own', () => {
    const { far, done, reals } = pair();
    const heard: string[][] = [[], []];
    const [first, second] = heard.map((log) => far.connect(noting(log)));
    reals[0]?.opened();
    reals[1]?.opened();
    // A view into a larger buffer, as encoders make it.
    second?.send(utf8('..two..').subarray(2, 5));
    first?.send(utf8('one'));
    reals[0]?.received(utf8('heard'));
    reals[1]?.closed(1006);
    second?.send(utf8('into the void'));
    first?.close(1000);
    expect(done).toEqual(['2 sends two', '1 sends one', '1 closes 1000']);
    expect(heard).toEqual([
      ['opened', 'received heard'],
      ['opened', 'closed 1006'],
    ]);
  });

  it('[PAGE11] tells how much waits in the page, as it was a moment ago', () => {
    const { far, waiting } = pair();
    const socket = far.connect(noting([]));
    expect(socket.buffered()).toBe(0);
    waiting.bytes = 70;
    socket.send(new Uint8Array(100));
    // The question is answered at once here; its answer counts from the next time on.
    expect(socket.buffered()).toBe(100);
    expect(socket.buffered()).toBe(70);
    socket.send(new Uint8Array(5));
    expect(socket.buffered()).toBe(75);
    waiting.bytes = 0;
    expect(socket.buffered()).toBe(70);
    expect(socket.buffered()).toBe(0);
  });

  it('[PAGE11] tells that less waits, and nothing while as much does', () => {
    const { far, waiting } = pair();
    let told = 0;
    const socket = far.connect({
      ...noting([]),
      // As somebody does who waits for room: a socket that stands still must not keep them busy.
      drained: () => {
        told += 1;
        socket.buffered();
      },
    });
    waiting.bytes = 70;
    socket.send(new Uint8Array(100));
    expect(told).toBe(0);
    socket.buffered();
    socket.buffered();
    expect(told).toBe(1);
    waiting.bytes = 0;
    socket.buffered();
    expect(told).toBe(2);
  });

  it('[PAGE6] says the last words when the page goes away, and only then', () => {
    const { far, held, done } = pair();
    const socket = far.connect(noting([]));
    socket.lastWords(utf8('too early'));
    socket.lastWords(utf8('goodbye'));
    expect(done).toEqual([]);
    held.hangUp();
    held.hangUp();
    expect(done).toEqual(['1 sends goodbye', '1 closes 1000']);
  });

  it('[PAGE6] hangs up without a word when the page is put aside, and tells when it is back', () => {
    const { far, held, done, reals } = pair();
    const heard: string[] = [];
    const socket = far.connect(noting(heard));
    socket.lastWords(utf8('goodbye'));
    held.putAside();
    expect(done).toEqual(['1 closes 1000']);
    reals[0]?.closed(1000);
    expect(heard).toEqual(['closed 1000']);
    held.hangUp();
    expect(done).toEqual(['1 closes 1000']);
  });

  it('[PAGE6] says nothing where the words were taken back, or the socket is gone', () => {
    const { far, held, done, reals } = pair();
    const silent = far.connect(noting([]));
    silent.lastWords(utf8('goodbye'));
    silent.lastWords(null);
    const gone = far.connect(noting([]));
    gone.lastWords(utf8('goodbye'));
    reals[1]?.closed(1006);
    held.hangUp();
    expect(done).toEqual(['1 closes 1000']);
  });

  it('[PAGE6] the link gives its last words to each of its sockets', async () => {
    const clock = new ManualClock();
    const given: (Bytes | null)[][] = [];
    const hangUps: (() => void)[] = [];
    const token = async () => good('t');
    const link = new Link({
      sockets: {
        connect(handlers) {
          const words: (Bytes | null)[] = [];
          given.push(words);
          hangUps.push(() => handlers.closed(1006));
          const lastWords = (bytes: Bytes | null) => void words.push(bytes);
          return { send: () => {}, buffered: () => 0, lastWords, close: () => {} };
        },
      },
      clock,
      random: seededRandom(1),
      visibility: { visible: () => true, watch: () => () => {} },
      tokens: { accessToken: token, renewedToken: token },
    });
    const body = new Uint8Array([2, 3]);
    const frame: PeerFrame = {
      ...{ type: 'peer', label: 'message', attempt: 0, peer: BOB, id: frameId(1), body },
    };
    link.start();
    await waitFor(() => given.length === 1);
    link.lastWords(frame);
    hangUps[0]?.();
    clock.advance(60_000);
    await waitFor(() => given.length === 2);
    link.lastWords(null);
    expect(given).toEqual([
      [null, encode(frame)],
      [encode(frame), null],
    ]);
  });
});

async function waitFor(condition: () => boolean): Promise<void> {
  for (let turn = 0; !condition(); turn += 1) {
    if (turn > 1_000) throw new Error(`never: ${condition}`);
    await Promise.resolve();
  }
}
