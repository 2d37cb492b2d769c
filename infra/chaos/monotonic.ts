/** The one clock of a run: the machine's own, which all its processes share and nobody sets. */

export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
