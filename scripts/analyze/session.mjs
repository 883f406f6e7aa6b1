// One analysis from start to end: a server, a browser, and everything that can end it early.
import { launchChromium } from '../lib/chromium.mjs';
import { servePage } from '../lib/page.mjs';
import { Problem } from '../lib/problem.mjs';
import { analyzeInPage } from './page.mjs';
import { progressLine } from './progress.mjs';

/**
 * Rejects after `seconds`; without a number of seconds, never.
 *
 * @param {number} [seconds]
 */
function limit(seconds) {
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  /** @type {Promise<never>} */
  const reached = new Promise((_, reject) => {
    const stop = () => reject(new Problem(`not finished after ${seconds} seconds (--timeout).`));
    if (seconds) timer = setTimeout(stop, seconds * 1000);
  });
  return { reached, clear: () => clearTimeout(timer) };
}

/**
 * What runs in the page can take the browser down with it, which then has to be said, not waited
 * for.
 *
 * @param {import('puppeteer-core').Browser} browser
 * @param {import('puppeteer-core').Page} page
 * @returns {Promise<never>}
 */
function crash(browser, page) {
  return new Promise((_, reject) => {
    page.on('error', () => reject(new Problem('the page crashed, most likely out of memory.')));
    browser.on('disconnected', () =>
      reject(new Problem('Chromium ended before the analysis did.')),
    );
  });
}

/**
 * `{ report, csv }` in pieces, and `outcomes` of the runs, for the options of `readOptions`.
 *
 * @param {import('./options.mjs').Options} options
 */
export async function analyze(options) {
  const server = await servePage();
  const browser = await launchChromium();
  const deadline = limit(options.timeout);
  const progress = progressLine();
  try {
    const page = await browser.newPage();
    const onProgress = options.quiet ? null : progress.update;
    return await Promise.race([
      analyzeInPage(page, server.url, { ...options, onProgress }),
      deadline.reached,
      crash(browser, page),
    ]);
  } finally {
    deadline.clear();
    progress.end();
    await browser.close().catch(() => {});
    await server.close();
  }
}
