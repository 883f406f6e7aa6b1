// The page for frames: one element, told by the address what to show.
import { h } from '../dom/elements.js';
import './gate-scope.js';

/** What the address may say. */
const KNOWN = [
  'src',
  'figure',
  'metric',
  'run',
  'tensor',
  'alpha',
  'filter',
  'arrangement',
  'theme',
];

const query = new URLSearchParams(location.search);
const figure = h('gate-scope');
for (const name of KNOWN) {
  const value = query.get(name);
  if (value) figure.setAttribute(name, value);
}
document.body.append(figure);
