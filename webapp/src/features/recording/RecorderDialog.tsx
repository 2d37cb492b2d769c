/**
 * Records a voice or a video for the peer, as long as it is open: what it waits for, what it
 * hears and sees, how long already, and what became of it. Closing it throws away what was not
 * sent, and nothing stays on.
 */
import { useCallback, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { AppModel, RecordedKind, Recorder, RecordingState } from '../../app/model.ts';
import { Button } from '../../ui/Button.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { lengthOf } from '../../ui/length.ts';
import { Notice } from '../../ui/Notice.tsx';
import { Spinner } from '../../ui/Spinner.tsx';
import { useEvery } from '../../ui/use-every.ts';
import { LevelMeter } from './LevelMeter.tsx';
import { useRecording } from './use-recording.ts';
import { ViewFinder } from './ViewFinder.tsx';

export type RecorderDialogProps = {
  readonly kind: RecordedKind;
  readonly peerName: string;
  readonly recorder: Recorder;
  /** What can be sent at most. */
  readonly bytesMax: number;
  readonly model: Pick<AppModel, 'sendFile' | 'recording'>;
  readonly onClose: () => void;
};

export function RecorderDialog(props: RecorderDialogProps) {
  const { t } = useTranslation();
  const { kind, peerName, recorder } = props;
  // The one that is asked for at the start is the one that is left: it may be closed once.
  const close = useRef(props.onClose);
  close.current = props.onClose;
  const onClose = useCallback(() => close.current(), []);
  const { state, send } = useRecording({ ...props, onClose });
  const again = () => recorder.start(kind, props.bytesMax);
  return (
    <Dialog
      title={t(`recording.record.${kind}`, { name: peerName })}
      closeLabel={t('recording.dismiss')}
      onClose={onClose}
      actions={
        <Actions
          state={state}
          recorder={recorder}
          onSend={send}
          onAgain={again}
          onClose={onClose}
        />
      }
    >
      {state.at === 'refused' ? (
        <Notice tone="warn" role="alert">
          {t(`recording.refused.${state.why}`)}
        </Notice>
      ) : (
        <Stage state={state} kind={kind} recorder={recorder} />
      )}
    </Dialog>
  );
}

type StageProps = {
  readonly state: Exclude<RecordingState, { at: 'refused' }>;
  readonly kind: RecordedKind;
  readonly recorder: Recorder;
};

/** How often the running time is looked at: seconds are shown. */
const LOOK_EVERY_MS = 200;

function Stage({ state, kind, recorder }: StageProps) {
  const { t } = useTranslation();
  const isRunning = state.at === 'recording';
  useEvery(isRunning ? LOOK_EVERY_MS : null);
  return (
    <div className="flex flex-col items-center gap-4">
      {kind === 'video' && <ViewFinder state={state} recorder={recorder} />}
      {kind === 'voice' && <LevelMeter isOn={isRunning} level={recorder.level} />}
      <p className="flex items-center gap-2 font-mono text-2xl tabular-nums">
        <span className={`size-3 rounded-full ${isRunning ? 'pulse bg-danger' : 'bg-rule'}`} />
        <span role="timer" aria-label={t('recording.length')} data-elapsed>
          {lengthOf(recorder.elapsedMs())}
        </span>
      </p>
      <p role="status" className="flex items-center gap-2 text-center text-muted">
        {(state.at === 'asking' || state.at === 'stopping') && <Spinner />}
        <Words state={state} kind={kind} />
      </p>
    </div>
  );
}

function Words({ state, kind }: Pick<StageProps, 'state' | 'kind'>) {
  const { t } = useTranslation();
  switch (state.at) {
    case 'idle':
      return null;
    case 'asking':
      return t(`recording.asking.${kind}`);
    case 'aiming':
      return t('recording.aiming');
    case 'starting':
    case 'recording':
      return t(`recording.running.${kind}`);
    case 'stopping':
      return t('recording.stopping');
    case 'ready':
      return state.why === 'asked' ? t('recording.stopping') : t(`recording.stopped.${state.why}`);
  }
}

type ActionsProps = {
  readonly state: RecordingState;
  readonly recorder: Recorder;
  readonly onSend: () => void;
  readonly onAgain: () => void;
  readonly onClose: () => void;
};

/** A button that comes with its state takes the focus: the keyboard goes on where it was. */
function focusOnce(button: HTMLButtonElement | null): void {
  button?.focus();
}

function Actions({ state, recorder, onSend, onAgain, onClose }: ActionsProps) {
  const { t } = useTranslation();
  const isRefused = state.at === 'refused';
  const hasSomething = state.at === 'recording' || state.at === 'stopping' || state.at === 'ready';
  // What this browser cannot do it cannot do a second time either.
  const canTry = isRefused && state.why !== 'unsupported' && state.why !== 'insecureContext';
  return (
    <>
      <Button onClick={onClose}>{t(hasSomething ? 'recording.discard' : 'recording.close')}</Button>
      {canTry && (
        <Button ref={focusOnce} tone="primary" onClick={onAgain}>
          {t('recording.again')}
        </Button>
      )}
      {state.at === 'aiming' && state.canSwitch && (
        <Button onClick={recorder.switchCamera}>{t('recording.switchCamera')}</Button>
      )}
      {state.at === 'aiming' && (
        <Button ref={focusOnce} tone="danger" onClick={recorder.record}>
          {t('recording.begin')}
        </Button>
      )}
      {(state.at === 'recording' || state.at === 'stopping') && (
        <Button
          ref={focusOnce}
          tone="primary"
          busy={state.at === 'stopping'}
          onClick={recorder.stop}
        >
          {t('recording.send')}
        </Button>
      )}
      {state.at === 'ready' && (
        <Button ref={focusOnce} tone="primary" onClick={onSend}>
          {t('recording.send')}
        </Button>
      )}
    </>
  );
}
