/** The page in which Chromium measures: lends the measures to whoever drives the browser. */
import { measuresOf, type Order } from './measures.ts';

/** Chromium's own; with precise figures only when started so. */
type WithMemory = { readonly memory?: { readonly usedJSHeapSize: number } };

function memory(): number {
  return (performance as unknown as WithMemory).memory?.usedJSHeapSize ?? 0;
}

Object.assign(globalThis, { measure: (order: Order) => measuresOf(order, memory) });
