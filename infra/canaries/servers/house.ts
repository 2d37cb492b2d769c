/**
 * The real thing, and every place where something might be left: two edges that may be recorded,
 * actors, a broker and a database, all as talkative as they can be made, with every wire between
 * them tapped.
 */
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createWriteStream, mkdirSync, type WriteStream, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Broker, type Brokers, brokers } from '../../chaos/servers/brokers.ts';
import { Line, type Tap } from '../../chaos/servers/line.ts';
import { freePort } from '../../chaos/servers/ports.ts';
import { Postgres } from '../../chaos/servers/postgres.ts';
import { Service } from '../../chaos/servers/service.ts';
import { Database } from './database.ts';
import { Recorder } from './recorder.ts';

/** What stands outside of a run. */
export type Surroundings = {
  readonly dhchat: string;
  readonly natsServer: string;
  readonly postgresBin: string;
  readonly postgresUrl: string;
  /** Where everything of the run stays. */
  readonly folder: string;
};

export type Edge = { readonly service: Service; readonly url: string; readonly metrics: string };

export type House = {
  readonly edges: readonly [Edge, Edge];
  readonly actors: { readonly service: Service; readonly metrics: string };
  readonly broker: Broker;
  readonly postgres: Postgres;
  readonly database: Database;
  readonly recorder: Recorder;
  readonly logs: string;
  readonly wires: Wires;
};

/** Costs and limits are raised openly: everybody comes from one address. */
const ALL = {
  DHCHAT_BCRYPT_COST: '4',
  DHCHAT_LIMIT_LOGIN_PER_SECOND: '1000',
  DHCHAT_LIMIT_REGISTER_PER_SECOND: '1000',
  DHCHAT_LIMIT_GENERAL_PER_SECOND: '10000',
  DHCHAT_LIMIT_PAIR_PER_MINUTE: '10000',
  DHCHAT_DRAIN_SECONDS: '1',
  // Everything that is said at all; the bus client is quiet unless it is named.
  DHCHAT_LOG: 'trace,async_nats=trace',
};

/** Debugging, and each word of the protocol with its payload. */
const BROKER_FLAGS = ['--debug', '--trace'];

/** What passed a wire, a file for each connection and direction. */
export class Wires {
  readonly bus: string;
  readonly database: string;
  readonly #lines: Line[] = [];
  readonly #files: WriteStream[] = [];

  constructor(folder: string) {
    this.bus = join(folder, 'bus');
    this.database = join(folder, 'database');
    for (const each of [this.bus, this.database]) mkdirSync(each, { recursive: true });
  }

  /** A port that leads to another, and is tapped. */
  async through(folder: string, name: string, port: number): Promise<number> {
    const tap: Tap = (way) => {
      const path = join(folder, `${name}-${this.#files.length}-${way}`);
      const file = createWriteStream(path);
      this.#files.push(file);
      return (bytes) => file.write(bytes);
    };
    const line = await Line.open(() => [{ name, port }], tap);
    this.#lines.push(line);
    return line.port;
  }

  /** Nothing passes any more, and everything that did is in the files. */
  async close(): Promise<void> {
    for (const line of this.#lines) line.close();
    await Promise.all(
      this.#files.map((file) => new Promise<void>((resolve) => file.end(() => resolve()))),
    );
  }
}

/** Everything started, ready, and recorded. */
export async function open(around: Surroundings): Promise<House> {
  const { dhchat, natsServer, postgresBin, postgresUrl, folder } = around;
  const logs = join(folder, 'logs');
  mkdirSync(logs, { recursive: true });
  const wires = new Wires(join(folder, 'wires'));
  const database = new Database(postgresBin, postgresUrl);
  database.talk();
  migrate(dhchat, postgresUrl);
  const nats = await brokers(natsServer, logs, 1, BROKER_FLAGS);
  const [broker] = nats.all;
  if (broker === undefined) throw new Error('there is a broker');
  await broker.service.start();
  const world = { around, logs, wires, nats, broker };
  const actors = await actorsOf(world);
  const ports = [await freePort(), await freePort()] as const;
  const origins = ports.map((port) => `http://localhost:${port}`).join(',');
  const edges = [
    await edgeOf(world, { name: 'edge-1', port: ports[0], origins }),
    await edgeOf(world, { name: 'edge-2', port: ports[1], origins }),
  ] as const;
  const recorder = await Recorder.begin(dhchat, folder, nats.urlOf('capture', broker.port));
  const postgres = new Postgres(postgresBin, postgresUrl);
  return { edges, actors, broker, postgres, database, recorder, logs, wires };
}

/** In the order of an operator: doors before what they stand on. */
export async function close({ edges, actors, broker, wires }: House): Promise<void> {
  await Promise.all(edges.map(({ service }) => service.stop()));
  await actors.service.stop();
  await broker.service.kill();
  await wires.close();
}

type World = {
  readonly around: Surroundings;
  readonly logs: string;
  readonly wires: Wires;
  readonly nats: Brokers;
  readonly broker: Broker;
};

async function actorsOf({ around, logs, wires, nats, broker }: World): Promise<House['actors']> {
  const { dhchat, postgresUrl, folder } = around;
  const rootKey = join(folder, 'root.key');
  writeFileSync(rootKey, randomBytes(32), { mode: 0o600 });
  const store = new URL(postgresUrl);
  store.port = `${await wires.through(wires.database, 'actors', Number(store.port))}`;
  const bus = await wires.through(wires.bus, 'actors', broker.port);
  const page = `http://127.0.0.1:${await freePort()}`;
  const env = {
    ...ALL,
    DHCHAT_DATABASE_URL: store.href,
    DHCHAT_BUS_URL: nats.urlOf('actors', bus),
    DHCHAT_ROOT_KEY_FILE: rootKey,
    AUTH_HTTP_PORT: new URL(page).port,
  };
  const command = { name: 'actors', program: dhchat, args: ['actors'], env };
  const service = new Service({ ...command, health: `${page}/health/ready` }, logs);
  await service.start();
  return { service, metrics: `${page}/metrics` };
}

async function edgeOf(
  { around, logs, wires, nats, broker }: World,
  { name, port, origins }: { name: string; port: number; origins: string },
): Promise<Edge> {
  const url = `http://localhost:${port}`;
  const bus = await wires.through(wires.bus, name, broker.port);
  const metricsPort = await freePort();
  const env = {
    ...ALL,
    DHCHAT_LISTEN: `127.0.0.1:${port}`,
    DHCHAT_PUBLIC_URL: origins,
    DHCHAT_BUS_URL: nats.urlOf('edge', bus),
    DHCHAT_CAPTURE: 'allowed',
    CHAT_HTTP_PORT: `${metricsPort}`,
  };
  const command = { name, program: around.dhchat, args: ['edge'], env };
  const service = new Service({ ...command, health: `${url}/health/ready` }, logs);
  await service.start();
  return { service, url, metrics: `http://127.0.0.1:${metricsPort}/metrics` };
}

function migrate(dhchat: string, postgresUrl: string): void {
  const env = { PATH: process.env['PATH'] ?? '', DHCHAT_DATABASE_URL: postgresUrl };
  const ran = spawnSync(dhchat, ['migrate'], { env, encoding: 'utf8' });
  if (ran.status !== 0) throw new Error(`dhchat migrate failed: ${ran.stderr}`);
}
