/** What a run must not leave behind, however it ends: undone when its process exits. */

const undone = new Set<() => void>();

process.once('exit', () => {
  for (const undo of undone) undo();
});

/** Has this done at the end, unless what is given back is called before. */
export function atExit(undo: () => void): () => void {
  undone.add(undo);
  return () => undone.delete(undo);
}
