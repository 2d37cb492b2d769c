/**
 * Finds canaries in bytes, in every form, however the bytes are cut into pieces.
 *
 * It looks for what all canaries of a flock begin with. What follows tells which canary it is and
 * in which forms it reads so; if it is none that is known, there was one, and a part of it is left.
 */
import { KNOWN_CHARS } from './canary.ts';
import { FORMS, type Form, sure } from './forms.ts';

/** Texts that are searched for under one name; all begin with `beginning`. */
export type Flock = {
  readonly name: string;
  readonly beginning: string;
  readonly canaries: readonly string[];
};

export type Hit = {
  readonly flock: string;
  /** `null` if only a part of one was there. */
  readonly canary: string | null;
  /** More than one where they are the same bytes; of a part, all that it may be of. */
  readonly forms: readonly Form[];
  /** Where it begins, in bytes. */
  readonly at: number;
};

type Whole = { readonly canary: string; readonly form: Form; readonly bytes: Buffer };

/** What is searched for in one go: a beginning that several forms share. */
type Pattern = {
  readonly flock: string;
  readonly bytes: Buffer;
  readonly forms: Form[];
  /** By their first bytes, so that few are compared. */
  readonly wholes: Map<string, Whole[]>;
};

export class Searcher {
  readonly #patterns: readonly Pattern[];
  /** The longest that is looked at to judge one hit. */
  readonly reachBytes: number;

  constructor(flocks: readonly Flock[]) {
    this.#patterns = flocks.flatMap(patternsOf);
    const lengths = this.#patterns.flatMap(({ wholes }) =>
      [...wholes.values()].flat().map(({ bytes }) => bytes.length),
    );
    this.reachBytes = Math.max(...lengths);
  }

  /** Hits that begin before `until`; `bytes` go on for as long as it takes to judge them. */
  search(bytes: Buffer, until = bytes.length): Hit[] {
    return this.#patterns.flatMap((pattern) => {
      const hits: Hit[] = [];
      for (let at = bytes.indexOf(pattern.bytes); at !== -1 && at < until; ) {
        hits.push(hitAt(pattern, bytes, at));
        at = bytes.indexOf(pattern.bytes, at + 1);
      }
      return hits;
    });
  }

  /** For bytes that come in pieces, one after the other. */
  stream(): Stream {
    return new Stream(this);
  }
}

/** Bytes in pieces: a canary that lies across a border is found, each once. */
export class Stream {
  readonly #searcher: Searcher;
  #rest: Buffer = Buffer.alloc(0);
  /** Where the rest begins in the whole. */
  #restAt = 0;

  constructor(searcher: Searcher) {
    this.#searcher = searcher;
  }

  /** Hits of which everything has come. The piece may be used again by whoever gave it. */
  feed(piece: Buffer): Hit[] {
    const bytes = this.#rest.length === 0 ? piece : Buffer.concat([this.#rest, piece]);
    const settled = Math.max(0, bytes.length - this.#searcher.reachBytes + 1);
    const hits = this.#placed(this.#searcher.search(bytes, settled));
    this.#rest = Buffer.from(bytes.subarray(settled));
    this.#restAt += settled;
    return hits;
  }

  /** Nothing follows: hits in what was left. */
  end(): Hit[] {
    const hits = this.#placed(this.#searcher.search(this.#rest));
    this.#restAt += this.#rest.length;
    this.#rest = Buffer.alloc(0);
    return hits;
  }

  #placed(hits: readonly Hit[]): Hit[] {
    return hits.map((hit) => ({ ...hit, at: this.#restAt + hit.at }));
  }
}

function patternsOf({ name, beginning, canaries }: Flock): Pattern[] {
  const patterns = new Map<string, Pattern>();
  for (const form of FORMS) {
    const bytes = beginningIn(form, beginning);
    const key = bytes.toString('latin1');
    const unknown: Pattern = { flock: name, bytes, forms: [], wholes: new Map() };
    const pattern = patterns.get(key) ?? unknown;
    patterns.set(key, pattern);
    pattern.forms.push(form);
    for (const text of canaries) addWhole(pattern, { canary: text, form, bytes: sure(form, text) });
  }
  return [...patterns.values()];
}

/** What the beginning alone makes certain, whatever follows. */
function beginningIn(form: Form, beginning: string): Buffer {
  const bytes = sure(form, beginning);
  // The last zero may be the first of the next character: so both orders of UTF-16 begin alike.
  return form === 'UTF-16 LE' ? bytes.subarray(0, -1) : bytes;
}

function addWhole({ wholes }: Pattern, whole: Whole): void {
  const key = keyOf(whole.bytes, 0);
  const others = wholes.get(key);
  if (others === undefined) wholes.set(key, [whole]);
  else others.push(whole);
}

function hitAt({ flock, forms, wholes }: Pattern, bytes: Buffer, at: number): Hit {
  const whole = (wholes.get(keyOf(bytes, at)) ?? []).filter((each) =>
    bytes.subarray(at, at + each.bytes.length).equals(each.bytes),
  );
  const [first] = whole;
  if (first === undefined) return { flock, canary: null, forms, at };
  return { flock, canary: first.canary, forms: whole.map(({ form }) => form), at };
}

/** The shortest form of a canary's known characters is as long as these. */
function keyOf(bytes: Buffer, at: number): string {
  return bytes.toString('latin1', at, at + KNOWN_CHARS);
}
