// A whole result as one HTML file: the template that `npm run build` makes, with the report and its
// names put in. The native program does the same (crate/src/report/html.rs); one list of hostile
// inputs, tests/unit/hostile.json, holds both.

/**
 * What the template has in the places of the title and of the report. The title comes first, and
 * both before the script, which may hold these words as well: the first ones count.
 */
export const TITLE_PLACE = '<!--title-->';
export const REPORT_PLACE = '<!--report-->';

/**
 * Text between tags.
 * @param {string} text
 */
const escapeText = (text) =>
  text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');

/**
 * JSON inside a script element, where nothing may end the element or begin another. In JSON these
 * characters stand in strings alone, so an escape means the same.
 * @param {string} json
 */
export const escapeJson = (json) =>
  json
    .replace(/</g, '\\u003c')
    .replace(/\u2028/g, '\\u2028')
    .replace(/\u2029/g, '\\u2029');

/**
 * The title of a report's page: what was compared.
 * @param {string | null | undefined} base Name of the base, where there is one.
 * @param {string[]} runs Names of the runs.
 */
export const titleOf = (base, runs) =>
  `${typeof base === 'string' ? `${base} → ` : ''}${runs.join(', ')} · Gatescope`;

/**
 * A text with the first occurrence of a place filled. Whatever the content holds stands there as it
 * is.
 * @param {string} text
 * @param {string} place
 * @param {string} content
 */
function fill(text, place, content) {
  const at = text.indexOf(place);
  if (at < 0) throw new Error('The template of HTML files is not one of this version.');
  return text.slice(0, at) + content + text.slice(at + place.length);
}

/**
 * The HTML file of a report.
 * @param {string} template
 * @param {object} report
 * @param {string | null | undefined} report.base
 * @param {string[]} report.runs
 * @param {string} report.text The report as JSON.
 */
export function fillTemplate(template, { base, runs, text }) {
  // The report first: a title cannot hold its place, since a tag there is escaped.
  const withReport = fill(template, REPORT_PLACE, escapeJson(text));
  return fill(withReport, TITLE_PLACE, escapeText(titleOf(base, runs)));
}

/**
 * The template, from where the built page lies.
 * @param {string | URL} address
 */
export async function loadTemplate(address = new URL('standalone.html', document.baseURI)) {
  const response = await fetch(address);
  if (!response.ok)
    throw new Error('The template of HTML files is not here: it comes with `npm run build`.');
  const text = await response.text();
  // A server of single-page applications answers with its own page.
  if (!text.includes(REPORT_PLACE))
    throw new Error('The template of HTML files is not here: it comes with `npm run build`.');
  return text;
}
