/**
 * What is looked at. A list draws only what is in view, so that a card may vanish under the
 * viewer that it opened: the viewer stands beside the list, and outlives the card.
 */
import { useSyncExternalStore } from 'react';
import type { TransferView } from '../../app/model.ts';
import type { Content } from './content.ts';
import type { FilesDevice, FilesModel } from './files-model.ts';

export type LookedAt = {
  readonly transfer: TransferView;
  readonly content: Content;
  readonly model: FilesModel;
  readonly device: FilesDevice;
};

let lookedAt: LookedAt | null = null;
const listeners = new Set<() => void>();

export function lookAt(next: LookedAt | null): void {
  lookedAt = next;
  for (const listener of listeners) listener();
}

export function useLookedAt(): LookedAt | null {
  return useSyncExternalStore(subscribe, () => lookedAt);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
