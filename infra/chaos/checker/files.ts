/** Files that were sent: whether each came whole and once, and at what cost. */
import type { Finding } from './faults.ts';
import type { ClientEvent } from './history.ts';

/** What may be handed to sockets for a file, as a share of its bytes: cuts cost what was under way. */
const COST_MAX = 1.3;

export type Files = {
  readonly sent: number;
  readonly taken: number;
  /** What each that was delivered cost, as a share of its bytes. */
  readonly costs: readonly number[];
  readonly findings: readonly Finding[];
};

type FileEvent = ClientEvent & { did: 'sentFile' | 'tookFile' | 'fileDelivered' };

export function files(events: readonly ClientEvent[]): Files {
  const of = (did: FileEvent['did']) =>
    events.filter((event): event is FileEvent => event.did === did);
  const [sent, taken, delivered] = [of('sentFile'), of('tookFile'), of('fileDelivered')];
  const findings = [
    ...sent.flatMap((file) => wrongOf(file, taken, delivered)),
    ...taken
      .filter(({ hash }) => !sent.some((file) => file.hash === hash))
      .map(({ hash, who }) => ({ about: hash, says: `came to ${who}, and nobody sent it` })),
  ];
  const costs = delivered.flatMap(({ hash, bytes }) => {
    const file = sent.find((each) => each.hash === hash);
    return file === undefined ? [] : [bytes / file.bytes];
  });
  return { sent: sent.length, taken: taken.length, costs, findings };
}

function wrongOf(
  { hash, bytes }: FileEvent,
  taken: readonly FileEvent[],
  delivered: readonly FileEvent[],
): Finding[] {
  const came = taken.filter((file) => file.hash === hash);
  const told = delivered.find((file) => file.hash === hash);
  const says: string[] = [];
  if (came.length !== 1) says.push(`came ${came.length} times`);
  if (told === undefined) says.push('is not shown as delivered');
  else if (!came.some(({ at }) => at <= told.at)) says.push('is shown as delivered before it came');
  if (told !== undefined && told.bytes > COST_MAX * bytes) {
    says.push(`cost ${(told.bytes / bytes).toFixed(2)} times its bytes`);
  }
  return says.map((each) => ({ about: hash, says: `the file ${each}` }));
}
