// A value large enough to be read first, with what it has to be read against.
import { h } from '../../dom/elements.js';
import { giveRoles } from '../../charts/fitted.js';

/**
 * @typedef {object} Card
 * @property {string} title
 * @property {string} value
 * @property {(string | false | null | undefined)[]} context What the value is read against.
 * @property {(string | false | null | undefined)[]} terms The settings that the value depends on:
 * no value is shown without them.
 * @property {Element | null} [chart]
 */

/** @param {Card} card */
export function card({ title, value, context, terms, chart }) {
  if (chart?.localName === 'svg') giveRoles(chart);
  return h(
    'article',
    { class: chart ? 'card wide' : 'card' },
    h('h3', {}, title),
    h('p', { class: 'figure' }, value),
    chart,
    context.filter(Boolean).map((text) => h('p', { class: 'beside' }, text)),
    h('p', { class: 'terms' }, terms.filter(Boolean).join(' · ')),
  );
}
