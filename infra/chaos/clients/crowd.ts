/** A process of many clients: does what the run orders and tells how they are. Started by fork. */
import { setInterval } from 'node:timers';
import { seededRandom } from '../../../webapp/src/test/seeded-random.ts';
import type { ClientEvent } from '../checker/history.ts';
import { Journal } from '../journal.ts';
import { monotonicMs } from '../monotonic.ts';
import { Client } from './client.ts';
import type { Order, Report } from './orders.ts';

const TELL_EVERY_MS = 100;

let clients: Client[] = [];
let orders = 0;
let journal: Journal<ClientEvent> | null = null;

process.on('message', (order: Order) => {
  orders += 1;
  switch (order.do) {
    case 'begin':
      begin(order);
      return;
    case 'meet':
      for (const client of clients) {
        const partner = order.partners[client.name];
        if (partner !== undefined) client.meet(partner);
      }
      return;
    case 'talk':
      for (const client of clients) client.talk(order.on);
      return;
    case 'sendFile':
      clients.find(({ name }) => name === order.who)?.sendFile(order.bytes);
      return;
    case 'stop':
      void stop();
      return;
  }
});
// Nobody is left behind when the run that ordered them is gone.
process.on('disconnect', () => process.exit(1));
setInterval(tell, TELL_EVERY_MS);

function begin({ plans, seed, folder, crowd }: Order & { do: 'begin' }): void {
  const written = new Journal<ClientEvent>(folder, `client-${crowd}`);
  journal = written;
  clients = plans.map((plan, nth) => {
    const { name: who } = plan;
    return new Client(plan, seededRandom(seed * 1_000 + nth), (deed) =>
      written.write({ at: monotonicMs(), who, ...deed } as ClientEvent),
    );
  });
}

async function stop(): Promise<void> {
  for (const client of clients) client.stop();
  await journal?.close();
  process.exit(0);
}

function tell(): void {
  const { user, system } = process.cpuUsage();
  const states = clients.map(({ waiting }) => waiting);
  const report: Report = {
    orders,
    people: clients.flatMap(({ me }) => me ?? []),
    up: states.filter((waiting) => waiting !== null).length,
    waiting: states.reduce<number>((sum, waiting) => sum + (waiting ?? 0), 0),
    moving: Object.fromEntries(
      clients.flatMap(({ name, movedBytes }) => (movedBytes === null ? [] : [[name, movedBytes]])),
    ),
    cpuMs: (user + system) / 1_000,
    residentBytes: process.memoryUsage.rss(),
  };
  process.send?.(report);
}
