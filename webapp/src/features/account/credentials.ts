/**
 * What the server will ask of a name and a password, told while they are typed. The server
 * decides; this only spares a round trip. It also refuses passwords that many people use.
 */
import type { Limits } from '../../app/model.ts';

/** One thing that is asked for, and whether it is fulfilled. */
export type Wish = {
  readonly words:
    | 'hintNameLength'
    | 'hintNameChars'
    | 'hintPasswordLength'
    | 'hintPasswordKinds'
    | 'hintPasswordName';
  readonly met: boolean;
};

/** Characters that a password has beside one's own name, as the server counts them. */
const BESIDE_NAME_CHARS_MIN = 5;

export function wishesForName(name: string, limits: Limits): readonly Wish[] {
  return [
    {
      words: 'hintNameLength',
      met: isWithin(name, limits.usernameCharsMin, limits.usernameCharsMax),
    },
    { words: 'hintNameChars', met: /^[A-Za-z0-9]([A-Za-z0-9_-]*[A-Za-z0-9])?$/.test(name) },
  ];
}

export function wishesForPassword(password: string, name: string, limits: Limits): readonly Wish[] {
  const sent = password.normalize('NFC');
  return [
    {
      words: 'hintPasswordLength',
      met: isWithin(sent, limits.passwordCharsMin, limits.passwordCharsMax),
    },
    { words: 'hintPasswordKinds', met: /\p{Alphabetic}/u.test(sent) && /\p{N}/u.test(sent) },
    { words: 'hintPasswordName', met: sent !== '' && !isName(sent, name) },
  ];
}

/** Whether a password is the own name and little else. */
function isName(password: string, name: string): boolean {
  const parts = password.toLowerCase().split(name.toLowerCase());
  return name !== '' && parts.length > 1 && [...parts.join('')].length < BESIDE_NAME_CHARS_MIN;
}

function isWithin(text: string, min: number, max: number): boolean {
  const chars = [...text].length;
  return chars >= min && chars <= max;
}
