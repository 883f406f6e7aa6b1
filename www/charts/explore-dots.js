// A dot plot answers the pointer and the keyboard.
import { rove } from '../dom/rove.js';
import { withTips } from './part-tips.js';

/** @import { Child } from '../dom/elements.js' */

/**
 * Rows can be reached, have tips and choose. Returns what holds the chart.
 * @param {SVGSVGElement} chart
 * @param {SVGElement[]} parts A button for each row.
 * @param {{ key: string, pressed: boolean, tip: () => Child[] }[]} rows
 * @param {(key: string) => void} onchoose
 */
export function exploreDots(chart, parts, rows, onchoose) {
  const tips = withTips(chart);
  rows.forEach(({ key, tip }, i) => {
    tips.on(parts[i], tip);
    parts[i].addEventListener('click', () => onchoose(key));
  });
  rove(
    parts,
    rows.findIndex(({ pressed }) => pressed),
  );
  return tips.place;
}
