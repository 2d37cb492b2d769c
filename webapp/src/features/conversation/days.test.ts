/**
 * Days and what they are called.
 */
import { describe, expect, it } from 'vitest';
import { dayAt, dayWords, isOn } from './days.ts';

/** Noon, here. */
const at = (year: number, month: number, day: number) =>
  new Date(year, month - 1, day, 12).getTime();
const today = dayAt(at(2026, 11, 20));

describe('a day', () => {
  it('[UI51] goes from one midnight of this place to the next, also where the clock is changed', () => {
    for (const day of [at(2026, 3, 29), at(2026, 10, 25), at(2026, 11, 20)]) {
      const { from, until } = dayAt(day);
      expect([new Date(from).getHours(), new Date(until).getHours()]).toEqual([0, 0]);
      expect(new Date(until).getDate()).not.toBe(new Date(from).getDate());
      expect([isOn(dayAt(day), from), isOn(dayAt(day), until - 1)]).toEqual([true, true]);
      expect([isOn(dayAt(day), from - 1), isOn(dayAt(day), until)]).toEqual([false, false]);
    }
  });

  it.each([
    ['en', at(2026, 11, 20), 'Today'],
    ['en', at(2026, 11, 19), 'Yesterday'],
    ['en', at(2026, 11, 18), 'Wednesday, November 18'],
    ['en', at(2025, 12, 31), 'Wednesday, December 31, 2025'],
    ['ru', at(2026, 11, 20), 'Сегодня'],
    ['ru', at(2026, 11, 19), 'Вчера'],
    ['ru', at(2026, 11, 18), 'Среда, 18 ноября'],
    ['ru', at(2025, 12, 31), 'Среда, 31 декабря 2025 г.'],
  ])('[UI51] is called as %s calls it', (language, moment, words) => {
    expect(dayWords(dayAt(moment), today, language)).toBe(words);
  });
});
