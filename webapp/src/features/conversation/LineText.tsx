/**
 * What a line says: text, with the addresses in it as links that tell nobody where one came from.
 */
import { useMemo } from 'react';
import { piecesOf } from './links.ts';

export function LineText({ text }: { text: string }) {
  const pieces = useMemo(() => piecesOf(text), [text]);
  return (
    <span dir="auto" data-text className="whitespace-pre-wrap wrap-anywhere">
      {pieces.map((piece, place) =>
        piece.is === 'text' ? (
          piece.text
        ) : (
          // biome-ignore lint/suspicious/noArrayIndexKey: the pieces of one text never move.
          <bdi key={place} dir="ltr">
            <a
              href={piece.href}
              target="_blank"
              rel="noopener noreferrer"
              className="text-accent underline underline-offset-2 hover:decoration-2"
            >
              {piece.text}
            </a>
            {piece.host !== null && <span className="text-warn">{` (${piece.host})`}</span>}
          </bdi>
        ),
      )}
    </span>
  );
}
