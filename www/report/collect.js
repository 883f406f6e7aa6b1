// Puts a report together from what reading it tells, and links what belongs together.
import { keepSource } from './details.js';
import { linkFisher } from './fisher.js';
import { linkListed } from './listed.js';
import { noteMetrics } from './metrics.js';
import { settleRollups } from './noise.js';
import { linkOverlaps } from './overlaps.js';

/** @import { OverlapSummary, Report, Tensor } from './model.js' */
/** @import { Chunk, Read } from './read.js' */

/** Takes in chunks as they come, each in a task of its own, and gives the report at the end. */
export class Collector {
  /** @type {Tensor[][]} */
  #tensors = [];
  /** @type {OverlapSummary[]} */
  #overlaps = [];

  /** @param {Chunk} chunk */
  take({ list, run, entries }) {
    if (list === 'overlaps') this.#overlaps.push(...JSON.parse(entries));
    else (this.#tensors[run] ??= []).push(...JSON.parse(entries));
  }

  /**
   * @param {Read} read
   * @returns {Report}
   */
  finish({ head, blob, tensors, overlaps, metrics }) {
    /** @type {Report} */
    const report = head;
    report.runs.forEach((run, place) => {
      run.tensors = this.#tensors[place] ?? [];
    });
    if (report.overlaps) report.overlaps = this.#overlaps;
    noteMetrics(report, new Set(metrics));
    keepSource(report, { blob, tensors, overlaps });
    return linkListed(linkFisher(linkOverlaps(settleRollups(report))));
  }
}
