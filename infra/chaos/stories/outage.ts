/**
 * The database stands still for a few seconds, and meanwhile one of each two loses the connection:
 * both faults together are shorter than conversations wait, so all of them have to go on.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { monotonicMs } from '../monotonic.ts';
import type { Story } from '../story.ts';

const BEFORE_MS = 2_000;
/** Long enough for the circuit breaker of the store to open. */
const FROZEN_MS = 8_000;
const CUT_AFTER_MS = 4_000;
/** What is to come back has come back by then, or never will. */
const AFTER_MS = 40_000;

export async function outage(story: Story): Promise<void> {
  const { crowds, deployment, door, pairs } = story;
  crowds.talk(true);
  await pause(BEFORE_MS);
  const begin = monotonicMs();
  await deployment.postgres.freeze();
  await pause(CUT_AFTER_MS);
  const cut = { begin: monotonicMs(), touched: pairs.map(([opens]) => opens) };
  for (const client of cut.touched) door.cut(client, 'reset');
  story.happened({ kind: 'client-reset', target: 'one of each two', ...cut, end: monotonicMs() });
  await pause(FROZEN_MS - CUT_AFTER_MS);
  await deployment.postgres.thaw();
  const frozen = { begin, end: monotonicMs(), touched: pairs.flat() };
  story.happened({ kind: 'postgres-freeze', target: 'postgres', ...frozen });
  await pause(AFTER_MS);
}
