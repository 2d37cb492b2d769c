/**
 * How a side says that it ends: "left" when its person did so, "cut off" when it gave the other up.
 *
 * Each is one value that only the two sides know, derived when the channel opens: a page that is
 * being closed has no time to compute. To everybody else they say nothing before they are said.
 */
import { type Bytes, concat, utf8 } from '../bytes.ts';
import { derive, SECRET_BYTES } from './key-schedule.ts';
import { KIND } from './record-layout.ts';
import { sameSecret } from './secrets.ts';
import type { Primitives } from './suite/primitives.ts';

export type Farewell = 'left' | 'cutOff';

/** Whole frame bodies. */
export type Farewells = { readonly left: Bytes; readonly cutOff: Bytes };

export async function farewellsFrom(
  primitives: Primitives,
  { master, th4, role }: { readonly master: Bytes; readonly th4: Bytes; readonly role: 'A' | 'B' },
): Promise<Farewells> {
  const left = await derive(primitives, master, 'left', th4, utf8(role));
  const cutOff = await derive(primitives, master, 'cut off', th4, utf8(role));
  return {
    left: concat(Uint8Array.of(KIND.left), left),
    cutOff: concat(Uint8Array.of(KIND.cutOff), cutOff),
  };
}

/** Which of these the body is; `null` if none. */
export function farewellAmong(farewells: Farewells, body: Bytes): Farewell | null {
  if (body.length !== 1 + SECRET_BYTES) return null;
  if (sameSecret(body, farewells.left)) return 'left';
  return sameSecret(body, farewells.cutOff) ? 'cutOff' : null;
}
