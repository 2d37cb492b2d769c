/**
 * A part of the interface that is loaded apart from the rest, so that what is seen first does not
 * wait for it.
 *
 * Unlike React's own way, a part that is here already is drawn at once, without a blink.
 */
import { type ComponentType, type ReactNode, useEffect, useSyncExternalStore } from 'react';
import { Observable } from '../core/observable.ts';

type Progress<Props> =
  | { readonly is: 'away' | 'failed' }
  | { readonly is: 'here'; readonly Part: ComponentType<Props> };

export class Later<Props extends object> {
  readonly #import: () => Promise<ComponentType<Props>>;
  readonly #progress = new Observable<Progress<Props>>({ is: 'away' });
  #loading: Promise<void> | null = null;

  constructor(load: () => Promise<ComponentType<Props>>) {
    this.#import = load;
  }

  /** Once, however often it is asked. */
  load = (): Promise<void> => {
    this.#loading ??= this.#import().then(
      (Part) => this.#progress.set({ is: 'here', Part }),
      () => this.#progress.set({ is: 'failed' }),
    );
    return this.#loading;
  };

  subscribe = (listener: () => void) => this.#progress.subscribe(listener);

  snapshot = () => this.#progress.value;
}

type ShownLaterProps<Props extends object> = {
  readonly part: Later<Props>;
  readonly props: Props;
  readonly meanwhile: ReactNode;
  /** What stands there if it cannot be loaded, where the rest is good for something without it. */
  readonly otherwise?: ReactNode;
};

/**
 * Throws if it cannot be loaded, as after a new version came, and nothing stands in for it: the
 * boundary has words for it.
 */
export function ShownLater<Props extends object>(given: ShownLaterProps<Props>) {
  const { part, props, meanwhile, otherwise } = given;
  const progress = useSyncExternalStore(part.subscribe, part.snapshot);
  useEffect(() => void part.load(), [part]);
  if (progress.is === 'failed' && otherwise !== undefined) return otherwise;
  if (progress.is === 'failed') throw new Error('a part of the page did not load');
  return progress.is === 'here' ? <progress.Part {...props} /> : meanwhile;
}
