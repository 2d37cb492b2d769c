/**
 * Plays one sound or video: where it is, how long it is, and how much of it was heard. One plays
 * at a time in a page; another one that begins makes it pause.
 *
 * Recorders write no length into what they record, so that browsers take it for endless. They find
 * the true one when they are sent to its end; until then it is loading.
 */

export type PlayerState = {
  readonly is: 'loading' | 'ready' | 'failed';
  readonly isPlaying: boolean;
  readonly atMs: number;
  /** `null` until it is known. */
  readonly durationMs: number | null;
  /** It was played to its end, and is at its beginning. */
  readonly hasEnded: boolean;
};

/** What is used of an element that plays. */
export type Playable = Pick<
  HTMLMediaElement,
  | 'addEventListener'
  | 'removeEventListener'
  | 'currentTime'
  | 'duration'
  | 'paused'
  | 'play'
  | 'readyState'
  | 'error'
  | 'pause'
  | 'played'
  | 'playbackRate'
  | 'defaultPlaybackRate'
>;

/** Further than anything is long, in seconds: ten years. */
const BEYOND_THE_END_S = 315_360_000;

/** Before anything is known of it. */
export const FRESH: PlayerState = {
  is: 'loading',
  isPlaying: false,
  atMs: 0,
  durationMs: null,
  hasEnded: false,
};

let playing: Player | null = null;

export class Player {
  readonly #element: Playable;
  readonly #changed: (state: PlayerState) => void;
  readonly #listeners: readonly (readonly [string, () => void])[];
  #state = FRESH;
  #isSearchingEnd = false;

  constructor(element: Playable, changed: (state: PlayerState) => void) {
    this.#element = element;
    this.#changed = changed;
    this.#listeners = [
      ['loadedmetadata', () => this.#measure()],
      ['durationchange', () => this.#measure()],
      ['seeked', () => this.#sought()],
      ['timeupdate', () => this.#moved()],
      ['play', () => this.#begun()],
      ['pause', () => this.#rested()],
      ['ended', () => this.#ended()],
      ['error', () => this.#set({ is: 'failed', isPlaying: false })],
    ];
    for (const [name, hear] of this.#listeners) element.addEventListener(name, hear);
    // It may have been told before anybody listened.
    if (element.error !== null) this.#set({ is: 'failed' });
    else if (element.readyState > 0) this.#measure();
  }

  get state(): PlayerState {
    return this.#state;
  }

  /** How much of it was played so far, from 0 to 1; twice the same counts once. */
  get heard(): number {
    const { durationMs } = this.#state;
    if (durationMs === null || durationMs === 0) return 0;
    const { played } = this.#element;
    let seconds = 0;
    for (let n = 0; n < played.length; n += 1) seconds += played.end(n) - played.start(n);
    return Math.min(1, (seconds * 1_000) / durationMs);
  }

  /** Browsers tell of a pause only later: what counts is what the element does. */
  toggle(): void {
    if (!this.#element.paused) this.#element.pause();
    else if (this.#state.is === 'ready') this.#element.play().catch(() => this.#rested());
  }

  seek(toMs: number): void {
    const { is, durationMs } = this.#state;
    if (is !== 'ready' || durationMs === null) return;
    const atMs = Math.min(durationMs, Math.max(0, toMs));
    this.#element.currentTime = atMs / 1_000;
    this.#set({ atMs, hasEnded: false });
  }

  /** How many times as fast as it was recorded. */
  run(speed: number): void {
    // What is loaded anew takes the default.
    this.#element.defaultPlaybackRate = speed;
    this.#element.playbackRate = speed;
  }

  /** It falls silent, and is not listened to any more. */
  stop(): void {
    for (const [name, hear] of this.#listeners) this.#element.removeEventListener(name, hear);
    if (playing === this) playing = null;
    this.#element.pause();
  }

  /** Looks where it is; often enough while it plays for a picture that moves. */
  look(): void {
    this.#moved();
  }

  #measure(): void {
    const { duration } = this.#element;
    if (Number.isNaN(duration) || this.#state.is === 'failed') return;
    if (duration === Number.POSITIVE_INFINITY) {
      if (this.#isSearchingEnd) return;
      this.#isSearchingEnd = true;
      this.#element.currentTime = BEYOND_THE_END_S;
      return;
    }
    if (this.#isSearchingEnd) {
      this.#isSearchingEnd = false;
      this.#set({ durationMs: duration * 1_000 });
      this.#element.currentTime = 0;
    } else {
      this.#set({ durationMs: duration * 1_000, is: 'ready' });
    }
  }

  #sought(): void {
    const { is, durationMs } = this.#state;
    if (this.#isSearchingEnd) {
      // The end was reached, and the browser still does not say how far it is: as far as this.
      this.#isSearchingEnd = false;
      this.#set({ durationMs: this.#element.currentTime * 1_000 });
      this.#element.currentTime = 0;
    } else if (is === 'loading' && durationMs !== null) {
      this.#set({ is: 'ready', atMs: 0 });
    } else {
      this.#moved();
    }
  }

  #begun(): void {
    if (playing !== this) playing?.toggle();
    playing = this;
    this.#set({ isPlaying: true, hasEnded: false });
  }

  #rested(): void {
    if (playing === this) playing = null;
    this.#set({ isPlaying: false, atMs: this.#atMs });
  }

  #ended(): void {
    if (this.#state.is !== 'ready') return;
    this.#rested();
    this.#element.currentTime = 0;
    this.#set({ atMs: 0, hasEnded: true });
  }

  #moved(): void {
    if (this.#state.is === 'ready') this.#set({ atMs: this.#atMs });
  }

  get #atMs(): number {
    const { durationMs } = this.#state;
    return Math.min(this.#element.currentTime * 1_000, durationMs ?? Number.POSITIVE_INFINITY);
  }

  #set(changes: Partial<PlayerState>): void {
    const state = { ...this.#state, ...changes };
    const names = Object.keys(changes) as (keyof PlayerState)[];
    if (names.every((name) => state[name] === this.#state[name])) return;
    this.#state = state;
    this.#changed(state);
  }
}
