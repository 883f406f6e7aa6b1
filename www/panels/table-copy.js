// The table as text, for other programs. What writes the forms is loaded when it is asked for;
// where nobody offers it (www/exports is no part of a small page), there is no button.
import { h } from '../dom/elements.js';

/**
 * @typedef {object} TableData
 * @property {{ label: string, format?: (value: number | null | undefined) => string }[]} columns
 * @property {(string | number | null)[][]} rows
 */

/** @typedef {(table: TableData) => string} Write */
/**
 * What writes a table, and puts a text into the clipboard, which it tells to have worked.
 * @typedef {Record<'toCsv' | 'toMarkdown' | 'toLatex', Write> &
 * { copyText: (text: string) => Promise<boolean> }} Writers
 */

/** @type {(() => Promise<Writers>) | null} */
let loadWriters = null;

/**
 * Says where the writers of tables come from.
 * @param {() => Promise<Writers>} load
 */
export function offerTableWriters(load) {
  loadWriters = load;
}

/** @type {['toCsv' | 'toMarkdown' | 'toLatex', string][]} */
const FORMS = [
  ['toCsv', 'CSV'],
  ['toMarkdown', 'Markdown'],
  ['toLatex', 'LaTeX'],
];

/**
 * A fold with a button for each form; null where there are no writers.
 * @param {() => TableData} read The table as it is shown, of all rows.
 * @param {(text: string) => void} say
 */
export function copyMenu(read, say) {
  const load = loadWriters;
  if (!load) return null;
  /** @param {'toCsv' | 'toMarkdown' | 'toLatex'} form */
  const copy = async (form) => {
    try {
      const table = read();
      const writers = await load();
      if (!(await writers.copyText(writers[form](table)))) throw new Error('Not copied.');
      say(`Copied ${table.rows.length} rows.`);
    } catch {
      say('The browser did not let the table be copied.');
    }
  };
  return h(
    'details',
    { class: 'menu' },
    h('summary', { 'data-key': 'copy' }, 'Copy'),
    h(
      'div',
      { class: 'choices' },
      FORMS.map(([form, label]) =>
        h('button', { type: 'button', onclick: () => copy(form) }, label),
      ),
    ),
  );
}
