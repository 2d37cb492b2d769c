/**
 * The first letter of a name on a colour that stays the same for an id. Decoration, so the letter
 * is drawn by the style and is no text: the name stands beside it.
 */
const HUES = ['hue-clay', 'hue-moss', 'hue-sea', 'hue-plum', 'hue-sand', 'hue-slate'] as const;

export type Somebody = { readonly id: string; readonly name: string };

/** The class that colours somebody. */
export function hueOf(id: string): string {
  let sum = 0;
  for (const char of id) sum = (sum * 31 + (char.codePointAt(0) ?? 0)) % 997;
  return HUES[sum % HUES.length] ?? HUES[0];
}

/** The letter that stands for somebody. */
export function initialOf(name: string): string {
  return name.slice(0, 1).toUpperCase();
}

export function Avatar({
  of,
  className = 'size-10 text-lg',
}: {
  of: Somebody;
  className?: string;
}) {
  return (
    <span
      aria-hidden="true"
      data-letter={initialOf(of.name)}
      className={`hue before:content-[attr(data-letter)] inline-grid shrink-0 place-items-center rounded-full font-display font-semibold ${hueOf(of.id)} ${className}`}
    />
  );
}
