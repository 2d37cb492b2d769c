/**
 * Where one writes: Enter sends, Shift+Enter makes a new line, and a text that is too long is
 * kept until it is shortened.
 */
import {
  type FormEvent,
  type KeyboardEvent,
  type ReactNode,
  useEffect,
  useId,
  useRef,
  useState,
} from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from '../../ui/Icon.tsx';

/** The longest text that can be said, as PROTOCOL has it. */
const TEXT_CHARS_MAX = 4_000;
/** From how many characters left on they are counted down. */
const WARN_CHARS_LEFT = 200;

type ComposerProps = {
  readonly peerName: string;
  /** Full: what is written is kept here until there is room. */
  readonly outbox: 'open' | 'full';
  readonly onSay: (text: string) => void;
  /** Stands before the writing. */
  readonly before?: ReactNode;
  /** Stands where the send button is while nothing is written. */
  readonly instead?: ReactNode;
};

export function Composer({ peerName, outbox, onSay, before, instead }: ComposerProps) {
  const { t } = useTranslation();
  const [text, setText] = useState('');
  const field = useRef<HTMLTextAreaElement>(null);
  const hintId = useId();
  const left = TEXT_CHARS_MAX - text.trim().length;
  const isBlank = text.trim() === '';
  const canSend = !isBlank && left >= 0 && outbox === 'open';

  // Whoever waited for the conversation may write at once; whoever writes elsewhere goes on.
  useEffect(() => {
    if (!(document.activeElement instanceof HTMLInputElement)) field.current?.focus();
  }, []);

  const send = () => {
    if (!canSend) return;
    onSay(text.trim());
    setText('');
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    send();
    field.current?.focus();
  };
  const press = (event: KeyboardEvent) => {
    // While an input method composes, Enter chooses a word.
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    send();
  };

  return (
    <form onSubmit={submit} className="border-t border-rule bg-card p-3 sm:px-6">
      <div className="mx-auto flex max-w-4xl items-end gap-2">
        {before}
        <div
          data-text={text}
          className="grow min-w-0 flex-1 rounded-3xl border border-edge bg-paper focus-within:outline-2 focus-within:outline-offset-2 focus-within:outline-accent"
        >
          <textarea
            ref={field}
            rows={1}
            dir="auto"
            enterKeyHint="send"
            value={text}
            placeholder={t('composer.placeholder')}
            aria-label={t('composer.label', { name: peerName })}
            aria-describedby={hintId}
            aria-invalid={left < 0}
            onChange={(event) => setText(event.target.value)}
            onKeyDown={press}
            className="resize-none overflow-y-auto bg-transparent outline-none placeholder:text-muted"
          />
        </div>
        {isBlank && instead}
        <button
          type="submit"
          hidden={isBlank && Boolean(instead)}
          aria-label={t('composer.send')}
          title={t('composer.send')}
          disabled={!canSend}
          className="inline-flex size-11 shrink-0 cursor-pointer items-center justify-center rounded-full bg-accent text-on-accent transition-colors enabled:hover:bg-accent-strong disabled:cursor-not-allowed disabled:bg-sunken disabled:text-muted"
        >
          <Icon name="send" />
        </button>
      </div>
      <div className="mx-auto mt-1 flex max-w-4xl flex-wrap justify-between gap-x-4 px-4 text-xs text-muted">
        <p id={hintId} className="max-sm:sr-only">
          {t('composer.hint')}
        </p>
        <p role="status" className={left < 0 ? 'font-medium text-danger' : ''}>
          {left < 0 && t('composer.over', { count: -left })}
          {left >= 0 && outbox === 'full' && t('composer.waits')}
          {left >= 0 &&
            left <= WARN_CHARS_LEFT &&
            outbox === 'open' &&
            t('composer.left', { count: left })}
        </p>
      </div>
    </form>
  );
}
