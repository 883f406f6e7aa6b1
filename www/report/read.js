// Reads a report piece by piece: light tensors are told in chunks, maps and curves stay in the
// file, with the places where they stand. Nothing here needs a page, so that a worker can do it.
import { parseJson } from './check.js';
import { checkEntry, checkShape } from './check-shape.js';
import { lightenOverlap, lightenTensor } from './lighten.js';
import { findMetrics } from './metrics.js';
import { settleTensor } from './noise.js';
import { checkReport } from './parse.js';
import { ReportScanner } from './scan.js';

/** @import { WholeReport } from './model.js' */
/** @import { Found } from './scan.js' */

/**
 * Entries of one list, light, as the JSON text of a list: text crosses from a worker faster than
 * objects do.
 * @typedef {object} Chunk
 * @property {'tensors' | 'overlaps'} list
 * @property {number} run -1 of overlaps.
 * @property {string} entries
 * @property {number} count
 * @property {number} read The share of the file that is read.
 */

/**
 * What is known when all chunks are told.
 * @typedef {object} Read
 * @property {Blob} blob The report's own text, unpacked.
 * @property {WholeReport} head The report with empty lists.
 * @property {number[][]} tensors For each run the places of its tensors in the text: the first byte
 * and that behind the last, one after the other.
 * @property {number[]} overlaps Those of the overlaps.
 * @property {string[]} metrics Ids of the metrics that some tensor has a value of.
 */

/** How much is held in memory at once. */
const PIECE_BYTES = 4 << 20;
/** One chunk is parsed in one go by who shows it: well below the time that a reader notices. */
export const MOST_IN_CHUNK = 500;
const MOST_CHARACTERS = 2 << 20;

/**
 * The report's text, which may have been packed by gzip: its first bytes tell.
 * @param {Blob} blob
 */
export async function unpackReport(blob) {
  const [first, second] = new Uint8Array(await blob.slice(0, 2).arrayBuffer());
  if (first !== 0x1f || second !== 0x8b) return blob;
  try {
    return await new Response(blob.stream().pipeThrough(new DecompressionStream('gzip'))).blob();
  } catch (error) {
    throw new Error('This file is packed by gzip, but damaged.', { cause: error });
  }
}

/**
 * Reads a report; throws a sentence where it is not one.
 * @param {Blob} packed
 * @param {(chunk: Chunk) => unknown} tell Where it answers with a promise, reading waits for it.
 * @returns {Promise<Read>}
 */
export async function readReport(packed, tell) {
  const blob = await unpackReport(packed);
  /** @type {Pick<Read, 'tensors' | 'overlaps'>} */
  const places = { tensors: [], overlaps: [] };
  /** @type {Set<string>} */
  const metrics = new Set();
  /** @type {Chunk[]} */
  const ready = [];
  /** @type {{ list: Found['list'], run: number, entries: string[], size: number }} */
  let open = { list: 'tensors', run: 0, entries: [], size: 0 };
  let read = 0;
  const close = () => {
    const { list, run, entries } = open;
    if (entries.length)
      ready.push({ list, run, entries: `[${entries.join()}]`, count: entries.length, read });
    open = { ...open, entries: [], size: 0 };
  };
  const scanner = new ReportScanner(({ list, run, text, from, to }) => {
    if (open.list !== list || open.run !== run) {
      close();
      open = { list, run, entries: [], size: 0 };
    }
    const entry = parseJson(text);
    checkEntry(list, entry);
    const light = JSON.stringify(lighten(list, entry, metrics));
    if (list === 'tensors') (places.tensors[run] ??= []).push(from, to);
    else places.overlaps.push(from, to);
    open.entries.push(light);
    open.size += light.length;
    if (open.entries.length >= MOST_IN_CHUNK || open.size >= MOST_CHARACTERS) close();
  });
  for (let at = 0; at < blob.size; at += PIECE_BYTES) {
    const piece = blob.slice(at, at + PIECE_BYTES);
    scanner.push(new Uint8Array(await piece.arrayBuffer()));
    read = (at + piece.size) / blob.size;
    for (const chunk of ready.splice(0)) await tell(chunk);
  }
  const head = checkReport(parseJson(scanner.finish()));
  close();
  // What is left in the lists is no entry.
  if (head.overlaps?.length || head.runs.some((run) => run.tensors.length))
    throw new Error('This report is incomplete.');
  checkShape(head);
  for (const chunk of ready.splice(0)) await tell(chunk);
  return { blob, head, ...places, metrics: [...metrics] };
}

/**
 * @param {Found['list']} list
 * @param {any} entry
 * @param {Set<string>} metrics Takes in what the entry has a value of.
 */
function lighten(list, entry, metrics) {
  if (list === 'overlaps') {
    const light = lightenOverlap(entry);
    findMetrics([{ masks: [], overlap: light }], metrics);
    return light;
  }
  const light = lightenTensor(settleTensor(entry));
  findMetrics([light], metrics);
  return light;
}
