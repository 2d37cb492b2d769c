/** `dhchat capture`, which records every edge with all that passes, ciphertext too. */
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { atExit } from '../../chaos/servers/leftovers.ts';
import { untilTrue } from '../../chaos/servers/service.ts';

const BEGUN_WITHIN_MS = 30_000;
const ENDED_WITHIN_MS = 60_000;
/** Longer than any run; it is ended before. */
const SECONDS = 3_000;

/** What `dhchat capture` says of a file that has everything. */
const WHOLE = '; 0 are missing, and 0 edges went away';

export class Recorder {
  readonly file: string;
  readonly #process: ChildProcess;
  #said = '';

  private constructor(file: string, child: ChildProcess) {
    this.file = file;
    this.#process = child;
    child.stderr?.on('data', (words: Buffer) => {
      this.#said += words;
    });
  }

  /** Both edges are recorded from here on: Sessions that begin later are recorded whole. */
  static async begin(dhchat: string, folder: string, busUrl: string): Promise<Recorder> {
    const file = join(folder, 'edges.cap');
    const args = ['capture', file, '--seconds', `${SECONDS}`, '--with-ciphertext'];
    const env = { PATH: process.env['PATH'] ?? '', DHCHAT_BUS_URL: busUrl };
    const child = spawn(dhchat, args, { env, stdio: ['ignore', 'ignore', 'pipe'] });
    child.once(
      'exit',
      atExit(() => child.kill('SIGKILL')),
    );
    const recorder = new Recorder(file, child);
    await untilTrue(() => recorder.#hasBegun(), BEGUN_WITHIN_MS, 'two edges are recorded');
    return recorder;
  }

  /** Writes the file, and what it says of it. Fails if anything is missing there. */
  async end(): Promise<string> {
    this.#process.kill('SIGINT');
    await untilTrue(() => this.#hasEnded, ENDED_WITHIN_MS, 'the capture is written');
    if (this.#process.exitCode !== 0) throw new Error(`there is no capture: ${this.#said}`);
    const summary = this.#said.trim().split('\n').at(-1) ?? '';
    if (!summary.includes(WHOLE)) throw new Error(`not everything was recorded: ${summary}`);
    return summary;
  }

  get #hasEnded(): boolean {
    return this.#process.exitCode !== null || this.#process.signalCode !== null;
  }

  #hasBegun(): boolean {
    if (this.#hasEnded) throw new Error(`nothing is recorded: ${this.#said}`);
    return this.#said.includes('recording 2 edges');
  }
}
