/**
 * Reads out what comes while somebody is here. The list itself cannot: of a long one only a part
 * is drawn, and rows that are scrolled to are not new.
 */
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { byOf, type Entry, markAt, since, type Told } from './entries.ts';

/** What is still to be read out when more comes. */
const NEWEST = 3;

export function NewEntries({ told, peerName }: { told: Told; peerName: string }) {
  const { t } = useTranslation();
  const [start] = useState(() => markAt(told));
  const wordsOf = (entry: Entry) => {
    if (entry.is === 'transfer') return entry.transfer.name;
    return entry.line.deleted ? t('lines.deleted') : entry.line.text;
  };
  return (
    <div aria-live="polite" aria-relevant="additions" data-new-entries className="sr-only">
      {since(told, start, NEWEST)
        .slice(-NEWEST)
        .map((entry) => (
          <p key={entry.key}>
            {byOf(entry) === 'me' ? t('lines.you') : peerName}: {wordsOf(entry)}
          </p>
        ))}
    </div>
  );
}
