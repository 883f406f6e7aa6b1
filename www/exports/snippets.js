// What an author puts into a page to show a figure there: an element, a frame, or everything in one
// piece.
import { NARROW, roomOf } from './room.js';

/**
 * What is shown; what is null is left to the element.
 * @typedef {object} Shown
 * @property {string} figure
 * @property {string | null} [metric]
 * @property {string | null} [run]
 * @property {string | null} [tensor]
 * @property {string | null} [alpha]
 */

/**
 * @param {string} text
 */
const escapeAttribute = (text) =>
  text.replace(/&/g, '&amp;').replace(/"/g, '&quot;').replace(/</g, '&lt;').replace(/>/g, '&gt;');

/** @param {Record<string, string | null | undefined>} all */
const attributes = (all) =>
  Object.entries(all)
    .filter(([, value]) => value !== null && value !== undefined && value !== '')
    .map(([name, value]) => ` ${name}="${escapeAttribute(value ?? '')}"`)
    .join('');

/**
 * Keeps a figure's room from before the script is there, and lets a narrow page give it more.
 * @param {string} host A selector.
 * @param {string} figure
 * @param {string} [more] Declarations.
 */
function keepRoom(host, figure, more = 'display: block;') {
  const { wide, narrow } = roomOf(figure);
  return (
    `<style>${host} { ${more} aspect-ratio: ${wide}; } ` +
    `@media (max-width: ${NARROW}px) { ${host} { aspect-ratio: auto; height: ${narrow}px; } }` +
    '</style>\n'
  );
}

/** @param {string} figure */
const keepRoomOfElement = (figure) => keepRoom(`gate-scope[figure='${figure}']`, figure);

/**
 * A script that ends at no place of its own text.
 * @param {string} code
 */
export const escapeScript = (code) =>
  code.replace(/<\/(script)/gi, '<\\/$1').replace(/<!--/g, '<\\!--');

/**
 * The custom element, its script and the report at addresses.
 * @param {Shown & { script: string, integrity?: string | null, src: string, still?: string }} parts
 * `still` is an SVG: what stands there without scripts, until the figure is drawn, and on paper.
 */
export const elementSnippet = ({ script, integrity, src, still = '', ...shown }) =>
  `<script type="module"${attributes({
    src: script,
    integrity,
    crossorigin: integrity ? 'anonymous' : null,
  })}></script>\n${keepRoomOfElement(shown.figure)}` +
  `<gate-scope${attributes({ src, ...shown, loading: 'lazy' })}>${still}</gate-scope>\n`;

/**
 * The same in a frame, where a page may hold no foreign script.
 * @param {Shown & { page: string, src: string, title: string }} parts
 */
export function frameSnippet({ page, src, title, ...shown }) {
  const query = new URLSearchParams({ embed: '1', src });
  for (const [name, value] of Object.entries(shown)) if (value) query.set(name, value);
  const name = `gate-scope-${shown.figure}`;
  return (
    keepRoom(`.${name}`, shown.figure, 'border: 0; width: 100%;') +
    `<iframe${attributes({ class: name, src: `${page}?${query}`, title, loading: 'lazy' })}>` +
    '</iframe>\n'
  );
}

/**
 * Everything in one piece: for templates of articles, which take HTML and no files.
 * @param {Shown & { code: string, report: string, still?: string }} parts `code` is the element in
 * one script, `report` JSON that is escaped already.
 */
export const fragmentSnippet = ({ code, report, still = '', ...shown }) =>
  `${keepRoomOfElement(shown.figure)}<gate-scope${attributes({ ...shown })}>${still}\n` +
  `<script type="application/json">${report}</script>\n</gate-scope>\n` +
  `<script type="module">${escapeScript(code)}</script>\n`;
