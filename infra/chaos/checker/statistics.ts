/** The one figure of many: by nearest rank, so that it is one that was measured. */

/** The smallest value that at least this share of all does not exceed; `null` of none. */
export function quantile(sorted: readonly number[], share: number): number | null {
  const rank = Math.max(1, Math.ceil(sorted.length * share));
  return sorted[rank - 1] ?? null;
}

export function ascending(values: readonly number[]): number[] {
  return [...values].sort((one, other) => one - other);
}
