/**
 * Where a person hands in passwords and files: unlocking the own key, and carrying it and the
 * verified peers to another browser. One piece of work at a time, for each takes a moment and
 * much memory; what came of it is seen until the next, or until it is put away.
 */
import type { Fault } from '../api.ts';
import type { Bytes } from '../bytes.ts';
import { Observable } from '../observable.ts';
import type { Cancel } from '../ports.ts';
import type { PeersImport, PeersRefusal } from '../trust/peers-file.ts';
import type { UserId } from '../wire/ids.ts';
import type { Account } from './driver.ts';
import type { FileRefusal } from './own-keys.ts';

/** The verified peers of the account, to and from a file. */
type Peers = {
  exportFile(password: string): Promise<Bytes>;
  importFile(file: Bytes, password: string): Promise<PeersImport>;
};

type Done =
  | { readonly is: 'done'; readonly what: 'unlock' | 'importIdentity' }
  | { readonly is: 'done'; readonly what: 'exportIdentity' | 'exportPeers'; readonly file: Bytes }
  | {
      readonly is: 'done';
      readonly what: 'importPeers';
      readonly report: PeersImport & { readonly is: 'imported' };
    };

export type Task = Done['what'];

export type Work =
  | { readonly is: 'idle' }
  | { readonly is: 'busy'; readonly what: Task }
  | Done
  | {
      readonly is: 'failed';
      readonly what: Task;
      readonly why: FileRefusal | PeersRefusal | 'broken' | 'unreachable';
    };

type Failure = (Work & { is: 'failed' })['why'];

export class KeyDesk {
  readonly #account: Account;
  readonly #me: UserId;
  readonly #peers: Peers;
  readonly #work = new Observable<Work>({ is: 'idle' });

  constructor(account: Account, me: UserId, peers: Peers) {
    this.#account = account;
    this.#me = me;
    this.#peers = peers;
  }

  get work(): Work {
    return this.#work.value;
  }

  subscribe(listener: () => void): Cancel {
    return this.#work.subscribe(listener);
  }

  unlock(password: string): void {
    this.#do('unlock', async () => {
      const held = await this.#account.keys.find(this.#me, password);
      if (held.is !== 'here') return 'wrongPassword';
      await this.#account.keyFound(this.#me, held);
      return { is: 'done', what: 'unlock' };
    });
  }

  exportIdentity(password: string): void {
    this.#do('exportIdentity', async () => {
      const exported = await this.#account.keys.exportFile(this.#me, password);
      if (exported.is === 'refused') return exported.why;
      return { is: 'done', what: 'exportIdentity', file: exported.file };
    });
  }

  /** The file counts only if it holds the key that the server has now. */
  importIdentity(file: Bytes, password: string): void {
    this.#do('importIdentity', async () => {
      const published = await this.#account.publishedKey(this.#me);
      if (!published.ok) return failureOf(published.fault);
      if (published.value === null) return 'otherKey';
      const { keys } = this.#account;
      const imported = await keys.importFile(this.#me, published.value, { file, password });
      if (imported.is === 'refused') return imported.why;
      await this.#account.keyFound(this.#me, imported.held);
      return { is: 'done', what: 'importIdentity' };
    });
  }

  exportPeers(password: string): void {
    this.#do('exportPeers', async () => {
      return { is: 'done', what: 'exportPeers', file: await this.#peers.exportFile(password) };
    });
  }

  importPeers(file: Bytes, password: string): void {
    this.#do('importPeers', async () => {
      const report = await this.#peers.importFile(file, password);
      return report.is === 'refused' ? report.why : { is: 'done', what: 'importPeers', report };
    });
  }

  /** Puts the outcome out of sight, and a file out of memory. */
  putAway(): void {
    if (this.work.is !== 'busy') this.#work.set({ is: 'idle' });
  }

  #do(what: Task, work: () => Promise<Done | Failure>): void {
    if (this.work.is === 'busy') return;
    this.#work.set({ is: 'busy', what });
    void work()
      // Only the browser itself can fail here: its storage, or its cryptography.
      .catch((): Failure => 'broken')
      .then((came) => {
        this.#work.set(typeof came === 'string' ? { is: 'failed', what, why: came } : came);
      });
  }
}

function failureOf({ code }: Fault): Failure {
  return code === 'NETWORK' || code === 'TIMEOUT' ? 'unreachable' : 'broken';
}
