/** What the cards and viewers of files ask for. */
import type { AppModel } from '../../app/model.ts';

export type FilesModel = Pick<
  AppModel,
  | 'acceptFile'
  | 'pauseFile'
  | 'resumeFile'
  | 'cancelFile'
  | 'readFile'
  | 'fileSeen'
  | 'sendFileAgain'
  | 'snapshot'
>;

/** What of this device a file may come to; given by whoever joins the screens. */
export type FilesDevice = {
  /** Saves a file, by a picker if there is one; to be called from a press. */
  save(file: ToSave): Promise<'saved' | 'dismissed' | 'failed'>;
  /** A new worker that reads PDF; whoever asked for it ends it. */
  pdfWorker(): Worker;
};

type ToSave = {
  readonly name: string;
  /** The bytes in order, piece by piece; throws when they cannot be read. */
  pieces(): AsyncIterable<Uint8Array<ArrayBuffer>>;
};
