/**
 * One of the 64 pictures that keys and codes are compared by, drawn alike in every browser. Its
 * word stands beside it, or names it for those who do not see it; the drawings come when the
 * first one is needed, and the words do without them.
 */
import type { Drawing } from './pictures/drawing.ts';
import { useLoaded } from './use-loaded.ts';

const loadDrawings = async () => (await import('./pictures/drawings.ts')).drawings;

type PictureProps = {
  readonly name: string;
  /** For those who do not see it; nothing where the word stands beside it. */
  readonly label?: string;
  readonly className?: string;
};

export function Picture({ name, label, className = 'size-10' }: PictureProps) {
  const drawings = useLoaded(loadDrawings);
  const drawing = drawings.is === 'here' ? drawings.value.get(name) : undefined;
  const shapes = (
    <svg
      aria-hidden="true"
      viewBox="0 0 24 24"
      data-picture={drawing === undefined ? undefined : name}
      className={`picture shrink-0 ${className}`}
    >
      {drawing !== undefined && <Strokes {...drawing} />}
    </svg>
  );
  if (label === undefined) return shapes;
  return (
    <span role="img" aria-label={label} title={label} className="flex">
      {shapes}
    </span>
  );
}

function Strokes({ hue, body, detail }: Drawing) {
  return (
    <>
      <path d={body} className={`picture-body hue-${hue}`} />
      <path d={detail} className="picture-detail" />
    </>
  );
}
