/** What the stories of transfers have in common: who sends, what was seen, and how far it is. */
import type { FileSource } from '../core/ports.ts';
import type { FileFrame } from '../core/wire/frames.ts';
import { AS_FILE, aFile, type Party, type Setting, TransferNetwork } from './transfer-network.ts';

export const KIB = 1024;
/** Many chunks without much to compute. */
export const SMALL = { chunkBytes: 4 * KIB } as const;

/** Offers a file; the id of its transfer. */
export function sentBy(party: Party, file: FileSource): number {
  const sent = party.transfers.send(file, AS_FILE);
  if (!sent.ok) throw new Error(`it was not taken: ${sent.why}`);
  return sent.id;
}

export function chunksOf({ sent }: Party): FileFrame[] {
  return sent.frames.filter(({ label }) => label === 'file_chunk');
}

export function creditsOf({ sent }: Party) {
  return sent.records.filter((record) => record.is === 'credit');
}

export async function until(network: TransferNetwork, holds: () => boolean): Promise<void> {
  while (!holds()) if (!(await network.untilNext())) throw new Error('it never came to that');
}

export const MIDWAY_BYTES = 1_000 * KIB;

/** Alice has sent some chunks of a file, and Bob has some of them. */
export async function midway(setting: Setting = SMALL) {
  const network = new TransferNetwork({ weather: SLOW, ...setting });
  const id = sentBy(network.alice, aFile(MIDWAY_BYTES));
  await until(network, () => creditsOf(network.bob).some(({ nextChunk }) => nextChunk > 0));
  return { network, id };
}

export const SLOW = { lost: 0, doubled: 0, changed: 0, delayMs: [20, 20] } as const;
