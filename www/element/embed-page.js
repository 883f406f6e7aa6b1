// The page for frames: one element, told by the address what to show.
import { h } from '../dom/elements.js';
import { GateScope } from './gate-scope.js';

/** How a figure is loaded is for the page around the frame to say. */
const OF_THE_HOST = new Set(['loading', 'poster']);

const query = new URLSearchParams(location.search);
const figure = h('gate-scope');
for (const name of GateScope.observedAttributes) {
  const value = query.get(name);
  if (value && !OF_THE_HOST.has(name)) figure.setAttribute(name, value);
}
document.body.append(figure);
