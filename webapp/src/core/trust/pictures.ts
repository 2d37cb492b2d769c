/**
 * The 64 pictures that keys and codes are compared by, as names: six bits each. Things that
 * everybody can draw, name and tell apart, in either language, over a bad telephone line. The
 * order is part of the protocol and is never changed; the words stand in the dictionaries.
 */
export const PICTURES = [
  'dog',
  'cat',
  'horse',
  'elephant',
  'lion',
  'rabbit',
  'snake',
  'fish',
  'owl',
  'penguin',
  'butterfly',
  'spider',
  'snail',
  'crocodile',
  'whale',
  'bee',
  'apple',
  'banana',
  'cherry',
  'lemon',
  'pineapple',
  'carrot',
  'mushroom',
  'corn',
  'bread',
  'cheese',
  'egg',
  'cake',
  'tree',
  'cactus',
  'rose',
  'leaf',
  'sun',
  'moon',
  'star',
  'cloud',
  'fire',
  'snowflake',
  'umbrella',
  'rainbow',
  'mountain',
  'island',
  'house',
  'castle',
  'bridge',
  'lighthouse',
  'tent',
  'windmill',
  'bicycle',
  'train',
  'rocket',
  'ship',
  'tractor',
  'balloon',
  'anchor',
  'wheel',
  'key',
  'hammer',
  'scissors',
  'clock',
  'lamp',
  'guitar',
  'drum',
  'crown',
] as const;

export type PictureName = (typeof PICTURES)[number];

export const PICTURE_BITS = 6;

/** The picture of a number from 0 to 63. */
export function pictureOf(index: number): PictureName {
  const picture = PICTURES[index];
  if (picture === undefined) throw new Error(`${index} is no picture`);
  return picture;
}

/** A fingerprint has 256 bits; the last of its pictures has two zero bits at its end. */
export const FINGERPRINT_PICTURES = 43;

/**
 * How many of them are shown: 132 bits, so that another key with the same pictures costs more
 * than breaking the key itself. The groups beside them are the whole fingerprint.
 */
export const FINGERPRINT_PICTURES_SHOWN = 22;

/** All pictures of a fingerprint, which is an even number of hexadecimal digits. */
export function fingerprintPictures(fingerprint: string): readonly PictureName[] {
  const bits = Array.from(fingerprint, (digit) =>
    Number.parseInt(digit, 16).toString(2).padStart(4, '0'),
  ).join('');
  const groups = bits.match(/.{1,6}/g) ?? [];
  return groups.map((group) => pictureOf(Number.parseInt(group.padEnd(PICTURE_BITS, '0'), 2)));
}
