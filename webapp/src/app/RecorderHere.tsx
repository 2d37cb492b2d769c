/**
 * The recorder of this page, with its microphone and camera, and the dialog that uses it. Loaded
 * when somebody wants to record for the first time.
 */
import { Recording } from '../core/recording/driver.ts';
import { RecorderDialog, type RecorderDialogProps } from '../features/recording/RecorderDialog.tsx';
import { browserClock } from '../platform/clock.ts';
import { browserDevices } from '../platform/recorder.ts';
import { browserVisibility } from '../platform/visibility.ts';

const recorder = new Recording({
  devices: browserDevices,
  clock: browserClock,
  visibility: browserVisibility,
});

export function RecorderHere(props: Omit<RecorderDialogProps, 'recorder'>) {
  return <RecorderDialog {...props} recorder={recorder} />;
}
