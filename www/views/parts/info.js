// How a value is made and what it is read against, folded behind one letter: what is read once does
// not stand under every chart.
import { fold } from '../../dom/elements.js';

/** @import { Child } from '../../dom/elements.js' */

/**
 * @param {string} key The same for the same text: it stays open from tensor to tensor.
 * @param {Child} text
 */
export function info(key, text) {
  const details = fold(`info ${key}`, '', text);
  details.className = 'explain';
  details.querySelector('summary')?.setAttribute('aria-label', `About: ${key}`);
  return details;
}

/**
 * A text as its first sentence, with all that follows behind ⓘ.
 * @param {string} key
 * @param {string} text
 * @returns {Child[]}
 */
export function withInfo(key, text) {
  const end = /(?<! al)[.?] (?=[\p{Lu}0-9‖Σ±–])/u.exec(text);
  if (!end) return [text];
  return [text.slice(0, end.index + 2), info(key, text.slice(end.index + 2))];
}
