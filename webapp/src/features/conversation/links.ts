/**
 * Finds the addresses in what somebody wrote. Only what is written out with `https:`, `http:` or
 * `mailto:` is one; everything else stays text, so that no word of a peer becomes a way to a
 * place that nobody meant.
 *
 * What is shown is what was written. Where the browser would go to another name than the one that
 * is seen (letters of another alphabet, for the most part), the real name stands beside it.
 */

export type Piece =
  | { readonly is: 'text'; readonly text: string }
  | {
      readonly is: 'link';
      readonly text: string;
      readonly href: string;
      /** The host as the network knows it, if that is not what is written; else `null`. */
      readonly host: string | null;
    };

/** Longer than any address that people send, and short enough to be looked at. */
const ADDRESS_CHARS_MAX = 2_000;

/** Up to the next space, quotation mark, bracket or character that nobody sees. */
const CANDIDATE = /(?<![\p{L}\p{N}])(?:https?:\/\/|mailto:)[^\s<>"'`«»“”„{}|\\^\p{Cc}\p{Cf}]+/giu;
const STOPS = '.,;:!?…*_~';
const MAILTO = /^mailto:[^@?\s]+@[^@?\s]+$/i;

/** The text in pieces; put together they are the text again. */
export function piecesOf(text: string): readonly Piece[] {
  const pieces: Piece[] = [];
  let done = 0;
  for (const { 0: found, index } of text.matchAll(CANDIDATE)) {
    const link = linkIn(found);
    if (link === null) continue;
    if (index > done) pieces.push({ is: 'text', text: text.slice(done, index) });
    pieces.push(link);
    done = index + link.text.length;
  }
  if (done < text.length) pieces.push({ is: 'text', text: text.slice(done) });
  return pieces;
}

function linkIn(found: string): (Piece & { is: 'link' }) | null {
  const text = withoutTail(found);
  if (text.length > ADDRESS_CHARS_MAX || !URL.canParse(text)) return null;
  const url = new URL(text);
  if (url.protocol === 'mailto:') {
    return MAILTO.test(text) ? { is: 'link', text, href: url.href, host: null } : null;
  }
  // `https://bank.example@evil.example` goes to the latter, whatever it looks like.
  if (url.username !== '' || url.password !== '' || !url.hostname.includes('.')) return null;
  return { is: 'link', text, href: url.href, host: url.host === hostIn(text) ? null : url.host };
}

/** A sentence goes on after an address: its stops, and a bracket that was opened before. */
function withoutTail(found: string): string {
  const strays = {
    ')': countOf(found, ')') - countOf(found, '('),
    ']': countOf(found, ']') - countOf(found, '['),
  };
  let end = found.length;
  for (; end > 0; end -= 1) {
    const last = found.charAt(end - 1);
    if (last === ')' || last === ']') {
      if (strays[last] <= 0) break;
      strays[last] -= 1;
    } else if (!STOPS.includes(last)) break;
  }
  return found.slice(0, end);
}

function countOf(text: string, char: string): number {
  return text.split(char).length - 1;
}

/** What a reader takes for the host. */
function hostIn(text: string): string {
  const [host = ''] = text.slice(text.indexOf('//') + 2).split(/[/?#]/u);
  return host.toLowerCase();
}
