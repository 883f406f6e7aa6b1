// The page's colours for charts: marks that cannot use CSS variables ask here, and are redrawn when
// the theme changes.
import { isDark } from '../dom/theme.js';

export { isDark, onTheme } from '../dom/theme.js';

/**
 * Low values stay close to the page's background in both themes, so that high ones stand out.
 * @returns {'viridis' | 'YlGnBu'}
 */
export const scheme = () => (isDark() ? 'viridis' : 'YlGnBu');

/** @param {number} value */
const channel = (value) => (value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);

/**
 * Red, green and blue of a colour, 0 to 255.
 * @param {string} color As rgb() or #rrggbb.
 */
export const channelsOf = (color) =>
  color.startsWith('#')
    ? (color.slice(1).match(/../g) ?? []).map((two) => parseInt(two, 16))
    : (color.match(/\d+(\.\d+)?/g) ?? []).slice(0, 3).map(Number);

/**
 * Black or white, whichever reads better on a colour.
 * @param {string} color
 */
export function ink(color) {
  const parts = channelsOf(color);
  const [r, g, b] = parts.map((part) => channel(part / 255));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.19 ? '#111' : '#fff';
}
