// The details of one tensor: its maps and curves, which a report in memory does without. They are
// read from the report's file when a reader asks for them. Of a report that was parsed whole they
// are in memory already.
import { settleTensor } from './noise.js';

/** @import { Detailed, Overlap, OverlapSummary, Report, Tensor } from './model.js' */

/**
 * Where the details of a report are. Places are the first byte and that behind the last, one after
 * the other.
 * @typedef {object} Source
 * @property {Blob} blob The report's text.
 * @property {number[][]} tensors By run.
 * @property {number[]} overlaps
 */

/** A reader goes back and forth between a few tensors and runs. */
const MOST_KEPT = 20;

/** @type {WeakMap<Report, Source & { kept: Map<Tensor, Detailed> }>} */
const sources = new WeakMap();

/**
 * Says where the details of a report are.
 * @param {Report} report
 * @param {Source} source
 */
export function keepSource(report, source) {
  sources.set(report, { ...source, kept: new Map() });
}

/**
 * The text of a report, as its file holds it; null where it was parsed whole.
 * @param {Report | null} report
 */
export const reportBlob = (report) => (report && sources.get(report)?.blob) ?? null;

/**
 * @param {Report} report
 * @param {number} run
 * @param {string} name
 */
function placeOf(report, run, name) {
  const tensors = report.runs[run]?.tensors ?? [];
  const place = tensors.findIndex((tensor) => tensor.name === name);
  return { place, light: tensors[place] ?? null };
}

/**
 * The details of a tensor where they are in memory; null where there is no such tensor, or its
 * details have to be read first.
 * @param {Report} report
 * @param {number} run The place of the run.
 * @param {string} name
 * @returns {Detailed | null}
 */
export function peekTensor(report, run, name) {
  const { light } = placeOf(report, run, name);
  if (!light) return null;
  const source = sources.get(report);
  // A report without a source was parsed whole.
  return source ? (source.kept.get(light) ?? null) : /** @type {Detailed} */ (light);
}

/**
 * A tensor of a run with its details; null where the run has no tensor of this name.
 * @param {Report} report
 * @param {number} run The place of the run.
 * @param {string} name
 * @returns {Promise<Detailed | null>}
 */
export async function loadTensor(report, run, name) {
  const { place, light } = placeOf(report, run, name);
  if (!light) return null;
  const source = sources.get(report);
  if (!source) return /** @type {Detailed} */ (light);
  const kept = source.kept.get(light);
  if (kept) return kept;
  const [tensor, overlap] = await Promise.all([
    readEntry(source.blob, source.tensors[run], place, name),
    loadOverlap(report, light.overlap ?? null),
  ]);
  const detailed = link(settleTensor(/** @type {Detailed} */ (tensor)), light, overlap);
  source.kept.set(light, detailed);
  if (source.kept.size > MOST_KEPT) {
    const [oldest] = source.kept.keys();
    source.kept.delete(oldest);
  }
  return detailed;
}

/**
 * An entry of a report's `overlaps` with its details.
 * @param {Report} report
 * @param {OverlapSummary | null} light
 * @returns {Promise<Overlap | null>}
 */
export async function loadOverlap(report, light) {
  const source = sources.get(report);
  if (!light || !source) return /** @type {Overlap | null} */ (light);
  const place = report.overlaps?.indexOf(light) ?? -1;
  return readEntry(source.blob, source.overlaps, place, light.name ?? 'the model');
}

/**
 * @param {Blob} blob
 * @param {number[]} places
 * @param {number} place
 * @param {string} name
 */
async function readEntry(blob, places, place, name) {
  try {
    return JSON.parse(await blob.slice(places[2 * place], places[2 * place + 1]).text());
  } catch (error) {
    throw new Error(
      `The details of ${name} could not be read: the report’s file has changed or is gone. ` +
        'Open it again.',
      { cause: error },
    );
  }
}

/**
 * Links to a tensor what opening the report has linked to the light one.
 * @param {Detailed} tensor
 * @param {Tensor} light
 * @param {Overlap | null} overlap
 */
function link(tensor, light, overlap) {
  if (tensor.fisher) tensor.fisher.weights_share = light.fisher?.weights_share;
  if (tensor.listed) tensor.listed.chance = light.listed?.chance;
  tensor.overlap = overlap;
  return tensor;
}
