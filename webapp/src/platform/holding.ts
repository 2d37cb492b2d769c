/** What this browser can hold of a private key. Asked by doing: names promise nothing. */
import { type Holding, hold } from '../core/auth/holding.ts';

export async function holdingHere(): Promise<Holding> {
  for (const holding of ['handle', 'wrapped'] as const) {
    try {
      await hold(new Uint8Array(32), holding);
      return holding;
    } catch {
      // The next best is tried.
    }
  }
  return 'password';
}
