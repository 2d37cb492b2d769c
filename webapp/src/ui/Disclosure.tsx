/**
 * A part of a dialog that is opened by its heading, and closes the one that was open before: the
 * browser's own, so that the keyboard and screen readers know it.
 */
import type { ReactNode } from 'react';
import { Icon } from './Icon.tsx';

type DisclosureProps = {
  readonly title: string;
  readonly open?: boolean;
  readonly children: ReactNode;
};

export function Disclosure({ title, open = false, children }: DisclosureProps) {
  return (
    <details open={open} name="part" className="group border-t border-rule">
      <summary className="flex min-h-13 cursor-pointer list-none items-center gap-3 py-2 [&::-webkit-details-marker]:hidden">
        <h3 className="min-w-0 flex-1 font-medium break-words">{title}</h3>
        <Icon
          name="chevron"
          className="size-5 text-muted transition-transform group-open:rotate-180 motion-reduce:transition-none"
        />
      </summary>
      <div className="flex flex-col gap-3 pb-5">{children}</div>
    </details>
  );
}
