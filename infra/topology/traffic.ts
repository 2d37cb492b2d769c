/**
 * What people do in a minute and no screen is needed for: two of them speak JSON through the proxy,
 * send each other words and a file, and are refused what should be refused, so that every figure has
 * something to show. `BASE_URL` is where the proxy is. Prints an access token; given one, it asks while
 * nobody answers for accounts, and sees that it is told so.
 */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';

const { BASE_URL = 'https://localhost' } = process.env;
const PASSWORD = 'three-words-and-7';
const WAIT_MS = 20_000;

type Frame = { readonly type: string; readonly payload: Record<string, unknown> };
type Person = { readonly id: string; readonly name: string; readonly token: string };

function post(path: string, body: unknown, token?: string): Promise<Response> {
  const headers: Record<string, string> = { 'content-type': 'application/json' };
  if (token !== undefined) headers['authorization'] = `Bearer ${token}`;
  return fetch(`${BASE_URL}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
}

async function register(): Promise<Person> {
  const username = `traffic-${randomBytes(6).toString('hex')}`;
  const key = randomBytes(32).toString('base64');
  const answer = await post('/api/auth/register', {
    username,
    password: PASSWORD,
    identity_pub_key: key,
  });
  assert.equal(answer.status, 201, await answer.clone().text());
  const { token } = (await answer.json()) as { token: string };
  const headers = { authorization: `Bearer ${token}` };
  const me = (await (await fetch(`${BASE_URL}/api/chat/me`, { headers })).json()) as { id: string };
  return { id: me.id, name: username, token };
}

/** A socket on the text door, and what is heard there. */
class Line {
  readonly #socket: WebSocket;
  readonly #heard: Frame[] = [];

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.addEventListener('message', ({ data }) => this.#heard.push(JSON.parse(String(data))));
  }

  static async open({ token }: Person): Promise<Line> {
    const socket = new WebSocket(`${BASE_URL.replace('https', 'wss')}/ws/`);
    const line = new Line(socket);
    await new Promise((resolve, reject) => {
      socket.addEventListener('open', resolve, { once: true });
      socket.addEventListener('error', () => reject(new Error('no socket')), { once: true });
    });
    line.say('auth', { token });
    await line.hear('auth');
    return line;
  }

  say(type: string, payload: Record<string, unknown>): void {
    this.#socket.send(JSON.stringify({ type, payload }));
  }

  /** Takes the next frame of this type. */
  async hear(type: string): Promise<Frame> {
    const deadline = performance.now() + WAIT_MS;
    for (;;) {
      const at = this.#heard.findIndex((frame) => frame.type === type);
      if (at >= 0) return this.#heard.splice(at, 1)[0] as Frame;
      assert.ok(performance.now() < deadline, `${type} in ${JSON.stringify(this.#heard)}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  close(): void {
    this.#socket.close();
  }
}

async function talk(alice: Person, bob: Person): Promise<void> {
  const [ofAlice, ofBob] = [await Line.open(alice), await Line.open(bob)];
  for (let n = 0; n < 10; n += 1) {
    const word = { message_id: `word-${n}`, ciphertext: 'QUJD', nonce: 'AAAAAAAAAAAAAAAA' };
    ofAlice.say('message', { to: bob.id, ...word });
    // Once more, as after a cut: it is heard once.
    ofAlice.say('message', { to: bob.id, ...word });
    assert.equal((await ofBob.hear('message')).payload['message_id'], `word-${n}`);
    ofBob.say('ack', { to: alice.id, message_id: `word-${n}` });
    await ofAlice.hear('ack');
  }
  await sendFile(ofAlice, ofBob, bob.id);
  ofAlice.say('message', {
    to: '00000000-0000-4000-8000-000000000000',
    message_id: 'nobody',
    ciphertext: 'QUJD',
    nonce: 'AAAA',
  });
  await ofAlice.hear('peer_offline');
  ofAlice.say('nonsense', {});
  await ofAlice.hear('error');
  ofAlice.close();
  ofBob.close();
}

async function sendFile(from: Line, to: Line, id: string): Promise<void> {
  const size = 4 * 262_144;
  const file = { to: id, file_id: `file-${randomBytes(6).toString('hex')}` };
  const announced = {
    filename: 'a.bin',
    mime_type: 'application/octet-stream',
    total_size: size,
    total_chunks: 4,
    chunk_size: 262_144,
    access_mode: 'both',
  };
  from.say('file_start', { ...file, ...announced });
  await to.hear('file_start');
  for (let n = 0; n < 4; n += 1) {
    const sealed = 'A'.repeat((262_144 * 4) / 3 + 4);
    from.say('file_chunk', {
      ...file,
      chunk_index: n,
      total_chunks: 4,
      ciphertext: sealed,
      nonce: 'AAAAAAAAAAAAAAAA',
    });
    assert.equal((await to.hear('file_chunk')).payload['chunk_index'], n);
  }
  from.say('file_complete', { ...file });
  await to.hear('file_complete');
}

/** What is refused, at each of the places that count it. */
async function beRefused(alice: Person): Promise<void> {
  assert.equal(
    (await post('/api/auth/login', { username: alice.name, password: 'not-it-1' })).status,
    401,
  );
  assert.equal(
    (await fetch(`${BASE_URL}/api/chat/me`, { headers: { authorization: 'Bearer no' } })).status,
    401,
  );
  assert.equal((await fetch(`${BASE_URL}/api/nonsense`)).status, 404);
}

/** Doors without actors say that they cannot. */
async function findNobody(token: string): Promise<void> {
  const login = await post('/api/auth/login', { username: 'nobody', password: PASSWORD });
  assert.equal(login.status, 503, await login.text());
  const me = await fetch(`${BASE_URL}/api/chat/me`, {
    headers: { authorization: `Bearer ${token}` },
  });
  assert.equal(me.status, 503, await me.text());
}

async function live(): Promise<void> {
  const [alice, bob] = [await register(), await register()];
  await talk(alice, bob);
  await beRefused(alice);
  process.stdout.write(`${alice.token}\n`);
}

const [token] = process.argv.slice(2);
await (token === undefined ? live() : findNobody(token));
