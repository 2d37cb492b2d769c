/**
 * Files that are dropped anywhere on the page, or pasted into it. Wherever one is dropped, the
 * browser does not open it in place of the page: that would end the conversation.
 */
import { useEffect, useEffectEvent, useState } from 'react';

/** Whether files hang over the page. */
export function useIncomingFiles(onFiles: (files: readonly File[]) => void): boolean {
  const [isOver, setIsOver] = useState(false);
  const take = useEffectEvent(onFiles);
  useEffect(() => {
    const watch = new Drags(setIsOver, (files) => take(files));
    return watch.stop;
  }, []);
  return isOver;
}

class Drags {
  readonly stop: () => void;
  readonly #over: (isOver: boolean) => void;
  readonly #take: (files: readonly File[]) => void;
  /** Something of the page itself is dragged: a picture counts as a file, too. */
  #isOwn = false;

  constructor(over: (isOver: boolean) => void, take: (files: readonly File[]) => void) {
    this.#over = over;
    this.#take = take;
    const aborter = new AbortController();
    const { signal } = aborter;
    addEventListener('dragstart', () => this.#own(true), { signal });
    addEventListener('dragend', () => this.#own(false), { signal });
    addEventListener('dragover', (event) => this.#hang(event), { signal });
    addEventListener('dragleave', (event) => this.#leave(event), { signal });
    addEventListener('drop', (event) => this.#drop(event), { signal });
    addEventListener('paste', (event) => this.#paste(event), { signal });
    this.stop = () => aborter.abort();
  }

  #own(isOwn: boolean): void {
    this.#isOwn = isOwn;
  }

  #bears({ dataTransfer }: DragEvent): boolean {
    return !this.#isOwn && (dataTransfer?.types.includes('Files') ?? false);
  }

  #hang(event: DragEvent): void {
    if (!this.#bears(event)) return;
    event.preventDefault();
    this.#over(true);
  }

  #leave({ relatedTarget }: DragEvent): void {
    // From one element of the page to the next it has not left.
    if (relatedTarget === null) this.#over(false);
  }

  #drop(event: DragEvent): void {
    this.#over(false);
    if (!this.#bears(event)) return;
    event.preventDefault();
    this.#take(filesOf(event.dataTransfer));
  }

  /** Text with a picture beside it, as office programs copy it, is text. */
  #paste(event: ClipboardEvent): void {
    const { clipboardData } = event;
    const files = filesOf(clipboardData);
    if (files.length === 0 || clipboardData?.types.includes('text/plain')) return;
    event.preventDefault();
    this.#take(files);
  }
}

function filesOf(transfer: DataTransfer | null): readonly File[] {
  return [...(transfer?.files ?? [])];
}
