/**
 * Signs in and out, keeps the access token in memory and nowhere else, and renews it.
 *
 * The refresh token is a cookie that no script can read. However many ask for a new access token
 * at once, one request is made.
 */
import { BROKEN, bad, fieldsOf, good, nothing, type Parse, type Result, resultOf } from '../api.ts';
import { equal, fromBase64, toBase64 } from '../bytes.ts';
import { parseConfig, type ServerConfig } from '../config.ts';
import { fingerprintOf } from '../crypto/fingerprint.ts';
import { fromSpki, makeIdentity, toSpki } from '../crypto/identity.ts';
import { Observable } from '../observable.ts';
import type { Cancel, Http, HttpRequest, KeyVault, StoredIdentity } from '../ports.ts';
import type { Code } from '../wire/generated.ts';
import { parseUserId } from '../wire/ids.ts';
import {
  type Credentials,
  type Effect,
  type Event,
  initial,
  type Me,
  type OwnKey,
  type State,
  transition,
} from './machine.ts';

/** What an answer is worth that comes after its login has ended. */
const REVOKED: Code = 'TOKEN_REVOKED';

type World = { readonly http: Http; readonly vault: KeyVault };

export class Account {
  readonly #http: Http;
  readonly #vault: KeyVault;
  readonly #state: Observable<State>;
  #token: string | null = null;
  #refreshing: Promise<Result<string>> | null = null;
  /** Raised when a login begins or ends: what was asked before that changes nothing after. */
  #login = 0;

  constructor({ http, vault }: World) {
    this.#http = http;
    this.#vault = vault;
    const [state, effects] = initial;
    this.#state = new Observable(state);
    for (const effect of effects) this.#perform(effect);
  }

  get state(): State {
    return this.#state.value;
  }

  subscribe(listener: () => void): Cancel {
    return this.#state.subscribe(listener);
  }

  restart(): void {
    this.#dispatch({ type: 'restart' });
  }

  register(credentials: Credentials): void {
    this.#dispatch({ type: 'register', credentials });
  }

  signIn(credentials: Credentials): void {
    this.#dispatch({ type: 'signIn', credentials });
  }

  signOut(): void {
    this.#dispatch({ type: 'signOut' });
  }

  publishKey(): void {
    this.#dispatch({ type: 'publishKey' });
  }

  /** Asks as the person who is signed in; an expired token is renewed once. */
  async ask<T>(request: HttpRequest, parse: Parse<T>): Promise<Result<T>> {
    const token = await this.accessToken();
    if (!token.ok) return token;
    const answer = await this.#http.send({ ...request, token: token.value });
    if (answer.is === 'failed' || answer.status !== 401) return resultOf(answer, parse);
    const renewed = await this.renewedToken(token.value);
    if (!renewed.ok) return renewed;
    return resultOf(await this.#http.send({ ...request, token: renewed.value }), parse);
  }

  /** The token at hand, or a new one if there is none. */
  accessToken(): Promise<Result<string>> {
    return this.#token === null ? this.#refresh() : Promise.resolve(good(this.#token));
  }

  /** A token other than the stale one. */
  renewedToken(stale: string): Promise<Result<string>> {
    if (this.#token === stale) this.#token = null;
    return this.accessToken();
  }

  #dispatch(event: Event): void {
    const [state, effects] = transition(this.#state.value, event);
    for (const effect of effects) this.#perform(effect);
    this.#state.set(state);
  }

  /** Starts what an effect asks for; what comes of it is an event. */
  #perform(effect: Effect): void {
    if (effect.do === 'forgetToken') {
      this.#changeLogin(null);
      return;
    }
    const type = effect.do === 'publishKey' ? 'keyRefused' : 'refused';
    // Only the browser itself can fail here: its storage, or its cryptography.
    const broken = () => ({ type, fault: { code: BROKEN, traceId: null } }) as const;
    void this.#outcome(effect)
      .catch(broken)
      .then((event) => this.#dispatch(event));
  }

  #outcome(effect: Exclude<Effect, { do: 'forgetToken' }>): Promise<Event> {
    switch (effect.do) {
      case 'start':
        return this.#start();
      case 'register':
        return this.#register(effect);
      case 'signIn':
        return this.#signIn(effect);
      case 'signOut':
        return this.#signOut();
      case 'publishKey':
        return this.#publish(effect.me);
    }
  }

  async #start(): Promise<Event> {
    const config = resultOf(
      await this.#http.send({ method: 'GET', path: '/api/config' }),
      parseConfig,
    );
    if (!config.ok) return { type: 'unreachable', fault: config.fault };
    const answer = await this.#http.send({ method: 'POST', path: '/api/auth/refresh' });
    if (answer.is === 'answered' && answer.status === 401) {
      return { type: 'nobody', config: config.value };
    }
    const token = resultOf(answer, parseToken);
    if (!token.ok) return { type: 'unreachable', fault: token.fault };
    this.#changeLogin(token.value);
    return this.#admit(config.value);
  }

  async #register({ credentials, config }: Effect & { do: 'register' | 'signIn' }): Promise<Event> {
    const identity = await makeIdentity();
    const { name: username, password } = credentials;
    const identity_pub_key = toBase64(toSpki(identity.publicKey));
    const token = resultOf(
      await this.#http.send({
        method: 'POST',
        path: '/api/auth/register',
        body: { username, password, identity_pub_key },
      }),
      parseToken,
    );
    if (!token.ok) return { type: 'refused', fault: token.fault };
    this.#changeLogin(token.value);
    return this.#admit(config, identity);
  }

  async #signIn({ credentials, config }: Effect & { do: 'register' | 'signIn' }): Promise<Event> {
    const { name: username, password } = credentials;
    const token = resultOf(
      await this.#http.send({
        method: 'POST',
        path: '/api/auth/login',
        body: { username, password },
      }),
      parseToken,
    );
    if (!token.ok) return { type: 'refused', fault: token.fault };
    this.#changeLogin(token.value);
    return this.#admit(config);
  }

  async #signOut(): Promise<Event> {
    const token = this.#token;
    this.#changeLogin(null);
    const request = { method: 'POST', path: '/api/auth/logout' } as const;
    const answer = await this.#http.send(token === null ? request : { ...request, token });
    const done = resultOf(answer, nothing);
    return { type: 'signedOut', fault: done.ok ? null : done.fault };
  }

  /** Who it is, and where the key is. A new account's key is kept as soon as its id is known. */
  async #admit(config: ServerConfig, made: StoredIdentity | null = null): Promise<Event> {
    const found = await this.ask({ method: 'GET', path: '/api/chat/me' }, parseMe);
    if (!found.ok) return { type: 'refused', fault: found.fault };
    const { me, published } = found.value;
    if (made !== null) await this.#vault.save(me.id, made);
    const key = published ? await this.#whereIsTheKey(me) : good<OwnKey>({ is: 'missing' });
    if (!key.ok) return { type: 'refused', fault: key.fault };
    return { type: 'admitted', config, me, key: key.value };
  }

  async #whereIsTheKey(me: Me): Promise<Result<OwnKey>> {
    const path = `/api/identity/users/${me.id}/key`;
    const published = await this.ask({ method: 'GET', path }, parseKey);
    if (!published.ok) return published;
    const identity = await this.#vault.load(me.id);
    const publicKey = fromSpki(published.value);
    if (identity === null || publicKey === null || !equal(identity.publicKey, publicKey)) {
      return good({ is: 'elsewhere' });
    }
    return good(await ready(identity));
  }

  /** The key that is here, if one is; a new one is kept before the server hears of it. */
  async #publish(me: Me): Promise<Event> {
    const kept = await this.#vault.load(me.id);
    const identity = kept ?? (await makeIdentity());
    if (kept === null) await this.#vault.save(me.id, identity);
    const body = { public_key: toBase64(toSpki(identity.publicKey)) };
    const path = '/api/identity/update-public-key';
    const done = await this.ask({ method: 'POST', path, body }, nothing);
    if (!done.ok) return { type: 'keyRefused', fault: done.fault };
    return { type: 'keyPublished', key: await ready(identity) };
  }

  #refresh(): Promise<Result<string>> {
    this.#refreshing ??= this.#refreshOnce().finally(() => {
      this.#refreshing = null;
    });
    return this.#refreshing;
  }

  async #refreshOnce(): Promise<Result<string>> {
    const login = this.#login;
    const answer = await this.#http.send({ method: 'POST', path: '/api/auth/refresh' });
    const token = resultOf(answer, parseToken);
    if (login !== this.#login) return bad({ code: REVOKED, traceId: null });
    if (token.ok) this.#token = token.value;
    else if (answer.is === 'answered' && answer.status === 401) {
      this.#dispatch({ type: 'loginEnded', fault: token.fault });
    }
    return token;
  }

  #changeLogin(token: string | null): void {
    this.#login += 1;
    this.#token = token;
  }
}

async function ready(identity: StoredIdentity): Promise<OwnKey> {
  return { is: 'ready', identity, fingerprint: await fingerprintOf(identity.publicKey) };
}

function parseToken(body: unknown): string | null {
  const { token } = fieldsOf(body);
  return typeof token === 'string' && token !== '' ? token : null;
}

function parseMe(body: unknown): { me: Me; published: boolean } | null {
  const { id, username, identity_key } = fieldsOf(body);
  const userId = typeof id === 'string' ? parseUserId(id) : null;
  if (userId === null || typeof username !== 'string') return null;
  return { me: { id: userId, name: username }, published: identity_key === true };
}

function parseKey(body: unknown) {
  const { public_key } = fieldsOf(body);
  return typeof public_key === 'string' ? fromBase64(public_key) : null;
}
