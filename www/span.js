// What a tuned checkpoint is to its base, as far as the user tells: it decides what a figure may be read against. Pure.
import { reportedText } from './reported.js';

export const STEPS = 'steps';

/** In the words of a line of conditions. */
export const SPANS = { whole_run: 'whole runs', per_step: 'one step of a run each', [STEPS]: 'steps of one run, in order' };

/** Figures that were reported elsewhere are of whole runs; what one step changed is another quantity. */
export const ofWholeRuns = (settings) => settings?.span !== 'per_step' && settings?.span !== STEPS;

/** The reported figures as halves of sentences; none of them where they are no context. */
export const reportedFor = (settings) => (ofWholeRuns(settings) ? reportedText : {});

/** A sentence with a reported figure, or nothing without one. */
export const saying = (text, sentence) => (text ? sentence(text) : '');
