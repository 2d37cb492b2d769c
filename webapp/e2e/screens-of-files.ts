/** Every screen of files: on their way, here, and looked at. */
import type { AppView, TransferView } from '../src/app/model.ts';
import { aTransfer, secure, signedIn, theirs, withBob } from '../src/features/test/views.ts';
import { pdf, png, wav } from './sample-files.ts';
import type { Act, Screen } from './screen.ts';
import { filled, named } from './words.ts';

const notes = 'Two loaves, salt, the green key.\n\nСоль, хлеб и зелёный ключ.\n\n'.repeat(40);

/** What has come, by transfer. */
const contents = new Map<number, Buffer>([
  [3, png(900, 600)],
  // Two pages without words: a Helvetica is another one on each machine.
  [5, pdf(['', ''])],
  [7, Buffer.from(notes)],
  [9, wav(3)],
  [11, Buffer.from('<!doctype html><title>A page</title>')],
  [13, Buffer.from('MZ\x90\0', 'latin1')],
]);

function arrived(id: number, name: string, changes: Partial<TransferView> = {}): TransferView {
  const size = contents.get(id)?.length ?? 1;
  return aTransfer({ id, name, size, stage: { is: 'delivered' }, ...changes });
}

/** Bob's files, whole and here. */
const arrivals: readonly TransferView[] = [
  arrived(3, 'harbour.png'),
  arrived(5, 'list.pdf', { accessMode: 'download_only' }),
  arrived(7, 'notes.txt', { accessMode: 'view_only' }),
  arrived(9, 'tone.wav'),
  arrived(11, 'photo.png'),
  arrived(13, 'a rather long name of a file that does not fit into one line.pdf.exe'),
];

const filesOf = (transfers: readonly TransferView[]): AppView =>
  signedIn(withBob({ ...secure([theirs('Here they are.')]), transfers }));

/** Opens one of these files. */
function lookAt(name: string): Act {
  return async (page, words) => {
    const { viewOf, playOf } = words.files;
    const press = filled(name.endsWith('.wav') ? playOf : viewOf, { file: name });
    await page.getByRole('button', { name: press, exact: true }).click();
    await page.getByRole('dialog').locator('canvas, img, audio, pre').first().waitFor();
  };
}

export const fileScreens: readonly Screen[] = [
  {
    name: 'files-coming',
    view: filesOf([
      aTransfer({ id: 2, stage: { is: 'delivered' }, name: 'אב.gpj.exe' }),
      aTransfer({ id: 4, stage: { is: 'ended', why: 'damaged', by: 'me' }, name: 'photo.jpg' }),
      aTransfer({ id: 6, stage: { is: 'moving' }, bytes: 600_000, bytesPerSecond: 90_000 }),
      aTransfer({ id: 8, stage: { is: 'offered' }, name: 'plan.pdf', accessMode: 'view_only' }),
    ]),
  },
  {
    name: 'files-going',
    view: filesOf([
      aTransfer({ id: 1, by: 'me', stage: { is: 'delivered' }, isRead: true }),
      aTransfer({ id: 3, by: 'me', stage: { is: 'ended', why: 'declined', by: 'peer' } }),
      aTransfer({ id: 5, by: 'me', stage: { is: 'paused', by: 'both' }, bytes: 900_000 }),
      aTransfer({ id: 7, by: 'me', stage: { is: 'queued' }, name: 'next.zip' }),
    ]),
  },
  { name: 'files-here', view: filesOf(arrivals), files: contents },
  {
    name: 'files-choose',
    view: filesOf([]),
    act: async (page, words) => {
      const chosen = [
        { name: 'harbour.png', mimeType: 'image/png', buffer: Buffer.alloc(182_000) },
        { name: 'a rather long name of a file.pdf', mimeType: '', buffer: Buffer.alloc(9_000) },
        { name: 'empty.txt', mimeType: 'text/plain', buffer: Buffer.alloc(0) },
      ];
      await page.locator('input[type="file"]').setInputFiles(chosen);
      await page.getByRole('dialog').getByRole('combobox').first().selectOption('view_only');
      await page.getByText(named(words.files.wish, 'bob')).scrollIntoViewIfNeeded();
    },
  },
  {
    name: 'files-view-picture',
    view: filesOf(arrivals),
    files: contents,
    act: lookAt('harbour.png'),
  },
  {
    name: 'files-view-pdf',
    view: filesOf([arrived(5, 'list.pdf')]),
    files: contents,
    act: lookAt('list.pdf'),
  },
  {
    name: 'files-view-text',
    view: filesOf([arrived(7, 'notes.txt')]),
    files: contents,
    act: lookAt('notes.txt'),
  },
  { name: 'files-view-sound', view: filesOf(arrivals), files: contents, act: lookAt('tone.wav') },
  {
    name: 'files-guarded-text',
    view: filesOf(arrivals),
    files: contents,
    act: lookAt('notes.txt'),
  },
  {
    name: 'files-guarded-picture',
    view: filesOf([arrived(3, 'harbour.png', { accessMode: 'view_only' })]),
    files: contents,
    act: lookAt('harbour.png'),
  },
];
