// A figure large enough to be read first, with what it has to be read against.
import { h } from '../../dom/elements.js';

/** `terms` are the settings that the figure depends on: no figure is shown without them. */
export const card = (title, value, besides, terms, chart) =>
  h(
    'article',
    { class: chart ? 'card wide' : 'card' },
    h('h3', {}, title),
    h('p', { class: 'figure' }, value),
    chart,
    besides.filter(Boolean).map((text) => h('p', { class: 'beside' }, text)),
    h('p', { class: 'terms' }, terms.filter(Boolean).join(' · ')),
  );
