/**
 * The days of a conversation, as the calendar where the person is has them: they begin at the
 * midnight of that place and may have 23 or 25 hours.
 */

/** From its first moment to the first of the next day, in milliseconds since 1970. */
export type Day = { readonly from: number; readonly until: number };

const DAY_MS = 86_400_000;

export function dayAt(at: number): Day {
  const start = new Date(at);
  start.setHours(0, 0, 0, 0);
  const end = new Date(start);
  end.setDate(end.getDate() + 1);
  return { from: start.getTime(), until: end.getTime() };
}

export function isOn({ from, until }: Day, at: number): boolean {
  return at >= from && at < until;
}

/** What a day is called: “Today”, “Yesterday”, or its date, with the year if it is another one. */
export function dayWords(day: Day, today: Day, language: string): string {
  const ago = Math.round((today.from - day.from) / DAY_MS);
  if (ago === 0 || ago === 1) {
    const near = new Intl.RelativeTimeFormat(language, { numeric: 'auto' });
    return capitalised(near.format(-ago, 'day'), language);
  }
  const isThisYear = new Date(day.from).getFullYear() === new Date(today.from).getFullYear();
  const date = new Intl.DateTimeFormat(language, {
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    ...(isThisYear ? {} : { year: 'numeric' }),
  });
  return capitalised(date.format(day.from), language);
}

function capitalised(words: string, language: string): string {
  return words.slice(0, 1).toLocaleUpperCase(language) + words.slice(1);
}
