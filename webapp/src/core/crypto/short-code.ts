/**
 * What two people compare aloud: seven numbers of six bits, made of both shares and both identity
 * keys.
 *
 * The caller committed to its share and its key before it saw the answerer's share, and nothing
 * else of the later messages enters: whoever stands between them has one try in 2^42. (The shape
 * is that of S. Vaudenay, "Secure communications over insecure channels based on short
 * authenticated strings", CRYPTO 2005.)
 */
import { type Bytes, concat } from '../bytes.ts';
import { type UserId, userIdBytes } from '../wire/ids.ts';
import { derive } from './key-schedule.ts';
import { scoped } from './secrets.ts';
import { hkdfExtract } from './suite/hkdf.ts';
import type { Primitives } from './suite/primitives.ts';

export const CODE_NUMBERS = 7;
const NUMBER_BITS = 6;

type Person = { readonly id: UserId; readonly publicKey: Bytes };

/** Numbers from 0 to 63. */
export async function shortCode(
  primitives: Primitives,
  { a, b, th2 }: { readonly a: Bytes; readonly b: Bytes; readonly th2: Bytes },
  caller: Person,
  answerer: Person,
): Promise<readonly number[]> {
  return scoped(async (own) => {
    const secret = own(await hkdfExtract(primitives, th2, own(concat(a, b))));
    const bytes = await derive(
      primitives,
      secret,
      'code',
      userIdBytes(caller.id),
      caller.publicKey,
      userIdBytes(answerer.id),
      answerer.publicKey,
    );
    return numbersOf(bytes);
  });
}

/** The first bits in groups of six, the highest bit first. */
function numbersOf(bytes: Bytes): readonly number[] {
  const bits = Array.from(bytes, (byte) => byte.toString(2).padStart(8, '0')).join('');
  return Array.from({ length: CODE_NUMBERS }, (_, i) =>
    Number.parseInt(bits.slice(NUMBER_BITS * i, NUMBER_BITS * (i + 1)), 2),
  );
}
