// The checkpoints that come with the page, their report where the build has it, and what has to be
// known beside it.
import { percent } from '../report/format.js';
import { sparsityRange } from '../report/reported.js';

/** @import { Files } from '../engine/analyser.js' */
/** @import { Report } from '../report/model.js' */

export const SAMPLES = ['rlvr-1', 'rlvr-2', 'sft'];

/** In matrices as small as the sample's, the default k is not a small subspace. */
export const SAMPLE_SETTINGS = { k: 16, alphas: [0.1, 0.3] };

/** @param {string} path */
async function fetchFile(path) {
  const response = await fetch(path);
  if (!response.ok) throw new Error(`${path} could not be loaded (status ${response.status}).`);
  // As for a file on disk: what is kept of a run is found again by it. Where a server does not
  // tell, each run starts over.
  const lastModified = Date.parse(response.headers.get('last-modified') ?? '') || Date.now();
  return new File([await response.blob()], path.slice(path.lastIndexOf('/') + 1), { lastModified });
}

/**
 * @param {string} name
 * @returns {Promise<Files>}
 */
async function loadSample(name) {
  const folder = `./samples/${name}`;
  const indexName = 'model.safetensors.index.json';
  const index = await fetchFile(`${folder}/${indexName}`);
  const shards = [...new Set(Object.values(JSON.parse(await index.text()).weight_map))].sort();
  const files = [
    index,
    ...(await Promise.all(
      ['config.json', ...shards].map((file) => fetchFile(`${folder}/${file}`)),
    )),
  ];
  return { name, files: files.map((blob) => ({ name: blob.name, blob })) };
}

/** The base and the tuned checkpoints that come with the page. */
export async function loadSamples() {
  const [base, ...tuned] = await Promise.all(['base', ...SAMPLES].map(loadSample));
  return { base, tuned };
}

/**
 * The sample's report as the build brings it; null where it has none. The build tells, so that no
 * request fails.
 */
export const loadSampleReport = () =>
  import.meta.env.SAMPLE_REPORT ? fetchFile('./samples/report.json') : Promise.resolve(null);

/**
 * What the sample is, and how its runs stand beside published ones: `text` is read first. Where
 * they lie elsewhere than published runs, that is part of it.
 * @param {Report} report The sample's.
 * @returns {{ text: string, more: string }}
 */
export function describeSample({ runs }) {
  const rlvr = runs.filter(({ checkpoint }) => checkpoint.name.startsWith('rlvr'));
  const shares = rlvr.flatMap(({ model }) => model.sparsity_bf16 ?? []);
  const [low, high] = sparsityRange('RLVR');
  const range = `${percent(low)} to ${percent(high)}`;
  const isInside = shares.length > 0 && shares.every((share) => share >= low && share <= high);
  const own = shares.map(percent).join(' and ');
  const outside =
    shares.length && !isInside
      ? ` Hundreds of steps in nearly one direction leave only ${own} of the weights unchanged ` +
        `in bf16; published RLVR runs leave ${range}.`
      : '';
  const inside = isInside
    ? ` RLVR was stopped so that the share of unchanged weights, ${own}, lies in the range of ` +
      `published RLVR runs (${range}).`
    : '';
  return {
    text:
      'The sample: a small model trained from scratch on multiplication, two RLVR runs and one ' +
      `SFT run from it. An example to try the tool on, not evidence.${outside}`,
    more:
      'The model has 2.4 M parameters and learnt one kind of multiplication; RLVR is GRPO, with ' +
      `two seeds.${inside}`,
  };
}
