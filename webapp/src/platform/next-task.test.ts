/** Tasks that come after what is being done, with and without a browser that plans them. */
import { afterEach, expect, it, vi } from 'vitest';
import { nextTask } from '../test/next-task.ts';
import { nextTasks } from './next-task.ts';

afterEach(() => vi.unstubAllGlobals());

async function done(): Promise<readonly string[]> {
  const acts: string[] = [];
  const next = nextTasks();
  next(() => acts.push('first task'));
  next(() => acts.push('second task'));
  queueMicrotask(() => acts.push('what is being done'));
  await vi.waitFor(() => expect(acts).toHaveLength(3));
  return acts;
}

const IN_ORDER = ['what is being done', 'first task', 'second task'];

it('[PAGE33] waits for a task of its own where the browser plans none', async () => {
  expect('scheduler' in globalThis).toBe(false);
  expect(await done()).toEqual(IN_ORDER);
});

it('[PAGE33] waits for a task of its own where the browser plans them, and reports what fails', async () => {
  const postTask = async (run: () => void) => {
    await nextTask();
    run();
  };
  const reported = vi.fn();
  vi.stubGlobal('scheduler', { postTask });
  vi.stubGlobal('reportError', reported);
  expect(await done()).toEqual(IN_ORDER);
  const fault = new Error('it failed');
  nextTasks()(() => {
    throw fault;
  });
  await vi.waitFor(() => expect(reported).toHaveBeenCalledWith(fault));
});
