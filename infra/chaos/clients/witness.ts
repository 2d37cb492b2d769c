/**
 * Writes down what a person before the screen would see: view by view, what is new in each. It
 * looks at nothing but the view that the screens draw, and believes nothing of what was asked for.
 */
import type { AppView, Line } from '../../../webapp/src/app/model.ts';
import type { Deed } from '../checker/history.ts';

/** An own line that may still change: where it stands, and how it was seen last. */
type Pending = { readonly place: number; state: Line['state'] };

type Talk = {
  readonly channel: string;
  readonly peer: string;
  connection: 'up' | 'reconnecting';
  /** How many lines were seen. */
  lines: number;
  pending: Pending[];
};

export class Witness {
  readonly #write: (deed: Deed) => void;
  #link = '';
  #phase = '';
  #talk: Talk | null = null;
  #rings: readonly string[] = [];

  constructor(write: (deed: Deed) => void) {
    this.#write = write;
  }

  /** The conversation that is open, by its channel; `null` if none is. */
  get talk(): { readonly channel: string; readonly peer: string; readonly pending: number } | null {
    if (this.#talk === null) return null;
    const { channel, peer, pending } = this.#talk;
    const waiting = pending.filter(({ state }) => state === 'sending').length;
    return { channel, peer, pending: waiting };
  }

  look(view: AppView): void {
    if (view.at !== 'signedIn') return;
    if (view.link.is !== this.#link) {
      this.#link = view.link.is;
      this.#write({ did: 'link', is: view.link.is });
    }
    const rings = view.incoming.map(({ name }) => name);
    for (const by of rings.filter((name) => !this.#rings.includes(name))) {
      this.#write({ did: 'rang', by });
    }
    this.#rings = rings;
    this.#seePhase(view);
  }

  #seePhase({ conversation }: AppView & { at: 'signedIn' }): void {
    const phase = conversation?.phase ?? null;
    const was = this.#phase;
    this.#phase = phase?.is ?? '';
    if (conversation === null || phase?.is !== 'secure') {
      if (phase?.is === was) return;
      if (phase?.is === 'ended') this.#end(phase.why, phase.unconfirmed);
      else if (phase?.is === 'peerOffline') this.#end(phase.is, 0);
      // Whatever takes its place without a word of its end was no end that anybody was told of.
      else if (this.#talk !== null) this.#end('replaced', 0);
      return;
    }
    const channel = phase.shortCode.join('-');
    if (this.#talk?.channel !== channel) {
      if (this.#talk !== null) this.#end('replaced', 0);
      const peer = conversation.peer.name;
      this.#talk = { channel, peer, connection: 'up', lines: 0, pending: [] };
      this.#write({ did: 'opened', channel, peer });
    }
    this.#seeLines(this.#talk, phase.lines);
    if (phase.connection !== this.#talk.connection) {
      this.#talk.connection = phase.connection;
      this.#write({ did: 'connection', is: phase.connection, channel });
    }
  }

  #end(why: string, unconfirmed: number): void {
    this.#write({ did: 'ended', channel: this.#talk?.channel ?? '', why, unconfirmed });
    this.#talk = null;
  }

  /** New ones stand at the end; of the others only own ones change here. */
  #seeLines(talk: Talk, lines: readonly Line[]): void {
    const { channel, peer } = talk;
    for (const [past, line] of lines.slice(talk.lines).entries()) {
      const { text: word, by } = line;
      if (by === 'peer') this.#write({ did: 'displayed', word, channel, peer });
      else {
        this.#write({ did: 'showed', word, frame: line.id });
        talk.pending.push({ place: talk.lines + past, state: 'sending' });
      }
    }
    talk.lines = lines.length;
    for (const own of talk.pending) {
      const line = lines[own.place];
      if (line === undefined || line.state === own.state) continue;
      own.state = line.state;
      if (line.state === 'delivered' || line.state === 'read') {
        this.#write({ did: line.state, word: line.text, channel });
      }
    }
    talk.pending = talk.pending.filter(({ state }) => state !== 'read');
  }
}
