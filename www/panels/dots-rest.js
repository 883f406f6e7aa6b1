// What the dot plot's first view does without: how it is made.
import { h } from '../dom/elements.js';
import { LEADING, ROWS } from '../report/rows.js';
import { method } from './parts.js';
import { offerRest } from './rest-of.js';

/** @import { View } from './view.js' */

/** @param {Pick<View, 'report' | 'alpha'>} view */
const describeMethod = ({ report: { settings }, alpha }) =>
  method(
    'dots',
    'How this is made',
    h(
      'p',
      {},
      'Each dot is a mean over the matrices of a run, divided by the mean of what a random ' +
        'update with independent entries and the same norm gives for the same matrices; the ' +
        'median angle is a median over both, and masks are of summed counts. Vectors have none ' +
        'of these. Baselines hold to first order in the update.',
    ),
    h(
      'p',
      {},
      `k = ${settings.k}, α = ${settings.alphas[alpha]}, η = ${settings.eta}. Matrices of ` +
        'which k covers all directions are left out of principal energy, rotations and the ' +
        'principal mask.',
    ),
    h(
      'p',
      {},
      'The shaded part of a line is where random updates fall (two standard deviations, where ' +
        'they are known). A hollow, dashed dot is within that, or within its own error.',
    ),
    h(
      'dl',
      {},
      [...ROWS, LEADING].map(({ label, about }) => [h('dt', {}, label), h('dd', {}, about)]),
    ),
  );

offerRest('dots', { describeMethod });
