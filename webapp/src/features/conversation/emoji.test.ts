/**
 * What is an emoji, and what is only typed like one.
 */
import { describe, expect, it } from 'vitest';
import { EMOJI_CHARS_MAX, emojiIn, TO_CHOOSE } from './emoji.ts';

describe('an emoji', () => {
  it.each(['👍', '❤️', '👩‍👩‍👧‍👦', '🏴󠁧󠁢󠁳󠁣󠁴󠁿', '🇷🇺', '1️⃣', '👋🏽'])('[UI58] is %s', (emoji) => {
    expect(emojiIn(` ${emoji} `)).toBe(emoji);
  });

  it.each(['', ' ', 'a', 'ok', '1', '👍👍', '👍 a', '<b>', '\u200d'])(
    '[UI58] is not %j',
    (typed) => {
      expect(emojiIn(typed)).toBeNull();
    },
  );

  it('[UI58] that is offered is one', () => {
    expect(new Set(TO_CHOOSE).size).toBe(TO_CHOOSE.length);
    for (const emoji of TO_CHOOSE) {
      expect(emojiIn(emoji)).toBe(emoji);
    }
    expect('👩‍👩‍👧‍👦'.length).toBeLessThanOrEqual(EMOJI_CHARS_MAX);
  });
});
