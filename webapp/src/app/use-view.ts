/**
 * The model's view as React sees it.
 */
import { useSyncExternalStore } from 'react';
import type { AppModel, AppView } from './model.ts';

export function useView(model: AppModel): AppView {
  return useSyncExternalStore(model.subscribe, model.snapshot);
}
