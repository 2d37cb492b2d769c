/** A recorder whose devices, time and page a test decides. */
import { Recording } from '../core/recording/driver.ts';
import { FakeDevices } from './fake-devices.ts';
import { ManualClock } from './manual-clock.ts';

export function aRecording() {
  const clock = new ManualClock();
  const devices = new FakeDevices();
  const listeners = new Set<() => void>();
  let isVisible = true;
  const visibility = {
    visible: () => isVisible,
    watch: (listener: () => void) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  const recording = new Recording({ clock, devices, visibility });
  /** Nobody sees the page any more. */
  const hide = () => {
    isVisible = false;
    for (const listener of listeners) listener();
  };
  return { clock, devices, recording, hide };
}
