/** A server process that a run may kill, freeze and start again, with a log of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { say } from '../say.ts';
import { answers } from './front-door.ts';
import { atExit } from './leftovers.ts';

const READY_WAIT_MS = 60_000;
const LOOK_EVERY_MS = 50;
const STOP_WAIT_MS = 30_000;
/** One that does not come up after so many starts never will. */
const STARTS_MAX = 5;

export type Command = {
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Answers with 200 when it can be given work. */
  readonly health: string;
};

/** What a run can do to a server. */
export type Victim = {
  readonly name: string;
  kill(): Promise<void>;
  /** Done when it is ready. */
  start(): Promise<void>;
  freeze(): Promise<void>;
  thaw(): Promise<void>;
};

export class Service implements Victim {
  readonly name: string;
  /** Which start of it runs, from 1. */
  starts = 0;
  readonly #command: Command;
  readonly #folder: string;
  #process: ChildProcess | null = null;
  /** Its end is somebody's wish. */
  #mayEnd = false;

  constructor(command: Command, folder: string) {
    this.name = command.name;
    this.#command = command;
    this.#folder = folder;
  }

  /** As a supervisor does it: one that ends before it is ready is started again. */
  async start(): Promise<void> {
    for (let tries = 1; ; tries += 1) {
      const child = this.#spawn();
      const isReady = await readyOrEnded(child, this.#command);
      if (isReady) {
        child.once('exit', (code, signal) => {
          if (!this.#mayEnd) throw new Error(`${this.name} ended by itself: ${code ?? signal}`);
        });
        return;
      }
      if (tries === STARTS_MAX) throw new Error(`${this.name} does not start`);
      say(`${this.name} ended before it was ready and is started again`);
    }
  }

  #spawn(): ChildProcess {
    const { program, args, env, name } = this.#command;
    this.starts += 1;
    this.#mayEnd = false;
    const log = openSync(join(this.#folder, `${name}.log`), 'a');
    const child = spawn(program, args, {
      cwd: this.#folder,
      env: { PATH: process.env['PATH'] ?? '', ...env },
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    child.once(
      'exit',
      atExit(() => child.kill('SIGKILL')),
    );
    this.#process = child;
    return child;
  }

  /** Its process, while it runs. */
  get pid(): number {
    const pid = this.#process?.pid;
    if (pid === undefined) throw new Error(`${this.name} does not run`);
    return pid;
  }

  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** As an operator would; fails if the process does not end well. */
  async stop(): Promise<void> {
    const code = await this.#end('SIGTERM');
    if (code !== 0) throw new Error(`${this.name} did not stop well: ${code}`);
  }

  async freeze(): Promise<void> {
    this.#process?.kill('SIGSTOP');
  }

  async thaw(): Promise<void> {
    this.#process?.kill('SIGCONT');
  }

  async #end(signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null> {
    const child = this.#process;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return null;
    this.#mayEnd = true;
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
    const insist = setTimeout(() => child.kill('SIGKILL'), STOP_WAIT_MS);
    child.kill(signal);
    const code = await ended;
    clearTimeout(insist);
    return code;
  }
}

/** False for one that ended; fails if it is neither in time. */
async function readyOrEnded(child: ChildProcess, { health, name }: Command): Promise<boolean> {
  let isReady = false;
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
  const look = async () => {
    isReady = await answers(health);
    return isReady || hasEnded();
  };
  await untilTrue(look, READY_WAIT_MS, `${name} is ready`);
  return isReady;
}

/** Looks until it is true; fails with `what` when the time is over. */
export async function untilTrue(
  isTrue: () => boolean | Promise<boolean>,
  waitMs: number,
  what: string,
): Promise<void> {
  const deadline = performance.now() + waitMs;
  while (!(await isTrue())) {
    if (performance.now() > deadline) throw new Error(`never: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}
