/**
 * A long hexadecimal value in groups of four that two people can read to each other, under the
 * heading that says whose it is.
 */
const GROUP_DIGITS = 4;

/** Splits a value into groups. */
export function groupsOf(value: string): string[] {
  return value.toLowerCase().match(new RegExp(`.{1,${GROUP_DIGITS}}`, 'g')) ?? [];
}

export function HexGroups({ heading, value }: { heading: string; value: string }) {
  return (
    <div className="flex flex-col gap-2">
      <h3 className="font-medium break-words">{heading}</h3>
      <p
        data-fingerprint={value}
        className="grid grid-cols-4 gap-x-2 gap-y-1 rounded-2xl bg-sunken px-4 py-3 text-center font-mono tracking-wider"
      >
        {groupsOf(value).map((group, place) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a group may occur twice and never moves.
          <span key={place}>{group} </span>
        ))}
      </p>
    </div>
  );
}
