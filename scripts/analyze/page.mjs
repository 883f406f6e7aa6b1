// Drives the page through `window.gatescope`, the hook that it offers to scripts.
import { Problem } from '../lib/problem.mjs';

// A message of the DevTools protocol has a size limit, a report has not.
const SLICE = 8 * 1024 * 1024;

/** Calls in the page; what the page rejects with is its one clear line. */
async function call(page, body, ...args) {
  try {
    return await page.evaluateHandle(body, ...args);
  } catch (error) {
    const [line] = error.message.replace(/^(Evaluation failed: )?(Error: )?/, '').split('\n');
    throw new Problem(line);
  }
}

async function text(handle) {
  const length = await handle.evaluate((held) => held.text.length);
  let whole = '';
  for (let at = 0; at < length; at += SLICE) {
    whole += await handle.evaluate((held, from, to) => held.text.slice(from, to), at, at + SLICE);
  }
  return whole;
}

async function upload(page, selector, files) {
  const input = await page.$(selector);
  if (!input) throw new Problem(`the page has no file input ${selector}.`);
  await input.uploadFile(...files);
}

async function open(page, url) {
  await page.goto(url, { waitUntil: 'load' });
  const present = await page
    .waitForFunction(() => 'gatescope' in window, { timeout: 30_000 })
    .catch(() => null);
  if (!present) throw new Problem('the page did not start within 30 seconds.');
  await call(page, () => window.gatescope.ready);
}

const messages = (problems) => problems.map((problem) => problem.message ?? String(problem));

/** One of those that are left out stands for all. */
const leftOut = ([first, ...more]) =>
  `${first.name}: ${first.detail}${more.length ? `; and ${more.length} more are left out` : ''}.`;

/**
 * Gives the page the files of every checkpoint. What is wrong with some of them is for the report
 * to say.
 */
async function hand(page, { base, fisher, runs }) {
  if (base) await upload(page, '#base-input', base.files);
  for (const run of runs) {
    const selector = await call(page, (name) => window.gatescope.addTuned(name), run.name);
    await upload(page, await selector.jsonValue(), run.files);
  }
  if (fisher) {
    const selector = await call(page, (name) => window.gatescope.addFisher(name), fisher.name);
    await upload(page, await selector.jsonValue(), fisher.files);
  }
  const inventory = await (await call(page, () => window.gatescope.inspect())).jsonValue();
  // A checkpoint of which nothing could be read leaves nothing to compare.
  const unreadable = [...(base ? [inventory.base] : []), ...inventory.runs].some(
    (one) => !one || one.tensors === 0,
  );
  if (unreadable)
    throw new Problem(messages(inventory.problems).join('; ') || 'a checkpoint holds no tensors.');
  if (inventory.runs.every(({ pairs }) => pairs === 0))
    throw new Problem(
      `no tensor can be ${base ? 'compared with the base' : 'read'}: ${leftOut(inventory.runs.flatMap((run) => run.left_out))}`,
    );
  if (fisher && !inventory.fisher?.tensors)
    throw new Problem(`the Fisher ${fisher.name} holds no tensors that could be read.`);
}

/** The report (and its CSV where `csv` is set) as text. */
export async function analyzeInPage(page, url, { base, fisher, runs, settings, csv, onProgress }) {
  if (onProgress) await page.exposeFunction('gatescopeProgress', onProgress);
  await open(page, url);
  await hand(page, { base, fisher, runs });
  const report = await call(
    page,
    async (wanted) => ({ text: await window.gatescope.run(wanted) }),
    settings,
  );
  const table =
    csv &&
    (await call(page, async (held) => ({ text: await window.gatescope.csv(held.text) }), report));
  return { report: await text(report), csv: table && (await text(table)) };
}
