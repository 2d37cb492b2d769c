/**
 * A QR code as one path (ISO/IEC 18004, level M: 15 % of it may be spoilt by a reflection). The
 * library that computes it is loaded with the first code.
 */

export type QrDrawing = {
  /** Of one side, in modules, with the quiet zone of four that readers need around it. */
  readonly size: number;
  /** The dark modules. */
  readonly path: string;
};

const QUIET_MODULES = 4;

export async function drawQr(text: string): Promise<QrDrawing> {
  const { default: encode } = await import('qr');
  const modules = encode(text, 'raw', { ecc: 'medium', border: QUIET_MODULES });
  return { size: modules.length, path: pathOf(modules) };
}

/** Every run of dark modules of a row as one rectangle. */
export function pathOf(rows: readonly (readonly boolean[])[]): string {
  return rows
    .map((row, y) =>
      runsOf(row)
        .map(([x, length]) => bar(x, y, length))
        .join(''),
    )
    .join('');
}

function bar(x: number, y: number, length: number): string {
  return `M${x} ${y}h${length}v1h-${length}z`;
}

function runsOf(row: readonly boolean[]): (readonly [start: number, length: number])[] {
  const runs: [number, number][] = [];
  row.forEach((isDark, x) => {
    const last = runs.at(-1);
    if (!isDark) return;
    if (last !== undefined && last[0] + last[1] === x) last[1] += 1;
    else runs.push([x, 1]);
  });
  return runs;
}
