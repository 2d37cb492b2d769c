/** Which parts of the world the app stands on. */
import type {
  Clock,
  FileSinks,
  Http,
  KeyVault,
  PinStore,
  Random,
  Sockets,
  Visibility,
} from '../core/ports.ts';
import { browserClock } from '../platform/clock.ts';
import { keyVault, openDatabase, pinStore } from '../platform/database.ts';
import { fileSinks } from '../platform/files.ts';
import { browserHttp } from '../platform/http.ts';
import { browserRandom } from '../platform/random.ts';
import { type Unsupported, unsupported } from '../platform/support.ts';
import type { FromPage } from './host.ts';

export type Platform = {
  readonly sockets: Sockets;
  readonly http: Http;
  readonly vault: KeyVault;
  readonly pins: PinStore;
  readonly clock: Clock;
  readonly random: Random;
  readonly visibility: Visibility;
  /** Where files go that come. */
  readonly sinks: FileSinks;
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
    clock: browserClock,
    random: browserRandom,
    sinks: fileSinks(),
    unsupported,
  };
}
