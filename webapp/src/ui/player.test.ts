/** What a player makes of an element that plays. */
import { describe, expect, it } from 'vitest';
import { FakePlayable } from '../test/fake-playable.ts';
import { Player, type PlayerState } from './player.ts';

function playerOf(lengthS: number, duration = lengthS) {
  const element = new FakePlayable(lengthS);
  const states: PlayerState[] = [];
  const player = new Player(element, (state) => states.push(state));
  element.load(duration);
  return { element, player, states };
}

describe('a player', () => {
  it('[UI94] finds the length that the recorder did not write, and is at the beginning then', () => {
    const { element, player, states } = playerOf(12, Number.POSITIVE_INFINITY);
    expect(player.state).toMatchObject({ is: 'ready', durationMs: 12_000, atMs: 0 });
    expect(element.currentTime).toBe(0);
    expect(states.some(({ is, durationMs }) => is === 'ready' && durationMs === null)).toBe(false);
  });

  it('[UI94] takes how far it comes for the length, where the browser never says it', () => {
    const element = new FakePlayable(7, false);
    const player = new Player(element, () => {});
    element.load(Number.POSITIVE_INFINITY);
    expect(player.state).toMatchObject({ is: 'ready', durationMs: 7_000, atMs: 0 });
  });

  it('[UI94] knows what was told before it listened', () => {
    const element = new FakePlayable(3);
    element.load();
    expect(new Player(element, () => {}).state).toMatchObject({ is: 'ready', durationMs: 3_000 });
    const broken = new FakePlayable(3);
    broken.fail();
    expect(new Player(broken, () => {}).state.is).toBe('failed');
  });

  it('[UI94] plays, pauses, is sought and sped up', () => {
    const { element, player } = playerOf(10);
    player.toggle();
    element.pass(2);
    expect(player.state).toMatchObject({ isPlaying: true, atMs: 2_000 });
    player.run(2);
    element.pass(1);
    expect(player.state.atMs).toBe(4_000);
    player.toggle();
    element.pass(1);
    expect(player.state).toMatchObject({ isPlaying: false, atMs: 4_000 });
    player.seek(9_000);
    expect([player.state.atMs, element.currentTime]).toEqual([9_000, 9]);
    player.seek(99_000);
    expect(element.currentTime).toBe(10);
    player.seek(-1);
    expect(element.currentTime).toBe(0);
  });

  it('[UI94] goes on when asked twice at once, before the browser has told of the pause', () => {
    const { element, player } = playerOf(10);
    player.toggle();
    const told: Event[] = [];
    element.dispatchEvent = (event) => told.push(event) > 0;
    player.toggle();
    player.toggle();
    expect(element.paused).toBe(false);
    Reflect.deleteProperty(element, 'dispatchEvent');
    for (const { type } of told) element.dispatchEvent(new Event(type));
    element.pass(2);
    expect(player.state).toMatchObject({ isPlaying: true, atMs: 2_000 });
  });

  it('[UI94] is at its beginning again after its end', () => {
    const { element, player } = playerOf(2);
    player.toggle();
    element.pass(3);
    expect(player.state).toMatchObject({ isPlaying: false, atMs: 0, hasEnded: true });
    player.toggle();
    expect(player.state.hasEnded).toBe(false);
  });

  it('[UI95] pauses when another one begins', () => {
    const [one, other] = [playerOf(10), playerOf(10)];
    one.player.toggle();
    other.player.toggle();
    expect([one.element.paused, other.element.paused]).toEqual([true, false]);
    one.player.toggle();
    expect([one.element.paused, other.element.paused]).toEqual([false, true]);
    one.player.stop();
    expect(one.element.paused).toBe(true);
  });

  it('[UI96] counts what was played, and no part of it twice', () => {
    const { element, player } = playerOf(10);
    expect(player.heard).toBe(0);
    player.seek(9_000);
    expect(player.heard).toBe(0);
    player.toggle();
    element.pass(0.5);
    player.seek(0);
    element.pass(3);
    player.seek(0);
    element.pass(3);
    expect(player.heard).toBeCloseTo(0.35);
  });

  it('[UI97] that fails stays failed', () => {
    const { element, player } = playerOf(10);
    element.fail();
    element.load();
    player.toggle();
    expect([player.state.is, element.paused]).toEqual(['failed', true]);
  });
});
