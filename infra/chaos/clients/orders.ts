/** What a run and its processes of clients say to each other. */
import type { Person, Plan } from './client.ts';

export type Order =
  | {
      readonly do: 'begin';
      readonly plans: readonly Plan[];
      readonly seed: number;
      readonly folder: string;
      readonly crowd: string;
    }
  /** Partner by name. */
  | { readonly do: 'meet'; readonly partners: Readonly<Record<string, Person>> }
  | { readonly do: 'talk'; readonly on: boolean }
  | { readonly do: 'sendFile'; readonly who: string; readonly bytes: number }
  | { readonly do: 'stop' };

export type Report = {
  /** How many orders had been carried out when this was told. */
  readonly orders: number;
  /** Everybody whom the server knows and who is online. */
  readonly people: readonly Person[];
  /** How many are in a conversation that is up. */
  readonly up: number;
  /** Words of all whose arrival is not known. */
  readonly waiting: number;
  /** How much has come of each file that is on its way. */
  readonly moving: Readonly<Record<string, number>>;
  /** What this process has cost so far. */
  readonly cpuMs: number;
  readonly residentBytes: number;
};
