/** What a run may be told from outside, read once; a wrong word ends it before it begins. */
import { randomInt } from 'node:crypto';
import type { PrimitiveName } from '../../webapp/src/core/crypto/suite/suite.ts';
import type { Surroundings } from './nemesis/deployment.ts';

export type Settings = Surroundings & {
  readonly seed: number;
  /** How long people talk while things break. */
  readonly seconds: number;
  readonly pairs: number;
  readonly edges: number;
  readonly brokers: number;
  /** Processes that carry the clients. */
  readonly crowds: number;
  /** Between two words of one client, on average. */
  readonly sayEveryMs: number;
  /** Primitives that clients leave to the libraries, as browsers do that lack them. */
  readonly byLibrary: readonly PrimitiveName[];
  /** Whether times are judged, or only told: a busy machine can show none. */
  readonly holdsToFigures: boolean;
  /** Where everything that was written down stays. */
  readonly folder: string;
};

/** Web Crypto hands each of these to another thread, which costs more than the work itself. */
const SYMMETRIC: readonly PrimitiveName[] = ['sha256', 'hmac', 'aead'];

/** What a kind of run does unless it is told otherwise. */
export type Defaults = Pick<Settings, 'seconds' | 'pairs' | 'sayEveryMs'>;

export function settings(defaults: Defaults): Settings {
  const { env } = process;
  const count = (name: string, otherwise: number) => {
    const given = env[`DHCHAT_CHAOS_${name}`];
    const value = given === undefined || given === '' ? otherwise : Number(given);
    if (!Number.isSafeInteger(value) || value < 1) {
      throw new Error(`DHCHAT_CHAOS_${name} is a whole number from 1: ${given}`);
    }
    return value;
  };
  const named = (name: string) => {
    const value = env[name];
    if (value === undefined) throw new Error(`${name} is missing: start scripts/chaos.sh`);
    return value;
  };
  return {
    seed: count('SEED', randomInt(1, 1_000_000)),
    seconds: count('SECONDS', defaults.seconds),
    pairs: count('PAIRS', defaults.pairs),
    edges: count('EDGES', 3),
    brokers: count('BROKERS', 3),
    crowds: count('CROWDS', 2),
    sayEveryMs: count('SAY_EVERY_MS', defaults.sayEveryMs),
    byLibrary: env['DHCHAT_CHAOS_BY_LIBRARY'] === undefined ? [] : SYMMETRIC,
    holdsToFigures: env['DHCHAT_HOLD_TO_FIGURES'] !== undefined,
    folder: named('DHCHAT_CHAOS_FOLDER'),
    dhchat: named('DHCHAT_BINARY'),
    natsServer: named('DHCHAT_TEST_NATS_SERVER'),
    postgresBin: named('POSTGRES_BIN'),
    postgresUrl: named('DHCHAT_TEST_POSTGRES_URL'),
  };
}
