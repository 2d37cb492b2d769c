/**
 * The runs, by name: `chaos` lets a nemesis loose on people who talk, `rolling` restarts every
 * edge under them, `judge FOLDER` looks again at what a run has written down.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { seededRandom } from '../../webapp/src/test/seeded-random.ts';
import { type Verdict, wrongsOf } from './checker/check.ts';
import { monotonicMs } from './monotonic.ts';
import { Nemesis } from './nemesis/nemesis.ts';
import { planned } from './nemesis/plan.ts';
import { broken, report } from './report.ts';
import { type Defaults, type Settings, settings } from './settings.ts';
import { judged, Story } from './story.ts';

const CHAOS: Defaults = { seconds: 630, pairs: 50, sayEveryMs: 2_500 };
const ROLLING: Defaults = { seconds: 10, pairs: 200, sayEveryMs: 2_000 };

const [name, folder] = process.argv.slice(2);
switch (name) {
  case 'chaos':
    await told(CHAOS, chaos);
    break;
  case 'rolling':
    await told(ROLLING, rolling);
    break;
  case 'judge':
    pronounce(judged(folder ?? '.'), false);
    break;
  default:
    throw new Error('say which: chaos, rolling, or judge FOLDER');
}

/** Everything breaks, one server at a time, while all talk. */
async function chaos(story: Story): Promise<void> {
  const { seed, seconds } = story.settings;
  const nemesis = new Nemesis({
    deployment: story.deployment,
    door: story.door,
    beforeKill: (edge) => story.lookAt(edge),
    happened: (fault) => story.happened(fault),
  });
  story.crowds.talk(true);
  const timer = setTimeout(() => nemesis.stop(), seconds * 1_000);
  const telling = setInterval(() => say(`${story.crowds.up} clients in conversations`), 30_000);
  await nemesis.haunt(planned(seededRandom(seed).fraction, 2 * seconds * 1_000));
  clearTimeout(timer);
  clearInterval(telling);
}

/** As an operator does it: one edge after the other, each stopped in order and started again. */
async function rolling(story: Story): Promise<void> {
  const { seconds } = story.settings;
  story.crowds.talk(true);
  for (const edge of story.deployment.edges) {
    await pause(seconds * 1_000);
    await story.lookAt(edge);
    const { service } = edge;
    const [begin, touched] = [monotonicMs(), story.door.clientsAt(service.name)];
    say(`Restarting ${service.name} under ${touched.length} clients`);
    await service.stop();
    await service.start();
    const fault = { kind: 'edge-restart', target: service.name, touched } as const;
    story.happened({ ...fault, begin, end: monotonicMs() });
  }
  await pause(seconds * 1_000);
}

async function told(defaults: Defaults, tell: (story: Story) => Promise<void>): Promise<void> {
  const given = settings(defaults);
  say(
    `Seed ${given.seed} (DHCHAT_CHAOS_SEED=${given.seed}), ${given.pairs} pairs, ${given.seconds} s`,
  );
  const started = monotonicMs();
  const story = await Story.begin(given);
  say(`All are in conversations after ${seconds(started)} s`);
  // A failure anywhere ends the run, and leaves no process behind.
  process.once('uncaughtException', (error) => {
    story.abandon();
    throw error;
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      story.abandon();
      process.exit(1);
    });
  }
  try {
    const before = story.crowds.cost;
    const begun = monotonicMs();
    await tell(story);
    tellCost(given, before, story.crowds.cost, monotonicMs() - begun);
    const still = monotonicMs();
    await story.settle();
    say(`All was still after ${seconds(still)} s`);
    const verdict = await story.end();
    pronounce(verdict, given.holdsToFigures, given);
  } catch (error) {
    story.abandon();
    throw error;
  }
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

/** Prints the verdict, keeps it, and fails the process if anything is wrong. */
function pronounce(verdict: Verdict, holdsToFigures: boolean, given?: Settings): void {
  const text = `${report(verdict)}\n`;
  process.stdout.write(`\n${text}\n`);
  if (given !== undefined) writeFileSync(join(given.folder, 'report.md'), text);
  const wrong = [...wrongsOf(verdict), ...(holdsToFigures ? broken(verdict) : [])];
  process.exitCode = wrong.length === 0 ? 0 : 1;
}

function say(text: string): void {
  process.stderr.write(`    ${text}\n`);
}

function seconds(since: number): string {
  return ((monotonicMs() - since) / 1_000).toFixed(1);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
