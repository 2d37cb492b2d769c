/** Sheets on a canvas, one at a time: turned, enlarged, and marked if they are only to be looked at. */
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { IconButton } from '../../ui/Button.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { Spinner } from '../../ui/Spinner.tsx';
import type { LookProps } from './Look.tsx';
import { SheetCanvas } from './SheetCanvas.tsx';
import type { Box, Drawn, OpenSheets, Sheets } from './sheets.ts';

const ZOOMS = [1, 1.5, 2, 3] as const;
/** Around a sheet, on both sides together. */
const AROUND_PX = 32;

type SheetsLookProps = LookProps & { readonly open: OpenSheets };

export function SheetsLook(props: SheetsLookProps) {
  const { name, blob, watermark, open, onShown, onBroken } = props;
  const { t } = useTranslation();
  const place = useRef<HTMLDivElement>(null);
  const [sheets, setSheets] = useState<Sheets | null>(null);
  const [sheet, setSheet] = useState(1);
  const [zoomAt, setZoomAt] = useState(0);
  const [shown, setShown] = useState<{ drawn: Drawn; ratio: number; words: string } | null>(null);
  const zoom = ZOOMS[zoomAt] ?? 1;

  useEffect(() => {
    let isWanted = true;
    let opened: Sheets | null = null;
    const keep = (next: Sheets) => {
      opened = next;
      if (isWanted) setSheets(next);
      else next.close();
    };
    open(blob, boxOf(place.current).widthPx).then(keep, () => isWanted && onBroken());
    return () => {
      isWanted = false;
      opened?.close();
    };
  }, [blob, open, onBroken]);

  useEffect(() => {
    if (sheets === null) return;
    let isWanted = true;
    const box = boxOf(place.current);
    const show = ([drawn, words]: [Drawn, string]) => {
      if (!isWanted) return;
      setShown({ drawn, ratio: box.ratio, words });
      place.current?.scrollTo?.(0, 0);
      onShown();
    };
    const work = [sheets.draw(sheet, box, zoom), sheets.words(sheet)] as const;
    Promise.all(work).then(show, () => isWanted && onBroken());
    return () => {
      isWanted = false;
    };
  }, [sheets, sheet, zoom, onShown, onBroken]);

  return (
    <>
      <section
        ref={place}
        aria-label={name}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: the keyboard scrolls it.
        tabIndex={0}
        className="flex min-h-0 flex-1 overflow-auto p-4 -outline-offset-4"
      >
        {shown === null ? (
          <Spinner />
        ) : (
          <SheetCanvas
            {...shown}
            label={t('files.sheet', { file: name, sheet, count: sheets?.count ?? 1 })}
            watermark={watermark}
          />
        )}
      </section>
      {sheets !== null && (
        <div className="flex items-center justify-center gap-2 border-t border-rule bg-card px-4 py-1">
          {sheets.count > 1 && (
            <>
              <IconButton
                label={t('files.sheetBefore')}
                disabled={sheet === 1}
                onClick={() => setSheet(sheet - 1)}
              >
                <Icon name="arrowLeft" />
              </IconButton>
              <span role="status" className="text-sm">
                {t('files.sheetOf', { sheet, count: sheets.count })}
              </span>
              <IconButton
                label={t('files.sheetAfter')}
                disabled={sheet === sheets.count}
                onClick={() => setSheet(sheet + 1)}
              >
                <Icon name="arrowRight" />
              </IconButton>
            </>
          )}
          <IconButton
            label={t('files.smaller')}
            disabled={zoomAt === 0}
            onClick={() => setZoomAt(zoomAt - 1)}
          >
            <Icon name="minus" />
          </IconButton>
          <IconButton
            label={t('files.larger')}
            disabled={zoomAt === ZOOMS.length - 1}
            onClick={() => setZoomAt(zoomAt + 1)}
          >
            <Icon name="plus" />
          </IconButton>
        </div>
      )}
    </>
  );
}

function boxOf(place: HTMLElement | null): Box {
  return {
    widthPx: Math.max(200, (place?.clientWidth ?? 0) - AROUND_PX),
    heightPx: Math.max(200, (place?.clientHeight ?? 0) - AROUND_PX),
    ratio: Math.min(2, window.devicePixelRatio),
  };
}
