/** Which parts of the world the app stands on. */
import type { Holding } from '../core/auth/holding.ts';
import { detectPrimitives, type Suite, type SuiteReport } from '../core/crypto/suite/suite.ts';
import type {
  Clock,
  Durability,
  FileSinks,
  Http,
  KeyMarks,
  KeyVault,
  OwedLogout,
  Ownership,
  PeopleStore,
  PinStore,
  Random,
  Sockets,
  Turnstile,
  Visibility,
} from '../core/ports.ts';
import { SEAL_COST, type SealCost } from '../core/trust/password-seal.ts';
import { browserClock } from '../platform/clock.ts';
import { keyVault, openDatabase, owedLogout, peopleStore, pinStore } from '../platform/database.ts';
import { fileSinks } from '../platform/files.ts';
import { holdingHere } from '../platform/holding.ts';
import { browserHttp } from '../platform/http.ts';
import { lockOwnership } from '../platform/ownership.ts';
import { browserRandom } from '../platform/random.ts';
import { type Unsupported, unsupported } from '../platform/support.ts';
import { emptyTransferStore } from '../platform/transfer-store.ts';
import { lockTurnstile } from '../platform/turnstile.ts';
import type { FromPage } from './host.ts';

export type Platform = {
  readonly sockets: Sockets;
  readonly http: Http;
  readonly vault: KeyVault;
  readonly pins: PinStore;
  readonly people: PeopleStore;
  readonly owedLogout: OwedLogout;
  readonly marks: KeyMarks;
  readonly durability: Durability;
  readonly ownership: Ownership;
  /** What changes the cookie of a login is done by one page after the other. */
  readonly turnstile: Turnstile;
  readonly clock: Clock;
  readonly random: Random;
  readonly visibility: Visibility;
  /** Who computes each primitive here. */
  readonly suite: () => Promise<Suite>;
  /** What guessing a password of a sealed file costs. */
  readonly sealCost: SealCost;
  /** What can be held of a private key here, where signatures are computed so. */
  readonly holding: (report: SuiteReport) => Promise<Holding>;
  /** Where files go that come. */
  readonly sinks: FileSinks;
  /** Removes what a page that ended left of them. */
  readonly emptyFiles: () => Promise<void>;
  /** Why nothing can work here; `null` if it can. */
  readonly unsupported: () => Promise<Unsupported | null>;
};

/** The world of a worker; what only a page has comes `fromPage`. */
export function browserPlatform(fromPage: FromPage): Platform {
  const database = openDatabase();
  // Whoever uses it hears of a failure; nobody may, behind a page that only shows why it cannot work.
  database.catch(() => {});
  return {
    ...fromPage,
    http: browserHttp,
    vault: keyVault(database),
    pins: pinStore(database),
    people: peopleStore(database),
    owedLogout: owedLogout(database),
    ownership: lockOwnership(navigator.locks),
    turnstile: lockTurnstile(navigator.locks, 'dhchat.login'),
    suite: () => detectPrimitives(),
    sealCost: SEAL_COST,
    // A library cannot sign with a handle.
    holding: ({ ed25519 }) =>
      holdingHere(ed25519 === 'webCrypto' ? ['handle', 'wrapped'] : ['wrapped']),
    clock: browserClock,
    random: browserRandom,
    sinks: fileSinks(),
    emptyFiles: () => emptyTransferStore(),
    unsupported,
  };
}
