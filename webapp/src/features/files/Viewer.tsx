/**
 * Looks at a file: what its bytes are decides how, never what anybody called it. A file that its
 * sender wishes to be only looked at is drawn with a moving mark of who looks at it and when.
 */
import { useCallback, useId, useLayoutEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { IconButton } from '../../ui/Button.tsx';
import { stopEscape } from '../../ui/Dialog.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { Notice } from '../../ui/Notice.tsx';
import { Spinner } from '../../ui/Spinner.tsx';
import type { Content } from './content.ts';
import { Look } from './Look.tsx';
import type { LookedAt } from './looking.ts';
import { TEXT_BYTES_MAX } from './read-text.ts';
import { useFile } from './use-file.ts';
import { useGuard } from './use-guard.ts';

export type ViewerProps = LookedAt & { readonly onClose: () => void };

export function Viewer({ transfer, content, model, device, onClose }: ViewerProps) {
  const { t } = useTranslation();
  const { id, name, by, accessMode, size } = transfer;
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  const [isBroken, setIsBroken] = useState(false);
  // Of a text no more is read than is shown, and one byte that tells whether there is more.
  const sizeShown = content.is === 'text' ? Math.min(size, TEXT_BYTES_MAX + 1) : size;
  const file = useFile(model, { id, size: sizeShown }, typeOf(content));
  const isGuarded = by === 'peer' && accessMode === 'view_only';
  const view = model.snapshot();
  const viewerName = view.at === 'signedIn' ? view.me.name : '';
  useGuard(isGuarded, onClose);

  useLayoutEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => element?.close();
  }, []);

  const onShown = useCallback(() => {
    if (by === 'peer') model.fileSeen(id);
  }, [model, by, id]);
  const onBroken = useCallback(() => setIsBroken(true), []);

  const isThere = file.is === 'here' && !isBroken;
  return (
    <dialog
      ref={dialog}
      aria-labelledby={titleId}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onKeyDown={stopEscape}
      className={`m-0 h-dvh max-h-none w-dvw max-w-none bg-paper p-0 text-ink ${isGuarded ? 'guarded' : ''}`}
    >
      <div className="flex h-full flex-col">
        <div className="flex items-center gap-3 border-b border-rule px-4 py-2">
          <h2 id={titleId} className="min-w-0 flex-1 truncate font-medium">
            <bdi>{name}</bdi>
          </h2>
          <IconButton label={t('files.closeView')} onClick={onClose}>
            <Icon name="close" />
          </IconButton>
        </div>
        {isGuarded && (
          <p className="border-b border-rule bg-sunken px-4 py-2 text-sm">{t('files.guarded')}</p>
        )}
        <div className="relative flex min-h-0 flex-1 flex-col">
          {isThere && (
            <Look
              name={name}
              blob={file.blob}
              content={content}
              watermark={isGuarded ? viewerName : null}
              device={device}
              onShown={onShown}
              onBroken={onBroken}
            />
          )}
          {!isThere && (
            <div className="m-auto max-w-md p-6" role="status">
              {file.is === 'loading' && <Spinner />}
              {file.is === 'gone' && <Notice tone="danger">{t('files.gone')}</Notice>}
              {isBroken && <Notice tone="danger">{t('files.broken')}</Notice>}
            </div>
          )}
        </div>
      </div>
    </dialog>
  );
}

/** What a decoder of the browser is told; nothing for what is decoded here. */
function typeOf(content: Content): string {
  return 'type' in content ? content.type : '';
}
