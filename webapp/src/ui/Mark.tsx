/**
 * The sign of the house: two people and the thread between them.
 */
export function Mark({ className = 'size-8' }: { className?: string }) {
  return (
    <svg viewBox="0 0 32 32" aria-hidden="true" className={`shrink-0 ${className}`}>
      <rect width="32" height="32" rx="10" className="fill-accent" />
      <path
        d="M9.5 16c3 -5.5 5 -5.5 6.5 0s3.5 5.5 6.5 0"
        fill="none"
        strokeWidth="2"
        strokeLinecap="round"
        className="stroke-on-accent"
      />
      <circle cx="8" cy="16" r="3.5" className="fill-on-accent" />
      <circle cx="24" cy="16" r="3.5" className="fill-on-accent" />
    </svg>
  );
}
