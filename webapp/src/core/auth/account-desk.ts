/**
 * Where a person looks after the account: which devices are signed in, another password, the end
 * of it. One piece of work at a time; what came of it is seen until the next, or until it is put
 * away.
 */
import { BROKEN, type Fault, fieldsOf, nothing, type Result } from '../api.ts';
import { Observable } from '../observable.ts';
import type { Cancel } from '../ports.ts';
import type { UserId } from '../wire/ids.ts';
import { type Account, oneSpelling } from './driver.ts';

/** A browser, or another client, that is signed in to this account. */
export type Device = {
  readonly id: string;
  /** What it says of itself. */
  readonly userAgent: string;
  /** The network address that it was used from last. */
  readonly address: string;
  /** When it signed in, in milliseconds since 1970. */
  readonly madeAt: number;
  /** When it was used last, in milliseconds since 1970. */
  readonly usedAt: number;
  /** It is this one. */
  readonly current: boolean;
};

export type Devices =
  | { readonly is: 'idle' }
  | { readonly is: 'asking' }
  | { readonly is: 'answered'; readonly value: readonly Device[] }
  | { readonly is: 'failed'; readonly fault: Fault };

export type AccountTask = 'endDevice' | 'changePassword' | 'deleteAccount';

export type AccountWork =
  | { readonly is: 'idle' }
  | { readonly is: 'busy'; readonly what: AccountTask }
  | { readonly is: 'done'; readonly what: AccountTask }
  | { readonly is: 'failed'; readonly what: AccountTask; readonly fault: Fault };

/** More than the server lets be signed in at once. */
const DEVICES_MAX = 100;

export class AccountDesk {
  readonly #account: Account;
  readonly #me: UserId;
  readonly #devices = new Observable<Devices>({ is: 'idle' });
  readonly #work = new Observable<AccountWork>({ is: 'idle' });

  constructor(account: Account, me: UserId) {
    this.#account = account;
    this.#me = me;
  }

  get devices(): Devices {
    return this.#devices.value;
  }

  get work(): AccountWork {
    return this.#work.value;
  }

  subscribe(listener: () => void): Cancel {
    const cancels = [this.#devices.subscribe(listener), this.#work.subscribe(listener)];
    return () => {
      for (const cancel of cancels) cancel();
    };
  }

  /** Asks which devices are signed in; those that are known stay in sight meanwhile. */
  async look(): Promise<void> {
    if (this.devices.is !== 'answered') this.#devices.set({ is: 'asking' });
    const found = await this.#account.ask(
      { method: 'GET', path: '/api/auth/logins' },
      parseDevices,
    );
    this.#devices.set(
      found.ok ? { is: 'answered', value: found.value } : { is: 'failed', fault: found.fault },
    );
  }

  /** Signs another device out. */
  endDevice(id: string): void {
    const path = `/api/auth/logins/${encodeURIComponent(id)}`;
    this.#do('endDevice', async () => {
      const ended = await this.#account.ask({ method: 'DELETE', path }, nothing);
      await this.look();
      return ended;
    });
  }

  /** Signs every other device out, too. The copy of the key goes under the new password. */
  changePassword(old: string, password: string): void {
    const body = { old_password: oneSpelling(old), new_password: oneSpelling(password) };
    this.#do('changePassword', async () => {
      const keepCopy = await this.#account.keys.resealed(this.#me, old, password);
      const path = '/api/auth/password';
      const changed = await this.#account.ask({ method: 'POST', path, body }, nothing);
      if (!changed.ok) return changed;
      await keepCopy?.();
      await this.look();
      return changed;
    });
  }

  /** The account is gone on the server first, and then in this browser. */
  deleteAccount(password: string): void {
    this.#do('deleteAccount', () => this.#account.remove(password));
  }

  /** Puts the outcome and the devices out of sight. */
  putAway(): void {
    if (this.work.is === 'busy') return;
    this.#work.set({ is: 'idle' });
    this.#devices.set({ is: 'idle' });
  }

  #do(what: AccountTask, work: () => Promise<Result<unknown>>): void {
    if (this.work.is === 'busy') return;
    this.#work.set({ is: 'busy', what });
    void work()
      // Only the browser itself can fail here: its storage, or its cryptography.
      .catch(() => ({ ok: false, fault: { code: BROKEN, traceId: null } }) as const)
      .then((came) => {
        this.#work.set(came.ok ? { is: 'done', what } : { is: 'failed', what, fault: came.fault });
      });
  }
}

function parseDevices(body: unknown): readonly Device[] | null {
  if (!Array.isArray(body)) return null;
  const devices = body.slice(0, DEVICES_MAX).map(parseDevice);
  return devices.every((device) => device !== null) ? devices : null;
}

function parseDevice(body: unknown): Device | null {
  const fields = fieldsOf(body);
  const { id, user_agent, address, current } = fields;
  const [madeAt, usedAt] = [Date.parse(`${fields['made_at']}`), Date.parse(`${fields['used_at']}`)];
  if (typeof id !== 'string' || typeof user_agent !== 'string' || typeof address !== 'string') {
    return null;
  }
  if (Number.isNaN(madeAt) || Number.isNaN(usedAt)) return null;
  return { id, userAgent: user_agent, address, madeAt, usedAt, current: current === true };
}
