// Where rows, columns and labels of a heatmap lie, in CSS pixels.

/**
 * A row or a column. Those of one run stand together where several runs are shown.
 * @typedef {object} HeatLine
 * @property {string} label
 * @property {number} [group] The place of its group among the groups.
 */

/**
 * @typedef {object} HeatLayout
 * @property {number} labels Width of the labels of rows.
 * @property {number} head Height of what stands above the first cells.
 * @property {number} cellWidth
 * @property {number} cellHeight
 * @property {number[]} xs Left edges of the columns.
 * @property {number[]} ys Upper edges of the rows.
 * @property {number} width
 * @property {number} height
 * @property {boolean} hasText Whether cells have room for their text.
 * @property {boolean} upright Whether the labels of columns run upwards.
 * @property {number} columnStep Every so many columns have a label.
 * @property {number} rowStep
 */

/** A letter of 12 px, on average. */
const LETTER = 6.7;
const LINE = 18;
const GROUP_GAP = 12;
const [LEAST, WIDEST] = [8, 200];
const [HIGH, MIDDLE, LOW, LOWEST] = [26, 18, 15, 12];
const MOST_UPRIGHT = 17;
const MOST_LABEL = 170;
const END = 10;

/** @param {{ label: string }[]} lines */
const longest = (lines) => Math.max(1, ...lines.map(({ label }) => label.length));

/** @param {{ label: string }[]} lines */
const areNumbers = (lines) => lines.every(({ label }) => /^\d+$/.test(label));

/**
 * Starts of lines of one size, with a gap before each group but the first.
 * @param {HeatLine[]} lines
 * @param {number} start
 * @param {number} size
 * @param {number} gap
 */
function startsOf(lines, start, size, gap) {
  let at = start;
  return lines.map(({ group }, i) => {
    if (i > 0 && group !== lines[i - 1].group) at += gap;
    const here = at;
    at += size;
    return here;
  });
}

/** @param {HeatLine[]} lines */
const countGroups = (lines) => new Set(lines.map(({ group }) => group)).size;

/**
 * @param {object} heat
 * @param {HeatLine[]} heat.rows
 * @param {HeatLine[]} heat.columns
 * @param {number} heat.room Width that there is.
 * @param {number} heat.letters Of the longest text in a cell.
 * @param {boolean} [heat.isNamed] Whether groups have names above them.
 * @param {number} [heat.least] The labels of rows are as wide as this at least, so that charts
 * below each other line up.
 * @param {boolean} [heat.low] Whether rows are as low as can be read.
 * @returns {HeatLayout}
 */
export function layOut({ rows, columns, room, letters, isNamed = false, least = 0, low = false }) {
  const labels = Math.max(least, labelsOf(rows));
  const [groupsAcross, groupsDown] = [countGroups(columns), countGroups(rows)];
  const gaps = (groupsAcross - 1) * GROUP_GAP;
  const free = Math.max(0, room - labels - END - gaps);
  const cellWidth = Math.min(WIDEST, Math.max(LEAST, Math.floor(free / columns.length)));
  const fits = cellWidth >= letters * LETTER + 6;
  // Numbers may leave some of their neighbours out; names may not.
  const many = rows.length > 30 && areNumbers(rows);
  const cellHeight = low ? LOW : many ? (fits ? MIDDLE : LOWEST) : fits ? HIGH : MIDDLE;
  const upright = !areNumbers(columns) && cellWidth < longest(columns) * LETTER + 4;
  const isLabelled = columns.some(({ label }) => label);
  const above = upright
    ? Math.min(MOST_UPRIGHT, longest(columns)) * LETTER + 12
    : isLabelled
      ? LINE + 2
      : 4;
  const named = isNamed && groupsDown === 1 ? LINE + 2 : 0;
  const head = above + named + (isNamed && groupsDown > 1 ? LINE + 4 : 0);
  const xs = startsOf(columns, labels, cellWidth, GROUP_GAP);
  const ys = startsOf(rows, head, cellHeight, isNamed ? LINE + 8 : GROUP_GAP);
  return {
    labels,
    head,
    cellWidth,
    cellHeight,
    xs,
    ys,
    width: (xs.at(-1) ?? labels) + cellWidth + END,
    height: (ys.at(-1) ?? head) + cellHeight + 6,
    hasText: fits && cellHeight >= MIDDLE,
    upright,
    columnStep: upright
      ? Math.ceil(14 / cellWidth)
      : Math.ceil((longest(columns) * 7.4 + 6) / cellWidth),
    rowStep: Math.ceil(14 / cellHeight),
  };
}

/**
 * The width that the labels of rows take.
 * @param {{ label: string }[]} rows
 */
export const labelsOf = (rows) => Math.min(MOST_LABEL, Math.ceil(longest(rows) * LETTER) + 14);

/**
 * A label that fits beside the rows: its middle gives way.
 * @param {string} label
 * @param {number} width
 */
export function shortenLabel(label, width) {
  const most = Math.floor((width - 14) / LETTER);
  if (label.length <= most) return label;
  const half = Math.max(1, Math.floor((most - 1) / 2));
  return `${label.slice(0, half)}…${label.slice(-half)}`;
}

/**
 * A label that runs upwards, cut where it would take too much height.
 * @param {string} label
 */
export const shortenUpright = (label) => shortenLabel(label, MOST_UPRIGHT * LETTER + 14);

/**
 * The line that a place lies on; -1 between lines.
 * @param {number[]} starts
 * @param {number} size
 * @param {number} place
 */
export function findLine(starts, size, place) {
  for (let i = 0; i < starts.length; i += 1)
    if (place >= starts[i] && place < starts[i] + size) return i;
  return -1;
}
