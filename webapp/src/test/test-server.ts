/**
 * A server in a few lines, as the protocol states it and no better: accounts in memory, frames
 * relayed, presence told. A test may meddle with every frame that it relays.
 */
import { encode as pack, decode as unpack } from '@msgpack/msgpack';
import type { Bytes } from '../core/bytes.ts';
import type { HttpAnswer, HttpRequest } from '../core/ports.ts';
import { isFileLabel, labelOf } from '../core/wire/codes.ts';
import type { PeerFrame } from '../core/wire/frames.ts';
import { CONTROL_CODES, LABEL_CODES, type Label } from '../core/wire/generated.ts';
import {
  type FrameId,
  frameIdBytes,
  frameIdFrom,
  parseUserId,
  type UserId,
  userIdBytes,
  userIdFrom,
} from '../core/wire/ids.ts';
import { DEPLOYMENT } from './builders.ts';
import type { Listener, ServerEnd } from './network.ts';

/** A frame on its way from one person to another. */
export type Relayed = { readonly from: UserId; readonly to: UserId; readonly frame: PeerFrame };

type User = { readonly id: UserId; readonly name: string; password: string; key: string | null };

/** A browser that is signed in. */
type Login = { readonly id: string; readonly user: UserId; readonly madeAt: string };

type Jar = { login: Login | null };

type Session = {
  readonly end: ServerEnd;
  user: UserId | null;
  instance: string;
  readonly openPeers: Set<UserId>;
  readonly seen: Set<string>;
};

export class TestServer {
  readonly users = new Map<UserId, User>();
  /** Everything relayed, as it came from its sender. */
  readonly relayed: Relayed[] = [];
  /** Ids of the frames of files that came here. */
  readonly carried: FrameId[] = [];
  /** The code that a frame of a file is refused with; `null` relays it. */
  refuseFile: () => string | null = () => null;
  /** What arrives for a frame: none, one, several, changed. */
  meddle: (relayed: Relayed) => readonly PeerFrame[] = ({ frame }) => [frame];
  /** Not reachable over HTTP. */
  down = false;
  /** How long conversations wait for a peer that is away. */
  resumeWindowMs = 30_000;
  /** Takes no connection. */
  refusing = false;
  /** Fails the next requests to a path with this status and code. */
  readonly failures = new Map<string, { status: number; code: string }>();
  readonly requests: string[] = [];
  readonly #logins = new Set<Login>();
  readonly #tokens = new Map<string, Login>();
  readonly #sessions = new Map<UserId, Session>();
  #made = 0;
  #given = 0;
  #begun = 0;

  /** A browser's way to this server: a cookie jar of its own. */
  browser(): { send(request: HttpRequest): Promise<HttpAnswer> } {
    const jar: Jar = { login: null };
    return {
      send: async (request) => {
        this.requests.push(`${request.method} ${request.path}`);
        if (this.down) return { is: 'failed', code: 'NETWORK' };
        const failure = this.failures.get(request.path);
        if (failure) return refusal(failure.status, failure.code);
        return this.#answer(request, jar);
      },
    };
  }

  listener(): Listener {
    return {
      accept: (end) => {
        if (this.refusing) return null;
        const session: Session = {
          end,
          user: null,
          instance: '',
          openPeers: new Set(),
          seen: new Set(),
        };
        return {
          received: (bytes) => this.#received(session, bytes),
          closed: () => this.#ended(session),
        };
      },
    };
  }

  /** Every token that was given out is refused from here on. */
  expireTokens(): void {
    this.#tokens.clear();
  }

  isOnline(user: UserId): boolean {
    return this.#sessions.has(user);
  }

  /** Closes a person's socket; 1006 is a broken wire. */
  cut(user: UserId, code = 1006): void {
    this.#sessions.get(user)?.end.close(code);
  }

  /** Says a control frame to a person. */
  tell(user: UserId, type: number, fields: object): void {
    this.#sessions.get(user)?.end.send(pack([type, fields]));
  }

  /** A frame out of nowhere, as a hostile server may send one. */
  inject(to: UserId, frame: PeerFrame): void {
    this.#deliver(to, frame);
  }

  #answer(request: HttpRequest, jar: Jar): HttpAnswer {
    const { method, path, token } = request;
    const [route = '', query = ''] = path.split('?');
    const body = (request.body ?? {}) as Record<string, string>;
    switch (`${method} ${route}`) {
      case 'GET /api/config':
        return answer(200, { ...CONFIG, resume_window_ms: this.resumeWindowMs });
      case 'POST /api/auth/refresh':
        if (jar.login === null) return refusal(401, 'MISSING_REFRESH_TOKEN');
        return this.#logins.has(jar.login)
          ? answer(200, { token: this.#tokenFor(jar.login) })
          : refusal(401, 'INVALID_REFRESH_TOKEN');
      case 'POST /api/auth/register':
        return this.#register(body, jar);
      case 'POST /api/auth/login': {
        const user = this.#named(body['username'] ?? '');
        if (user === undefined || user.password !== body['password']) {
          return refusal(401, 'INVALID_CREDENTIALS');
        }
        return answer(200, { token: this.#logIn(user.id, jar) });
      }
      case 'POST /api/auth/logout':
        if (jar.login !== null) this.#endLogin(jar.login);
        jar.login = null;
        return NOTHING;
    }
    const login = this.#tokens.get(token ?? '');
    const user = login && this.users.get(login.user);
    if (login === undefined || user === undefined) return refusal(401, 'INVALID_TOKEN');
    const asked = { method, route, query, body };
    return this.#answerOwner(user, login, asked) ?? this.#answerSignedIn(user, asked);
  }

  /** What an account's own person may ask about it. */
  #answerOwner(
    user: User,
    asking: Login,
    { method, route, body }: { method: string; route: string; body: Record<string, string> },
  ): HttpAnswer | null {
    const own = [...this.#logins].filter((login) => login.user === user.id);
    if (method === 'GET' && route === '/api/auth/logins') {
      return answer(
        200,
        own.map((login) => ({ ...shownLogin(login), current: login === asking })),
      );
    }
    if (method === 'DELETE' && route.startsWith('/api/auth/logins/')) {
      const ended = own.find(({ id }) => route.endsWith(`/${id}`));
      if (ended === undefined) return refusal(404, 'LOGIN_NOT_FOUND');
      this.#endLogin(ended);
      return NOTHING;
    }
    if (method === 'POST' && route === '/api/auth/password') {
      if (body['old_password'] !== user.password) return refusal(401, 'INVALID_CREDENTIALS');
      user.password = body['new_password'] ?? '';
      for (const login of own) if (login !== asking) this.#endLogin(login);
      return NOTHING;
    }
    if (method === 'DELETE' && route === '/api/auth/account') {
      if (body['password'] !== user.password) return refusal(401, 'INVALID_CREDENTIALS');
      for (const login of own) this.#endLogin(login);
      this.users.delete(user.id);
      return NOTHING;
    }
    return null;
  }

  #logIn(user: UserId, jar: Jar): string {
    this.#begun += 1;
    jar.login = { id: `login-${this.#begun}`, user, madeAt: '2026-11-20T18:04:00Z' };
    this.#logins.add(jar.login);
    return this.#tokenFor(jar.login);
  }

  #endLogin(login: Login): void {
    this.#logins.delete(login);
    for (const [token, of] of this.#tokens) if (of === login) this.#tokens.delete(token);
  }

  #answerSignedIn(
    user: User,
    asked: { method: string; route: string; query: string; body: Record<string, string> },
  ): HttpAnswer {
    const { method, route, query, body } = asked;
    if (route === '/api/chat/me') return answer(200, { ...shown(user), identity_key: !!user.key });
    if (route === '/api/chat/users') {
      const part = new URLSearchParams(query).get('username') ?? '';
      const found = [...this.users.values()].filter(({ name }) => name.includes(part));
      return answer(200, found.map(shown));
    }
    if (method === 'POST' && route === '/api/identity/update-public-key') {
      user.key = body['public_key'] ?? null;
      return answer(200, { success: true });
    }
    const other = this.users.get(parseUserId(route.split('/')[4] ?? '') ?? ('' as UserId));
    if (/^\/api\/chat\/users\/[^/]+$/.test(route)) {
      return other ? answer(200, shown(other)) : refusal(404, 'USER_NOT_FOUND');
    }
    if (/^\/api\/identity\/users\/[^/]+\/key$/.test(route)) {
      return other?.key
        ? answer(200, { public_key: other.key })
        : refusal(404, 'IDENTITY_KEY_NOT_FOUND');
    }
    return refusal(404, 'NOT_FOUND');
  }

  #register(body: Record<string, string>, jar: Jar): HttpAnswer {
    const name = body['username'] ?? '';
    if (this.#named(name)) return refusal(409, 'USERNAME_TAKEN');
    this.#made += 1;
    const id = parseUserId(`00000000-0000-4000-8000-${`${this.#made}`.padStart(12, '0')}`);
    if (id === null) throw new Error('that is a user id');
    const key = body['identity_pub_key'] ?? null;
    this.users.set(id, { id, name, password: body['password'] ?? '', key });
    return answer(201, { token: this.#logIn(id, jar) });
  }

  #named(name: string): User | undefined {
    return [...this.users.values()].find((user) => user.name === name);
  }

  #tokenFor(login: Login): string {
    this.#given += 1;
    const claims = btoa(JSON.stringify({ sub: login.user }));
    const token = `token-${this.#given}.${claims}.`;
    this.#tokens.set(token, login);
    return token;
  }

  #received(session: Session, bytes: Bytes): void {
    const [type, ...rest] = unpack(bytes) as [number, ...unknown[]];
    if (type === CONTROL_CODES.auth) this.#authenticate(session, rest[0] as AuthFields);
    else if (session.user === null) session.end.close(4401);
    else if (type === CONTROL_CODES.ping) session.end.send(pack([CONTROL_CODES.pong, {}]));
    else this.#relay(session, session.user, type, rest as RestOfPeerFrame);
  }

  #authenticate(session: Session, { token, instance }: AuthFields): void {
    const user = this.#tokens.get(token)?.user;
    if (user === undefined) {
      const fields = { authenticated: false, code: 'INVALID_TOKEN' };
      session.end.send(
        pack([CONTROL_CODES.auth, { ...fields, expires_in_ms: null, user_id: null }]),
      );
      session.end.close(4401);
      return;
    }
    const before = this.#sessions.get(user);
    if (before !== undefined && before !== session) {
      before.end.send(pack([CONTROL_CODES.superseded, {}]));
      before.end.close(4409);
      this.#ended(before);
    }
    const fresh = session.user === null;
    session.user = user;
    session.instance = `${instance}`;
    this.#sessions.set(user, session);
    const fields = { authenticated: true, code: null, expires_in_ms: 900_000 };
    session.end.send(pack([CONTROL_CODES.auth, { ...fields, user_id: userIdBytes(user) }]));
    if (fresh) this.#tellOpenPeers(user, CONTROL_CODES.peer_online);
  }

  #relay(session: Session, from: UserId, type: number, rest: RestOfPeerFrame): void {
    const [attempt, peerBytes, idBytes, body] = rest;
    const [label, to, id] = [labelOf(type), userIdFrom(peerBytes), frameIdFrom(idBytes)];
    if (label === null || to === null || id === null) {
      session.end.close(4400);
      return;
    }
    const file = isFileLabel(label);
    const key = `${type} ${attempt} ${id} ${file ? rest[3] : ''}`;
    if (session.seen.has(key)) return;
    session.seen.add(key);
    session.openPeers.add(to);
    if (file) {
      this.#carry(session, to, id, [type, attempt, userIdBytes(from), ...rest.slice(2)]);
      return;
    }
    const frame: PeerFrame = { type: 'peer', label, attempt, peer: from, id, body };
    this.relayed.push({ from, to, frame });
    if (!this.#sessions.has(to)) {
      const fields = { peer_id: userIdBytes(to), id: frameIdBytes(id) };
      session.end.send(pack([CONTROL_CODES.peer_offline, fields]));
      return;
    }
    for (const arriving of this.meddle({ from, to, frame })) this.#deliver(to, arriving);
  }

  #carry(session: Session, to: UserId, id: FrameId, parts: readonly unknown[]): void {
    this.carried.push(id);
    const code = this.refuseFile();
    const receiver = this.#sessions.get(to);
    if (code !== null) {
      session.end.send(pack([CONTROL_CODES.error, { code, id: frameIdBytes(id) }]));
    } else if (receiver === undefined) {
      const fields = { peer_id: userIdBytes(to), id: frameIdBytes(id) };
      session.end.send(pack([CONTROL_CODES.peer_offline, fields]));
    } else {
      receiver.end.send(pack(parts));
    }
  }

  #deliver(to: UserId, { label, attempt, peer, id, body }: PeerFrame): void {
    const routing = [userIdBytes(peer), frameIdBytes(id)];
    this.#sessions.get(to)?.end.send(pack([LABEL_CODES[label], attempt, ...routing, body]));
  }

  #ended(session: Session): void {
    const { user } = session;
    if (user === null || this.#sessions.get(user) !== session) return;
    this.#sessions.delete(user);
    this.#tellOpenPeers(user, CONTROL_CODES.peer_disconnected);
  }

  #tellOpenPeers(about: UserId, type: number): void {
    for (const { end, openPeers } of this.#sessions.values()) {
      if (openPeers.has(about)) end.send(pack([type, { peer_id: userIdBytes(about) }]));
    }
  }
}

type AuthFields = { token: string; instance: Uint8Array };
type RestOfPeerFrame = [attempt: number, peer: Bytes, id: Bytes, body: Bytes];

const CONFIG = {
  deployment_id: DEPLOYMENT,
  username_chars_min: 3,
  username_chars_max: 32,
  password_chars_min: 8,
  password_chars_max: 128,
  search_chars_min: 2,
  file_bytes_max: 50 * 1024 * 1024,
};

/** Only frames with this label. */
export function labelled(label: Label, { frame }: Relayed): boolean {
  return frame.label === label;
}

const NOTHING: HttpAnswer = { is: 'answered', status: 204, body: null, traceId: null };

function shownLogin({ id, madeAt }: Login) {
  return { id, user_agent: 'Test/1', address: '127.0.0.1', made_at: madeAt, used_at: madeAt };
}

function shown({ id, name }: User) {
  return { id, username: name };
}

function answer(status: number, body: unknown): HttpAnswer {
  return { is: 'answered', status, body, traceId: null };
}

function refusal(status: number, code: string): HttpAnswer {
  return answer(status, { code, message: 'refused', trace_id: 'trace-1' });
}
