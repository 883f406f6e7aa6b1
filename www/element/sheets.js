// Style sheets of the element: the theme and its own frame at once, that of a panel with the panel.
import theme from '../styles/theme.css?inline';
import { ROOMED, roomOf } from '../exports/room.js';
import own from './element.css?inline';

/** @type {Record<string, () => Promise<string>>} */
const PANELS = import.meta.glob('../styles/panels/*.css', { query: '?inline', import: 'default' });

/** @param {string} text */
function sheetOf(text) {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(text);
  return sheet;
}

/**
 * Room for each figure, where the author says nothing else.
 * @param {'wide' | 'narrow'} width
 */
const rooms = (width) =>
  [['', 'summary'], ...ROOMED.map((figure) => [`[figure='${figure}']`, figure])]
    .map(([host, figure]) => {
      const ratio = `var(--gate-scope-aspect-ratio, ${roomOf(figure)[width]})`;
      return `:host${host && `(${host})`} { aspect-ratio: ${ratio}; }`;
    })
    .join('\n');

/** @type {CSSStyleSheet[] | null} */
let frame = null;

/** Sheets that every element has; made once for all of them. */
export const frameSheets = () =>
  (frame ??= [
    sheetOf(theme),
    sheetOf(`${rooms('wide')}\n@media (max-width: 600px) {\n${rooms('narrow')}\n}\n${own}`),
  ]);

/** @type {Map<string, Promise<CSSStyleSheet | null>>} */
const loaded = new Map();

/**
 * The sheet of a panel; null for a panel that has none.
 * @param {string} panel
 */
export function panelSheet(panel) {
  const load = PANELS[`../styles/panels/${panel}.css`];
  const sheet = loaded.get(panel) ?? (load ? load().then(sheetOf) : Promise.resolve(null));
  loaded.set(panel, sheet);
  return sheet;
}
