/**
 * Performs what the machine of a recording asks for, on the devices of this browser. One thing is
 * recorded at a time; of what was recorded nothing is kept but what is ready to be sent.
 */
import { Alarm } from '../alarm.ts';
import { Observable } from '../observable.ts';
import type { Cancel, Clock, Visibility } from '../ports.ts';
import type { Capture, CaptureNews, Devices, Wish } from './devices.ts';
import type { RecordedKind } from './kind.ts';
import {
  deadline,
  type Effect,
  type Event,
  elapsedMs,
  IDLE,
  type Recorded,
  type State,
  transition,
} from './machine.ts';

type RecordingWorld = {
  readonly devices: Devices;
  readonly clock: Clock;
  readonly visibility: Visibility;
};

export class Recording {
  readonly #world: RecordingWorld;
  readonly #shown = new Observable<State>(IDLE);
  readonly #alarm: Alarm;
  /** Devices that are on, by their take: one, but for a moment. */
  readonly #captures = new Map<number, Capture>();
  #state: State = IDLE;
  #takes = 0;

  constructor(world: RecordingWorld) {
    this.#world = world;
    this.#alarm = new Alarm(world.clock, () => this.#dispatch({ type: 'tick' }));
    world.visibility.watch(() => {
      if (!world.visibility.visible()) this.#dispatch({ type: 'hidden' });
    });
  }

  subscribe = (listener: () => void): Cancel => this.#shown.subscribe(listener);

  /** The same object until something changed. */
  snapshot = (): State => this.#shown.value;

  /** How long it has been recorded. */
  elapsedMs = (): number => elapsedMs(this.#state, this.#world.clock.now());

  /** How loud it is at this moment, from 0 to 1. */
  level = (): number => this.#present?.level() ?? 0;

  /** What the camera sees; `null` while none is on. */
  preview = (): MediaStream | null => this.#present?.preview ?? null;

  /** `bytesMax` is what can be sent at most here; a voice has less in any case. */
  start = (kind: RecordedKind, bytesMax = Number.POSITIVE_INFINITY): void =>
    this.#dispatch({ type: 'start', take: this.#next(), kind, bytesMax });

  switchCamera = (): void => this.#dispatch({ type: 'switchCamera', take: this.#next() });

  /** Records what the camera sees; a voice is recorded as soon as the microphone is on. */
  record = (): void => this.#dispatch({ type: 'record' });

  stop = (): void => this.#dispatch({ type: 'stop' });

  /** From wherever it is: the device goes off, and nothing is left. */
  cancel = (): void => this.#dispatch({ type: 'cancel' });

  /** Hands over what is ready, once. */
  take = (): Recorded | null => {
    const state = this.#state;
    if (state.at !== 'ready') return null;
    this.#dispatch({ type: 'taken' });
    return state.recorded;
  };

  get #present(): Capture | undefined {
    return 'take' in this.#state ? this.#captures.get(this.#state.take) : undefined;
  }

  #next(): number {
    this.#takes += 1;
    return this.#takes;
  }

  #dispatch(event: Event): void {
    const [state, effects] = transition(this.#state, event, this.#world.clock.now());
    this.#state = state;
    for (const effect of effects) this.#perform(effect);
    this.#alarm.wind(deadline(this.#state));
    this.#shown.set(this.#state);
  }

  #perform(effect: Effect): void {
    switch (effect.do) {
      case 'open':
        void this.#open(effect.take, effect.wish);
        return;
      case 'begin':
        this.#captures.get(effect.take)?.begin();
        return;
      case 'finish':
        void this.#finish(effect.take);
        return;
      case 'close':
        this.#captures.get(effect.take)?.close();
        this.#captures.delete(effect.take);
        return;
    }
  }

  async #open(take: number, wish: Wish): Promise<void> {
    const opened = await this.#world.devices.open(wish, (news) =>
      this.#dispatch(eventOf(news, take)),
    );
    if (opened.is === 'refused') {
      this.#dispatch({ type: 'refused', take, why: opened.why });
      return;
    }
    const { camera, canSwitch } = opened.capture;
    this.#captures.set(take, opened.capture);
    this.#dispatch({ type: 'opened', take, camera, canSwitch });
  }

  async #finish(take: number): Promise<void> {
    const finished = this.#captures.get(take)?.finish();
    const blob = finished === undefined ? null : await finished.catch(() => null);
    this.#dispatch({ type: 'finished', take, blob });
  }
}

function eventOf(news: CaptureNews, take: number): Event {
  switch (news.is) {
    case 'begun':
      return { type: 'begun', take };
    case 'piece':
      return { type: 'piece', take, bytes: news.bytes };
    case 'lost':
      return { type: 'lost', take };
  }
}
