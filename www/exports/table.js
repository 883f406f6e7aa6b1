// A table as text: CSV and TSV for programs, Markdown and LaTeX for people. Names of tensors and
// runs come from strangers' files: in each form they stay text.
import { number } from '../report/format.js';

/** @import { Format } from '../report/format.js' */

/**
 * @typedef {object} Column
 * @property {string} label
 * @property {string} [unit] Stands behind the label.
 * @property {Format} [format] How its numbers are shown; three digits where it says nothing.
 */

/** @typedef {string | number | null | undefined} Cell Null where there is no value. */

/**
 * @typedef {object} Table
 * @property {Column[]} columns
 * @property {Cell[][]} rows
 */

/**
 * `raw` numbers keep all digits that the report has, `shown` ones are as the page writes them.
 * @typedef {'raw' | 'shown'} Numbers
 */

/** @param {Column} column */
const headOf = ({ label, unit }) => (unit ? `${label} (${unit})` : label);

/** @param {Cell} cell @returns {cell is number} */
const isNumber = (cell) => typeof cell === 'number' && !Number.isNaN(cell);

/** @param {Cell} cell */
const isMissing = (cell) => cell === null || cell === undefined || Number.isNaN(cell);

/**
 * All digits that a value has, without those that a difference or a quotient of two of them adds.
 * @param {number} value
 */
const rawNumber = (value) =>
  Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(12)));

/**
 * A cell as text, before anything is escaped.
 * @param {Cell} cell
 * @param {Column} column
 * @param {Numbers} numbers
 * @param {string} none Stands for a value that there is not.
 */
function textOf(cell, column, numbers, none) {
  if (isMissing(cell)) return none;
  if (!isNumber(cell)) return String(cell);
  return numbers === 'raw' ? rawNumber(cell) : (column.format ?? number)(cell);
}

/**
 * What begins a formula in some spreadsheet, the wide forms of East Asian keyboards included.
 */
const FORMULA = /^[=+\-@\t\r\n＝＋－＠]/;

/**
 * Text that no spreadsheet takes for a formula: one that looks like it gets a quote before it, the
 * sign of a text there.
 * @param {string} text
 */
const defuse = (text) => (FORMULA.test(text) ? `'${text}` : text);

/**
 * @param {Cell} cell
 * @param {Column} column
 * @param {Numbers} numbers
 */
const plainCell = (cell, column, numbers) => {
  const text = textOf(cell, column, numbers, '');
  return typeof cell === 'string' ? defuse(text) : text;
};

/** @param {string} text */
const quote = (text) => (/[",\r\n]|^\s|\s$/.test(text) ? `"${text.replace(/"/g, '""')}"` : text);

/**
 * Comma-separated values as RFC 4180 has them.
 * @param {Table} table
 * @param {{ numbers?: Numbers }} [options]
 */
export const toCsv = ({ columns, rows }, { numbers = 'raw' } = {}) =>
  [
    columns.map((column) => quote(defuse(headOf(column)))),
    ...rows.map((row) => columns.map((column, i) => quote(plainCell(row[i], column, numbers)))),
  ]
    .map((cells) => `${cells.join(',')}\r\n`)
    .join('');

/**
 * Tab-separated values, as spreadsheets paste them: a cell has no tabs and no lines of its own.
 * @param {Table} table
 * @param {{ numbers?: Numbers }} [options]
 */
export function toTsv({ columns, rows }, { numbers = 'raw' } = {}) {
  /** @param {string} text */
  const flat = (text) => text.replace(/[\t\r\n]+/g, ' ');
  return [
    columns.map((column) => defuse(flat(headOf(column)))),
    ...rows.map((row) => columns.map((column, i) => flat(plainCell(row[i], column, numbers)))),
  ]
    .map((cells) => `${cells.join('\t')}\n`)
    .join('');
}

/** @param {string} text */
const oneLine = (text) => text.replace(/\s+/g, (space) => (/[\r\n\t]/.test(space) ? ' ' : space));

/**
 * Text that Markdown shows as it is: no markup, no HTML, no link of its own accord.
 * @param {string} text
 */
const escapeMarkdown = (text) =>
  oneLine(text)
    .replace(/[\\`*_[\]<>|~$&#!@]/g, '\\$&')
    .replace(/:\/\//g, '\\://')
    .replace(/\bwww\./gi, (start) => start.replace('.', '\\.'));

/**
 * A table of GitHub's Markdown, numbers to the right.
 * @param {Table} table
 * @param {{ numbers?: Numbers }} [options]
 */
export function toMarkdown({ columns, rows }, { numbers = 'shown' } = {}) {
  const right = columns.map((_, i) => rows.some((row) => isNumber(row[i])));
  /** @param {string[]} cells */
  const line = (cells) => `| ${cells.join(' | ')} |\n`;
  return [
    line(columns.map((column) => escapeMarkdown(headOf(column)))),
    line(right.map((numeric) => (numeric ? '---:' : '---'))),
    ...rows.map((row) =>
      line(columns.map((column, i) => escapeMarkdown(textOf(row[i], column, numbers, '–')))),
    ),
  ].join('');
}

/**
 * Characters that LaTeX reads as commands, and those of the page's labels and numbers that a plain
 * pdfLaTeX has no letter for.
 * @type {Record<string, string>}
 */
const LATEX = {
  '\\': '\\textbackslash{}',
  '~': '\\textasciitilde{}',
  '^': '\\textasciicircum{}',
  '<': '\\textless{}',
  '>': '\\textgreater{}',
  '|': '\\textbar{}',
  '"': '\\textquotedbl{}',
  '`': '\\textasciigrave{}',
  _: '\\_',
  '%': '\\%',
  '&': '\\&',
  '#': '\\#',
  $: '\\$',
  '{': '\\{',
  '}': '\\}',
  // After the end of a row these two would be its argument.
  '[': '{[}',
  '*': '{*}',
  '−': '$-$',
  '–': '--',
  '×': '$\\times$',
  '÷': '$\\div$',
  '±': '$\\pm$',
  '°': '$^{\\circ}$',
  '²': '$^{2}$',
  '∞': '$\\infty$',
  '√': '$\\surd$',
  '‖': '$\\|$',
  '→': '$\\to$',
  '≤': '$\\leq$',
  '≥': '$\\geq$',
  '≈': '$\\approx$',
  '·': '$\\cdot$',
  '…': '\\ldots{}',
  α: '$\\alpha$',
  η: '$\\eta$',
  κ: '$\\kappa$',
  σ: '$\\sigma$',
  Δ: '$\\Delta$',
  Θ: '$\\Theta$',
  Σ: '$\\Sigma$',
  '\u00a0': '~',
  '\u202f': '\\,',
};

/** @param {string} text */
export const escapeLatex = (text) =>
  // A character that no text has, such as a bell, ends LaTeX's reading of a file.
  // eslint-disable-next-line no-control-regex
  [...oneLine(text).replace(/[\u0000-\u001f\u007f]/g, ' ')]
    .map((letter) => LATEX[letter] ?? letter)
    .join('');

/**
 * A number as LaTeX sets it: a minus of its own length, powers of ten as such.
 * @param {string} text As `number` or JavaScript writes it.
 */
const latexNumber = (text) =>
  escapeLatex(text.replace(/-/g, '−')).replace(
    /((?:\$-\$)?[\d.]+)e\+?((?:\$-\$)?\d+)/g,
    (_, digits, power) => `$${digits.replace(/\$/g, '')} \\times 10^{${power.replace(/\$/g, '')}}$`,
  );

/**
 * A `tabular` with the rules of booktabs.
 * @param {Table} table
 * @param {{ numbers?: Numbers, caption?: string }} [options] A caption makes it a `table`.
 */
export function toLatex({ columns, rows }, { numbers = 'shown', caption } = {}) {
  const right = columns.map((_, i) => rows.some((row) => isNumber(row[i])));
  /**
   * @param {Cell} cell
   * @param {Column} column
   */
  const write = (cell, column) => {
    const text = textOf(cell, column, numbers, '–');
    return isNumber(cell) ? latexNumber(text) : escapeLatex(text);
  };
  /** @param {string[]} cells */
  const line = (cells) => `  ${cells.join(' & ')} \\\\\n`;
  const tabular = [
    `\\begin{tabular}{${right.map((numeric) => (numeric ? 'r' : 'l')).join('')}}\n`,
    '  \\toprule\n',
    line(columns.map((column) => escapeLatex(headOf(column)))),
    '  \\midrule\n',
    ...rows.map((row) => line(columns.map((column, i) => write(row[i], column)))),
    '  \\bottomrule\n',
    '\\end{tabular}\n',
  ].join('');
  const packages = '% \\usepackage{booktabs}\n';
  if (caption === undefined) return packages + tabular;
  return (
    `${packages}\\begin{table}\n\\centering\n\\caption{${escapeLatex(caption)}}\n` +
    `${tabular}\\end{table}\n`
  );
}
