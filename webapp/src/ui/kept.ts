/**
 * Small choices that outlive a visit (language, theme). Storage may be forbidden; then a choice
 * lasts as long as the page. Nothing that was said, and no key, ever comes here.
 */

/** What was kept under a name; null if nothing was. */
export function kept(name: string): string | null {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}

/** Forgets every choice of this browser's person; marks of accounts are not theirs alone. */
export function forgetChoices(): void {
  try {
    const names = Object.keys(localStorage).filter((name) => /^dhchat\.[a-z]+$/.test(name));
    for (const name of names) localStorage.removeItem(name);
  } catch {
    // Nothing was kept.
  }
}

/** Keeps a choice; null forgets it. */
export function keep(name: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(name);
    else localStorage.setItem(name, value);
  } catch {
    // A browser that forbids storage keeps nothing, as its user wants.
  }
}
