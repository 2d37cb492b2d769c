/** An element that plays as browsers do, as fast as a test moves its time. */
import type { Playable } from '../ui/player.ts';

type Range = { from: number; to: number };

export class FakePlayable extends EventTarget implements Playable {
  paused = true;
  playbackRate = 1;
  defaultPlaybackRate = 1;
  readyState = 0;
  error: MediaError | null = null;
  duration = Number.NaN;
  /** How long it is, whatever its recorder wrote. */
  readonly #lengthS: number;
  /** Whether it says how long it is once it was sent to its end. */
  readonly #tells: boolean;
  readonly #ranges: Range[] = [];
  #now = 0;

  constructor(lengthS: number, tells = true) {
    super();
    this.#lengthS = lengthS;
    this.#tells = tells;
  }

  /** What is known as soon as it is opened: nothing of its length, if its recorder wrote none. */
  load(duration = this.#lengthS): void {
    this.readyState = 1;
    this.duration = duration;
    this.#tell('loadedmetadata');
  }

  fail(): void {
    this.error = { code: 4 } as MediaError;
    this.#tell('error');
  }

  get currentTime(): number {
    return this.#now;
  }

  set currentTime(seconds: number) {
    this.#now = Math.min(seconds, this.#lengthS);
    if (this.#tells && this.#now === this.#lengthS && this.duration !== this.#lengthS) {
      this.duration = this.#lengthS;
      this.#tell('durationchange');
    }
    if (!this.paused) this.#ranges.push({ from: this.#now, to: this.#now });
    this.#tell('seeked');
  }

  async play(): Promise<void> {
    this.paused = false;
    this.#ranges.push({ from: this.#now, to: this.#now });
    this.#tell('play');
  }

  pause(): void {
    if (this.paused) return;
    this.paused = true;
    this.#tell('pause');
  }

  /** So much time passes. */
  pass(seconds: number): void {
    const range = this.#ranges.at(-1);
    if (this.paused || range === undefined) return;
    this.#now = Math.min(this.#lengthS, this.#now + seconds * this.playbackRate);
    range.to = this.#now;
    this.#tell('timeupdate');
    if (this.#now < this.#lengthS) return;
    this.pause();
    this.#tell('ended');
  }

  /** As browsers do: what overlaps is one. */
  get played(): TimeRanges {
    const merged: Range[] = [];
    for (const { from, to } of [...this.#ranges].sort((a, b) => a.from - b.from)) {
      const last = merged.at(-1);
      if (last !== undefined && from <= last.to) last.to = Math.max(last.to, to);
      else merged.push({ from, to });
    }
    const at = (place: number) => merged[place] ?? { from: 0, to: 0 };
    return { length: merged.length, start: (n) => at(n).from, end: (n) => at(n).to };
  }

  #tell(name: string): void {
    this.dispatchEvent(new Event(name));
  }
}
