/** What records voices and videos: nobody needs it to talk. */
import { Later } from './later.tsx';

export const recorderHere = new Later(
  async () => (await import('./RecorderHere.tsx')).RecorderHere,
);
