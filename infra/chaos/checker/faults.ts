/** The kinds of wrong that a history can show, each found by a function of its own. */
import type { ClientEvent } from './history.ts';
import type { Ledger, Side, Word } from './ledger.ts';

/** What must not be, in one sentence, with the word or the conversation it is about. */
export type Finding = { readonly about: string; readonly says: string };

/** To whom it was said, as a word of who said it, where it was said. */
const isHeardBy = ({ by, to, channel }: Word, display: Word['displays'][number]) =>
  display.who === to && display.peer === by && display.channel === channel;

const isDisplayed = (word: Word) => word.displays.some((display) => isHeardBy(word, display));

const isConfirmed = ({ confirmed }: Word) => confirmed.length > 0;

/**
 * A word that its addressee never saw although it had to: a later one came, or the conversation
 * went on, or its end was told with fewer unconfirmed words than there are.
 */
export function lost({ sides }: Ledger): Finding[] {
  return sides.flatMap((side) => {
    const last = side.said.findLast(isDisplayed)?.place ?? -1;
    const missing = side.said.filter((word) => !isDisplayed(word));
    const skipped = missing.filter(({ place }) => place < last);
    const findings = skipped.map(({ word, to }) => ({
      about: word,
      says: `never displayed to ${to}, although a later word was`,
    }));
    const rest = missing.filter(({ place }) => place > last);
    if (side.ended === null) {
      const says = 'never displayed, although the conversation went on';
      return [...findings, ...rest.map(({ word }) => ({ about: word, says }))];
    }
    return [...findings, ...untold(side)];
  });
}

/** Whoever lives through the end of a conversation is told how many words nobody knows of. */
function untold({ said, ended, who, channel }: Side): Finding[] {
  const unknown = said.filter((word) => !isConfirmed(word)).length;
  if (ended === null || ended.unconfirmed === unknown) return [];
  const says = `${who} was told of ${ended.unconfirmed} unconfirmed words, and there were ${unknown}`;
  return [{ about: channel, says }];
}

export function duplicated({ words }: Ledger): Finding[] {
  return [...words.values()].flatMap((word) => {
    const times = word.displays.filter((display) => isHeardBy(word, display)).length;
    return times > 1 ? [{ about: word.word, says: `displayed ${times} times` }] : [];
  });
}

/** Each side's words are displayed in the order in which they were said. */
export function reordered({ sides, words }: Ledger): Finding[] {
  return sides.flatMap(({ who, channel, heard }) => {
    let newest = -1;
    const findings: Finding[] = [];
    for (const word of new Set(heard)) {
      const known = words.get(word);
      if (known === undefined || known.to !== who || known.channel !== channel) continue;
      if (known.place < newest) {
        findings.push({ about: word, says: `displayed to ${who} after a word said later` });
      }
      newest = Math.max(newest, known.place);
    }
    return findings;
  });
}

/** Displayed to somebody else, as somebody else's, or in another conversation. */
export function misdelivered({ words }: Ledger): Finding[] {
  return [...words.values()].flatMap((word) =>
    word.displays
      .filter((display) => !isHeardBy(word, display))
      .map(({ who, peer }) => ({
        about: word.word,
        says: `said by ${word.by} to ${word.to}, displayed to ${who} as a word of ${peer}`,
      })),
  );
}

/** Displayed and never said. */
export function unexpected({ unsaid, saidTwice }: Ledger): Finding[] {
  return [
    ...unsaid.map(({ word, who }) => ({
      about: word,
      says: `displayed to ${who}, said by nobody`,
    })),
    ...saidTwice.map((word) => ({ about: word, says: 'said twice: words must differ' })),
  ];
}

/** Shown as delivered or read before the addressee had it on the screen, or without that. */
export function falselyAcknowledged({ words }: Ledger): Finding[] {
  return [...words.values()].flatMap((word) => {
    const first = word.confirmed[0];
    if (first === undefined) return [];
    const seen = word.displays.find((display) => isHeardBy(word, display));
    const about = word.word;
    if (seen === undefined) return [{ about, says: `shown as ${first.is}, never displayed` }];
    return first.at < seen.at
      ? [{ about, says: `shown as ${first.is} before it was displayed` }]
      : [];
  });
}

/** Displayed, and its sender has not learnt it long after the last fault. */
export function unresolved({ sides }: Ledger): Finding[] {
  const living = sides.filter(({ ended }) => ended === null);
  return living.flatMap(({ said }) =>
    said
      .filter((word) => isDisplayed(word) && !isConfirmed(word))
      .map(({ word, by }) => ({ about: word, says: `${by} still waits for its acknowledgement` })),
  );
}

/** Nobody leaves a run: whoever has to sign in again was put out. */
export function putOut(events: readonly ClientEvent[]): Finding[] {
  return events
    .filter(({ did }) => did === 'signedOut')
    .map(({ who }) => ({ about: who, says: 'was signed out, although nobody asked for it' }));
}
