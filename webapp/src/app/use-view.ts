/**
 * The model's view as React sees it.
 */
import { useCallback, useSyncExternalStore } from 'react';
import type { AppModel, AppView } from './model.ts';

export function useView(model: AppModel): AppView {
  return useSyncExternalStore(
    useCallback((listener) => model.subscribe(listener), [model]),
    () => model.snapshot(),
  );
}
