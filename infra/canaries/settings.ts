/** What a run may be told from outside; a wrong word ends it before it begins. */
import type { Surroundings } from './servers/house.ts';

export type Settings = Surroundings & {
  /** How many canaries people say. */
  readonly canaries: number;
};

export function settings(): Settings {
  const { env } = process;
  const named = (name: string) => {
    const value = env[name];
    if (value === undefined) throw new Error(`${name} is missing: start scripts/canaries.sh`);
    return value;
  };
  const canaries = Number(env['DHCHAT_CANARIES'] || 200);
  // Fewer would leave out a way to say something.
  if (!Number.isSafeInteger(canaries) || canaries < 20) {
    throw new Error(`DHCHAT_CANARIES is a whole number from 20: ${env['DHCHAT_CANARIES']}`);
  }
  return {
    canaries,
    folder: named('DHCHAT_CANARIES_FOLDER'),
    dhchat: named('DHCHAT_BINARY'),
    natsServer: named('DHCHAT_TEST_NATS_SERVER'),
    postgresBin: named('POSTGRES_BIN'),
    postgresUrl: named('DHCHAT_TEST_POSTGRES_URL'),
  };
}
