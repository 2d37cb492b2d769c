/** What this browser can hold of a private key. Asked by doing: names promise nothing. */
import { type Holding, hold } from '../core/auth/holding.ts';

/** The first of these that works, the best first. */
export async function holdingHere(wanted: readonly Holding[]): Promise<Holding> {
  for (const holding of wanted) {
    try {
      await hold(new Uint8Array(32), holding);
      return holding;
    } catch {
      // The next best is tried.
    }
  }
  return 'password';
}
