/**
 * Asks a page's own worker for what no screen offers yet, in the very messages that the page's
 * model sends, and sees what the page is told. Page and worker are those that are shipped: only
 * the browser of the test keeps hold of the worker, from outside.
 */
import type { Page } from 'playwright-core';
import type { AppView, Line } from '../src/app/model.ts';
import { type Patch, patched } from '../src/app/patch.ts';
import { type Asks, FIRST_VIEW } from '../src/app/protocol.ts';
import type { SendAs } from '../src/core/transfer/transfers.ts';
import type { TransferView } from '../src/core/transfer/view.ts';
import type { Contexts } from './browser.ts';

/** What the test's browser keeps beside the page. */
type Kept = { worker: Worker | null; readonly patches: Patch[] };

declare global {
  interface Window {
    kept: Kept;
  }
}

/** A file that is to be sent. */
export type FileToSend = {
  readonly name: string;
  readonly mime: string;
  /** In base64, as it crosses into the page. */
  readonly bytes: string;
  readonly as: SendAs;
};

/** Browsers whose pages can be asked. */
export function keepingWorkers(browser: Contexts): Contexts {
  return {
    async newContext(options) {
      const context = await browser.newContext(options);
      await context.addInitScript(keepWorker);
      return context;
    },
  };
}

export class Asker {
  readonly #page: Page;
  #view: AppView = FIRST_VIEW;
  #reading: Promise<void> = Promise.resolve();

  constructor(page: Page) {
    this.#page = page;
  }

  /** For what crosses into the page as it is: all but files. */
  async ask<Name extends keyof Asks>(name: Name, ...given: Parameters<Asks[Name]>): Promise<void> {
    await this.#page.evaluate(
      ([what, parts]) => window.kept.worker?.postMessage({ type: 'ask', name: what, given: parts }),
      [name, given as readonly unknown[]] as const,
    );
  }

  async sendFile(file: FileToSend): Promise<void> {
    await this.#page.evaluate(({ name, mime, bytes, as }) => {
      const blob = new Blob([Uint8Array.from(atob(bytes), (char) => char.charCodeAt(0))], {
        type: mime,
      });
      window.kept.worker?.postMessage({ type: 'ask', name: 'sendFile', given: [blob, name, as] });
    }, file);
  }

  /** The lines of the open conversation, as the page is told. */
  async lines(): Promise<readonly Line[]> {
    return (await this.#secure())?.lines ?? [];
  }

  async transfers(): Promise<readonly TransferView[]> {
    return (await this.#secure())?.transfers ?? [];
  }

  async #secure() {
    // One after the other: each patch is of the view that the one before left.
    this.#reading = this.#reading.then(() => this.#catchUp());
    await this.#reading;
    const view = this.#view;
    if (view.at !== 'signedIn' || view.conversation?.phase.is !== 'secure') return null;
    return view.conversation.phase;
  }

  async #catchUp(): Promise<void> {
    const patches = await this.#page.evaluate(() => window.kept.patches.splice(0));
    this.#view = patches.reduce<AppView>(patched, this.#view);
  }
}

/** Runs in the page before its own scripts. */
function keepWorker(): void {
  const kept: Kept = { worker: null, patches: [] };
  window.kept = kept;
  window.Worker = class extends Worker {
    constructor(script: string | URL, options?: WorkerOptions) {
      super(script, options);
      kept.worker = this;
      this.addEventListener('message', ({ data }) => {
        if (data.type === 'view') kept.patches.push(data.patch);
      });
    }
  };
}
