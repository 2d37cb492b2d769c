/** Starts the worker that holds the keys, and has the screens' model of it. */
import { browserDurability } from '../platform/durability.ts';
import { browserKeyMarks } from '../platform/key-marks.ts';
import { browserVisibility } from '../platform/visibility.ts';
import { browserSockets } from '../platform/web-socket.ts';
import type { AppModel } from './model.ts';
import { Remote } from './remote-model.ts';
import script from './worker.ts?worker&url';

/** Text becomes the address of a script only by a policy with a name; the server allows this one. */
const POLICY = 'dhchat-worker';

type Policy = { createScriptURL(input: string): string };
type TrustedTypes = { createPolicy(name: string, policy: Policy): Policy };

export function openWorker(): AppModel {
  const worker = new Worker(trusted(), { type: 'module' });
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

/** The one script that may become a worker, whatever the policy is asked for. */
function trusted(): string {
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes };
  const policy = { createScriptURL: () => script };
  return (trustedTypes?.createPolicy(POLICY, policy) ?? policy).createScriptURL(script);
}
