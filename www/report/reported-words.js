// What others reported, in words, and their papers.
import { SOURCES as ALL } from './figures.js';
import { REPORTED, REPORTED_EXCESS, sparsityRange } from './reported.js';

/** The papers of these, by the short name under which they are cited. */
export const SOURCES = Object.fromEntries(
  Object.entries(ALL).filter(([name]) =>
    Object.values(REPORTED).some(({ source }) => source === name),
  ),
);

/** @param {number} share */
const wholePercent = (share) => String(Number((share * 100).toPrecision(2)));
/** @param {[number, number]} range */
const percentRange = ([low, high]) => `${wholePercent(low)}–${wholePercent(high)}\u00a0%`;
/**
 * A power of ten as a person writes it: 1e−3.
 * @param {number} value
 */
const magnitude = (value) => value.toExponential(0).replace('-', '−');

const { nss, rotation, low_overlap: low, principal_overlap: principal } = REPORTED;

/** Halves of sentences, to follow "reported". */
export const reportedText = {
  sparsity: /** @type {const} */ (['RLVR', 'SFT'])
    .map((kind) => `${kind} ${percentRange(sparsityRange(kind))}`)
    .join(', '),
  nss: `SFT about ${magnitude(nss.SFT.least)} and more, RLVR about ${magnitude(nss.RLVR.about)}`,
  rotation: `SFT above ${rotation.SFT.above}°, RLVR below ${rotation.RLVR.below}°`,
  low_overlap:
    `at α = ${low.alpha}: SFT ${wholePercent(low.SFT)}\u00a0%, ` +
    `RLVR ${wholePercent(low.RLVR)}\u00a0%`,
  principal_overlap:
    `at α = ${principal.alpha}: ` + `RLVR below ${wholePercent(principal.RLVR.below)}\u00a0%`,
  spectral_excess:
    `RLVR ${REPORTED_EXCESS.RLVR.map((excess) => excess.toFixed(1)).join(' to ')}, ` +
    `SFT ${REPORTED_EXCESS.SFT.join(' to ')}`,
};
