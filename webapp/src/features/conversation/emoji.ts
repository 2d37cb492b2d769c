/**
 * What one can react with: a few at hand, some more to choose from, and any other that is typed.
 */

export const AT_HAND: readonly string[] = ['👍', '❤️', '😂', '😮', '😢', '🙏'];

export const TO_CHOOSE: readonly string[] = [
  ...AT_HAND,
  '🔥',
  '👏',
  '🎉',
  '💯',
  '😍',
  '🤔',
  '👎',
  '😡',
  '🤝',
  '💪',
];

/** The longest that can be said, as PROTOCOL has it. */
export const EMOJI_CHARS_MAX = 32;

const EMOJI = /^\p{RGI_Emoji}$/v;

/** The emoji that was typed, and nothing else; `null` for anything but one. */
export function emojiIn(typed: string): string | null {
  const text = typed.trim();
  return text.length <= EMOJI_CHARS_MAX && EMOJI.test(text) ? text : null;
}
