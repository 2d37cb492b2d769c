/**
 * Text as a text node of the page: no parser ever reads it, so nothing in it can become markup,
 * a link or a script. A frame of its own would be one more document, and a policy to keep.
 */
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { LookProps } from './Look.tsx';
import { readText, type TextRead } from './read-text.ts';

type TextLookProps = LookProps & { readonly encoding: string };

export function TextLook({ name, blob, encoding, onShown, onBroken }: TextLookProps) {
  const { t } = useTranslation();
  const [read, setRead] = useState<TextRead | null>(null);
  useEffect(() => {
    let isWanted = true;
    const show = (next: TextRead) => {
      if (!isWanted) return;
      setRead(next);
      onShown();
    };
    readText(blob, encoding).then(show, () => isWanted && onBroken());
    return () => {
      isWanted = false;
    };
  }, [blob, encoding, onShown, onBroken]);
  if (read === null) return null;
  return (
    <section
      aria-label={name}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: the keyboard scrolls it.
      tabIndex={0}
      className="min-h-0 flex-1 overflow-auto p-4 -outline-offset-4"
    >
      <pre
        dir="auto"
        data-file-text
        className="mx-auto max-w-4xl font-mono text-sm whitespace-pre-wrap wrap-anywhere"
      >
        {read.text}
      </pre>
      {read.isCut && (
        <p className="mx-auto mt-4 max-w-4xl text-sm text-muted">{t('files.textCut')}</p>
      )}
    </section>
  );
}
