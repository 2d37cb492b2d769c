/**
 * A dialog of the browser's own: it holds the focus, closes on Escape, and gives the focus back
 * to where it came from. Shown as long as it is rendered.
 */
import { type KeyboardEvent, type ReactNode, useId, useLayoutEffect, useRef } from 'react';
import { IconButton } from './Button.tsx';
import { Icon } from './Icon.tsx';

type DialogProps = {
  readonly title: string;
  readonly closeLabel: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
  readonly actions?: ReactNode;
};

export function Dialog({ title, closeLabel, onClose, children, actions }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();

  useLayoutEffect(() => {
    const element = dialog.current;
    element?.showModal();
    // Closing before it is taken out of the page is what gives the focus back.
    return () => element?.close();
  }, []);

  return (
    <dialog
      ref={dialog}
      aria-labelledby={titleId}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onKeyDown={stopEscape}
      className="m-auto max-h-[calc(100dvh-2rem)] w-[min(34rem,calc(100vw-2rem))] overflow-y-auto rounded-3xl border border-rule bg-card p-0 text-ink shadow-2xl"
    >
      <div className="flex flex-col gap-5 p-6">
        <div className="flex items-start justify-between gap-4">
          <h2 id={titleId} className="pt-1.5 font-display text-2xl leading-tight break-words">
            {title}
          </h2>
          <IconButton label={closeLabel} onClick={onClose} className="-me-2 -mt-1">
            <Icon name="close" />
          </IconButton>
        </div>
        {children}
        {actions !== undefined && (
          <div className="flex flex-col-reverse gap-3 sm:flex-row sm:justify-end">{actions}</div>
        )}
      </div>
    </dialog>
  );
}

/** Escape closes a dialog, and is no word to what lies under it. */
export function stopEscape(event: KeyboardEvent): void {
  if (event.key === 'Escape') event.stopPropagation();
}
