// The report of an element: given, fetched, or written into the page.
import { readWholeReport } from '../report/read-whole.js';
import { borrowReport } from './reports.js';

/** @import { Report } from '../report/model.js' */
/** @import { Progress } from './reports.js' */

/**
 * What is shown, and its end.
 * @typedef {{ of: string | object, report: Promise<Report>, release: () => void }} Loan
 */

/**
 * Where an element's report comes from; null where nothing says so.
 * @param {Element} host
 * @param {object | null} given As a property.
 */
export function findSource(host, given) {
  if (given) return given;
  const src = host.getAttribute('src');
  if (src) return new URL(src, document.baseURI).href;
  return host.querySelector(':scope > script[type="application/json"]');
}

/**
 * The report of a source: one that is fetched is shared by all elements that ask for it.
 * @param {string | object} of
 * @param {(progress: Progress) => void} onProgress
 * @returns {Loan}
 */
export function borrow(of, onProgress) {
  if (typeof of === 'string') return { of, ...borrowReport(of, onProgress) };
  const text = of instanceof Element ? (of.textContent ?? '') : JSON.stringify(of);
  // The host's object stays as it is: what opening a report adds goes to a copy.
  return { of, report: readWholeReport(text), release() {} };
}
