/**
 * What two people said, and what each saw of it: finds whatever was lost, doubled, put out of
 * order, changed, or shown although nobody said it.
 */

export class Violation extends Error {}

/** What is judged of a line. */
type Line = {
  readonly id: string;
  readonly by: 'me' | 'peer';
  readonly text: string;
  readonly state: string;
  readonly deleted: boolean;
  readonly reactions: readonly { readonly by: 'me' | 'peer'; readonly emoji: string }[];
};

type Emoji = string | null;

/** One line as its author made it. */
type Said = {
  readonly id: string;
  /** Every text that it ever had, the first first. */
  readonly texts: string[];
  deleted: boolean;
};

type Reactions = Map<string, Emoji[]>;

/** What one person said, and what that person's browser showed of the other. */
class Page {
  readonly said: Said[] = [];
  readonly reacted: Reactions = new Map();
  /** How many lines of the peer were ever shown. */
  heard = 0;
  /** How many of them were ever in sight. */
  looked = 0;
  /** Which text of each line of the peer was shown last, and which reaction. */
  readonly shownText = new Map<string, number>();
  readonly shownReaction = new Map<string, number>();
}

export class Ledger {
  readonly #pages: readonly [Page, Page] = [new Page(), new Page()];

  /** After this person did something: what is new of what is theirs is what they said. */
  acted(who: 0 | 1, lines: readonly Line[]): void {
    const { said, reacted } = this.#pages[who];
    const mine = lines.filter(({ by }) => by === 'me');
    for (const [n, { id, text, deleted }] of mine.entries()) {
      const before = said[n];
      if (before === undefined) said.push({ id, texts: [text], deleted });
      else if (before.id !== id) throw new Violation('own lines changed places');
      else if (deleted) before.deleted = true;
      else if (before.texts.at(-1) !== text) before.texts.push(text);
    }
    for (const { id, reactions, deleted } of lines) {
      if (deleted) continue;
      const emoji = reactionOf(reactions, 'me');
      const before = reacted.get(id) ?? [null];
      if (before.at(-1) !== emoji) before.push(emoji);
      reacted.set(id, before);
    }
  }

  /** This person had everything of the peer in sight. */
  looked(who: 0 | 1): void {
    const page = this.#pages[who];
    page.looked = page.heard;
  }

  /** Whatever this person's browser shows is judged. */
  shows(who: 0 | 1, lines: readonly Line[]): void {
    this.#judgePeers(who, lines);
    this.#judgeOwn(who, lines);
  }

  /** Nothing is on its way any more: both must see the same. */
  rests(who: 0 | 1, lines: readonly Line[]): void {
    const [page, peer] = [this.#pages[who], this.#other(who)];
    if (page.heard !== peer.said.length) {
      throw new Violation(`${page.heard} of ${peer.said.length} lines arrived`);
    }
    const pending = lines.filter(({ state }) => state === 'sending').length;
    if (pending > 0) throw new Violation(`${pending} lines are not known to have arrived`);
    for (const line of lines) {
      const said = line.by === 'peer' ? peer.said.find(({ id }) => id === line.id) : undefined;
      if (said?.deleted === false && said.texts.at(-1) !== line.text) {
        throw new Violation(`an edit was lost: ${line.text}, not ${said.texts.at(-1)}`);
      }
      if (said !== undefined && said.deleted !== line.deleted)
        throw new Violation('a delete was lost');
      const emoji = reactionOf(line.reactions, 'peer');
      if (!line.deleted && emoji !== (peer.reacted.get(line.id)?.at(-1) ?? null)) {
        throw new Violation('a reaction was lost');
      }
    }
  }

  /** It ended here with so many lines that may not have arrived. */
  ended(who: 0 | 1, unconfirmed: number): void {
    const { said } = this.#pages[who];
    const arrived = this.#other(who).heard;
    if (arrived + unconfirmed < said.length) {
      throw new Violation(`${said.length} said, ${arrived} arrived, ${unconfirmed} unconfirmed`);
    }
  }

  /** How many lines this person has said. */
  count(who: 0 | 1): number {
    return this.#pages[who].said.length;
  }

  #judgePeers(who: 0 | 1, lines: readonly Line[]): void {
    const [page, peer] = [this.#pages[who], this.#other(who)];
    const heard = lines.filter(({ by }) => by === 'peer');
    if (heard.length < page.heard) throw new Violation('a line of the peer disappeared');
    page.heard = heard.length;
    for (const [n, line] of heard.entries()) {
      const said = peer.said[n];
      if (said === undefined) throw new Violation(`shown but never said: ${line.text}`);
      if (said.id !== line.id) throw new Violation(`out of order or twice: ${line.text}`);
      if (line.deleted) {
        if (!said.deleted) throw new Violation(`deleted by nobody: ${said.texts.at(-1)}`);
        continue;
      }
      const at = said.texts.indexOf(line.text, page.shownText.get(line.id) ?? 0);
      if (at < 0) throw new Violation(`changed back, or by nobody: ${line.text}`);
      page.shownText.set(line.id, at);
    }
  }

  #judgeOwn(who: 0 | 1, lines: readonly Line[]): void {
    const [page, peer] = [this.#pages[who], this.#other(who)];
    let n = -1;
    for (const line of lines) {
      if (line.by === 'me') {
        n += 1;
        const isHeard = n < peer.heard;
        if (line.state !== 'sending' && !isHeard) throw new Violation(`delivered to nobody: ${n}`);
        if (line.state === 'read' && n >= peer.looked) throw new Violation(`read by nobody: ${n}`);
      }
      if (line.deleted) continue;
      const emoji = reactionOf(line.reactions, 'peer');
      const history = peer.reacted.get(line.id) ?? [null];
      const at = history.indexOf(emoji, page.shownReaction.get(line.id) ?? 0);
      if (at < 0) throw new Violation(`nobody reacted so: ${emoji}`);
      page.shownReaction.set(line.id, at);
    }
  }

  #other(who: 0 | 1): Page {
    return this.#pages[who === 0 ? 1 : 0];
  }
}

function reactionOf(reactions: Line['reactions'], by: 'me' | 'peer'): Emoji {
  return reactions.find((each) => each.by === by)?.emoji ?? null;
}
