/** Feeds the link's machine with what the socket and the clock say, and does what it asks. */
import { Alarm } from '../alarm.ts';
import type { Result } from '../api.ts';
import type { Bytes } from '../bytes.ts';
import { Observable } from '../observable.ts';
import type { Cancel, Clock, Random, Socket, Sockets, Visibility } from '../ports.ts';
import { decode, encode } from '../wire/codec.ts';
import { CLOSE_CODES } from '../wire/codes.ts';
import type { PeerFrame, SentFileFrame, ServerFrame } from '../wire/frames.ts';
import { ID_BYTES } from '../wire/ids.ts';
import { AWAITED_DELAY_MS_MAX, DELAY_MS_MAX } from './backoff.ts';
import { deadline, type Effect, type Event, looksLike, type State, transition } from './machine.ts';

/** Where access tokens come from. */
type Tokens = {
  accessToken(): Promise<Result<string>>;
  renewedToken(stale: string): Promise<Result<string>>;
};

type LinkWorld = {
  readonly sockets: Sockets;
  readonly clock: Clock;
  readonly random: Random;
  readonly visibility: Visibility;
  readonly tokens: Tokens;
};

export class Link {
  readonly #world: LinkWorld;
  readonly #state = new Observable<State>({ at: 'idle' }, looksLike);
  readonly #hears = new Set<(frame: ServerFrame) => void>();
  readonly #drains = new Set<() => void>();
  readonly #waits = new Set<() => boolean>();
  readonly #alarm: Alarm;
  readonly #unwatch: Cancel;
  readonly #instance: Bytes;
  #attach = 0;
  #socket: Socket | null = null;
  #lastWords: PeerFrame | null = null;
  #token = '';

  constructor(world: LinkWorld) {
    this.#world = world;
    this.#instance = world.random.bytes(ID_BYTES);
    this.#alarm = new Alarm(world.clock, () => this.#dispatch({ type: 'tick' }));
    this.#unwatch = world.visibility.watch(() =>
      this.#dispatch({ type: 'visibility', visible: world.visibility.visible() }),
    );
  }

  get state(): State {
    return this.#state.value;
  }

  /** Which connection of this page is up, each with a number of its own; `null` if none is. */
  get connection(): number | null {
    return this.state.at === 'online' ? this.#attach : null;
  }

  /** Tells of every state, but not of each time that something was heard in it. */
  subscribe(listener: () => void): Cancel {
    return this.#state.subscribe(listener);
  }

  /** Frames of peers and about them, in the order they came. */
  hear(listener: (frame: ServerFrame) => void): Cancel {
    this.#hears.add(listener);
    return () => this.#hears.delete(listener);
  }

  /** Tells when less may wait in the socket than it did. */
  drained(listener: () => void): Cancel {
    this.#drains.add(listener);
    return () => this.#drains.delete(listener);
  }

  /** Hurries back as long as this is so: somebody waits for the link, and would not wait for long. */
  hurryWhile(isAwaited: () => boolean): Cancel {
    this.#waits.add(isAwaited);
    return () => this.#waits.delete(isAwaited);
  }

  start(): void {
    this.#dispatch({ type: 'start' });
  }

  /** For good. */
  stop(): void {
    this.#unwatch();
    this.#dispatch({ type: 'stop' });
    this.#hears.clear();
    this.#drains.clear();
    this.#waits.clear();
  }

  /** Leaves the connection to another page of this browser. */
  yield(): void {
    this.#dispatch({ type: 'yield' });
  }

  useHere(): void {
    this.#dispatch({ type: 'useHere' });
  }

  /** False if the frame did not leave: nothing is queued for a later connection. */
  send(frame: PeerFrame | SentFileFrame): boolean {
    if (this.state.at !== 'online' || this.#socket === null) return false;
    this.#socket.send(encode(frame));
    return true;
  }

  /** Bytes that wait before whatever is said next. */
  buffered(): number {
    return this.#socket?.buffered() ?? 0;
  }

  /** What is said when the page goes away before anything else can be; `null` takes it back. */
  lastWords(frame: PeerFrame | null): void {
    this.#lastWords = frame;
    this.#socket?.lastWords(frame && encode(frame));
  }

  #dispatch(event: Event): void {
    const { clock, random, visibility } = this.#world;
    const world = {
      now: clock.now(),
      // Drawn by whoever waits: most of what happens is a frame that comes.
      get chance() {
        return random.fraction();
      },
      visible: visibility.visible(),
      delayMsMax: this.#isAwaited() ? AWAITED_DELAY_MS_MAX : DELAY_MS_MAX,
    };
    const [state, effects] = transition(this.#state.value, event, world);
    for (const effect of effects) this.#perform(effect);
    this.#alarm.wind(deadline(state));
    this.#state.set(state);
  }

  #isAwaited(): boolean {
    return [...this.#waits].some((isAwaited) => isAwaited());
  }

  #perform(effect: Effect): void {
    switch (effect.do) {
      case 'fetchToken':
        void this.#fetchToken(effect.refused).then((event) => this.#dispatch(event));
        return;
      case 'connect':
        this.#connect();
        return;
      case 'authenticate':
        this.#authenticate(effect.token);
        return;
      case 'renew':
        void this.#renew();
        return;
      case 'ping':
        this.#socket?.send(encode({ type: 'ping' }));
        return;
      case 'close':
        this.#close();
        return;
    }
  }

  async #fetchToken(refused: boolean): Promise<Event> {
    const { tokens } = this.#world;
    const token = await (refused ? tokens.renewedToken(this.#token) : tokens.accessToken());
    return token.ok ? { type: 'token', token: token.value } : { type: 'noToken' };
  }

  #connect(): void {
    this.#attach += 1;
    // What a socket that was given up still says is heard by nobody.
    const mine = (act: () => void) => {
      if (this.#socket === socket) act();
    };
    const socket = this.#world.sockets.connect({
      opened: () => mine(() => this.#dispatch({ type: 'opened' })),
      received: (bytes) => mine(() => this.#received(bytes)),
      drained: () =>
        mine(() => {
          for (const drained of [...this.#drains]) drained();
        }),
      closed: (code) =>
        mine(() => {
          this.#socket = null;
          this.#dispatch({ type: 'closed', code });
        }),
    });
    this.#socket = socket;
    this.lastWords(this.#lastWords);
  }

  #received(bytes: Bytes): void {
    const frame = decode(bytes);
    this.#dispatch({ type: 'heard', frame });
    if (frame === null || this.state.at !== 'online') return;
    for (const hear of [...this.#hears]) hear(frame);
  }

  #authenticate(token: string): void {
    this.#token = token;
    const auth = { type: 'auth', token, instance: this.#instance, attach: this.#attach } as const;
    this.#socket?.send(encode(auth));
  }

  /** If no token comes the server closes at its end, and the link comes back with a new one. */
  async #renew(): Promise<void> {
    const socket = this.#socket;
    const token = await this.#world.tokens.renewedToken(this.#token);
    if (token.ok && this.#socket === socket) this.#authenticate(token.value);
  }

  #close(): void {
    const socket = this.#socket;
    this.#socket = null;
    socket?.close(CLOSE_CODES.normal);
  }
}
