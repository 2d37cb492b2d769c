/**
 * What is to be done in a task of its own, after all that is being done, without the wait of a
 * timer. A browser that plans no tasks takes a message to oneself for it, which costs more.
 */
type Scheduler = { postTask(run: () => void): Promise<void> };

export function nextTasks(): (run: () => void) => void {
  const { scheduler } = globalThis as { scheduler?: Scheduler };
  if (scheduler !== undefined) {
    // What is thrown is an error of this thread, as in any other task.
    return (run) => void scheduler.postTask(run).catch(reportError);
  }
  const { port1, port2 } = new MessageChannel();
  const waiting: (() => void)[] = [];
  port1.onmessage = () => waiting.shift()?.();
  return (run) => {
    waiting.push(run);
    port2.postMessage(null);
  };
}
