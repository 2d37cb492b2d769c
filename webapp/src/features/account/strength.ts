/**
 * How long a password stands up to somebody who guesses, estimated as a person would be told it.
 *
 * It knows what guessers try first: common words and their usual spellings, the own name, rows of
 * a keyboard, runs and years. What it does not know it counts by its kind of character, carefully:
 * a letter as three bits, for most letters stand in words. It is an estimate for the person; the
 * server judges by its own list.
 */

export type Strength = {
  /** 0 for nothing typed, then weak, fair, good, strong. */
  readonly level: 0 | 1 | 2 | 3 | 4;
  /** What would help most; `null` if nothing has to. */
  readonly advice: 'commonWord' | 'ownName' | 'pattern' | 'longer' | null;
};

/** Bits at which a password is fair, good and strong. */
const FAIR_BITS = 36;
const GOOD_BITS = 50;
const STRONG_BITS = 64;

/** What the most leaked passwords are made of. */
const COMMON = (
  'password passwort passw0rd qwerty qwertz azerty admin welcome letmein login master secret ' +
  'dragon monkey shadow sunshine princess football baseball superman batman iloveyou love hello ' +
  'freedom whatever trustno killer hunter summer winter spring autumn monday friday january ' +
  'michael jessica charlie jordan daniel thomas hannah ashley starwars pokemon computer internet ' +
  'google samsung apple orange banana cookie cheese pepper ginger flower chocolate guest test ' +
  'root user access changeme default chat private москва привет пароль любовь наташа максим ' +
  'андрей сергей марина солнышко россия йцукен'
).split(' ');

const ROWS = [
  'abcdefghijklmnopqrstuvwxyz',
  '01234567890',
  'qwertyuiop',
  'asdfghjkl',
  'zxcvbnm',
  'qazwsxedcrfvtgbyhnujm',
  'абвгдеёжзийклмнопрстуфхцчшщъыьэюя',
  'йцукенгшщзхъ',
  'фывапролджэ',
  'ячсмитьбю',
];

/** Each pattern is one choice of a guesser. */
const WORD_BITS = 8;
const NAME_BITS = 3;
const RUN_BITS = 6;
const YEAR_BITS = 6;
/** A capital or a digit in place of a letter is among the first things tried. */
const SPELLING_BITS = 1;
const LETTER_BITS = 3;
const DIGIT_BITS = 3.3;
const OTHER_BITS = 4.5;
/** A shorter run is chance. */
const RUN_CHARS_MIN = 3;

type Part = {
  readonly chars: number;
  readonly bits: number;
  readonly is: 'word' | 'name' | 'run' | 'year' | 'char';
};

export function strengthOf(password: string, name: string): Strength {
  const typed = password.normalize('NFC');
  if (typed === '') return { level: 0, advice: null };
  const parts = partsOf(typed.toLowerCase(), name.toLowerCase());
  const spelling = typed !== typed.toLowerCase() ? SPELLING_BITS : 0;
  const bits = parts.reduce((sum, part) => sum + part.bits, spelling);
  const level = bits < FAIR_BITS ? 1 : bits < GOOD_BITS ? 2 : bits < STRONG_BITS ? 3 : 4;
  return { level, advice: level > 2 ? null : adviceFor(parts) };
}

function adviceFor(parts: readonly Part[]): Strength['advice'] {
  const has = (is: Part['is']) => parts.some((part) => part.is === is);
  if (has('name')) return 'ownName';
  if (has('word')) return 'commonWord';
  return has('run') || has('year') ? 'pattern' : 'longer';
}

/** The largest known part first, wherever one begins; a part that was there before costs little. */
function partsOf(text: string, name: string): Part[] {
  const parts: Part[] = [];
  const chars = [...text];
  const plain = [...unspelled(text)];
  const seen = new Set<string>();
  for (let at = 0; at < chars.length; ) {
    const part = partAt({ chars, plain, name }, at);
    const written = chars.slice(at, at + part.chars).join('');
    const again = part.chars > 1 && seen.has(written);
    seen.add(written);
    parts.push(again ? { ...part, bits: SPELLING_BITS } : part);
    at += part.chars;
  }
  return parts;
}

type Text = {
  readonly chars: readonly string[];
  readonly plain: readonly string[];
  readonly name: string;
};

function partAt({ chars, plain, name }: Text, at: number): Part {
  const rest = chars.slice(at).join('');
  const known = plain.slice(at).join('');
  const word = longest(COMMON.filter((each) => rest.startsWith(each) || known.startsWith(each)));
  const run = runAt(chars, at);
  if (name.length >= RUN_CHARS_MIN && rest.startsWith(name)) {
    return { chars: [...name].length, bits: NAME_BITS, is: 'name' };
  }
  if (word.length >= Math.max(RUN_CHARS_MIN, run)) {
    const spelled = rest.startsWith(word) ? 0 : SPELLING_BITS;
    return { chars: [...word].length, bits: WORD_BITS + spelled, is: 'word' };
  }
  if (run >= RUN_CHARS_MIN) return { chars: run, bits: RUN_BITS, is: 'run' };
  if (/^(19|20)\d\d/.test(rest)) return { chars: 4, bits: YEAR_BITS, is: 'year' };
  return { chars: 1, bits: bitsOf(chars[at] ?? ''), is: 'char' };
}

function bitsOf(char: string): number {
  if (/\p{Alphabetic}/u.test(char)) return LETTER_BITS;
  return /\p{N}/u.test(char) ? DIGIT_BITS : OTHER_BITS;
}

/** How many characters from here are the same, or follow each other on a row in either direction. */
function runAt(chars: readonly string[], at: number): number {
  const steps = [
    (row: string, from: number) => row[from + 1],
    (row: string, from: number) => row[from - 1],
  ];
  let most = lengthWhile(chars, at, (before) => before);
  for (const row of ROWS) {
    for (const step of steps) {
      const follows = (before: string) => {
        const from = row.indexOf(before);
        return from === -1 ? undefined : step(row, from);
      };
      most = Math.max(most, lengthWhile(chars, at, follows));
    }
  }
  return most;
}

function lengthWhile(
  chars: readonly string[],
  at: number,
  follows: (before: string) => string | undefined,
): number {
  let end = at + 1;
  while (end < chars.length && chars[end] === follows(chars[end - 1] ?? '')) end += 1;
  return end - at;
}

/** Digits and signs that stand for letters, as letters: one for one. */
function unspelled(text: string): string {
  const letters: Readonly<Record<string, string>> = {
    '@': 'a',
    '4': 'a',
    '3': 'e',
    '1': 'i',
    '!': 'i',
    '0': 'o',
    '5': 's',
    $: 's',
    '7': 't',
  };
  return [...text].map((char) => letters[char] ?? char).join('');
}

function longest(words: readonly string[]): string {
  return words.reduce((most, word) => (word.length > most.length ? word : most), '');
}
