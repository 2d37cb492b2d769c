/**
 * People whose words lie open: what they say and give passes every place of the servers, so that a
 * search that does not find it there is worth nothing.
 */
import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { encode } from '../../../webapp/src/core/wire/codec.ts';
import { SUBPROTOCOL } from '../../../webapp/src/core/wire/generated.ts';
import { frameIdFrom, parseUserId } from '../../../webapp/src/core/wire/ids.ts';
import { bytesOf, HEADER_FORMS, type Planted, TRACE_FORMS, wordsOf } from './plants.ts';

/** Often enough that something of it always lies in memory that was just used. */
const SAY_EVERY_MS = 150;
const READ_EVERY_MS = 100;
/** More than are free: the server says in its log that the next one has to wait. */
const GUESSES = 7;

type Account = { readonly id: string; readonly token: string; readonly url: string };

export class Control {
  readonly #accounts: readonly Account[];
  readonly #sockets: readonly WebSocket[];
  readonly #plants: Planted;
  readonly #over = new AbortController();
  readonly #busy: Promise<unknown>;

  private constructor(
    accounts: readonly Account[],
    sockets: readonly WebSocket[],
    plants: Planted,
  ) {
    this.#accounts = accounts;
    this.#sockets = sockets;
    this.#plants = plants;
    this.#busy = Promise.all([
      this.#overAndOver(SAY_EVERY_MS, () => this.#say()),
      this.#overAndOver(READ_EVERY_MS, () => this.#read()),
    ]);
  }

  /** Two at each of two edges, on either door; from here on they say it over and over. */
  static async begin(urls: readonly [string, string], plants: Planted): Promise<Control> {
    const [one, other] = urls;
    const places = [one, other, one, other];
    const accounts: Account[] = [];
    for (const url of places) accounts.push(await register(url, plants));
    await leaveTraces(one, plants);
    const sockets = await Promise.all([
      ...accounts.slice(0, 2).map((account) => openBinary(account)),
      ...accounts.slice(2).map((account) => openText(account)),
    ]);
    return new Control(accounts, sockets, plants);
  }

  /** Fails if something of it went wrong meanwhile. */
  async end(): Promise<void> {
    this.#over.abort();
    await this.#busy;
    for (const socket of this.#sockets) socket.close();
  }

  async #overAndOver(everyMs: number, act: () => Promise<void>): Promise<void> {
    while (!this.#over.signal.aborted) {
      await act();
      await pause(everyMs);
    }
  }

  async #say(): Promise<void> {
    const [first, second, third, fourth] = this.#accounts;
    const [ofFirst, ofSecond, ofThird, ofFourth] = this.#sockets;
    if (!first || !second || !third || !fourth) return;
    ofFirst?.send(frameFor(second, this.#plants));
    ofSecond?.send(frameFor(first, this.#plants));
    ofThird?.send(documentFor(fourth, this.#plants));
    ofFourth?.send(documentFor(third, this.#plants));
  }

  /** Each edge asks for a key, which comes from the database through the actors. */
  async #read(): Promise<void> {
    for (const { id, token, url } of this.#accounts.slice(0, 2)) {
      const headers = { authorization: `Bearer ${token}` };
      await asked(`${url}/api/identity/users/${id}/key`, { headers });
    }
  }
}

async function register(url: string, plants: Planted): Promise<Account> {
  const username = `control-${randomBytes(6).toString('hex')}`;
  // With a letter and a digit, whatever chance has given.
  const credentials = { username, password: `${plants.password.get('raw')}-7a` };
  const key = { identity_pub_key: bytesOf(plants.key).toString('base64') };
  await posted(`${url}/api/auth/register`, { ...credentials, ...key }, {});
  const words = wordsOf(plants.agent, HEADER_FORMS);
  let token = '';
  // A header is kept up to 256 characters.
  for (const agent of [words.slice(0, 3), words.slice(3)]) {
    const headers = { 'user-agent': agent.join(' ') };
    const answer = await posted(`${url}/api/auth/login`, credentials, headers);
    token = (answer as { token: string }).token;
  }
  const headers = { authorization: `Bearer ${token}` };
  const me = (await asked(`${url}/api/chat/me`, { headers })) as { id: string };
  return { id: me.id, token, url };
}

/** Somebody guesses at passwords, which is one of the few things that are logged at all. */
async function leaveTraces(url: string, plants: Planted): Promise<void> {
  for (const trace of wordsOf(plants.trace, TRACE_FORMS)) {
    const username = `nobody-${randomBytes(6).toString('hex')}`;
    const body = JSON.stringify({ username, password: 'not-the-password-1' });
    const headers = { 'content-type': 'application/json', 'x-trace-id': trace };
    for (let guesses = 0; guesses < GUESSES; guesses += 1) {
      const answer = await fetch(`${url}/api/auth/login`, { method: 'POST', headers, body });
      await answer.arrayBuffer();
    }
  }
}

function frameFor({ id }: Account, plants: Planted): Uint8Array<ArrayBuffer> {
  const peer = parseUserId(id);
  const frame = frameIdFrom(new Uint8Array(randomBytes(16)));
  if (peer === null || frame === null) throw new Error('ids are 16 bytes');
  const body = new Uint8Array(bytesOf(plants.relay));
  return encode({ type: 'peer', label: 'message', attempt: 0, peer, id: frame, body });
}

function documentFor({ id }: Account, plants: Planted): string {
  const words = { to: id, message_id: randomBytes(8).toString('hex'), nonce: 'none' };
  const payload = { ...words, ciphertext: plants.clear.get('raw') ?? '' };
  return JSON.stringify({ type: 'message', payload });
}

/** Node's WebSocket takes headers; a browser sets this one by itself. */
type WithHeaders = new (
  url: string,
  options: { protocols: string[]; headers: Record<string, string> },
) => WebSocket;

async function openBinary({ url, token }: Account): Promise<WebSocket> {
  const options = { protocols: [SUBPROTOCOL], headers: { origin: url } };
  const socket = new (WebSocket as unknown as WithHeaders)(addressOf(url), options);
  const instance = new Uint8Array(randomBytes(16));
  await opened(socket, encode({ type: 'auth', token, instance, attach: 1 }));
  return socket;
}

async function openText({ url, token }: Account): Promise<WebSocket> {
  const socket = new WebSocket(addressOf(url));
  await opened(socket, JSON.stringify({ type: 'auth', payload: { token } }));
  return socket;
}

/** Done when the first answer has come, which is that to `auth`. */
function opened(socket: WebSocket, auth: string | Uint8Array<ArrayBuffer>): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.addEventListener('open', () => socket.send(auth));
    socket.addEventListener('message', () => resolve(), { once: true });
    socket.addEventListener('close', ({ code }) => reject(new Error(`closed with ${code}`)));
  });
}

function addressOf(url: string): string {
  return `${url.replace('http:', 'ws:')}/ws/`;
}

function posted(url: string, body: unknown, more: Record<string, string>): Promise<unknown> {
  const headers = { 'content-type': 'application/json', ...more };
  return asked(url, { method: 'POST', headers, body: JSON.stringify(body) });
}

async function asked(url: string, request: RequestInit): Promise<unknown> {
  const response = await fetch(url, request);
  const text = await response.text();
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${text}`);
  return JSON.parse(text);
}
