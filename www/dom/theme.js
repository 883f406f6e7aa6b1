// The colour scheme: that of the system, or the one that the reader chose, which is remembered.

/** @typedef {'auto' | 'light' | 'dark'} Theme */

const KEY = 'gatescope-theme';
/** @type {Theme[]} */
const THEMES = ['auto', 'light', 'dark'];

const system = matchMedia('(prefers-color-scheme: dark)');
/** @type {Set<() => void>} */
const redraws = new Set();
const redrawAll = () => redraws.forEach((redraw) => redraw());
system.addEventListener('change', redrawAll);

/** @returns {Theme} */
export const currentTheme = () =>
  THEMES.find((theme) => theme === document.documentElement.dataset.theme) ?? 'auto';

/**
 * Calls `redraw` whenever the theme changes: for what cannot use CSS variables.
 * @param {() => void} redraw
 */
export const onTheme = (redraw) => redraws.add(redraw);

/** @param {Theme} theme */
function setTheme(theme) {
  if (theme === 'auto') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  redrawAll();
}

/** Takes up what was chosen on an earlier visit. */
export function restoreTheme() {
  try {
    const kept = localStorage.getItem(KEY);
    setTheme(THEMES.find((theme) => theme === kept) ?? 'auto');
  } catch {
    // No storage, as in a private window: the system's scheme.
  }
}

/** The next of the three, which it returns. */
export function switchTheme() {
  const next = THEMES[(THEMES.indexOf(currentTheme()) + 1) % THEMES.length];
  setTheme(next);
  try {
    localStorage.setItem(KEY, next);
  } catch {
    // It holds until the page is left.
  }
  return next;
}
