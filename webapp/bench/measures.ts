/** The measures of one provider, part by part, in Node as in a page. */
import { noble } from '../src/core/crypto/suite/noble.ts';
import type { Primitives } from '../src/core/crypto/suite/primitives.ts';
import { detectPrimitives, type Provider } from '../src/core/crypto/suite/suite.ts';
import { channelMeasures } from './channel.ts';
import { fileMeasures, type Memory } from './file.ts';
import { primitiveMeasures } from './primitives.ts';
import { sizesFor } from './sizes.ts';
import type { Measure } from './timing.ts';

/** The file first: its memory is measured in a page that has done nothing yet. */
export const PARTS = ['file', 'channel', 'primitives'] as const;

/** What to measure; `fileMib` is `null` for the size that the provider can do in good time. */
export type Order = {
  readonly provider: Provider;
  readonly part: (typeof PARTS)[number];
  readonly fileMib: number | null;
};

export async function measuresOf(order: Order, memory: Memory): Promise<Measure[]> {
  const { provider, part, fileMib } = order;
  const primitives = provider === 'library' ? noble : await native();
  const sizes = sizesFor(provider, fileMib);
  switch (part) {
    case 'channel':
      return channelMeasures(primitives, sizes);
    case 'primitives':
      return primitiveMeasures(primitives, sizes);
    case 'file':
      return fileMeasures(primitives, sizes, memory);
  }
}

/** A mixture would be measured as what it is not. */
async function native(): Promise<Primitives> {
  const { primitives, report } = await detectPrimitives();
  const missing = Object.entries(report).filter(([, provider]) => provider === 'library');
  if (missing.length > 0) throw new Error(`Web Crypto lacks ${missing.join(' ')}`);
  return primitives;
}
