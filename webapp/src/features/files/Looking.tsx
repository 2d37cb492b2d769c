/** The viewer of what is looked at, if anything is; it is put away with the conversation. */
import { lazy, Suspense, useEffect } from 'react';
import { lookAt, useLookedAt } from './looking.ts';
import { NoViewer } from './NoViewer.tsx';

/** Loaded with the first look. One that does not load must not take the conversation along. */
const Viewer = lazy(async () => {
  const loaded = import('./Viewer.tsx').then(({ Viewer }) => Viewer);
  return { default: await loaded.catch(() => NoViewer) };
});

export function Looking() {
  const lookedAt = useLookedAt();
  useEffect(() => () => lookAt(null), []);
  if (lookedAt === null) return null;
  return (
    <Suspense fallback={null}>
      <Viewer {...lookedAt} onClose={() => lookAt(null)} />
    </Suspense>
  );
}
