// What several runs of one base share: the entries of a report, and what follows from their values.
import { defined, mean, sum } from './means.js';

/** @import { Overlap, Report, Tensor, WholeReport } from './model.js' */
/** @import { Maybe } from './format.js' */

/** @typedef {Pick<Report, 'overlaps'>} WithOverlaps */

/**
 * The entry of the model, which has no name; reports of one run, and those from before there were
 * overlaps, do not have one. It is never light: a model has no maps and no curves.
 * @param {WithOverlaps | null} report
 */
export const modelOverlap = (report) =>
  /** @type {Overlap | null} */ (report?.overlaps?.find(({ name }) => name === null) ?? null);
/** @param {WithOverlaps | null} report */
export const hasOverlaps = (report) => Boolean(report?.overlaps?.length);

/**
 * Sets `overlap` of every tensor of every run, so that metrics find it like any other value.
 * @template {Report | WholeReport} T
 * @param {T} report
 * @returns {T}
 */
export function linkOverlaps(report) {
  const byName = new Map((report.overlaps ?? []).map((entry) => [entry.name, entry]));
  for (const run of report.runs)
    for (const tensor of run.tensors) tensor.overlap = byName.get(tensor.name) ?? null;
  return report;
}

/**
 * The mean of a table of runs by runs over pairs of different runs.
 * @param {(number | null)[][] | undefined} table
 */
export const meanOverPairs = (table) =>
  mean((table ?? []).flatMap((row, a) => row.filter((_, b) => a !== b)));

/**
 * Whether the updates have a direction: deltas without their base tell which weights changed, not
 * how.
 * @param {Pick<Overlap, 'dot'>} entry
 */
export const hasDirection = ({ dot }) => typeof dot?.[0]?.[0] === 'number';

/**
 * Standard deviation of the cosine of two updates with N independent entries, around 0.
 * @param {Pick<Overlap, 'parameters'> | null | undefined} entry
 */
export const cosineDeviation = (entry) =>
  entry?.parameters ? 1 / Math.sqrt(entry.parameters) : null;

/**
 * Observed less chance; null where either is undefined.
 * @param {Maybe} observed
 * @param {Maybe} chance
 */
export const excess = (observed, chance) =>
  observed === null || chance === null || observed === undefined || chance === undefined
    ? null
    : observed - chance;

/**
 * |A ∩ B|/|A| to expect of independent runs. The expected |A ∩ B| is taken from the chance level of
 * the Jaccard index, which for the model keeps each tensor's own densities.
 * @param {Pick<Overlap, 'jaccard_chance' | 'changed'>} entry
 * @param {number} a
 * @param {number} b
 */
export function oneSidedChance({ jaccard_chance: chance, changed }, a, b) {
  const level = chance[a][b];
  if (!changed[a] || level === null) return null;
  return (level * (changed[a] + changed[b])) / (1 + level) / changed[a];
}

/**
 * Weights that any of the runs changed.
 * @param {Pick<Overlap, 'exactly'>} entry
 */
export const changedByAny = ({ exactly }) => sum(defined(exactly.slice(1)));

/**
 * @typedef {object} ConsensusRow
 * @property {number} runs
 * @property {number | null} weights
 * @property {number | null} observed
 * @property {number | null} chance
 */

/**
 * For r = 0 … R: the share of the weights that exactly r runs changed, and what independent runs
 * would give; null without a shape.
 * @param {Pick<Overlap, 'exactly' | 'exactly_chance' | 'parameters'>} entry
 * @returns {ConsensusRow[]}
 */
export const listConsensus = ({ exactly, exactly_chance: chance, parameters }) =>
  exactly.map((weights, runs) => ({
    runs,
    weights,
    observed: parameters && weights !== null ? weights / parameters : null,
    chance: chance?.[runs] ?? null,
  }));

/**
 * The row of the weights that all runs changed.
 * @param {Pick<Overlap, 'exactly' | 'exactly_chance' | 'parameters'>} entry
 */
export const fullConsensus = (entry) => listConsensus(entry)[entry.exactly.length - 1];
