/**
 * A line of its own below the list, so that nothing moves when words come there: what the peer is
 * doing right now, or what was just done here. That the peer writes or records is seen and not read
 * out: it would be said again and again.
 */
import { useTranslation } from 'react-i18next';
import type { RecordedKind } from '../../app/model.ts';

/** What somebody may be doing while nothing has come yet. */
export type Activity = 'writing' | RecordedKind;

type PeerActivityProps = {
  readonly peerName: string;
  readonly activity: Activity | null;
  readonly note: 'copied' | 'notCopied' | null;
};

export function PeerActivity({ peerName, activity, note }: PeerActivityProps) {
  const { t } = useTranslation();
  return (
    <div className="mx-auto flex h-6 w-full max-w-4xl justify-between gap-4 px-4 text-sm text-muted sm:px-6">
      <p data-activity={activity ?? undefined} className="truncate motion-safe:animate-pulse">
        {activity !== null && t(`activity.${activity}`, { name: peerName })}
      </p>
      <p role="status" className="shrink-0">
        {note !== null && t(`acts.${note}`)}
      </p>
    </div>
  );
}
