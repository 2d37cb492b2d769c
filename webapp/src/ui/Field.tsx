/**
 * A line of text with its label, and room for hints that belong to it.
 */
import { type ComponentProps, type ReactNode, useId } from 'react';

type FieldProps = Omit<ComponentProps<'input'>, 'id' | 'aria-describedby' | 'className'> & {
  readonly label: string;
  /** Stands at the end of the line, such as a button that shows the password. */
  readonly trailing?: ReactNode;
  readonly hint?: ReactNode;
};

export function Field({ label, trailing, hint, ...attributes }: FieldProps) {
  const id = useId();
  const hintId = useId();
  return (
    <div className="flex flex-col gap-1.5">
      <label htmlFor={id} className="font-medium">
        {label}
      </label>
      <div className="flex items-center rounded-xl border border-edge bg-card focus-within:outline-2 focus-within:outline-offset-2 focus-within:outline-accent">
        <input
          {...attributes}
          id={id}
          aria-describedby={hint === undefined ? undefined : hintId}
          className="min-h-12 min-w-0 flex-1 rounded-xl bg-transparent px-4 outline-none placeholder:text-muted"
        />
        {trailing}
      </div>
      {hint !== undefined && (
        <div id={hintId} className="text-sm text-muted">
          {hint}
        </div>
      )}
    </div>
  );
}
