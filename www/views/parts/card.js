// A value large enough to be read first, with what it has to be read against.
import { h } from '../../dom/elements.js';

/**
 * @typedef {object} Card
 * @property {string} title
 * @property {string} value
 * @property {(string | false | null | undefined)[]} context What the value is read against.
 * @property {(string | false | null | undefined)[]} terms The settings that the value depends on:
 * no value is shown without them.
 */

/** @param {Card} card */
export const card = ({ title, value, context, terms }) =>
  h(
    'article',
    { class: 'card' },
    h('h3', {}, title),
    h('p', { class: 'figure' }, value),
    context.filter(Boolean).map((text) => h('p', { class: 'beside' }, text)),
    h('p', { class: 'terms' }, terms.filter(Boolean).join(' · ')),
  );
