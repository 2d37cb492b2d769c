/**
 * What is planted so that it must be found: for each way in a canary per form, and the bytes in
 * which they travel.
 */
import { randomBytes } from 'node:crypto';
import { canary, plainCanary } from '../search/canary.ts';
import { embedded, FORMS, type Form, shiftOf } from '../search/forms.ts';

/** The ways in, and what they are. */
export const PLANTS = {
  relay: 'bodies on the binary door, which the relay carries unread',
  clear: 'what a client of the text door says in the clear',
  key: 'the public key of somebody, kept exactly as it was sent',
  agent: 'the browser that somebody names when signing in',
  password: 'the password of somebody, on its way to auth',
  trace: 'the trace id of a request that is worth a line in a log',
  page: 'what a page in a browser sends',
  log: 'written into a file beside the logs',
  figures: 'written into a file beside the metrics',
} as const;

export type Plant = keyof typeof PLANTS;

/** What fits into a header: text, and few characters. */
export const HEADER_FORMS = [
  'raw',
  'hex',
  'HEX',
  'base64, aligned',
  'base64, one byte on',
  'base64, two bytes on',
] as const satisfies readonly Form[];

/** What fits into a trace id: letters, digits, `-` and `_`. */
export const TRACE_FORMS = [
  'raw',
  'hex',
  'HEX',
  'base64url, aligned',
  'base64url, one byte on',
  'base64url, two bytes on',
] as const satisfies readonly Form[];

export type Planted = { readonly [Name in Plant]: ReadonlyMap<Form, string> };

export function planted(flock: string): Planted {
  const of = (forms: readonly Form[], make: (flock: string) => string) =>
    new Map(forms.map((form) => [form, make(flock)] as const));
  const whole = () => of(FORMS, canary);
  return {
    relay: whole(),
    clear: of(['raw'], canary),
    key: whole(),
    agent: of(HEADER_FORMS, plainCanary),
    password: of(['raw'], plainCanary),
    trace: of(TRACE_FORMS, plainCanary),
    page: whole(),
    log: whole(),
    figures: whole(),
  };
}

export function canariesOf(all: Planted): string[] {
  return Object.values(all).flatMap((plant) => [...plant.values()]);
}

/**
 * All of a plant, one after the other. Something stands before the first: whoever frees memory
 * writes over its beginning.
 */
export function bytesOf(plant: ReadonlyMap<Form, string>): Buffer {
  const between = Buffer.from('.'.repeat(32));
  return Buffer.concat([...plant].flatMap(([form, text]) => [between, inForm(form, text)]));
}

/** As text, where nothing else is taken. */
export function wordsOf(plant: ReadonlyMap<Form, string>, forms: readonly Form[]): string[] {
  return forms.map((form) => inForm(form, plant.get(form) ?? '').toString());
}

/** What stands before it in its group of three bytes is left to chance. */
function inForm(form: Form, text: string): Buffer {
  return embedded(form, text, randomBytes(shiftOf(form)));
}
