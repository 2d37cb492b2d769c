/** A picture as one sheet. */
import { type Box, possibleScale, type Sheets } from './sheets.ts';

export async function imageSheets(blob: Blob): Promise<Sheets> {
  const picture = await createImageBitmap(blob);
  const { width, height } = picture;
  return {
    count: 1,
    async draw(_, { widthPx, heightPx, ratio }: Box, zoom) {
      const fits = Math.min(1, widthPx / width, heightPx / height);
      const scale = possibleScale(fits * zoom * ratio, width, height);
      return createImageBitmap(picture, {
        resizeWidth: Math.max(1, Math.round(width * scale)),
        resizeHeight: Math.max(1, Math.round(height * scale)),
        resizeQuality: 'high',
      });
    },
    words: async () => '',
    close: () => picture.close(),
  };
}
