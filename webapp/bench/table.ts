/** The measures as people read them, and beside what was wished for. */
import type { Column } from './run.ts';
import type { Unit } from './timing.ts';

const NAME_CHARS = 38;
const COLUMN_CHARS = 26;

/** By Web Crypto in Chromium. */
const TARGETS: readonly (readonly [string, 'below' | 'above', number])[] = [
  ['handshake, caller', 'below', 15],
  ['handshake, answerer', 'below', 15],
  ['file chunks sealed, one by one', 'above', 250],
  ['file chunks opened, one by one', 'above', 250],
  // 250 MiB/s, undisturbed by whatever else the machine does.
  ['file chunk sealed, median', 'below', 0.25],
  ['file chunk opened, median', 'below', 0.25],
  ['heap growth, held', 'below', 64],
];

export function table(columns: readonly Column[]): string {
  const head = ['', ...columns.map(({ place }) => place)];
  const second = ['', ...columns.map(({ provider }) => provider)];
  const names = columns[0]?.measures.map(({ name }) => name) ?? [];
  const rows = names.map((name) => [
    name,
    ...columns.map(({ measures }) => {
      const found = measures.find((measure) => measure.name === name);
      return found === undefined ? '' : shown(found.value, found.unit);
    }),
  ]);
  return [head, second, ...rows].map(line).join('\n');
}

/** What was wished for, and whether it is so here. */
export function reached(columns: readonly Column[]): string {
  const page = columns.find(
    ({ place, provider }) => place.startsWith('Chromium') && provider === 'webCrypto',
  );
  if (page === undefined) return '';
  const verdicts = TARGETS.flatMap(([name, side, bound]) => {
    const measure = page.measures.find((one) => one.name === name);
    if (measure === undefined) return [];
    const good = side === 'below' ? measure.value < bound : measure.value >= bound;
    const wish = `${side} ${bound} ${measure.unit}`;
    return [
      `${good ? 'reached' : 'MISSED '}  ${name} ${wish}: ${shown(measure.value, measure.unit)}`,
    ];
  });
  return `\n${page.place}, Web Crypto:\n${verdicts.join('\n')}\n`;
}

function line([name = '', ...cells]: readonly string[]): string {
  return name.padEnd(NAME_CHARS) + cells.map((cell) => cell.padStart(COLUMN_CHARS)).join('');
}

function shown(value: number, unit: Unit): string {
  const digits = value < 1 ? 3 : value < 100 ? 2 : 0;
  return `${value.toFixed(digits)} ${unit}`;
}
