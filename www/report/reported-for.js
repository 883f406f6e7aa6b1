// What was reported elsewhere, where it is context for a comparison.
import { ofWholeRuns } from './comparison.js';
import { reportedText } from './reported-words.js';

/** @import { Comparison } from './model.js' */

/** @typedef {Partial<typeof reportedText>} ReportedText */

/**
 * What was reported elsewhere as halves of sentences; nothing where it is no context.
 * @param {Comparison | null} [comparison]
 * @returns {ReportedText}
 */
export const reportedFor = (comparison) => (ofWholeRuns(comparison) ? reportedText : {});

/**
 * A sentence with what was reported, or nothing without it.
 * @param {string | undefined} text
 * @param {(text: string) => string} sentence
 */
export const ifReported = (text, sentence) => (text ? sentence(text) : '');
