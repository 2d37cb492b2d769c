/**
 * Signs in and out, keeps the access token in memory and nowhere else, and renews it.
 *
 * The refresh token is a cookie that no script can read, and all pages of a browser share it.
 * However many ask for a new access token at once, one request is made, and whatever changes the
 * cookie is done by one page after the other.
 */
import {
  BROKEN,
  bad,
  type Fault,
  fieldsOf,
  good,
  nothing,
  type Parse,
  type Result,
  resultOf,
} from '../api.ts';
import { type Bytes, equal, fromBase64, toBase64 } from '../bytes.ts';
import { parseConfig, type ServerConfig } from '../config.ts';
import { fingerprintOf } from '../crypto/fingerprint.ts';
import { fromSpki, toSpki } from '../crypto/identity.ts';
import { Observable } from '../observable.ts';
import type { Cancel, Http, HttpAnswer, HttpRequest, OwedLogout, Turnstile } from '../ports.ts';
import type { Code } from '../wire/generated.ts';
import { parseUserId, type UserId } from '../wire/ids.ts';
import { holderOf } from './access-token.ts';
import { forgetAccount, type Keepers } from './forget.ts';
import {
  type Credentials,
  type Effect,
  type Event,
  initial,
  type Me,
  type OwnKey,
  type Parted,
  type State,
  transition,
} from './machine.ts';
import { type FreshKey, type Held, type KeyWorld, OwnKeys } from './own-keys.ts';

/** What an answer is worth that comes after its login has ended. */
const REVOKED: Code = 'TOKEN_REVOKED';
/** A wrong password says nothing about the token that came with it. */
const WRONG_PASSWORD: Code = 'INVALID_CREDENTIALS';

type World = KeyWorld &
  Keepers & {
    readonly http: Http;
    readonly turnstile: Turnstile;
    readonly owedLogout: OwedLogout;
  };

/** What of a login is known only while it begins. */
type Beginning = { readonly password: string; readonly made: FreshKey | null };

export class Account {
  readonly keys: OwnKeys;
  readonly #http: Http;
  readonly #turnstile: Turnstile;
  readonly #keepers: Keepers;
  readonly #owedLogout: OwedLogout;
  readonly #state: Observable<State>;
  #token: string | null = null;
  #refreshing: Promise<Result<string>> | null = null;
  /** Raised when a login begins or ends: what was asked before that changes nothing after. */
  #login = 0;

  constructor(world: World) {
    this.keys = new OwnKeys(world);
    this.#http = world.http;
    this.#turnstile = world.turnstile;
    this.#keepers = world;
    this.#owedLogout = world.owedLogout;
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

  /** Signs out for good: nothing that this browser keeps of the account stays. */
  part(why: Parted): void {
    this.#dispatch({ type: 'part', why });
  }

  /** The server checks the password before a key is made under it. */
  publishKey(password: string): void {
    this.#dispatch({ type: 'publishKey', password });
  }

  /** The key of an account that is, or was, signed in has turned up. */
  async keyFound(account: UserId, held: Held): Promise<void> {
    this.#dispatch({ type: 'keyFound', account, key: await ownKeyOf(held) });
  }

  /** The raw public key that the server has for an account; `null` for one of another kind. */
  async publishedKey(account: UserId): Promise<Result<Bytes | null>> {
    const path = `/api/identity/users/${account}/key`;
    const published = await this.ask({ method: 'GET', path }, parseKey);
    return published.ok ? good(fromSpki(published.value)) : published;
  }

  /** Asks as the person who is signed in; an expired token is renewed once. */
  ask<T>(request: HttpRequest, parse: Parse<T>): Promise<Result<T>> {
    return this.#askBy((each) => this.#http.send(each), request, parse);
  }

  /**
   * Removes the account, and then what this browser keeps of it. No refresh comes between the
   * two: it would only hear that the login has ended.
   */
  remove(password: string): Promise<Result<true>> {
    const body = { password: oneSpelling(password) };
    const request = { method: 'DELETE', path: '/api/auth/account', body } as const;
    const send = (each: HttpRequest) =>
      this.#turnstile.pass(async () => {
        const answer = await this.#http.send(each);
        if (resultOf(answer, nothing).ok) this.part('deleted');
        return answer;
      });
    return this.#askBy(send, request, nothing);
  }

  async #askBy<T>(send: Http['send'], request: HttpRequest, parse: Parse<T>): Promise<Result<T>> {
    const token = await this.accessToken();
    if (!token.ok) return token;
    const answer = await send({ ...request, token: token.value });
    const result = resultOf(answer, parse);
    if (answer.is === 'failed' || answer.status !== 401 || isWrongPassword(result)) return result;
    const renewed = await this.renewedToken(token.value);
    if (!renewed.ok) return renewed;
    return resultOf(await send({ ...request, token: renewed.value }), parse);
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
    // Only the browser itself can fail here: its storage, or its cryptography.
    void this.#outcome(effect)
      .catch(() => brokenBy(effect))
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
      case 'part':
        return this.#part(effect);
      case 'publishKey':
        return this.#publish(effect);
    }
  }

  async #start(): Promise<Event> {
    const config = resultOf(
      await this.#http.send({ method: 'GET', path: '/api/config' }),
      parseConfig,
    );
    if (!config.ok) return { type: 'unreachable', fault: config.fault };
    const paid = await this.#payOwedLogout();
    if (!paid.ok) return { type: 'unreachable', fault: paid.fault };
    const answer = await this.#inTurn({ method: 'POST', path: '/api/auth/refresh' });
    if (answer.is === 'answered' && answer.status === 401) {
      return { type: 'nobody', config: config.value };
    }
    const token = resultOf(answer, parseToken);
    if (!token.ok) return { type: 'unreachable', fault: token.fault };
    this.#changeLogin(token.value);
    return this.#admit(config.value);
  }

  async #register({ credentials, config }: Effect & { do: 'register' | 'signIn' }): Promise<Event> {
    const made = await this.keys.make();
    const { name: username, password } = credentials;
    const identity_pub_key = toBase64(toSpki(made.publicKey));
    const body = { username, password: oneSpelling(password), identity_pub_key };
    const token = resultOf(
      await this.#inTurn({ method: 'POST', path: '/api/auth/register', body }),
      parseToken,
    );
    if (!token.ok) return { type: 'refused', fault: token.fault };
    await this.#owe(false);
    this.#changeLogin(token.value);
    return this.#admit(config, { password, made });
  }

  async #signIn({ credentials, config }: Effect & { do: 'register' | 'signIn' }): Promise<Event> {
    const token = await this.#logIn(credentials);
    if (!token.ok) return { type: 'refused', fault: token.fault };
    await this.#owe(false);
    this.#changeLogin(token.value);
    return this.#admit(config, { password: credentials.password, made: null });
  }

  async #logIn({ name: username, password }: Credentials): Promise<Result<string>> {
    const body = { username, password: oneSpelling(password) };
    const request = { method: 'POST', path: '/api/auth/login', body } as const;
    return resultOf(await this.#inTurn(request), parseToken);
  }

  #logOut(token: string | null): Promise<HttpAnswer> {
    const request = { method: 'POST', path: '/api/auth/logout' } as const;
    return this.#inTurn(token === null ? request : { ...request, token });
  }

  /** What the server does not hear now it hears from the next page, before anything else. */
  async #endLogin(token: string | null): Promise<Result<true>> {
    await this.#owe(true);
    const done = resultOf(await this.#logOut(token), nothing);
    if (done.ok) await this.#owe(false);
    return done;
  }

  async #payOwedLogout(): Promise<Result<true>> {
    const isOwed = await this.#owedLogout.isOwed().catch(() => false);
    return isOwed ? this.#endLogin(null) : good(true);
  }

  /** A browser whose storage fails remembers nothing beyond the page. */
  async #owe(owed: boolean): Promise<void> {
    await this.#owedLogout.set(owed).catch(() => {});
  }

  async #signOut(): Promise<Event> {
    const token = this.#token;
    this.#changeLogin(null);
    const done = await this.#endLogin(token);
    return { type: 'signedOut', fault: done.ok ? null : done.fault, parted: null };
  }

  /** The server need not answer for the browser to forget. */
  async #part({ account, why }: Effect & { do: 'part' }): Promise<Event> {
    const token = this.#token;
    this.#changeLogin(null);
    // A removed account has no login left.
    const farewell = why === 'deleted' ? null : this.#endLogin(token);
    const [done] = await Promise.all([farewell, forgetAccount(this.#keepers, account)]);
    return { type: 'signedOut', fault: done?.ok === false ? done.fault : null, parted: why };
  }

  /** Who it is, and where the key is. A new account's key is kept as soon as its id is known. */
  async #admit(config: ServerConfig, beginning: Beginning | null = null): Promise<Event> {
    const found = await this.ask({ method: 'GET', path: '/api/chat/me' }, parseMe);
    if (!found.ok) return { type: 'refused', fault: found.fault };
    const { me, published } = found.value;
    const { password = null, made = null } = beginning ?? {};
    if (made !== null && password !== null) await this.keys.keep(me.id, made, password);
    const key = published
      ? await this.#whereIsTheKey(me, password)
      : good<OwnKey>({ is: 'missing' });
    if (!key.ok) return { type: 'refused', fault: key.fault };
    return { type: 'admitted', config, me, key: key.value };
  }

  async #whereIsTheKey(me: Me, password: string | null): Promise<Result<OwnKey>> {
    const published = await this.publishedKey(me.id);
    if (!published.ok) return published;
    const held = await this.keys.find(me.id, password);
    const other = published.value === null || isAnother(held, published.value);
    return good(other ? { is: 'elsewhere' } : await ownKeyOf(held));
  }

  /**
   * The key that is here, if one is; a new one is kept before the server hears of it. The
   * password comes first: what is sealed under another one would be lost.
   */
  async #publish({ me, password }: Effect & { do: 'publishKey' }): Promise<Event> {
    const refused = (fault: Fault) => ({ type: 'keyRefused', account: me.id, fault }) as const;
    const before = this.#login;
    const token = await this.#logIn({ name: me.name, password });
    if (!token.ok) return refused(token.fault);
    if (before !== this.#login) {
      // Signed out meanwhile: what has just begun for nobody ends as well.
      await this.#logOut(token.value);
      return refused({ code: REVOKED, traceId: null });
    }
    this.#changeLogin(token.value);
    const login = this.#login;
    const held = await this.#heldToPublish(me.id, password);
    if (held.is !== 'here') throw new Error('a key that was just kept is here');
    // Whoever is signed in by now may be somebody else.
    if (login !== this.#login) return refused({ code: REVOKED, traceId: null });
    const body = { public_key: toBase64(toSpki(held.identity.publicKey)) };
    const path = '/api/identity/update-public-key';
    const done = await this.ask({ method: 'POST', path, body }, nothing);
    if (!done.ok) return refused(done.fault);
    return { type: 'keyPublished', account: me.id, key: await ownKeyOf(held) };
  }

  async #heldToPublish(account: UserId, password: string): Promise<Held> {
    const held = await this.keys.find(account, password);
    if (held.is === 'here') return held;
    const fresh = await this.keys.make();
    // A copy that does not open under the account's password never will.
    return held.is === 'locked'
      ? this.keys.replace(account, fresh, password)
      : this.keys.keep(account, fresh, password);
  }

  #refresh(): Promise<Result<string>> {
    this.#refreshing ??= this.#refreshOnce().finally(() => {
      this.#refreshing = null;
    });
    return this.#refreshing;
  }

  async #refreshOnce(): Promise<Result<string>> {
    const login = this.#login;
    const answer = await this.#inTurn({ method: 'POST', path: '/api/auth/refresh' });
    const token = resultOf(answer, parseToken);
    const revoked = { code: REVOKED, traceId: null };
    if (login !== this.#login) return bad(revoked);
    if (token.ok && this.#isOfAnother(token.value)) {
      this.#dispatch({ type: 'loginEnded', fault: revoked });
      return bad(revoked);
    }
    if (token.ok) this.#token = token.value;
    else if (answer.is === 'answered' && answer.status === 401) {
      this.#dispatch({ type: 'loginEnded', fault: token.fault });
    }
    return token;
  }

  /** Another page of this browser may have signed somebody else in. */
  #isOfAnother(token: string): boolean {
    const { state } = this;
    const holder = holderOf(token);
    return state.at === 'signedIn' && holder !== null && holder !== state.me.id;
  }

  /** Sends what may change the cookie, when no other page does. */
  #inTurn(request: HttpRequest): Promise<HttpAnswer> {
    return this.#turnstile.pass(() => this.#http.send(request));
  }

  #changeLogin(token: string | null): void {
    this.#login += 1;
    this.#token = token;
  }
}

function brokenBy(effect: Effect): Event {
  const fault = { code: BROKEN, traceId: null };
  return effect.do === 'publishKey'
    ? { type: 'keyRefused', account: effect.me.id, fault }
    : { type: 'refused', fault };
}

function isWrongPassword(result: Result<unknown>): boolean {
  return !result.ok && result.fault.code === WRONG_PASSWORD;
}

/** The same characters on every keyboard: some write an accent as a character of its own. */
export function oneSpelling(password: string): string {
  return password.normalize('NFC');
}

async function ownKeyOf(held: Held): Promise<OwnKey> {
  switch (held.is) {
    case 'here': {
      const { identity, exportable } = held;
      const fingerprint = await fingerprintOf(identity.publicKey);
      return { is: 'ready', identity, fingerprint, exportable };
    }
    case 'locked':
      return { is: 'locked', fingerprint: await fingerprintOf(held.publicKey) };
    case 'lost':
      return { is: 'lost' };
    case 'never':
      return { is: 'elsewhere' };
  }
}

function isAnother(held: Held, published: Bytes): boolean {
  if (held.is === 'here') return !equal(held.identity.publicKey, published);
  return held.is === 'locked' && !equal(held.publicKey, published);
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
