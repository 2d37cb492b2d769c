/**
 * Draws the icons of the web app manifest, in a real browser: `npm run icons`. What it draws is
 * committed, for a picture is the same on every machine and a browser is not.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ICONS, whole } from '../icons.ts';
import { launch } from './browser.ts';

const PUBLIC = join(import.meta.dirname, '../public');

async function draw(): Promise<void> {
  const svg = await readFile(join(PUBLIC, 'favicon.svg'), 'utf8');
  await mkdir(join(PUBLIC, 'icons'), { recursive: true });
  const browser = await launch();
  try {
    for (const { file, sizePx, shape } of ICONS) {
      const page = await browser.newPage({ viewport: { width: sizePx, height: sizePx } });
      const picture = Buffer.from(shape === 'whole' ? whole(svg) : svg).toString('base64');
      await page.setContent(
        `<body style="margin:0"><img width="${sizePx}" height="${sizePx}" style="display:block" src="data:image/svg+xml;base64,${picture}">`,
      );
      await page.waitForFunction(() => document.images[0]?.complete);
      await writeFile(join(PUBLIC, file), await page.screenshot({ omitBackground: true }));
      await page.close();
    }
  } finally {
    await browser.close();
  }
}

await draw();
