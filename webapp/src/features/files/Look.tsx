/** The one way of looking that is for a kind of file. */
import { useCallback, useEffect, useState } from 'react';
import type { Content } from './content.ts';
import type { FilesDevice } from './files-model.ts';
import { imageSheets } from './image-sheets.ts';
import { PictureLook } from './PictureLook.tsx';
import { PlayedLook } from './PlayedLook.tsx';
import { isBearable } from './picture-size.ts';
import { SheetsLook } from './SheetsLook.tsx';
import { TextLook } from './TextLook.tsx';
import { textSheets } from './text-sheets.ts';

export type LookProps = {
  readonly name: string;
  readonly blob: Blob;
  /** Whose name is drawn over it; `null` for nobody's. */
  readonly watermark: string | null;
  /** Something of it is in sight. */
  readonly onShown: () => void;
  /** It is not what its first bytes promised. */
  readonly onBroken: () => void;
};

type AnyLookProps = LookProps & { readonly content: Content; readonly device: FilesDevice };

export function Look({ content, device, ...look }: AnyLookProps) {
  switch (content.is) {
    case 'picture':
      return <BearablePicture {...look} />;
    case 'text':
      return look.watermark === null ? (
        <TextLook {...look} encoding={content.encoding} />
      ) : (
        <DrawnText {...look} encoding={content.encoding} />
      );
    case 'pdf':
      return <PdfLook {...look} device={device} />;
    case 'video':
    case 'sound':
      return <PlayedLook {...look} is={content.is} />;
    default:
      return null;
  }
}

/** Of a picture that is too large for a page nothing is decoded. */
function BearablePicture(look: LookProps) {
  const { blob, watermark, onBroken } = look;
  const [isGood, setIsGood] = useState(false);
  useEffect(() => {
    let isWanted = true;
    void blob.arrayBuffer().then((buffer) => {
      if (!isWanted) return;
      if (isBearable(new Uint8Array(buffer))) setIsGood(true);
      else onBroken();
    });
    return () => {
      isWanted = false;
    };
  }, [blob, onBroken]);
  if (!isGood) return null;
  return watermark === null ? (
    <PictureLook {...look} />
  ) : (
    <SheetsLook {...look} open={imageSheets} />
  );
}

function DrawnText({ encoding, ...look }: LookProps & { readonly encoding: string }) {
  const open = useCallback(
    (blob: Blob, widthPx: number) => textSheets(blob, encoding, widthPx),
    [encoding],
  );
  return <SheetsLook {...look} open={open} />;
}

/** The reader of PDF is large, and comes with the first one. */
function PdfLook({ device, ...look }: LookProps & { readonly device: FilesDevice }) {
  const open = useCallback(
    async (blob: Blob) => {
      const { pdfSheets } = await import('./pdf-sheets.ts');
      return pdfSheets(blob, device.pdfWorker());
    },
    [device],
  );
  return <SheetsLook {...look} open={open} />;
}
