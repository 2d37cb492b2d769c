/**
 * Where one writes: Enter sends, Shift+Enter makes a new line, and a text that is too long is
 * kept until it is shortened. It may be about a line: an answer to it, or its new text.
 */
import { type FormEvent, type KeyboardEvent, type ReactNode, useId, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from '../../ui/Icon.tsx';
import { ComposerTopic } from './ComposerTopic.tsx';
import { editableUntil } from './line-acts.ts';
import type { Topic } from './topic.ts';
import { useComposerFocus } from './use-composer-focus.ts';
import { usePassed } from './use-passed.ts';
import { useTyping } from './use-typing.ts';

/** The longest text that can be said, as PROTOCOL has it. */
const TEXT_CHARS_MAX = 4_000;
/** From how many characters left on they are counted down. */
const WARN_CHARS_LEFT = 200;

export type ComposerProps = {
  readonly peerName: string;
  /** Full: what is written is kept here until there is room. */
  readonly outbox: 'open' | 'full';
  readonly onSay: (text: string) => void;
  /** What is written is about a line; `null` for a plain new one. */
  readonly topic?: Topic | null;
  /** What stands there already. */
  readonly initialText?: string;
  readonly onText?: (text: string) => void;
  readonly onTyping?: (on: boolean) => void;
  /** The topic is to be left as it was. */
  readonly onCancel?: () => void;
  /** The own line before is to be changed. */
  readonly onEditLast?: () => void;
  /** Stands before the writing. */
  readonly before?: ReactNode;
  /** Stands where the button to send is, while nothing is written. */
  readonly instead?: ReactNode;
};

const nothing = () => {};

export function Composer(props: ComposerProps) {
  const { peerName, outbox, topic = null, onCancel = nothing, before, instead } = props;
  const field = useRef<HTMLTextAreaElement>(null);
  const hintId = useId();
  const writing = useWriting(props);
  const { text, left, isLate, canSend } = writing;
  useComposerFocus(field, topic?.is === 'reply' ? topic.line.id : null);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    writing.send();
    field.current?.focus();
  };
  const cancel = () => {
    onCancel();
    field.current?.focus();
  };
  const press = (event: KeyboardEvent) => {
    const wanted = wantedBy(event, { isEmpty: text === '', hasTopic: topic !== null });
    if (wanted === null) return;
    event.preventDefault();
    if (wanted === 'send') writing.send();
    else if (wanted === 'cancel') cancel();
    else props.onEditLast?.();
  };

  const { t } = useTranslation();
  return (
    <form onSubmit={submit} className="border-t border-rule bg-card p-3 sm:px-6">
      {topic !== null && <ComposerTopic topic={topic} peerName={peerName} onCancel={cancel} />}
      <div className="mx-auto flex max-w-4xl items-end gap-2">
        {before}
        <div
          data-text={text}
          className="grow min-w-0 flex-1 rounded-3xl border border-edge bg-paper focus-within:outline-2 focus-within:outline-offset-2 focus-within:outline-accent"
        >
          {/* Browsers write what stands in a field to the disk, to open their pages again: not this one. */}
          <textarea
            ref={field}
            rows={1}
            dir="auto"
            autoComplete="off"
            enterKeyHint="send"
            value={text}
            placeholder={t('composer.placeholder')}
            aria-label={t('composer.label', { name: peerName })}
            aria-describedby={hintId}
            aria-invalid={left < 0}
            onChange={(event) => writing.write(event.target.value)}
            onKeyDown={press}
            onBlur={writing.rested}
            className="resize-none overflow-y-auto bg-transparent outline-none placeholder:truncate placeholder:text-muted"
          />
        </div>
        {text.trim() === '' && topic === null && instead !== undefined ? (
          instead
        ) : (
          <SendButton does={topic?.is === 'edit' ? 'save' : 'send'} disabled={!canSend} />
        )}
      </div>
      <Hints id={hintId} left={left} outbox={outbox} isLate={isLate} />
    </form>
  );
}

type Writing = {
  readonly text: string;
  /** How many characters there is room for; negative if there are too many. */
  readonly left: number;
  /** The line that is changed has become too old for it. */
  readonly isLate: boolean;
  readonly canSend: boolean;
  readonly write: (text: string) => void;
  readonly send: () => void;
  readonly rested: () => void;
};

function useWriting(props: ComposerProps): Writing {
  const { outbox, topic = null, initialText = '', onSay } = props;
  const { onText = nothing, onTyping = nothing } = props;
  const [text, setText] = useState(initialText);
  const { wrote, rested } = useTyping(onTyping);
  const isLate = usePassed(topic?.is === 'edit' ? editableUntil(topic.line) : null);
  const left = TEXT_CHARS_MAX - text.trim().length;
  const canSend = text.trim() !== '' && left >= 0 && outbox === 'open' && !isLate;
  const put = (next: string) => {
    setText(next);
    onText(next);
  };
  return {
    text,
    left,
    isLate,
    canSend,
    rested,
    write: (next) => {
      put(next);
      wrote(next);
    },
    send: () => {
      if (!canSend) return;
      onSay(text.trim());
      put('');
      rested();
    },
  };
}

type Standing = { readonly isEmpty: boolean; readonly hasTopic: boolean };

/** What a key asks for; `null` for what the field does by itself. */
function wantedBy(event: KeyboardEvent, { isEmpty, hasTopic }: Standing) {
  // While an input method composes, Enter chooses a word.
  if (event.nativeEvent.isComposing) return null;
  if (event.key === 'Enter' && !event.shiftKey) return 'send';
  if (event.key === 'Escape' && hasTopic) return 'cancel';
  if (event.key === 'ArrowUp' && isEmpty && !hasTopic) return 'editLast';
  return null;
}

function SendButton({ does, disabled }: { does: 'send' | 'save'; disabled: boolean }) {
  const { t } = useTranslation();
  return (
    <button
      type="submit"
      aria-label={t(`composer.${does}`)}
      title={t(`composer.${does}`)}
      disabled={disabled}
      className="inline-flex size-11 shrink-0 cursor-pointer items-center justify-center rounded-full bg-accent text-on-accent transition-colors enabled:hover:bg-accent-strong disabled:cursor-not-allowed disabled:bg-sunken disabled:text-muted"
    >
      <Icon name={does === 'save' ? 'check' : 'send'} />
    </button>
  );
}

type HintsProps = Pick<Writing, 'left' | 'isLate'> &
  Pick<ComposerProps, 'outbox'> & { readonly id: string };

function Hints({ id, left, outbox, isLate }: HintsProps) {
  const { t } = useTranslation();
  const words = () => {
    if (isLate) return t('composer.tooLate');
    if (left < 0) return t('composer.over', { count: -left });
    if (outbox === 'full') return t('composer.waits');
    return left <= WARN_CHARS_LEFT ? t('composer.left', { count: left }) : null;
  };
  return (
    <div className="mx-auto mt-1 flex max-w-4xl flex-wrap justify-between gap-x-4 px-4 text-xs text-muted">
      <p id={id} className="max-sm:sr-only">
        {t('composer.hint')}
      </p>
      <p role="status" className={left < 0 || isLate ? 'font-medium text-danger' : ''}>
        {words()}
      </p>
    </div>
  );
}
