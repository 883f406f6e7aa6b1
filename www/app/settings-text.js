// Settings as a person types them.

/**
 * `0.1, 0.3` as numbers in (0, 1), each once.
 * @param {string} text
 */
export function parseAlphas(text) {
  const values = text
    .split(/[,;\s]+/)
    .filter(Boolean)
    .map(Number);
  if (!values.length || values.some((value) => !(value > 0 && value < 1)))
    throw new Error('Expected numbers between 0 and 1.');
  return [...new Set(values)];
}

/**
 * `0-3,7` in the same form; empty is null, for all.
 * @param {string} text
 */
export function parseLayers(text) {
  const compact = text.replace(/\s+/g, '').replace(/–/g, '-');
  if (compact === '') return null;
  const parts = compact.split(',').map((part) => /^(\d+)(?:-(\d+))?$/.exec(part));
  if (parts.some((part) => !part || (part[2] !== undefined && Number(part[2]) < Number(part[1])))) {
    throw new Error('Expected layers as in 0-3,7.');
  }
  return compact;
}

/**
 * A number as typed.
 * @param {string} text
 * @param {string} wanted What is expected, for the message.
 * @param {(value: number) => boolean} accept
 */
export function parseNumber(text, wanted, accept) {
  const value = Number(text);
  if (text.trim() === '' || !accept(value)) throw new Error(`Expected ${wanted}.`);
  return value;
}
