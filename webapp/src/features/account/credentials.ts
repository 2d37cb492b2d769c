/**
 * What the server will ask of a name and a password, told while they are typed. The server
 * decides; this only spares a round trip.
 */
import type { Limits } from '../../app/model.ts';

/** One thing that is asked for, and whether it is fulfilled. */
export type Wish = {
  readonly words: 'hintNameLength' | 'hintNameChars' | 'hintPasswordLength' | 'hintPasswordKinds';
  readonly met: boolean;
};

export function wishesForName(name: string, limits: Limits): readonly Wish[] {
  return [
    {
      words: 'hintNameLength',
      met: isWithin(name, limits.usernameCharsMin, limits.usernameCharsMax),
    },
    { words: 'hintNameChars', met: /^[A-Za-z0-9]([A-Za-z0-9_-]*[A-Za-z0-9])?$/.test(name) },
  ];
}

export function wishesForPassword(password: string, limits: Limits): readonly Wish[] {
  return [
    {
      words: 'hintPasswordLength',
      met: isWithin(password, limits.passwordCharsMin, limits.passwordCharsMax),
    },
    { words: 'hintPasswordKinds', met: /[A-Za-z]/.test(password) && /[0-9]/.test(password) },
  ];
}

function isWithin(text: string, min: number, max: number): boolean {
  const chars = [...text].length;
  return chars >= min && chars <= max;
}
