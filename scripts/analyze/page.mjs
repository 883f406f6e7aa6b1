// Drives the page through `window.gatescope`, the hook that it offers to scripts.
import { messageOf, Problem } from '../lib/problem.mjs';

/**
 * @typedef {import('puppeteer-core').Page} Page
 * @typedef {import('./options.mjs').Options} Options
 *
 * @typedef {{ blob: Blob }} Kept a file that stays in the page
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

/**
 * Reads a Blob of the page, piece by piece: it may be longer than a string can be.
 *
 * @param {import('puppeteer-core').JSHandle<Kept>} handle
 */
async function readBlob(handle) {
  const size = await handle.evaluate(({ blob }) => blob.size);
  const pieces = [];
  for (let at = 0; at < size; at += SLICE) {
    const url = await handle.evaluate(
      ({ blob }, from, to) =>
        new Promise((resolve, reject) => {
          const reader = new FileReader();
          reader.onload = () => resolve(String(reader.result));
          reader.onerror = () => reject(reader.error);
          reader.readAsDataURL(blob.slice(from, to));
        }),
      at,
      at + SLICE,
    );
    pieces.push(Buffer.from(/** @type {string} */ (url).split(',')[1], 'base64'));
  }
  return pieces;
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
 * The report (and its CSV where `csv` is set) in pieces, and how its runs went.
 *
 * @param {Page} page
 * @param {string} url
 * @param {Options & { onProgress: ((state: any) => void) | null }} options
 */
export async function analyzeInPage(page, url, { base, fisher, runs, settings, csv, onProgress }) {
  if (onProgress) await page.exposeFunction('gatescopeProgress', onProgress);
  await open(page, url);
  await hand(page, { base, fisher, runs });
  const made = await call(
    page,
    (/** @type {object} */ wanted) => window.gatescope.compute(wanted),
    settings,
  );
  const table =
    csv &&
    (await call(
      page,
      async (/** @type {Kept} */ { blob }) => ({
        blob: new Blob([await window.gatescope.csv(blob)]),
      }),
      made,
    ));
  return {
    report: await readBlob(made),
    csv: table && (await readBlob(table)),
    outcomes: await made.evaluate(({ outcomes }) => outcomes),
  };
}
