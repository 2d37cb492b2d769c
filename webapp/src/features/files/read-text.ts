/** The beginning of a text, as much as a page can well show. */

/** A page with more text than this is slow to lay out; the rest is for an editor. */
export const TEXT_BYTES_MAX = 1024 * 1024;

export type TextRead = {
  readonly text: string;
  /** There is more than is shown. */
  readonly isCut: boolean;
};

/** What does not decode is shown as the mark for that, never guessed at. */
export async function readText(blob: Blob, encoding: string): Promise<TextRead> {
  const bytes = await blob.slice(0, TEXT_BYTES_MAX).arrayBuffer();
  const isCut = blob.size > TEXT_BYTES_MAX;
  return { text: new TextDecoder(encoding).decode(bytes, { stream: isCut }), isCut };
}
