// Which rows of a long table are drawn: those in sight and a few around them.

/** No more rows than this are ever in the document. */
export const MOST_ROWS = 98;
const AROUND = 8;

/**
 * The first row that is drawn, and the one behind the last.
 * @param {object} place
 * @param {number} place.top How far the table is scrolled.
 * @param {number} place.height Of what is in sight.
 * @param {number} place.row The height of a row.
 * @param {number} place.count Rows of the table.
 * @returns {[number, number]}
 */
export function visibleRows({ top, height, row, count }) {
  const inSight = Math.ceil(height / row) + 1;
  const drawn = Math.min(MOST_ROWS, inSight + 2 * AROUND);
  const first = Math.max(0, Math.min(Math.floor(top / row) - AROUND, count - drawn));
  return [first, Math.min(count, first + drawn)];
}

/**
 * The row that a key goes to; null where the key goes nowhere.
 * @param {string} key
 * @param {number} at
 * @param {number} count
 * @param {number} page Rows in sight.
 */
export function rowOfKey(key, at, count, page) {
  const last = count - 1;
  if (last < 0) return null;
  /** @type {Record<string, number>} */
  const places = {
    ArrowDown: at + 1,
    ArrowUp: at - 1,
    PageDown: at + Math.max(1, page - 1),
    PageUp: at - Math.max(1, page - 1),
    Home: 0,
    End: last,
  };
  return Object.hasOwn(places, key) ? Math.max(0, Math.min(last, places[key])) : null;
}

/**
 * How far to scroll so that a row is in sight: no farther than needed.
 * @param {number} at
 * @param {{ top: number, height: number, row: number }} place
 */
export function topForRow(at, { top, height, row }) {
  const [from, to] = [at * row, (at + 1) * row];
  if (from < top) return from;
  return to > top + height ? to - height : top;
}
