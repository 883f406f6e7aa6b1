// Published quantities in words: the sentences and the first view do without.
import { degrees, number, percent } from './format.js';
import { ABOUT, REPORTED } from './reported.js';
import { reportedText } from './reported-words.js';

/** @import { Format } from './format.js' */

/**
 * @typedef {object} PublishedWords
 * @property {string} label
 * @property {string} text The ranges in words.
 * @property {string} condition What they are of.
 * @property {Format} format
 */

const { rotation, principal_overlap: principal } = REPORTED;

/** By metric. @type {Record<string, PublishedWords>} */
export const PUBLISHED_WORDS = {
  sparsity_bf16: {
    label: 'Unchanged in bf16',
    text: reportedText.sparsity,
    condition: 'lowest to highest of whole models',
    format: percent,
  },
  nss: {
    label: 'Spectrum (NSS)',
    text: reportedText.nss,
    condition: `magnitudes; within a factor of ${ABOUT.times} counts here`,
    format: number,
  },
  rotation_max: {
    label: 'Largest rotation',
    text: reportedText.rotation,
    condition: `one representative layer at k = ${rotation.k}; here the mean over matrices`,
    format: degrees,
  },
  principal_overlap: {
    label: 'Principal mask',
    text: reportedText.principal_overlap,
    condition: `share of the changed weights, k = ${principal.k}`,
    format: percent,
  },
  low_overlap: {
    label: 'Low-magnitude mask',
    text: reportedText.low_overlap,
    condition: `share of the changed weights; within ${ABOUT.share * 100} points counts here`,
    format: percent,
  },
  spectral_excess: {
    label: 'Spectral excess κ',
    text: reportedText.spectral_excess,
    condition: 'lowest to highest',
    format: number,
  },
};
