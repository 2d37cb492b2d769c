/**
 * Where the keyboard is when there is something to write: whoever waited for the conversation, or
 * chose a line to answer, may write at once; whoever writes elsewhere goes on there.
 */
import { type RefObject, useEffect } from 'react';

export function useComposerFocus(
  field: RefObject<HTMLTextAreaElement | null>,
  answeredId: string | null,
): void {
  useEffect(() => {
    if (document.activeElement instanceof HTMLInputElement) return;
    field.current?.focus();
    const end = field.current?.value.length ?? 0;
    field.current?.setSelectionRange(end, end);
  }, [field]);

  useEffect(() => {
    if (answeredId !== null) field.current?.focus();
  }, [field, answeredId]);
}
