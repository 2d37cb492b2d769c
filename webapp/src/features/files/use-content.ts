/** What a transfer is by its bytes, once there are bytes to look at. */
import { useEffect, useState } from 'react';
import type { AppModel, TransferView } from '../../app/model.ts';
import { type Content, contentOf, HEAD_BYTES } from './content.ts';

/** `null` while it is not known: before it came, and when it cannot be read. */
export function useContent(
  model: Pick<AppModel, 'readFile'>,
  transfer: TransferView,
): Content | null {
  const { id, size, by, stage } = transfer;
  const [content, setContent] = useState<Content | null>(null);
  const isHere = by === 'me' || stage.is === 'delivered';
  useEffect(() => {
    if (!isHere) return;
    let isWanted = true;
    void model.readFile(id, 0, Math.min(size, HEAD_BYTES)).then((head) => {
      if (isWanted) setContent(head && contentOf(head));
    });
    return () => {
      isWanted = false;
    };
  }, [model, id, size, isHere]);
  return content;
}
