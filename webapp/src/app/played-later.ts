/** What plays voices and videos: nobody needs it before there is one. */
import { Later } from './later.tsx';

export const playedHere = new Later(async () => (await import('./PlayedHere.tsx')).PlayedHere);
