/**
 * Times of day in a person's language. A format takes long to make and none to use.
 */
const formats = new Map<string, Intl.DateTimeFormat>();

export function timeWords(at: number, language: string): string {
  let format = formats.get(language);
  if (format === undefined) {
    format = new Intl.DateTimeFormat(language, { hour: 'numeric', minute: '2-digit' });
    formats.set(language, format);
  }
  return format.format(at);
}
