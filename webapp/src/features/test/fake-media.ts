/**
 * What jsdom lacks to play something: elements that play as fast as a test moves their time, and
 * addresses for what is in memory. The real things are met in `e2e/media.e2e.ts`.
 */
import { FakePlayable } from '../../test/fake-playable.ts';

const EVENTS = [
  'loadedmetadata',
  'durationchange',
  'seeked',
  'timeupdate',
  'play',
  'pause',
  'ended',
  'error',
] as const;

const DELEGATED = [
  'paused',
  'playbackRate',
  'defaultPlaybackRate',
  'readyState',
  'error',
  'duration',
  'currentTime',
  'played',
] as const;

const playables = new WeakMap<HTMLMediaElement, FakePlayable>();
let lengthS = 10;

/** Puts the missing parts in place; everything that is played is so long. */
export function furnishMedia(seconds: number): void {
  lengthS = seconds;
  let made = 0;
  URL.createObjectURL = () => {
    made += 1;
    return `blob:${made}`;
  };
  URL.revokeObjectURL = () => {};
  const { prototype } = HTMLMediaElement;
  prototype.load = () => {};
  prototype.play = function play() {
    return playableOf(this).play();
  };
  prototype.pause = function pause() {
    playableOf(this).pause();
  };
  for (const name of DELEGATED) {
    Object.defineProperty(prototype, name, {
      configurable: true,
      get(this: HTMLMediaElement) {
        return playableOf(this)[name];
      },
      set(this: HTMLMediaElement, value: number) {
        Object.assign(playableOf(this), { [name]: value });
      },
    });
  }
}

/** What plays behind an element. */
export function playableOf(element: HTMLMediaElement): FakePlayable {
  const known = playables.get(element);
  if (known !== undefined) return known;
  const made = new FakePlayable(lengthS);
  for (const name of EVENTS) {
    made.addEventListener(name, () => element.dispatchEvent(new Event(name)));
  }
  playables.set(element, made);
  return made;
}
