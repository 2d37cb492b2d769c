/**
 * The real interface over a fake model that a test steers from outside: `harness.show(view)`.
 */
import type { AppView } from '../../src/app/model.ts';
import { start } from '../../src/app/start.tsx';
import { type Call, FakeModel } from '../../src/features/test/fake-model.ts';
import { fixLook } from './fixed.ts';

declare global {
  interface Window {
    harness: {
      show(view: AppView): void;
      snapshot(): AppView;
      readonly calls: readonly Call[];
      /** What can be read of files, by transfer. */
      readonly files: Map<number, Uint8Array<ArrayBuffer>>;
    };
  }
}

const model = new FakeModel({ at: 'starting' });
const root = document.getElementById('root');
if (root === null) throw new Error('index.html has a root');
await fixLook();
start(root, model);
window.harness = model;
