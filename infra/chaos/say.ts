/** Tells whoever waits before the screen how a run gets on; what it found goes to standard output. */

export function say(text: string): void {
  process.stderr.write(`    ${text}\n`);
}
