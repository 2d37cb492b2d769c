/** Brokers that are one cluster, as `nats/cluster.conf` has it. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { freePort } from './ports.ts';
import { Service } from './service.ts';

const ROLES = ['EDGE', 'AUTH', 'IDENTITY', 'DIRECTORY', 'ACTORS', 'CAPTURE', 'ROUTE'] as const;

export type Broker = {
  readonly service: Service;
  readonly port: number;
  /** Where it tells operators about itself. */
  readonly pages: string;
};

type Role = 'edge' | 'actors' | 'capture';

export type Brokers = {
  readonly all: readonly Broker[];
  /** The address of a broker, or of who leads to it, as a role reaches it. */
  readonly urlOf: (role: Role, port: number) => string;
};

export async function brokers(
  program: string,
  folder: string,
  count: number,
  flags: readonly string[] = [],
): Promise<Brokers> {
  // They begin with a letter: the broker reads its environment as configuration.
  const passwords = Object.fromEntries(
    ROLES.map((role) => [`NATS_${role}_PASSWORD`, `p${randomBytes(16).toString('hex')}`]),
  );
  const password = (role: string) => passwords[`NATS_${role}_PASSWORD`] ?? '';
  const places: { port: number; route: number; health: number }[] = [];
  for (let n = 0; n < count; n += 1) {
    places.push({ port: await freePort(), route: await freePort(), health: await freePort() });
  }
  const routeOf = (port: number) => `nats-route://route:${password('ROUTE')}@127.0.0.1:${port}`;
  const all = places.map(({ port, route, health }, n) => {
    const name = `broker-${n + 1}`;
    const args = ['--config', join(import.meta.dirname, '../../../nats/cluster.conf')];
    const listens = ['--addr', '127.0.0.1', '--port', `${port}`, '--http_port', `${health}`];
    const cluster = ['--cluster', routeOf(route).replace('nats-route:', 'nats:')];
    const env = {
      ...passwords,
      NATS_SERVER_NAME: name,
      NATS_ROUTES: JSON.stringify(places.map((place) => routeOf(place.route))),
    };
    const pages = `http://127.0.0.1:${health}`;
    const told = [...args, ...listens, ...cluster, ...flags];
    const command = { name, program, args: told, env, health: `${pages}/healthz` };
    return { service: new Service(command, folder), port, pages };
  });
  const urlOf = (role: Role, port: number) =>
    `nats://${role}:${password(role.toUpperCase())}@127.0.0.1:${port}`;
  return { all, urlOf };
}
