// Drives the page through `window.gatescope`, the hook that it offers to scripts.
import { messageOf, Problem } from '../lib/problem.mjs';

/**
 * @typedef {import('puppeteer-core').Page} Page
 * @typedef {import('./options.mjs').Options} Options
 *
 * @typedef {{ text: string }} Kept a text that stays in the page
 */

// A message of the DevTools protocol has a size limit, a report has not.
const SLICE = 8 * 1024 * 1024;

/**
 * Calls in the page; what the page rejects with is its one clear line.
 *
 * @template Result
 * @param {Page} page
 * @param {(argument: any) => Result} body
 * @param {unknown[]} args
 * @returns {Promise<import('puppeteer-core').JSHandle<Awaited<Result>>>}
 */
async function call(page, body, ...args) {
  try {
    const handle = await page.evaluateHandle(/** @type {any} */ (body), ...args);
    return /** @type {any} */ (handle);
  } catch (error) {
    const [line] = messageOf(error)
      .replace(/^(Evaluation failed: )?(Error: )?/, '')
      .split('\n');
    throw new Problem(line);
  }
}

/** @param {import('puppeteer-core').JSHandle<Kept>} handle */
async function readText(handle) {
  const length = await handle.evaluate((report) => report.text.length);
  let whole = '';
  for (let at = 0; at < length; at += SLICE) {
    whole += await handle.evaluate(
      (report, from, to) => report.text.slice(from, to),
      at,
      at + SLICE,
    );
  }
  return whole;
}

/**
 * Gives an input the files of a checkpoint, and tells it where they are: files of an input have no
 * folders.
 *
 * @param {Page} page
 * @param {string} selector
 * @param {import('./options.mjs').Checkpoint} checkpoint
 */
async function upload(page, selector, { name: folder, place, files }) {
  const input = await page.$(/** @type {'input'} */ (selector));
  if (!input) throw new Problem(`the page has no file input ${selector}.`);
  const readable = files.filter(({ problem }) => !problem);
  if (!readable.length) throw new Problem(`${folder}: ${explainEmpty(files)}`);
  /** @param {import('./places.mjs').Given} file */
  const pathOf = ({ path, name }) => (path === place ? name : `${folder}/${name}`);
  const told = {
    paths: readable.map(pathOf),
    standIns: files.flatMap((file) =>
      file.problem ? [{ path: pathOf(file), problem: file.problem }] : [],
    ),
  };
  await input.evaluate((element, text) => {
    element.dataset.told = text;
  }, JSON.stringify(told));
  await input.uploadFile(...readable.map(({ path }) => path));
}

/**
 * Why a folder is no checkpoint of which no file can be read.
 *
 * @param {import('./places.mjs').Given[]} files
 */
function explainEmpty([first]) {
  return first
    ? `${first.name}: ${first.problem}.`
    : 'there are no weights in it: it is empty, or holds only links.';
}

/**
 * @param {Page} page
 * @param {string} url
 */
async function open(page, url) {
  await page.goto(url, { waitUntil: 'load' });
  const present = await page
    .waitForFunction(() => 'gatescope' in window, { timeout: 30_000 })
    .catch(() => null);
  if (!present) throw new Problem('the page did not start within 30 seconds.');
  await call(page, () => window.gatescope.ready);
}

/** @param {import('./window.d.ts').Inventory['problems']} problems */
const messages = (problems) => problems.map((problem) => problem.message ?? String(problem));

/**
 * One of those that are left out stands for all.
 *
 * @param {import('./window.d.ts').Inventory['runs'][number]['left_out']} leftOut
 */
const sayLeftOut = ([first, ...more]) =>
  `${first.name}: ${first.detail}${more.length ? `; and ${more.length} more are left out` : ''}.`;

/**
 * Gives the page the files of every checkpoint. What is wrong with some of them is for the report
 * to say.
 *
 * @param {Page} page
 * @param {Pick<Options, 'base' | 'fisher' | 'runs'>} options
 */
async function hand(page, { base, fisher, runs }) {
  if (base) await upload(page, '#base-input', base);
  for (const run of runs) {
    const selector = await call(
      page,
      (/** @type {string} */ name) => window.gatescope.addTuned(name),
      run.name,
    );
    await upload(page, await selector.jsonValue(), run);
  }
  if (fisher) {
    const selector = await call(
      page,
      (/** @type {string} */ name) => window.gatescope.addFisher(name),
      fisher.name,
    );
    await upload(page, await selector.jsonValue(), fisher);
  }
  const inventory = await (await call(page, () => window.gatescope.inspect())).jsonValue();
  // A checkpoint of which nothing could be read leaves nothing to compare.
  const unreadable = [...(base ? [inventory.base] : []), ...inventory.runs].some(
    (one) => !one || one.tensors === 0,
  );
  if (unreadable)
    throw new Problem(messages(inventory.problems).join('; ') || 'a checkpoint holds no tensors.');
  if (inventory.runs.every(({ compared }) => compared === 0))
    throw new Problem(
      `no tensor can be ${base ? 'compared with the base' : 'read'}: ` +
        `${sayLeftOut(inventory.runs.flatMap((run) => run.left_out))}`,
    );
  if (fisher && !inventory.fisher?.tensors)
    throw new Problem(`the Fisher ${fisher.name} holds no tensors that could be read.`);
}

/**
 * The report (and its CSV where `csv` is set) as text, and how its runs went.
 *
 * @param {Page} page
 * @param {string} url
 * @param {Options & { onProgress: ((state: any) => void) | null }} options
 */
export async function analyzeInPage(page, url, { base, fisher, runs, settings, csv, onProgress }) {
  if (onProgress) await page.exposeFunction('gatescopeProgress', onProgress);
  await open(page, url);
  await hand(page, { base, fisher, runs });
  const report = await call(
    page,
    async (/** @type {object} */ wanted) => ({ text: await window.gatescope.run(wanted) }),
    settings,
  );
  const table =
    csv &&
    (await call(
      page,
      async (/** @type {Kept} */ { text }) => ({ text: await window.gatescope.csv(text) }),
      report,
    ));
  const outcomes = await call(
    page,
    (/** @type {Kept} */ { text }) =>
      JSON.parse(text).runs.map((/** @type {import('../../www/report/model.d.ts').Run} */ run) => ({
        name: run.checkpoint.name,
        tensors: run.tensors.filter(({ status }) => status === 'done').length,
        coverage: run.coverage,
        cast: run.cast,
        left_out: run.left_out,
      })),
    report,
  );
  return {
    report: await readText(report),
    csv: table && (await readText(table)),
    /** @type {import('../../www/report/outcome.js').Outcome[]} */
    outcomes: await outcomes.jsonValue(),
  };
}
