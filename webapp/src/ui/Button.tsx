/**
 * A button. `tone` says how much it matters; `busy` keeps it from being pressed twice while it
 * stays where the keyboard is.
 */
import type { ComponentProps } from 'react';
import { Spinner } from './Spinner.tsx';

type Tone = 'primary' | 'quiet' | 'plain' | 'danger';

const TONES: Record<Tone, string> = {
  primary: 'bg-accent text-on-accent hover:bg-accent-strong',
  quiet: 'border border-edge bg-card text-ink hover:bg-sunken',
  plain: 'text-ink hover:bg-sunken',
  danger: 'bg-danger text-on-danger hover:bg-danger-strong',
};

type ButtonProps = ComponentProps<'button'> & {
  readonly tone?: Tone;
  readonly busy?: boolean;
};

export function Button({ tone = 'quiet', busy = false, onClick, ...rest }: ButtonProps) {
  const { className = '', children, type = 'button', ...attributes } = rest;
  return (
    <button
      {...attributes}
      type={type}
      aria-disabled={busy || undefined}
      onClick={busy ? (event) => event.preventDefault() : onClick}
      className={`inline-flex min-h-11 cursor-pointer items-center justify-center gap-2 rounded-full px-5 py-2 font-medium transition-colors disabled:cursor-not-allowed disabled:opacity-55 ${TONES[tone]} ${className}`}
    >
      {busy && <Spinner />}
      {children}
    </button>
  );
}

type IconButtonProps = Omit<ComponentProps<'button'>, 'type' | 'aria-label'> & {
  readonly label: string;
};

/** A button that shows only a picture; its name is told to those who do not see it. */
export function IconButton({ label, className = '', children, ...attributes }: IconButtonProps) {
  return (
    <button
      {...attributes}
      type="button"
      aria-label={label}
      title={label}
      className={`inline-flex size-11 shrink-0 cursor-pointer items-center justify-center rounded-full text-muted transition-colors hover:bg-sunken hover:text-ink disabled:cursor-not-allowed disabled:opacity-55 ${className}`}
    >
      {children}
    </button>
  );
}
