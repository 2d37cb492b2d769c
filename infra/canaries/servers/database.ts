/** What a database keeps, written into files: every table, byte for byte, and an operator's dump. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const DUMP_BYTES_MAX = 256 * 1024 * 1024;

/** Each statement with what it was given, and everything else that the server can say. */
const TALKATIVE = ["log_statement = 'all'", "log_min_messages = 'debug5'", 'log_duration = on'];

export class Database {
  readonly #bin: string;
  readonly #url: string;

  constructor(bin: string, url: string) {
    this.#bin = bin;
    this.#url = url;
  }

  /** From here on its log says everything. */
  talk(): void {
    for (const setting of TALKATIVE) this.#ask(`ALTER SYSTEM SET ${setting}`);
    this.#ask('SELECT pg_reload_conf()');
  }

  /** What is in memory alone is in its files too. */
  flush(): void {
    this.#ask('CHECKPOINT');
  }

  /** Who is connected and what they last asked, as the server tells an operator. */
  activity(): string {
    return this.#ask('SELECT * FROM pg_stat_activity').toString();
  }

  /** An operator's dump, in SQL. */
  dump(path: string): void {
    writeFileSync(path, this.#run('pg_dump', [this.#url]));
  }

  /** Each table in a file, its values as they are: a dump in SQL writes bytes in hexadecimal. */
  tables(folder: string): void {
    mkdirSync(folder, { recursive: true });
    const named = "SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public'";
    const names = this.#ask(named).toString().split('\n');
    for (const name of names.filter((each) => each !== '')) {
      const copy = `COPY public.${name} TO STDOUT (FORMAT binary)`;
      writeFileSync(join(folder, name), this.#ask(copy));
    }
  }

  #ask(statement: string): Buffer {
    const quiet = ['--no-psqlrc', '--quiet', '--tuples-only', '--no-align'];
    return this.#run('psql', [this.#url, ...quiet, '--command', statement]);
  }

  #run(program: string, args: readonly string[]): Buffer {
    const ran = spawnSync(join(this.#bin, program), args, { maxBuffer: DUMP_BYTES_MAX });
    if (ran.status !== 0) throw new Error(`${program} failed: ${ran.stderr}`);
    return ran.stdout;
  }
}
