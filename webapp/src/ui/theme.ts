/**
 * Light or dark: as the system says, unless the person chose one. The page's colours follow the
 * attribute `data-theme` of the document alone (`styles/main.css`).
 */
import { keep, kept } from './kept.ts';

export type Theme = 'system' | 'light' | 'dark';

const KEPT_AS = 'dhchat.theme';

/** The theme chosen in this browser. */
export function themeHere(): Theme {
  const chosen = kept(KEPT_AS);
  return chosen === 'light' || chosen === 'dark' ? chosen : 'system';
}

/** Draws the page in a theme. */
export function applyTheme(theme: Theme): void {
  const page = document.documentElement;
  if (theme === 'system') page.removeAttribute('data-theme');
  else page.setAttribute('data-theme', theme);
}

/** Draws the page in a theme, here and at the next visit. */
export function switchTheme(theme: Theme): void {
  keep(KEPT_AS, theme === 'system' ? null : theme);
  applyTheme(theme);
}
