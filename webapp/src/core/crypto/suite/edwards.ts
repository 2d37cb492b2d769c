/**
 * Which Ed25519 public keys are none that a signature could speak for: points of small order, and
 * points written with a `y` that is not reduced (RFC 8032, section 5.1.3).
 */
import { type Bytes, equal, fromHex } from '../../bytes.ts';

/** The `y` of the eight points of small order; the sign of `x` does not matter. */
const SMALL_ORDER = [
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
].map((y) => fromHex(y) ?? new Uint8Array());

/** Whether these 32 bytes may be the key of somebody; that they are on the curve is not checked. */
export function isOfLargeOrder(publicKey: Bytes): boolean {
  const y = publicKey.slice();
  const last = y.length - 1;
  y[last] = (y[last] ?? 0) & 0x7f;
  return isReduced(y) && !SMALL_ORDER.some((small) => equal(small, y));
}

/** Below 2^255 - 19, which is `ed ff … ff 7f`. */
function isReduced(y: Bytes): boolean {
  const highest = y.subarray(1, -1).every((byte) => byte === 0xff) && y.at(-1) === 0x7f;
  return !highest || (y[0] ?? 0) < 0xed;
}
