// Figures written beside their chance levels: which level, how sure, and what is said where there
// is none.
import assert from 'node:assert/strict';
import test from 'node:test';
import { formatChance, formatValue } from '../../www/report/metric-words.js';
import { findMetric } from '../../www/report/metrics.js';
import { cosineDeviation } from '../../www/report/overlaps.js';
import {
  angleChanceInBrackets,
  chanceInBrackets,
  describeAngleChance,
} from '../../www/report/chance.js';

const matrix = (rest = {}) => ({
  name: 'w',
  layer: 0,
  module: 'q',
  masks: [],
  geometry: {
    resolved: true,
    rotation_max: 3,
    rotation_median: 1,
    uncertainty: 0.01,
    nss_top_k: 2e-3,
    nss_top_k_uncertainty: 1e-6,
    off_principal_share: 0.8,
    off_principal_left: 0.7,
    off_principal_right: 0.6,
    shares_uncertainty: 1e-3,
    chance: {
      both: 0.99,
      left: 0.9,
      right: 0.8,
      nss_top_k: 5e-4,
      draws: 8,
      rotation_max: 2,
      rotation_max_deviation: 0.25,
      rotation_median: 0.5,
    },
    ...rest,
  },
});

test('a value has its uncertainty where its digits show it, its chance level its deviation', () => {
  const of = (id) => [
    formatValue(findMetric(id), matrix(), 0),
    formatChance(findMetric(id), matrix(), 0),
  ];
  assert.deepEqual(of('rotation_max'), ['3.00° ± 0.01°', '2.00° ± 0.25°']);
  assert.deepEqual(of('rotation_median'), ['1.00°', '0.500°']);
  assert.deepEqual(of('nss_top_k'), ['0.00200', '5.00e−4']);
  assert.deepEqual(of('off_principal_share'), ['80.0\u00a0% ± 0.1\u00a0%', '99.0\u00a0%']);
  assert.deepEqual(of('off_principal_right'), ['60.0\u00a0% ± 0.1\u00a0%', '80.0\u00a0%']);
});

test('without a gap, and in reports from before these levels, there is none', () => {
  for (const chance of [
    {
      ...matrix().geometry.chance,
      rotation_max: null,
      rotation_max_deviation: null,
      rotation_median: null,
    },
    { both: 0.99 },
  ]) {
    for (const id of ['rotation_max', 'rotation_median'])
      assert.equal(formatChance(findMetric(id), matrix({ chance }), 0), null);
  }
  assert.match(
    describeAngleChance(matrix().geometry.chance),
    new RegExp(
      'mean of 8 seeded draws of an update of the same size, first order, ' +
        '± the standard deviation over draws\\.$',
    ),
  );
  assert.match(
    describeAngleChance({ draws: 8, rotation_max: null }),
    /no random baseline, because there is no gap at k/,
  );
  assert.equal(describeAngleChance({ both: 0.99 }), '');
  assert.deepEqual(
    [
      chanceInBrackets(null),
      chanceInBrackets(undefined),
      chanceInBrackets(0),
      angleChanceInBrackets({}),
      angleChanceInBrackets(matrix().geometry.chance),
    ],
    ['', '', ' (random 0)', '', ' (random 2.00° ± 0.25°)'],
  );
});

test('the cosine of independent updates is 0 ± 1/√N', () => {
  assert.deepEqual(
    [
      cosineDeviation({ parameters: 100 }),
      cosineDeviation({ parameters: 0 }),
      cosineDeviation(null),
    ],
    [0.1, null, null],
  );
  const entry = {
    overlap: {
      parameters: 100,
      cosine: [
        [1, 0.5],
        [0.5, 1],
      ],
    },
  };
  assert.equal(formatChance(findMetric('cosine'), entry, 0), '0 ± 0.1');
});
