/** What leaves browsers, before the socket masks it: each frame and each request, in a file. */
import { createWriteStream, type WriteStream } from 'node:fs';
import type { BrowserContext, Request } from 'playwright-core';
import type { Contexts } from './browser.ts';

export class Sent {
  readonly path: string;
  frames = 0;
  readonly #file: WriteStream;

  constructor(path: string) {
    this.path = path;
    this.#file = createWriteStream(path);
  }

  /** This browser, whose pages are listened to from the beginning. */
  from(browser: Contexts): Contexts {
    return {
      newContext: async (options) => {
        const context = await browser.newContext(options);
        this.#listen(context);
        return context;
      },
    };
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.#file.end(() => resolve()));
  }

  #listen(context: BrowserContext): void {
    context.on('request', (request) => this.#write(partsOf(request)));
    context.on('page', (page) => {
      page.on('websocket', (socket) => {
        socket.on('framesent', ({ payload }) => {
          this.frames += 1;
          this.#write([payload]);
        });
      });
    });
  }

  /** A line's end between two, so that nothing is read across them. */
  #write(parts: readonly (string | Buffer)[]): void {
    for (const part of parts) {
      this.#file.write(part);
      this.#file.write('\n');
    }
  }
}

function partsOf(request: Request): (string | Buffer)[] {
  const headers = JSON.stringify(request.headers());
  return [request.url(), headers, request.postDataBuffer() ?? ''];
}
