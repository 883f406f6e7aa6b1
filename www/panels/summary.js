// What training did, in two or three sentences, and how that was decided.
import { h } from '../dom/elements.js';
import { composeAnswer } from '../report/answer.js';
import { RESTS } from './rest-of.js';

/** @import { Choose, View } from './view.js' */
/** @import { Part } from '../report/sentences.js' */

/**
 * A value leads to what it is of.
 * @param {Part} part
 * @param {Choose} choose
 * @param {string} key
 */
function drawPart({ text, metric, filter }, choose, key) {
  if (metric === undefined && filter === undefined) return text;
  const onclick = () => choose(metric === undefined ? { filter } : { metric });
  return h('button', { type: 'button', class: 'answer-value', 'data-key': key, onclick }, text);
}

/**
 * The panel `summary`.
 * @param {View} view
 * @param {Choose} choose
 * @returns {HTMLElement}
 */
export function drawSummary(view, choose) {
  const { sentences, note, signals } = composeAnswer(view.report, view);
  return h(
    'section',
    { class: 'answer' },
    sentences.length > 0 &&
      h(
        'p',
        { class: 'answer-text' },
        sentences.flatMap((parts, i) => [
          i > 0 && ' ',
          parts.map((part, n) => drawPart(part, choose, `answer ${i} ${n}`)),
        ]),
      ),
    note !== null && h('p', { class: 'answer-note' }, note),
    view.filter !== '' &&
      sentences.length > 0 &&
      h('p', { class: 'answer-note' }, 'This is of all tensors, whatever the filter keeps.'),
    signals.length > 0 && RESTS.summary?.describeDecision(signals),
  );
}
