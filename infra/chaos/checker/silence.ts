/**
 * Frames that a living edge took and of which it does not know what became of them, by its own
 * counters: every frame that was received is published, refused, a repeat, or late.
 *
 * Counters are read one after the other while frames come, so each look reads several times and
 * the smallest difference counts: a frame that is gone stays missing in all of them.
 */
import type { Finding } from './faults.ts';
import type { Count } from './history.ts';

export type Silence = {
  /** Frames that were judged: received by then, of every start of every edge. */
  readonly frames: number;
  readonly drops: number;
  readonly findings: readonly Finding[];
};

export function silence(counts: readonly Count[]): Silence {
  const starts = Map.groupBy(counts, ({ edge, start }) => `${edge}, start ${start}`);
  let [frames, drops] = [0, 0];
  const findings: Finding[] = [];
  for (const [about, ofStart] of starts) {
    const newest = Math.max(...ofStart.map(({ look }) => look));
    const last = ofStart.filter(({ look }) => look === newest);
    const differences = last.map(missing);
    frames += Math.max(...last.map(({ received }) => received));
    const [least, most] = [Math.min(...differences), Math.max(...differences)];
    if (least > 0) {
      drops += least;
      findings.push({ about, says: `${least} frames were taken and nothing became of them` });
    }
    if (most < 0) findings.push({ about, says: `it counted ${-most} more ends than frames` });
  }
  return { frames, drops, findings };
}

function missing({ received, published, refused, repeated, late }: Count): number {
  return received - published - refused - repeated - late;
}
