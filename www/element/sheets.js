// Style sheets of the element: the theme and its own frame at once, that of a panel with the panel.
import theme from '../styles/theme.css?inline';
import { NARROW, PHONE, ROOMED, roomOf } from '../exports/room.js';
import frame from './element.css?inline';

const FILES = /** @type {Record<string, () => Promise<string>>} */ (
  import.meta.glob('../styles/panels/*.css', { query: '?inline', import: 'default' })
);

/** @param {string} text */
function sheetOf(text) {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(text);
  return sheet;
}

/**
 * Room for each figure, where the author says nothing else.
 * @param {(room: ReturnType<typeof roomOf>) => string} ratioOf
 */
const rooms = (ratioOf) =>
  [['', 'summary'], ...ROOMED.map((figure) => [`[figure='${figure}']`, figure])]
    .map(([host, figure]) => {
      const ratio = `var(--gate-scope-aspect-ratio, ${ratioOf(roomOf(figure))})`;
      return `:host${host && `(${host})`} { aspect-ratio: ${ratio}; }`;
    })
    .join('\n');

const WIDE_ROOMS = rooms(({ wide }) => wide);
const NARROW_ROOMS = rooms(({ narrow }) => `${PHONE} / ${narrow}`);

/** @type {CSSStyleSheet[] | null} */
let made = null;

/** Sheets that every element has; made once for all of them. */
export const frameSheets = () =>
  (made ??= [
    sheetOf(theme),
    sheetOf(`${WIDE_ROOMS}\n@media (max-width: ${NARROW}px) {\n${NARROW_ROOMS}\n}\n${frame}`),
  ]);

/** @type {Map<string, Promise<CSSStyleSheet>>} */
const loaded = new Map();

/** @param {string} file */
function loadSheet(file) {
  const sheet = loaded.get(file) ?? FILES[file]().then(sheetOf);
  loaded.set(file, sheet);
  return sheet;
}

/** @param {string} file */
const nameOf = (file) => file.replace(/^.*\/|\.css$/g, '');

/**
 * The sheets of a panel: its own, after those that panels share, which have the name of none.
 * @param {string} panel
 * @param {string[]} panels All panels.
 */
export function panelSheets(panel, panels) {
  const files = Object.keys(FILES);
  const shared = files.filter((file) => !panels.includes(nameOf(file)));
  const own = files.filter((file) => nameOf(file) === panel);
  return Promise.all([...shared, ...own].map(loadSheet));
}
