/**
 * Judges what a search came to. A place counts only if it was looked at and everything that was
 * planted there was found, in each form; then anything of what people said is too much.
 */
import { HEADER_FORMS, type Plant, type Planted, TRACE_FORMS } from './people/plants.ts';
import type { Find, Look } from './places/finds.ts';
import { FORMS, type Form } from './search/forms.ts';

/** What an operator's dump and a log write as it is: text. */
const TEXT_FORMS: readonly Form[] = HEADER_FORMS;

type Expected = Partial<Record<Plant, readonly Form[]>>;

const RELAYED: Expected = { relay: FORMS, clear: ['raw'] };
const ACCOUNT: Expected = { key: FORMS };

/** Every place, and what must be found there before the search in it is worth anything. */
export const EXPECTED = {
  'memory of edge-1': RELAYED,
  'memory of edge-2': RELAYED,
  'memory of the broker': RELAYED,
  'memory of the actors': ACCOUNT,
  'memory of PostgreSQL': ACCOUNT,
  'wires of the bus': { ...RELAYED, ...ACCOUNT, password: ['raw'] },
  'wire of the database': ACCOUNT,
  'sent by browsers': { page: FORMS },
  capture: RELAYED,
  'dump of the database': { agent: TEXT_FORMS },
  'tables of the database': { ...ACCOUNT, agent: TEXT_FORMS },
  'files of the database': ACCOUNT,
  'logs of edges and actors': { trace: TRACE_FORMS, log: FORMS },
  'log of the broker': { clear: ['raw'], password: ['raw'], log: FORMS },
  'log of the database': { agent: TEXT_FORMS, log: FORMS },
  metrics: { figures: FORMS },
} as const satisfies Readonly<Record<string, Expected>>;

export type Place = keyof typeof EXPECTED;

/** Where that may lie which servers only carry: nowhere is it kept, written down or counted. */
const CARRYING: readonly Place[] = [
  'memory of edge-1',
  'memory of edge-2',
  'memory of the broker',
  'wires of the bus',
  // The broker was told to trace each word of its protocol.
  'log of the broker',
];

const CARRIED: Partial<Record<Plant, readonly Place[]>> = {
  relay: [...CARRYING, 'capture'],
  clear: [...CARRYING, 'capture'],
  // No capture has it, and the database a hash alone.
  password: [...CARRYING, 'memory of the actors'],
};

export type Verdict = {
  readonly places: readonly PlaceVerdict[];
  /** What people said, and where it lay open. */
  readonly leaks: readonly Find[];
  /** What is only carried, where it has no business. */
  readonly strays: readonly Find[];
};

export type PlaceVerdict = {
  readonly place: Place;
  readonly looks: number;
  /** All looks together. */
  readonly bytes: number;
  readonly unreadBytes: number;
  /** The most of one look: processes, or files. */
  readonly parts: number;
  readonly planted: number;
  /** Planted, and not found. */
  readonly missing: readonly string[];
  readonly leaks: number;
};

/** `said` names the flock of what people said, `planted` that of the rest. */
export function judge(looks: readonly Look[], plants: Planted, said: string): Verdict {
  const finds = looks.flatMap((look) => look.finds);
  const leaks = finds.filter(({ flock }) => flock === said);
  const strays = finds.filter((find) => isStray(find, plants));
  const names = Object.keys(EXPECTED) as Place[];
  const places = names.map((place) => placeVerdict(place, looks, plants, said));
  return { places, leaks, strays };
}

/** In words; none if the run shows what it is to show. */
export function wrongs({ places, leaks, strays }: Verdict): string[] {
  return [
    ...places.filter(({ bytes }) => bytes === 0).map(({ place }) => `nothing to read: ${place}`),
    ...places.flatMap(({ place, missing }) =>
      missing.map((plant) => `planted and not found: ${plant} in ${place}`),
    ),
    ...told('said, and found', leaks),
    ...told('carried, and kept', strays),
  ];
}

/** A line for each place and form, with the first of them. */
function told(what: string, finds: readonly Find[]): string[] {
  const lines = Map.groupBy(finds, ({ place, forms }) => `as ${forms.join(' or ')} in ${place}`);
  return [...lines].map(([where, all]) => {
    const texts = new Set(all.map(({ canary }) => canary ?? 'parts'));
    const [first] = all;
    return `${what}: ${texts.size} ${where}; ${first?.canary ?? 'a part'} at ${first?.at}`;
  });
}

function isStray({ canary, place }: Find, plants: Planted): boolean {
  const carried = Object.entries(CARRIED) as [Plant, readonly Place[]][];
  return carried.some(
    ([plant, places]) =>
      canary !== null &&
      [...plants[plant].values()].includes(canary) &&
      !places.some((each) => each === place),
  );
}

function placeVerdict(
  place: Place,
  looks: readonly Look[],
  plants: Planted,
  said: string,
): PlaceVerdict {
  const here = looks.filter((look) => look.place === place);
  const finds = here.flatMap((look) => look.finds);
  const expected = Object.entries(EXPECTED[place]) as [Plant, readonly Form[]][];
  const wanted = expected.flatMap(([plant, forms]) => forms.map((form) => ({ plant, form })));
  const missing = wanted.filter(
    ({ plant, form }) => !isFound(finds, plants[plant].get(form), form),
  );
  return {
    place,
    looks: here.length,
    bytes: sumOf(here.map(({ bytes }) => bytes)),
    unreadBytes: sumOf(here.map(({ unreadBytes }) => unreadBytes)),
    parts: Math.max(0, ...here.map(({ parts }) => parts)),
    planted: wanted.length,
    missing: missing.map(({ plant, form }) => `${plant}, ${form}`),
    leaks: finds.filter(({ flock }) => flock === said).length,
  };
}

function isFound(finds: readonly Find[], planted: string | undefined, form: Form): boolean {
  return finds.some(({ canary, forms }) => canary === planted && forms.includes(form));
}

function sumOf(figures: readonly number[]): number {
  return figures.reduce((sum, figure) => sum + figure, 0);
}
