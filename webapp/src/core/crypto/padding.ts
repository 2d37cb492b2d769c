/**
 * Hides how long something is: everything is padded to one of few lengths.
 *
 * 256 B, 1 KiB, 4 KiB, 16 KiB; above that Padmé, which leaves as many bits of a length standing
 * as the length of the length has (K. Nikitin et al., "Reducing Metadata Leakage from Encrypted
 * Files and Communication with PURBs", PoPETs 2019, section 4). What was padded has one spelling:
 * any other length, and anything but zeros behind the content, is nothing.
 */
import { type Bytes, uint } from '../bytes.ts';

const STEPS_BYTES = [256, 1_024, 4_096, 16_384] as const;
const LENGTH_BYTES = 4;

export function padded(content: Bytes): Bytes {
  const whole = new Uint8Array(paddedLength(LENGTH_BYTES + content.length));
  whole.set(uint(content.length, LENGTH_BYTES));
  whole.set(content, LENGTH_BYTES);
  return whole;
}

export function unpadded(whole: Bytes): Bytes | null {
  if (whole.length < LENGTH_BYTES) return null;
  const end = LENGTH_BYTES + new DataView(whole.buffer, whole.byteOffset).getUint32(0);
  if (paddedLength(end) !== whole.length) return null;
  if (whole.subarray(end).some((byte) => byte !== 0)) return null;
  return whole.slice(LENGTH_BYTES, end);
}

/** The least of the few lengths that is not below this one. */
export function paddedLength(length: number): number {
  return STEPS_BYTES.find((step) => length <= step) ?? padme(length);
}

function padme(length: number): number {
  const exponent = Math.floor(Math.log2(length));
  const kept = Math.floor(Math.log2(exponent)) + 1;
  const unit = 2 ** (exponent - kept);
  return Math.ceil(length / unit) * unit;
}
