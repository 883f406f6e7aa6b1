// Text in lines, where nothing breaks it by itself.

/**
 * The lines of a text that are no wider than `width`. A word that is wider alone is broken; what a
 * no-break space joins stays together.
 * @param {string} text
 * @param {number} width
 * @param {(text: string) => number} measure The width of a text.
 */
export function breakLines(text, width, measure) {
  /** @type {string[]} */
  const lines = [];
  let line = '';
  for (const word of text.split(/[ \t\r\n]+/).filter(Boolean)) {
    const longer = line ? `${line} ${word}` : word;
    if (measure(longer) <= width) {
      line = longer;
      continue;
    }
    if (line) lines.push(line);
    line = '';
    for (const letter of word) {
      if (line && measure(line + letter) > width) {
        lines.push(line);
        line = '';
      }
      line += letter;
    }
  }
  if (line) lines.push(line);
  return lines;
}

/**
 * A text with what no XML file may hold replaced: names in reports come from strangers.
 * @param {string} text
 */
export const cleanXml = (text) =>
  text
    .toWellFormed()
    // eslint-disable-next-line no-control-regex
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd');
