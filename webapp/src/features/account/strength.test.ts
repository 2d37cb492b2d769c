/** The estimate of a password's strength: its order, and what it advises. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { strengthOf } from './strength.ts';

const levelOf = (password: string, name = 'alice') => strengthOf(password, name).level;

describe('the strength of a password', () => {
  it('[UI31] is nothing for nothing, weak for what is guessed first', () => {
    expect(strengthOf('', 'alice')).toEqual({ level: 0, advice: null });
    const guessedFirst = [
      'password1',
      'P@ssw0rd1!',
      'qwertyuiop12',
      'йцукенгш1',
      'abcdefgh12345678',
      'aaaaaaaaaaaa1',
      '19901991',
      'monkeydragon1',
      'asdfgh1asdfgh1',
      'пароль123',
    ];
    for (const password of guessedFirst)
      expect([password, levelOf(password)]).toEqual([password, 1]);
  });

  it('[UI31] grows with words that nobody expects', () => {
    expect(levelOf('quinces 7')).toBe(1);
    expect(levelOf('quinces behind7')).toBe(2);
    expect(levelOf('quinces behind 7')).toBe(3);
    expect(levelOf('quinces behind the old shed 7')).toBe(4);
  });

  it('[UI31] counts the own name for next to nothing, in any case', () => {
    const name = 'MargaretHamilton';
    expect(levelOf('margarethamilton11', name)).toBe(1);
    expect(levelOf('margarethamilton11', 'bob')).toBeGreaterThan(1);
    expect(strengthOf('MARGARETHAMILTON 7', name).advice).toBe('ownName');
  });

  it('[UI31] says what would help most, and nothing to whoever needs no help', () => {
    const adviceOf = (password: string) => strengthOf(password, 'alice').advice;
    expect(adviceOf('password1')).toBe('commonWord');
    expect(adviceOf('qwertyuio7')).toBe('pattern');
    expect(adviceOf('1987kb')).toBe('pattern');
    expect(adviceOf('quinces 7')).toBe('longer');
    expect(adviceOf('quinces behind the old shed 7')).toBeNull();
  });

  it('[UI31] is the same in either spelling of an accent', () => {
    expect(strengthOf('sche\u0301ma 7 quinces', 'a')).toEqual(
      strengthOf('sch\u00e9ma 7 quinces', 'a'),
    );
  });

  it('[UI31] never throws, and is no lower for one sign more', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 40 }), fc.string(), (typed, name) => {
        const password = typed.replaceAll('~', '');
        const before = strengthOf(password, name).level;
        const after = strengthOf(`${password}~`, name).level;
        expect(after).toBeGreaterThanOrEqual(before);
      }),
    );
  });
});
