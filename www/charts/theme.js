// The page's theme, for pixels: they cannot use CSS variables.
export { onTheme } from '../dom/theme.js';
