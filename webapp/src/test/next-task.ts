/** One turn of the event loop, in Node and in a browser: whatever is ready has run after it. */

const { port1, port2 } = new MessageChannel();
const waiting: (() => void)[] = [];
port1.onmessage = () => waiting.shift()?.();
// In Node a port that listens would keep the process alive.
if ('unref' in port1) (port1 as unknown as { unref(): void }).unref();

export function nextTask(): Promise<void> {
  if ('setImmediate' in globalThis) return new Promise((resolve) => setImmediate(resolve));
  return new Promise((resolve) => {
    waiting.push(resolve);
    port2.postMessage(null);
  });
}
