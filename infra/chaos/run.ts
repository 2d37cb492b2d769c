/**
 * The runs, by name: `chaos` lets a nemesis loose on people who talk, `rolling` restarts every
 * edge under them, `cuts` cuts off two people while a file goes from one to the other,
 * `outage` lets the database stand still while connections break, and
 * `judge FOLDER` looks again at what a run has written down.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Verdict, wrongsOf } from './checker/check.ts';
import { MachineWatch } from './machine.ts';
import { monotonicMs } from './monotonic.ts';
import { broken, report } from './report.ts';
import { say } from './say.ts';
import { type Defaults, type Settings, settings } from './settings.ts';
import { chaos } from './stories/chaos.ts';
import { cuts } from './stories/cuts.ts';
import { outage } from './stories/outage.ts';
import { rolling } from './stories/rolling.ts';
import { judged, Story } from './story.ts';

const CHAOS: Defaults = { seconds: 630, pairs: 50, sayEveryMs: 2_500 };
const ROLLING: Defaults = { seconds: 10, pairs: 200, sayEveryMs: 2_000 };
const CUTS: Defaults = { seconds: 1, pairs: 1, sayEveryMs: 2_000 };
const OUTAGE: Defaults = { seconds: 1, pairs: 5, sayEveryMs: 1_000 };

// Whoever is told to stop leaves as after a failure: with nothing behind.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

const [name, folder] = process.argv.slice(2);
switch (name) {
  case 'chaos':
    await told(CHAOS, chaos);
    break;
  case 'rolling':
    await told(ROLLING, rolling);
    break;
  case 'cuts':
    await told(CUTS, cuts);
    break;
  case 'outage':
    await told(OUTAGE, outage);
    break;
  case 'judge':
    pronounce(judged(folder ?? '.'), null);
    break;
  default:
    throw new Error('say which: chaos, rolling, cuts, outage, or judge FOLDER');
}
// It is judged: a socket that somebody never closed keeps nobody waiting.
process.exit();

async function told(defaults: Defaults, tell: (story: Story) => Promise<void>): Promise<void> {
  const given = settings(defaults);
  say(
    `Seed ${given.seed} (DHCHAT_CHAOS_SEED=${given.seed}), ${given.pairs} pairs, ${given.seconds} s`,
  );
  const machine = new MachineWatch();
  const started = monotonicMs();
  const story = await Story.begin(given);
  say(`All are in conversations after ${seconds(started)} s`);
  const [before, begun] = [story.crowds.cost, monotonicMs()];
  await tell(story);
  tellCost(given, before, story.crowds.cost, monotonicMs() - begun);
  const still = monotonicMs();
  await story.settle();
  say(`All was still after ${seconds(still)} s`);
  const verdict = await story.end();
  pronounce(verdict, { ...given, machine: machine.end() });
}

function tellCost(
  { pairs }: Settings,
  before: Story['crowds']['cost'],
  after: Story['crowds']['cost'],
  tookMs: number,
): void {
  const cores = (after.cpuMs - before.cpuMs) / tookMs;
  const mib = after.residentBytes / pairs / 2 ** 20;
  say(
    `The clients took ${cores.toFixed(2)} cores; a pair ${((1_000 * cores) / pairs).toFixed(1)} ms a second and ${mib.toFixed(1)} MiB`,
  );
}

/** Prints the verdict, keeps it beside what it is about, and fails the process if anything is wrong. */
function pronounce(verdict: Verdict, run: (Settings & { readonly machine: string }) | null): void {
  const about = run === null ? '' : `Seed ${run.seed}, ${run.pairs} pairs; ${run.machine}\n\n`;
  const text = `${about}${report(verdict)}\n`;
  process.stdout.write(`\n${text}\n`);
  if (run !== null) writeFileSync(join(run.folder, 'report.md'), text);
  const wrong = [...wrongsOf(verdict), ...(run?.holdsToFigures ? broken(verdict) : [])];
  process.exitCode = wrong.length === 0 ? 0 : 1;
}

function seconds(since: number): string {
  return ((monotonicMs() - since) / 1_000).toFixed(1);
}
