/**
 * The PostgreSQL that `scripts/with-postgres.sh` started: killed, frozen and started again on the
 * same data with the same options, which it keeps in a file of its own.
 */
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { atExit } from './leftovers.ts';
import type { Victim } from './service.ts';

export class Postgres implements Victim {
  readonly name = 'postgres';
  readonly #bin: string;
  readonly #data: string;
  readonly #options: string;
  #forget: () => void = () => {};

  constructor(bin: string, url: string) {
    this.#bin = bin;
    const asked = spawnSync(
      join(bin, 'psql'),
      [url, '--no-psqlrc', '--tuples-only', '--no-align', '--command', 'SHOW data_directory'],
      { encoding: 'utf8' },
    );
    if (asked.status !== 0) throw new Error(`PostgreSQL does not answer: ${asked.stderr}`);
    this.#data = asked.stdout.trim();
    // The program, then each argument in quotes; pg_ctl says where the data is by itself.
    const [, ...args] = readFileSync(join(this.#data, 'postmaster.opts'), 'utf8')
      .trim()
      .split(' "');
    const given = args.map((arg) => arg.replace(/"$/, ''));
    const dataFlag = given.indexOf('-D');
    if (dataFlag >= 0) given.splice(dataFlag, 2);
    this.#options = given.map((arg) => `'${arg}'`).join(' ');
  }

  /** The folder where it keeps everything. */
  get data(): string {
    return this.#data;
  }

  /** The server is a process and its children, one for each connection. */
  processes(): number[] {
    const [first = ''] = readFileSync(join(this.#data, 'postmaster.pid'), 'utf8').split('\n');
    const children = readFileSync(`/proc/${first}/task/${first}/children`, 'utf8').trim();
    return [first, ...children.split(' ')].filter((each) => each !== '').map(Number);
  }

  async kill(): Promise<void> {
    await this.#control('stop', '--mode', 'immediate');
  }

  async start(): Promise<void> {
    const log = join(this.#data, 'server.log');
    await this.#control('start', '--wait', '--log', log, '--options', this.#options);
  }

  async freeze(): Promise<void> {
    // One that stands still would not hear from whoever started it that it is to stop.
    this.#forget = atExit(() => this.#signal('SIGCONT'));
    this.#signal('SIGSTOP');
  }

  async thaw(): Promise<void> {
    this.#forget();
    this.#signal('SIGCONT');
  }

  #signal(signal: NodeJS.Signals): void {
    const [server = 0, ...children] = this.processes();
    process.kill(server, signal);
    for (const child of children) {
      try {
        process.kill(child, signal);
      } catch {
        // A child may have ended meanwhile.
      }
    }
  }

  #control(...args: string[]): Promise<void> {
    const { uid, gid } = statSync(this.#data);
    const isRoot = process.getuid?.() === 0;
    const control = spawn(
      join(this.#bin, 'pg_ctl'),
      [...args, '--pgdata', this.#data, '--silent'],
      {
        // Nobody may hold on to the pipes of a server that stays.
        stdio: 'ignore',
        cwd: '/',
        // Its programs refuse root.
        ...(isRoot ? { uid, gid } : {}),
      },
    );
    return new Promise((resolve, reject) => {
      control.once('error', reject);
      control.once('exit', (code) =>
        code === 0 ? resolve() : reject(new Error(`pg_ctl ${args[0]} failed: ${code}`)),
      );
    });
  }
}
