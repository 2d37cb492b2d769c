/**
 * Unpacks what Firefox keeps of its pages: eight bytes of its own and the length, before one block
 * of LZ4 (https://github.com/lz4/lz4/blob/dev/doc/lz4_Block_format.md). Packed words cannot be
 * looked for: whatever repeats four bytes from before is cut out of them.
 */
const MAGIC = Buffer.from('mozLz40\0');
const HEAD_BYTES = MAGIC.length + 4;
const REPEATED_MIN = 4;

/** The bytes as they were before Firefox packed them; any other file's as they are. */
export function unpacked(file: Buffer): Buffer {
  if (!file.subarray(0, MAGIC.length).equals(MAGIC)) return file;
  const out = Buffer.alloc(file.readUInt32LE(MAGIC.length));
  const end = unpackBlock(file.subarray(HEAD_BYTES), out);
  if (end !== out.length) throw new Error(`a file of ${out.length} bytes ends after ${end}`);
  return out;
}

/** Fills `out`, and says how far. */
function unpackBlock(block: Buffer, out: Buffer): number {
  let [at, end] = [0, 0];
  const length = (ofToken: number) => {
    let sum = ofToken;
    for (let more = ofToken === 15 ? 255 : 0; more === 255; sum += more)
      more = block.readUInt8(at++);
    return sum;
  };
  while (at < block.length) {
    const token = block.readUInt8(at++);
    const literals = length(token >> 4);
    end += block.copy(out, end, at, at + literals);
    at += literals;
    if (at >= block.length) break;
    const back = block.readUInt16LE(at);
    at += 2;
    // What repeats may overlap what it repeats.
    for (let left = length(token & 15) + REPEATED_MIN; left > 0; left -= 1, end += 1) {
      out[end] = out.readUInt8(end - back);
    }
  }
  return end;
}
