/**
 * Something small that stands above the page beside what it is about. A press elsewhere and
 * Escape close it, and nothing below it; the focus goes back to where it came from. Shown as long
 * as it is rendered.
 *
 * The browser keeps it above everything (`popover`), but does not close it by itself: it would do
 * so when the finger or button that asked for it is lifted.
 */
import { type KeyboardEvent, type ReactNode, useEffect, useLayoutEffect, useRef } from 'react';

/** A place on the screen, in pixels from its upper left corner; a point has no size. */
export type Anchor = Pick<DOMRect, 'left' | 'top' | 'right' | 'bottom'>;

/** What stays free at the edges of the screen. */
const MARGIN_PX = 8;

type PopoverProps = {
  readonly role: 'menu' | 'dialog';
  readonly label: string;
  readonly anchor: Anchor;
  readonly onClose: () => void;
  readonly onKeyDown?: (event: KeyboardEvent<HTMLElement>) => void;
  readonly className?: string;
  readonly children: ReactNode;
};

export function Popover(props: PopoverProps) {
  const { role, label, anchor, onClose, onKeyDown, className = '', children } = props;
  const popover = useRef<HTMLDivElement>(null);

  useLayoutEffect(() => {
    const element = popover.current;
    const opener = document.activeElement;
    // An older browser shows it all the same, only not above a dialog.
    element?.showPopover?.();
    element?.querySelector<HTMLElement>('button, input')?.focus();
    return () => {
      const holdsFocus = element?.contains(document.activeElement) === true;
      if (holdsFocus && opener instanceof HTMLElement) opener.focus({ preventScroll: true });
    };
  }, []);

  useLayoutEffect(() => {
    if (popover.current !== null) place(popover.current, anchor);
  }, [anchor]);

  useEffect(() => {
    const pressed = ({ target }: PointerEvent) => {
      if (target instanceof Node && !popover.current?.contains(target)) onClose();
    };
    document.addEventListener('pointerdown', pressed, true);
    return () => document.removeEventListener('pointerdown', pressed, true);
  }, [onClose]);

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: either role is one of something to use.
    // biome-ignore lint/a11y/useAriaPropsSupportedByRole: either role may have a name.
    <div
      ref={popover}
      popover="manual"
      role={role}
      aria-label={label}
      onKeyDown={(event) => {
        onKeyDown?.(event);
        if (event.key !== 'Escape') return;
        // Whatever lies below has an Escape of its own.
        event.preventDefault();
        event.stopPropagation();
        onClose();
      }}
      onBlur={({ relatedTarget, currentTarget }) => {
        if (relatedTarget !== null && !currentTarget.contains(relatedTarget)) onClose();
      }}
      className={`fixed inset-auto z-20 m-0 max-h-[calc(100dvh-1rem)] max-w-[calc(100vw-1rem)] overflow-y-auto rounded-2xl border border-rule bg-card p-1.5 text-ink shadow-xl ${className}`}
    >
      {children}
    </div>
  );
}

/** Below what it is about, or above it where there is no room, and wholly on the screen. */
function place(element: HTMLElement, anchor: Anchor): void {
  const { width, height } = element.getBoundingClientRect();
  const { clientWidth, clientHeight } = document.documentElement;
  const hasRoomBelow = anchor.bottom + height + MARGIN_PX <= clientHeight;
  const top = hasRoomBelow ? anchor.bottom : anchor.top - height;
  element.style.top = `${within(top, clientHeight - height)}px`;
  element.style.left = `${within(anchor.left, clientWidth - width)}px`;
}

function within(wanted: number, most: number): number {
  return Math.max(MARGIN_PX, Math.min(wanted, most - MARGIN_PX));
}
