/**
 * A ring around something round, of which a part is drawn: how far it has come.
 */
type RingProps = {
  /** From 0 to 1. */
  readonly part: number;
  /** What it is a measure of; `null` for decoration. */
  readonly label: string | null;
};

export function Ring({ part, label }: RingProps) {
  const shown = Math.min(1, Math.max(0, part));
  if (label === null) return <Drawing part={shown} />;
  return (
    <span
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(shown * 100)}
      className="pointer-events-none absolute inset-0"
    >
      <Drawing part={shown} />
    </span>
  );
}

function Drawing({ part }: { readonly part: number }) {
  return (
    <svg
      aria-hidden="true"
      viewBox="0 0 100 100"
      className="pointer-events-none absolute -inset-1.5 -rotate-90 text-accent"
    >
      <circle
        cx="50"
        cy="50"
        r="48.5"
        pathLength="1"
        fill="none"
        stroke="currentColor"
        strokeWidth="2"
        strokeDasharray="1 1"
        strokeDashoffset={1 - part}
        strokeLinecap="round"
        className={part === 0 ? 'opacity-0' : ''}
      />
    </svg>
  );
}
