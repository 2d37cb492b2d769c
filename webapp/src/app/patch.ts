/**
 * What changed between two views, so that a view costs what is new of it and not what it holds:
 * one more line among ten thousand crosses as one line.
 *
 * Views are plain data and immutable. A part that did not change stays the same object on both
 * sides, which is also what React compares by.
 */

export type Patch =
  /** Another value in its place. */
  | { readonly is: 'whole'; readonly value: unknown }
  /** The same fields; some have changed. */
  | { readonly is: 'fields'; readonly changed: Readonly<Record<string, Patch>> }
  /** Of the list before: what stays, `keep` items after the first `skip`; then new ones; then its last `tail`. */
  | {
      readonly is: 'list';
      readonly skip: number;
      readonly keep: number;
      readonly items: readonly unknown[];
      readonly tail: number;
    };

type Fields = Readonly<Record<string, unknown>>;

/** `null` if nothing changed. */
export function difference(before: unknown, after: unknown): Patch | null {
  if (Object.is(before, after)) return null;
  if (Array.isArray(before) && Array.isArray(after)) return listDifference(before, after);
  if (isFields(before) && isFields(after) && haveSameNames(before, after)) {
    return fieldsDifference(before, after);
  }
  return { is: 'whole', value: after };
}

/** The value after; what the patch does not name is the same object as before. */
export function patched<T>(before: T, patch: Patch): T;
export function patched(before: unknown, patch: Patch): unknown {
  switch (patch.is) {
    case 'whole':
      return patch.value;
    case 'fields':
      return patchedFields(before as Fields, patch.changed);
    case 'list': {
      const { skip, keep, items, tail } = patch;
      const list = before as readonly unknown[];
      return [...list.slice(skip, skip + keep), ...items, ...list.slice(list.length - tail)];
    }
  }
}

function patchedFields(before: Fields, changed: Readonly<Record<string, Patch>>): Fields {
  const entries = Object.entries(changed);
  const after = entries.map(([name, patch]) => [name, patched(before[name], patch)]);
  return { ...before, ...Object.fromEntries(after) };
}

function fieldsDifference(before: Fields, after: Fields): Patch | null {
  const changed: Record<string, Patch> = {};
  for (const [name, value] of Object.entries(after)) {
    const patch = difference(before[name], value);
    if (patch !== null) changed[name] = patch;
  }
  return Object.keys(changed).length === 0 ? null : { is: 'fields', changed };
}

/** Lists grow at their end, lose their oldest at the start, and change a few items between. */
function listDifference(before: readonly unknown[], after: readonly unknown[]): Patch | null {
  const skip = Math.max(0, after.length === 0 ? 0 : indexOfSame(before, after[0]));
  const most = Math.min(before.length - skip, after.length);
  let keep = 0;
  while (keep < most && isSame(before[skip + keep], after[keep])) keep += 1;
  if (keep === before.length && keep === after.length) return null;
  let tail = 0;
  while (tail < most - keep && isSame(before.at(-1 - tail), after.at(-1 - tail))) tail += 1;
  return { is: 'list', skip, keep, items: after.slice(keep, after.length - tail), tail };
}

function indexOfSame(list: readonly unknown[], wanted: unknown): number {
  const at = list.indexOf(wanted);
  return at === -1 ? list.findIndex((item) => isSame(item, wanted)) : at;
}

function isSame(a: unknown, b: unknown): boolean {
  return difference(a, b) === null;
}

/** A plain object; bytes, files and the like are compared as one. */
function isFields(value: unknown): value is Fields {
  return (
    typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
  );
}

function haveSameNames(a: Fields, b: Fields): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => Object.hasOwn(b, name));
}
