/**
 * Records as long as the part that uses it is drawn: it begins with it, and whatever is not sent
 * goes with it. The peer is told meanwhile that somebody records.
 */
import { useEffect, useSyncExternalStore } from 'react';
import type { AppModel, Recorded, RecordedKind, Recorder } from '../../app/model.ts';
import { recordedName } from './recorded-name.ts';

/** The peer believes it for some seconds; the core says it no oftener than that takes. */
const TELL_EVERY_MS = 1_000;

type Recordings = {
  readonly kind: RecordedKind;
  readonly recorder: Recorder;
  readonly bytesMax: number;
  readonly model: Pick<AppModel, 'sendFile' | 'recording'>;
  readonly onClose: () => void;
};

export function useRecording(given: Recordings): {
  state: ReturnType<Recorder['snapshot']>;
  send: () => void;
} {
  const { kind, recorder, bytesMax, model, onClose } = given;
  const state = useSyncExternalStore(recorder.subscribe, recorder.snapshot);

  useEffect(() => {
    recorder.start(kind, bytesMax);
    // Given up by the machine, as when nobody sees the page any more.
    const unsubscribe = recorder.subscribe(() => {
      if (recorder.snapshot().at === 'idle') onClose();
    });
    return () => {
      unsubscribe();
      recorder.cancel();
    };
  }, [recorder, kind, bytesMax, onClose]);

  const isRecording = state.at === 'starting' || state.at === 'recording';
  useEffect(() => {
    if (!isRecording) return;
    model.recording(kind);
    const timer = setInterval(() => model.recording(kind), TELL_EVERY_MS);
    return () => {
      clearInterval(timer);
      model.recording(null);
    };
  }, [isRecording, kind, model]);

  const send = () => {
    const recorded = recorder.take();
    if (recorded !== null) sendRecorded(model, recorded);
  };

  // Whoever stops it wants it sent; what ended by itself waits for a word.
  const isWanted = state.at === 'ready' && state.why === 'asked';
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when it is ready.
  useEffect(() => {
    if (isWanted) send();
  }, [isWanted]);

  return { state, send };
}

function sendRecorded(model: Pick<AppModel, 'sendFile'>, recorded: Recorded): void {
  const { kind, blob, durationMs } = recorded;
  model.sendFile(blob, recordedName(recorded), { accessMode: 'both', kind, durationMs });
}
