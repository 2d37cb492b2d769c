/** The real thing: brokers, actors, edges and the database, as processes of this run. */

import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Brokers, brokers } from '../servers/brokers.ts';
import type { Edge } from '../servers/front-door.ts';
import { Line } from '../servers/line.ts';
import { freePort } from '../servers/ports.ts';
import { Postgres } from '../servers/postgres.ts';
import { Service } from '../servers/service.ts';

/** What stands outside of a run. */
export type Surroundings = {
  readonly dhchat: string;
  readonly natsServer: string;
  readonly postgresBin: string;
  readonly postgresUrl: string;
};

/** The edge as a process, and the lines by which it reaches each broker. */
export type EdgeHouse = {
  readonly service: Service;
  readonly door: Edge;
  readonly metricsUrl: string;
  readonly lines: readonly { readonly broker: string; readonly line: Line }[];
};

export type Deployment = {
  readonly brokers: Brokers['all'];
  readonly actors: Service;
  readonly edges: readonly EdgeHouse[];
  readonly postgres: Postgres;
  /** Whose page a client is. */
  readonly origin: string;
};

/** Costs and limits are raised openly: all clients come from one address, and all at once. */
const RAISED = {
  DHCHAT_BCRYPT_COST: '4',
  DHCHAT_LIMIT_LOGIN_PER_SECOND: '1000',
  DHCHAT_LIMIT_REGISTER_PER_SECOND: '1000',
  DHCHAT_LIMIT_GENERAL_PER_SECOND: '10000',
  DHCHAT_LIMIT_PAIR_PER_MINUTE: '10000',
};

export type Size = { readonly edges: number; readonly brokers: number };

/** Everything started and ready. */
export async function deploy(
  { dhchat, natsServer, postgresBin, postgresUrl }: Surroundings,
  folder: string,
  size: Size,
): Promise<Deployment> {
  const postgres = new Postgres(postgresBin, postgresUrl);
  const rootKey = join(folder, 'root.key');
  writeFileSync(rootKey, randomBytes(32), { mode: 0o600 });
  migrate(dhchat, postgresUrl);
  const nats = await brokers(natsServer, folder, size.brokers);
  const all = { ...RAISED, DHCHAT_LOG: process.env['DHCHAT_LOG'] ?? 'info' };
  const actorsPort = await freePort();
  const actors = new Service(
    {
      name: 'actors',
      program: dhchat,
      args: ['actors'],
      env: {
        ...all,
        DHCHAT_DATABASE_URL: postgresUrl,
        DHCHAT_BUS_URL: nats.all.map(({ port }) => nats.urlOf('actors', port)).join(','),
        DHCHAT_ROOT_KEY_FILE: rootKey,
        AUTH_HTTP_PORT: `${actorsPort}`,
      },
      health: `http://127.0.0.1:${actorsPort}/health/ready`,
    },
    folder,
  );
  const origin = `http://localhost:${await freePort()}`;
  const edges: EdgeHouse[] = [];
  for (let n = 0; n < size.edges; n += 1) {
    edges.push(await edgeOf({ name: `edge-${n + 1}`, dhchat, folder, origin, nats, env: all }));
  }
  const deployment = { brokers: nats.all, actors, edges, postgres, origin };
  for (const { service } of nats.all) await service.start();
  await actors.start();
  await Promise.all(edges.map(({ service }) => service.start()));
  return deployment;
}

async function edgeOf(world: {
  name: string;
  dhchat: string;
  folder: string;
  origin: string;
  nats: Brokers;
  env: Record<string, string>;
}): Promise<EdgeHouse> {
  const { name, dhchat, folder, origin, nats, env } = world;
  const lines = await Promise.all(
    nats.all.map(async ({ service, port }) => {
      const target = { name: service.name, port };
      return { broker: service.name, line: await Line.open(() => [target]) };
    }),
  );
  const [port, metricsPort] = [await freePort(), await freePort()];
  const health = `http://127.0.0.1:${port}/health/ready`;
  const service = new Service(
    {
      name,
      program: dhchat,
      args: ['edge'],
      env: {
        ...env,
        DHCHAT_LISTEN: `127.0.0.1:${port}`,
        DHCHAT_PUBLIC_URL: origin,
        DHCHAT_BUS_URL: lines.map(({ line }) => nats.urlOf('edge', line.port)).join(','),
        DHCHAT_ARBITERS: '1',
        CHAT_HTTP_PORT: `${metricsPort}`,
      },
      health,
    },
    folder,
  );
  const metricsUrl = `http://127.0.0.1:${metricsPort}/metrics`;
  return { service, door: { name, port, health }, metricsUrl, lines };
}

function migrate(dhchat: string, postgresUrl: string): void {
  const env = { PATH: process.env['PATH'] ?? '', DHCHAT_DATABASE_URL: postgresUrl };
  const ran = spawnSync(dhchat, ['migrate'], { env, encoding: 'utf8' });
  if (ran.status !== 0) throw new Error(`dhchat migrate failed: ${ran.stderr}`);
}

/** In the order of an operator: doors before what they stand on. */
export async function stop({ edges, actors, brokers }: Deployment): Promise<void> {
  await Promise.all(edges.map(({ service }) => service.stop()));
  await actors.stop();
  for (const { service } of brokers) await service.kill();
  for (const { line } of edges.flatMap(({ lines }) => lines)) line.close();
}
