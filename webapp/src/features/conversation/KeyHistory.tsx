/**
 * What became of a peer's key in this browser, the newest first.
 */
import { useTranslation } from 'react-i18next';
import type { KeyChange } from '../../app/model.ts';

/** Enough to tell keys apart at a glance; the whole fingerprint stands above. */
const DIGITS_SHOWN = 8;

export function KeyHistory({ changes }: { changes: readonly KeyChange[] }) {
  const { t, i18n } = useTranslation();
  if (changes.length === 0) return null;
  const when = new Intl.DateTimeFormat(i18n.language, { dateStyle: 'medium', timeStyle: 'short' });
  return (
    <details>
      <summary className="cursor-pointer font-medium">{t('key.history')}</summary>
      <ol className="mt-2 flex flex-col gap-1 text-sm text-muted">
        {changes.toReversed().map(({ is, fingerprint, at }, place) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: two changes may be the same in all.
          <li key={place}>
            <time dateTime={new Date(at).toISOString()}>{when.format(at)}</time>
            {`: ${t(`key.change.${is}`)} `}
            <span className="font-mono">{fingerprint.slice(0, DIGITS_SHOWN)} …</span>
          </li>
        ))}
      </ol>
    </details>
  );
}
