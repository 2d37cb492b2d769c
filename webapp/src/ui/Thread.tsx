/**
 * Two people and what is between them: the picture of where a conversation stands. Decoration;
 * the words stand below it.
 */
import { hueOf, initialOf, type Somebody } from './Avatar.tsx';

export type ThreadState = 'reaching' | 'ringing' | 'secure' | 'absent' | 'broken' | 'blocked';

const SLACK = 'M64 40C98 66 142 66 176 40';
const TAUT = 'M64 40H176';
const TORN = 'M64 40c14 4 26 14 34 28M176 40c-14 4-26 14-34 28';
const KNOT = 'M64 42C104 42 130 56 130 34S110 12 110 34s26 8 66 8';

const PATHS: Record<ThreadState, string> = {
  reaching: SLACK,
  ringing: SLACK,
  secure: TAUT,
  absent: SLACK,
  broken: TORN,
  blocked: KNOT,
};

type ThreadProps = { readonly state: ThreadState; readonly me: Somebody; readonly peer: Somebody };

export function Thread({ state, me, peer }: ThreadProps) {
  return (
    <svg
      viewBox="0 0 240 80"
      aria-hidden="true"
      className={`thread thread-${state} w-60 max-w-full`}
    >
      <path d={PATHS[state]} pathLength="100" className="thread-line" />
      <Person x={36} of={me} />
      <Person x={204} of={peer} />
      {state === 'ringing' && <circle cx="204" cy="40" r="32" className="thread-ring" />}
    </svg>
  );
}

function Person({ x, of }: { x: number; of: Somebody }) {
  return (
    <g className={`thread-person hue ${hueOf(of.id)}`}>
      <circle cx={x} cy="40" r="27" />
      <text x={x} y="40" textAnchor="middle" dominantBaseline="central">
        {initialOf(of.name)}
      </text>
    </g>
  );
}
