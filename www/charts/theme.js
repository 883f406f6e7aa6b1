// The page's theme, for pixels: they cannot use CSS variables.

const dark = matchMedia('(prefers-color-scheme: dark)');
/** @param {() => void} redraw */
export const onTheme = (redraw) => dark.addEventListener('change', redraw);
