// The sentences about a report, each as a list of parts: text, and values that lead somewhere.
import { summarizeAdapter } from './adapter.js';
import { describeCast } from './cast-words.js';
import { describeCompared } from './compared.js';
import { findConcentration, hasLayers } from './energy.js';
import { count, counted, enumerate } from './format.js';
import { extremes } from './means.js';
import { PLACES } from './placement.js';
import { PLAIN_ROWS } from './plain-rows.js';
import { compareOne, measureChange } from './ratios.js';
import { roundShare, roundTimes } from './rounding.js';
import { findRow } from './rows.js';
import { nameRun } from './run-names.js';

/** @import { Report } from './model.js' */
/** @import { Place, Signal } from './placement.js' */
/** @import { Concentration } from './energy.js' */

/**
 * A piece of a sentence: text, or a value that leads to a metric or to the tensors that it is of.
 * @typedef {object} Part
 * @property {string} text
 * @property {string} [metric]
 * @property {string} [filter]
 */

/** @param {string} text @returns {Part} */
const words = (text) => ({ text });

/** @param {number} n */
const are = (n) => (n === 1 ? 'is' : 'are');

/** Kinds of training first, then what is in neither range. @type {Place[]} */
const ORDER = ['RLVR', 'SFT', 'between', 'outside'];

/**
 * A metric as its row is called, within a sentence.
 * @param {string} metric
 */
function nameInSentence(metric) {
  const { label } = Object.values(PLAIN_ROWS).find(({ id }) => id === metric) ?? findRow(metric);
  return `${label[0].toLowerCase()}${label.slice(1)}`;
}

/**
 * Where a run stands among published ranges: every placed metric is named.
 * @param {Signal[]} signals
 */
function describePlaces(signals) {
  const groups = ORDER.map((place) => ({
    place,
    names: signals
      .filter((signal) => signal.place === place)
      .map(({ published }) => nameInSentence(published.metric)),
  })).filter(({ names }) => names.length);
  if (!groups.length) return '';
  const places = groups.map(
    ({ place, names }) => `${enumerate(names)} ${are(names.length)} ${PLACES[place]}`,
  );
  return ` Against published runs: ${places.join('; ')}.`;
}

/**
 * How much a run changed, and where that places it.
 * @param {Report} report
 * @param {number} run
 * @param {Signal[]} signals
 * @returns {Part[]}
 */
export function describeChange(report, run, signals) {
  const { unchanged, relative } = measureChange(report.runs[run].tensors);
  /** @type {Part[]} */
  const size =
    relative === null
      ? []
      : [
          words('; the relative update is '),
          { text: roundShare(relative), metric: 'relative_update' },
        ];
  return [
    words(`In ${nameRun(report, run)}, `),
    unchanged === null
      ? words('an unknown share')
      : { text: roundShare(1 - unchanged), metric: 'sparsity_bf16' },
    words(` of weights ${unchanged === null ? 'differs' : 'differ'} in bf16`),
    ...size,
    words(`.${describePlaces(signals)}`),
  ];
}

/**
 * How much of both checkpoints a run compares, before any value of it; none where it is all, or
 * not known.
 * @param {Report} report
 * @param {number[]} runs Those that are shown.
 * @param {number} run
 * @returns {Part[][]}
 */
export function describeShareOf(report, runs, run) {
  const share = describeCompared(report.runs[run].coverage);
  if (share === null) return [];
  const of = runs.length > 1 ? `In ${nameRun(report, run)}, ${share}` : sentenceStart(share);
  return [[words(`${of} were compared.`)]];
}

/** @param {string} text */
const sentenceStart = (text) => `${text[0].toUpperCase()}${text.slice(1)}`;

/**
 * @param {Report} report
 * @param {number} run
 * @returns {Part[]}
 */
export function describeAdapter(report, run) {
  const { ranks = [], tensors = 0, survives = null } = summarizeAdapter(report.runs[run]) ?? {};
  const { relative } = measureChange(report.runs[run].tensors);
  return [
    words(
      `${nameRun(report, run)} is a LoRA adapter of ${ranks.length === 1 ? 'rank' : 'ranks'} ` +
        `${enumerate(ranks)}`,
    ),
    ...(relative === null
      ? []
      : [
          words(`: it moves the ${counted(tensors, 'matrix', 'matrices')} that it adapts by `),
          { text: roundShare(relative), metric: 'relative_update' },
          words(' of their norm'),
        ]),
    ...(survives === null
      ? []
      : [
          words('; after the merge in bf16, '),
          { text: roundShare(survives), metric: 'survives' },
          words(' of the weights that it touches are changed'),
        ]),
    words('.'),
  ];
}

/** @typedef {'on-principal' | 'off-principal' | 'neither on- nor off-principal'} Side */

/** Whose ratio tells on which side a run is. */
const PRINCIPAL = 'off_principal_share';

/** @type {Side[]} */
const SIDES = ['on-principal', 'off-principal', 'neither on- nor off-principal'];

/**
 * @param {Report} report
 * @param {number} run
 * @param {number} alpha
 * @returns {{ run: number, side: Side, ratio: number } | null}
 */
function findSide(report, run, alpha) {
  const { ratio, noise } = compareOne(PRINCIPAL, report.runs[run].tensors, alpha);
  if (ratio === null) return null;
  if (noise) return { run, side: 'neither on- nor off-principal', ratio };
  return { run, side: ratio > 1 ? 'on-principal' : 'off-principal', ratio };
}

/**
 * Ratios as one, or from least to most.
 * @param {number[]} ratios
 */
function roundRatios(ratios) {
  const [least, most] = extremes(ratios).map(roundTimes);
  return least === most ? least : `${least.slice(0, -1)}–${most}`;
}

/** From this many runs on, groups are counted, not named. */
const MANY = 4;

/**
 * Whether the runs moved the principal subspaces more than a random update would.
 * @param {Report} report
 * @param {number[]} runs
 * @param {number} alpha
 * @returns {Part[]}
 */
export function describeSides(report, runs, alpha) {
  const sides = runs.flatMap((run) => findSide(report, run, alpha) ?? []);
  if (!sides.length) {
    const { note } = compareOne(PRINCIPAL, report.runs[runs[0]].tensors, alpha);
    const who = runs.length === 1 ? 'it is' : 'they are';
    return [words(`Whether ${who} on-principal is not known${note ? `: ${note}` : ''}.`)];
  }
  const groups = SIDES.map((side) => ({
    side,
    members: sides.filter((one) => one.side === side),
  })).filter(({ members }) => members.length);
  /** @type {(members: { run: number }[], first: boolean) => string} */
  const subject = (members, first) => {
    if (runs.length === 1) return 'It';
    if (members.length === runs.length) return runs.length === 2 ? 'Both runs' : 'All runs';
    if (runs.length < MANY) return enumerate(members.map(({ run }) => nameRun(report, run)));
    return first ? `${members.length} of ${runs.length} runs` : String(members.length);
  };
  return groups.flatMap(({ side, members }, i) => [
    words(`${i ? ', ' : ''}${subject(members, i === 0)} ` + `${are(members.length)} ${side} (`),
    { text: roundRatios(members.map(({ ratio }) => ratio)), metric: PRINCIPAL },
    words(`${i ? '' : ' random'})${i === groups.length - 1 ? '.' : ''}`),
  ]);
}

/** A run whose update is this many times another's is of another size. */
const LARGER = 1.5;

/**
 * The other run whose size differs most from a run's, as a factor; null where all are alike.
 * @param {Report} report
 * @param {number} run
 * @param {number[]} others
 */
function findOtherSize(report, run, others) {
  const own = measureChange(report.runs[run].tensors).relative;
  if (!own) return null;
  const factors = others.flatMap((other) => {
    const { relative } = measureChange(report.runs[other].tensors);
    return relative ? [{ run: other, factor: relative / own }] : [];
  });
  const [most] = factors.sort(
    (a, b) => Math.abs(Math.log(b.factor)) - Math.abs(Math.log(a.factor)),
  );
  return most && Math.max(most.factor, 1 / most.factor) >= LARGER ? most : null;
}

/**
 * @param {Concentration} held
 * @param {string} whose
 * @returns {Part[]}
 */
const holdParts = ({ group, energy }, whose) => [
  { text: roundShare(energy), filter: group.word },
  words(
    ` of ${whose} is in ${group.layer === null ? `the ${group.label}` : `layer ${group.label}`}`,
  ),
];

/**
 * Where the energy lies, and whether another run is larger. Of fewer than two layers nothing is
 * spread.
 * @param {Report} report
 * @param {number} run
 * @param {number[]} others
 * @returns {Part[]}
 */
export function describeSpread(report, run, others) {
  const own = findConcentration(report.runs[run].tensors);
  const held = others
    .flatMap((other) => {
      const found = findConcentration(report.runs[other].tensors);
      return found ? [{ run: other, found }] : [];
    })
    .sort((a, b) => b.found.energy - a.found.energy);
  const size = findOtherSize(report, run, others);
  const all =
    others.length > 0 &&
    !held.length &&
    others.every((other) => hasLayers(report.runs[other].tensors));
  const mine = others.length ? `the update of ${nameRun(report, run)}` : 'its update';
  const together = others.length === 1 ? 'both updates are' : 'all updates are';
  const first = own
    ? holdParts(own, mine)
    : hasLayers(report.runs[run].tensors)
      ? [words(`${all ? together : `${mine} is`} spread over the layers`)]
      : [];
  const lead = first.length ? '; that' : 'the update';
  const sized = size
    ? [
        words(`${lead} of ${nameRun(report, size.run)} is `),
        { text: roundTimes(Math.max(size.factor, 1 / size.factor)), metric: 'relative_update' },
        words(
          ` ${size.factor > 1 ? 'larger' : 'smaller'}` +
            (first.length ? '' : ` than that of ${nameRun(report, run)}`),
        ),
      ]
    : [];
  const [most] = held;
  const rest = most
    ? [
        ...(size || first.length ? [words(size ? ', and ' : '; ')] : []),
        ...holdParts(
          most.found,
          size?.run === most.run
            ? 'it'
            : `${size || first.length ? 'that' : 'the update'} of ${nameRun(report, most.run)}`,
        ),
      ]
    : [];
  const said = [...first, ...sized, ...rest];
  if (!said.length) return [];
  const [{ text, ...link }, ...more] = [...said, words('.')];
  return [{ ...link, text: text[0].toUpperCase() + text.slice(1) }, ...more];
}

/**
 * What sparse deltas list, without their base.
 * @param {Report} report
 * @param {number[]} runs
 * @returns {Part[]}
 */
export function describeListed(report, runs) {
  const listed = runs.flatMap((run) => report.runs[run].model.listed ?? []);
  if (!listed.length) return [words('No tensor of the deltas could be read.')];
  const densities = listed.flatMap(({ density }) => (typeof density === 'number' ? [density] : []));
  const one = runs.length === 1;
  const who = one ? `The delta of ${nameRun(report, runs[0])} lists` : `${runs.length} deltas list`;
  const changed = listed.map((entry) => entry.changed);
  /** @type {(values: number[], round: (value: number) => string) => string} */
  const range = (values, round) => [...new Set(extremes(values).map(round))].join(' to ');
  return densities.length === listed.length
    ? [
        words(`${who} `),
        { text: range(densities, roundShare), metric: 'listed_density' },
        words(` of ${one ? 'its' : 'their'} weights as changed.`),
      ]
    : [
        words(`${who} `),
        { text: range(changed, count), metric: 'listed_changed' },
        words(` ${changed.every((n) => n === 1) ? 'weight' : 'weights'} as changed.`),
      ];
}

/**
 * Names the shown runs that are identical to the base.
 * @param {Report} report
 * @param {number[]} identical
 * @param {number} shown
 * @returns {Part[][]}
 */
export function describeIdentical(report, identical, shown) {
  if (!identical.length) return [];
  if (identical.length === shown)
    return [
      [words(`${shown > 1 ? 'All are identical' : 'Identical'} to the base: no weight differs.`)],
    ];
  const names = enumerate(identical.map((run) => nameRun(report, run)));
  return [[words(`${names} ${are(identical.length)} identical to the base: no weight differs.`)]];
}

/**
 * Names the runs whose update is the rounding between two dtypes, a sentence each.
 * @param {Report} report
 * @param {number[]} casts
 * @returns {Part[][]}
 */
export const describeCastOf = (report, casts) =>
  casts.flatMap((run) => {
    const text = describeCast(report.runs[run]);
    return text === null ? [] : [[words(`${nameRun(report, run)} ${text}`)]];
  });
