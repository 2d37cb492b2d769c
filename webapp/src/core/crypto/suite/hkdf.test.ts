/** HKDF against the answers that RFC 5869 prints. */
import { describe, expect, it } from 'vitest';
import { type Bytes, fromHex, toHex } from '../../bytes.ts';
import { EXPANDED_BYTES_MAX, hkdfExpand, hkdfExtract } from './hkdf.ts';
import { noble } from './noble.ts';

function hex(text: string): Bytes {
  return fromHex(text) ?? new Uint8Array();
}

describe('HKDF', () => {
  it('[SUITE6] is that of RFC 5869, appendix A.1', async () => {
    const salt = hex('000102030405060708090a0b0c');
    const extracted = await hkdfExtract(noble, salt, hex('0b'.repeat(22)));
    expect(toHex(extracted)).toBe(
      '077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5',
    );
    const expanded = await hkdfExpand(noble, extracted, hex('f0f1f2f3f4f5f6f7f8f9'), 42);
    expect(toHex(expanded)).toBe(
      '3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865',
    );
  });

  it('[SUITE6] takes an empty salt for 32 zeros', async () => {
    const input = hex('0b'.repeat(22));
    const without = await hkdfExtract(noble, new Uint8Array(), input);
    expect(without).toEqual(await hkdfExtract(noble, new Uint8Array(32), input));
    expect(toHex(without)).toBe('19ef24a32c717b167f33a91d6f648bdf96596776afdb6377ac434c1c293ccb04');
  });

  it('[SUITE6] gives no more than the RFC allows', async () => {
    const key = new Uint8Array(32);
    const most = await hkdfExpand(noble, key, key, EXPANDED_BYTES_MAX);
    expect(most).toHaveLength(255 * 32);
    await expect(hkdfExpand(noble, key, key, EXPANDED_BYTES_MAX + 1)).rejects.toThrow(RangeError);
  });
});
