/** Starts the worker that holds the keys, and has the screens' model of it. */
import { browserDurability } from '../platform/durability.ts';
import { browserKeyMarks } from '../platform/key-marks.ts';
import { browserVisibility } from '../platform/visibility.ts';
import { browserSockets } from '../platform/web-socket.ts';
import type { AppModel } from './model.ts';
import { Remote } from './remote-model.ts';
import { trustedScript } from './trusted-scripts.ts';

export function openWorker(): AppModel {
  const worker = new Worker(trustedScript('keys'), { type: 'module' });
  const remote = new Remote(worker, {
    visibility: browserVisibility,
    durability: browserDurability,
    marks: browserKeyMarks,
    connect: browserSockets.connect,
  });
  worker.addEventListener('error', () => {
    remote.fail();
    worker.terminate();
  });
  addEventListener('pagehide', ({ persisted }) => {
    if (persisted) remote.putAside();
    else remote.goAway();
  });
  return remote.model;
}
