/** The page of an edge, read as the judge needs it. */
import { deepStrictEqual, throws } from 'node:assert';
import { it } from 'node:test';
import { figuresOf } from './counts.ts';

const PAGE = `# TYPE chat_websocket_messages_total counter
chat_websocket_messages_total{message_type="auth"} 3
chat_websocket_messages_total{message_type="ping"} 40
chat_websocket_messages_total{message_type="other"} 5
chat_websocket_messages_total{message_type="message"} 6
chat_websocket_messages_total{message_type="ack"} 70
# TYPE chat_websocket_frame_outcomes_total counter
chat_websocket_frame_outcomes_total{outcome="published"} 72
chat_websocket_frame_outcomes_total{outcome="refused"} 2
chat_websocket_frame_outcomes_total{outcome="repeated"} 1
chat_websocket_frame_outcomes_total{outcome="late"} 1
`;

it('frames for other people are counted, and what became of them', () => {
  const outcomes = { published: 72, refused: 2, repeated: 1, late: 1 };
  deepStrictEqual(figuresOf(PAGE), { received: 76, ...outcomes });
});

it('an edge that does not count what became of frames is no evidence', () => {
  const blind = PAGE.split('\n').filter((line) => !line.includes('published'));
  throws(() => figuresOf(blind.join('\n')), /published/);
});
