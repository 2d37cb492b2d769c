/**
 * What is loaded when it is first drawn: on its way, here, or not to be had.
 */
import { useEffect, useState } from 'react';

export type Loaded<T> =
  | { readonly is: 'loading' | 'failed' }
  | { readonly is: 'here'; readonly value: T };

/** Loads again whenever `load` is another function. */
export function useLoaded<T>(load: () => Promise<T>): Loaded<T> {
  const [loaded, setLoaded] = useState<Loaded<T>>({ is: 'loading' });
  useEffect(() => {
    let isWanted = true;
    const show = (next: Loaded<T>) => {
      if (isWanted) setLoaded(next);
    };
    load().then(
      (value) => show({ is: 'here', value }),
      () => show({ is: 'failed' }),
    );
    return () => {
      isWanted = false;
    };
  }, [load]);
  return loaded;
}
