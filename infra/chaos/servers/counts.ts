/** Asks an edge what it has counted, until its figures agree or it has been asked often enough. */
import { get } from 'node:http';
import type { Count } from '../checker/history.ts';
import { monotonicMs } from '../monotonic.ts';

/** Counters are read one after the other while frames come. */
const TIMES_MAX = 10;
const BETWEEN_MS = 20;
const ANSWER_WAIT_MS = 2_000;

const RECEIVED = 'chat_websocket_messages_total';
const OUTCOMES = 'chat_websocket_frame_outcomes_total';
/** Frames that are not for another person. */
const OWN_KINDS = ['auth', 'ping', 'other'];

export type Counted = Pick<Count, 'edge' | 'start' | 'look'>;

/** One look: several counts in quick succession; none if the edge does not answer. */
export async function lookAt(url: string, counted: Counted): Promise<Count[]> {
  const counts: Count[] = [];
  for (let times = 0; times < TIMES_MAX; times += 1) {
    const page = await pageOf(url);
    if (page === null) break;
    const count = { at: monotonicMs(), ...counted, ...figuresOf(page) };
    counts.push(count);
    if (count.received === count.published + count.refused + count.repeated + count.late) break;
    await new Promise((resolve) => setTimeout(resolve, BETWEEN_MS));
  }
  return counts;
}

export function figuresOf(page: string): Omit<Count, keyof Counted | 'at'> {
  const received = seriesOf(page, RECEIVED).filter(([kind]) => !OWN_KINDS.includes(kind));
  const outcomes = new Map(seriesOf(page, OUTCOMES));
  const of = (outcome: string) => {
    const figure = outcomes.get(outcome);
    if (figure === undefined) throw new Error(`the edge does not count frames ${outcome}`);
    return figure;
  };
  return {
    received: received.reduce((sum, [, figure]) => sum + figure, 0),
    published: of('published'),
    refused: of('refused'),
    repeated: of('repeated'),
    late: of('late'),
  };
}

/** The series of a counter with one label: its value, and the figure. */
function seriesOf(page: string, name: string): [label: string, figure: number][] {
  const lines = page.split('\n').filter((line) => line.startsWith(`${name}{`));
  return lines.map((line) => {
    const [, label = '', figure = ''] = /="([^"]*)"\} (\S+)$/.exec(line) ?? [];
    return [label, Number(figure)];
  });
}

function pageOf(url: string): Promise<string | null> {
  return new Promise((resolve) => {
    const request = get(url, { agent: false, timeout: ANSWER_WAIT_MS }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (part: string) => {
        text += part;
      });
      response.on('end', () => resolve(text));
      response.on('error', () => resolve(null));
    });
    request.on('timeout', () => request.destroy());
    request.on('error', () => resolve(null));
  });
}
