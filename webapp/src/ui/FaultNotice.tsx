/**
 * What went wrong, read out at once, with the name of the request small below it.
 */
import { Notice } from './Notice.tsx';

export function FaultNotice({ words, trace }: { words: string; trace: string | null }) {
  return (
    <Notice tone="danger" role="alert">
      <p>{words}</p>
      {trace !== null && <p className="mt-1 text-xs wrap-anywhere text-muted">{trace}</p>}
    </Notice>
  );
}
