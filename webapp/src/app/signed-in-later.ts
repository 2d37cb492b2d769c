/** The screen of somebody who is signed in: nobody needs it to sign in. */
import { Later } from './later.tsx';

export const signedInScreen = new Later(async () => (await import('./SignedIn.tsx')).SignedIn);
