/** All places of a house, looked through: its memory as often as wanted, everything else once. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Place } from '../judge.ts';
import { bytesOf, type Planted } from '../people/plants.ts';
import { close, type House } from '../servers/house.ts';
import type { Look } from './finds.ts';
import type { SearchThread } from './search-thread.ts';

/** The memory of each process of the house as it is at this moment. */
export async function searchMemory(house: House, search: SearchThread): Promise<Look[]> {
  const { edges, broker, actors, postgres } = house;
  const processes: readonly (readonly [Place, readonly number[]])[] = [
    ['memory of edge-1', [edges[0].service.pid]],
    ['memory of edge-2', [edges[1].service.pid]],
    ['memory of the broker', [broker.service.pid]],
    ['memory of the actors', [actors.service.pid]],
    ['memory of PostgreSQL', postgres.processes()],
  ];
  return Promise.all(processes.map(([place, pids]) => search.memory(place, pids)));
}

/** The memory over and over until something is done, once at least. */
export async function searchMemoryWhile(
  something: Promise<unknown>,
  house: House,
  search: SearchThread,
): Promise<Look[]> {
  let isDone = false;
  const done = something.finally(() => {
    isDone = true;
  });
  // Whoever failed is heard at the end; until then nothing is left unheard.
  done.catch(() => {});
  const looks: Look[] = [];
  do looks.push(...(await searchMemory(house, search)));
  while (!isDone);
  await done;
  return looks;
}

/** What the house tells operators, page by page, added to what it told before. */
export async function keepMetrics(house: House, folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const { edges, actors, broker, database } = house;
  const ofBroker = ['varz', 'connz?subs=detail&auth=true', 'routez', 'subsz?subs=1', 'accountz'];
  const pages = [
    ...edges.map(({ metrics }) => metrics),
    actors.metrics,
    ...ofBroker.map((page) => `${broker.pages}/${page}`),
  ];
  const texts = pages.map(async (page) => `${page}\n${await textOf(page)}`);
  const all = [...(await Promise.all(texts)), database.activity()].join('\n');
  writeFileSync(join(folder, 'pages'), all, { flag: 'a' });
}

/** Stops the house and looks through everything that it leaves. */
export async function searchRest(
  house: House,
  search: SearchThread,
  { folder, sent, plants }: { folder: string; sent: string; plants: Planted },
): Promise<Look[]> {
  const at = (name: string) => join(folder, name);
  const { logs, wires, recorder, postgres, database } = house;
  await keepMetrics(house, at('metrics'));
  database.dump(at('dump.sql'));
  database.tables(at('tables'));
  database.flush();
  await close(house);
  // Logs quote next to nothing, and figures have no words: what must be found in each form is
  // written beside them.
  writeFileSync(at('planted-in-logs'), bytesOf(plants.log));
  writeFileSync(at('planted-in-metrics'), bytesOf(plants.figures));
  const own = ['edge-1', 'edge-2', 'actors'].map((name) => join(logs, `${name}.log`));
  const files: readonly (readonly [Place, readonly string[]])[] = [
    ['wires of the bus', [wires.bus]],
    ['wire of the database', [wires.database]],
    ['sent by browsers', [sent]],
    ['capture', [recorder.file]],
    ['dump of the database', [at('dump.sql')]],
    ['tables of the database', [at('tables')]],
    ['files of the database', [postgres.data]],
    ['logs of edges and actors', [...own, at('planted-in-logs')]],
    ['log of the broker', [join(logs, 'broker-1.log'), at('planted-in-logs')]],
    ['log of the database', [join(postgres.data, 'server.log'), at('planted-in-logs')]],
    ['metrics', [at('metrics'), at('planted-in-metrics')]],
  ];
  return Promise.all(files.map(([place, paths]) => search.files(place, paths)));
}

async function textOf(page: string): Promise<string> {
  const response = await fetch(page);
  if (!response.ok) throw new Error(`${page} answered ${response.status}`);
  return response.text();
}
