// What was reported elsewhere, each statement beside the samples' figures. Whether it holds is
// computed, never written.
import { degrees, number, percent } from '../../www/report/format.js';
import { REPORTED, SOURCES, sparsityRange } from '../../www/report/reported.js';

/** "About" a magnitude: within this factor. */
export const ABOUT_TIMES = 3;
/** "About" a share: within this difference. */
export const ABOUT_SHARE = 0.05;
/** "Nearly" the whole: at least this share. */
export const NEARLY = 0.95;

/** What was set or reported, with the digits that it has: 3e−6, 36.3 %. */
export const given = (value) =>
  Math.abs(value) < 1e-3 ? value.toExponential().replace('-', '−') : String(value);
const givenPercent = (share) => `${given(Number((share * 100).toPrecision(3)))}\u00a0%`;

export const words = (items) =>
  items.length > 1 ? `${items.slice(0, -1).join(', ')} and ${items.at(-1)}` : items.join('');
export const show = (runs, value, format) => words(runs.map((run) => format(value(run))));
export const link = (key) => `[${key}](https://arxiv.org/abs/${SOURCES[key].arxiv})`;
export const split = ({ runs }) =>
  ['RLVR', 'SFT'].map((kind) => runs.filter((run) => run.kind === kind));
export const atAlpha = (run, alpha) => run.masks.find((one) => one.alpha === alpha);

/** All of one list below all of the other. */
const below = (low, high) => Math.max(...low) < Math.min(...high);
const within =
  ([low, high]) =>
  (value) =>
    value >= low && value <= high;
const of = ({ source, place }) => [link(source), place].filter(Boolean).join(', ');

/** Orders RLVR and SFT by one figure: `more` where RLVR should have more of it. */
function order([rlvr, sft], { text, source, value, format, more, main = false, topic }) {
  const [ours, others] = [rlvr.map(value), sft.map(value)];
  return {
    topic,
    main,
    text,
    source,
    here: `RLVR ${words(ours.map(format))}, SFT ${words(others.map(format))}`,
    holds: more ? below(others, ours) : below(ours, others),
  };
}

const each = (runs, { topic, text, source, value, format, test, main = false }) => ({
  topic,
  main,
  text,
  source,
  here: show(runs, value, format),
  holds: runs.map(value).every(test),
});

function sparsity([rlvr, sft]) {
  const { sparsity: table, sparsity_abs: tolerance } = REPORTED;
  const [topic, value, format] = ['sparsity', (run) => run.sparsity_bf16, percent];
  return [
    order([rlvr, sft], {
      topic,
      value,
      format,
      more: true,
      main: true,
      text: 'RLVR leaves more weights unchanged than SFT',
      source: of(table),
    }),
    ...[
      ['RLVR', rlvr],
      ['SFT', sft],
    ].map(([kind, runs]) =>
      each(runs, {
        topic,
        value,
        format,
        main: kind === 'RLVR',
        source: of(table),
        test: within(sparsityRange(kind)),
        text: `${kind} leaves ${sparsityRange(kind).map(givenPercent).join(' to ')} of the weights unchanged`,
      }),
    ),
    each(rlvr, {
      topic,
      format,
      value: (run) => run.sparsity_abs,
      source: of(tolerance),
      test: within(tolerance.RLVR),
      text: `RL leaves ${tolerance.RLVR.map(givenPercent).join(' to ')} of the weights within \\|Δ\\| ≤ ${given(tolerance.tolerance)}`,
    }),
  ];
}

function spectrum([rlvr, sft]) {
  const { nss } = REPORTED;
  const [topic, value, format] = ['spectrum', (run) => run.nss.mean, number];
  return [
    order([rlvr, sft], {
      topic,
      value,
      format,
      more: false,
      main: true,
      text: 'RLVR shifts the spectrum less than SFT',
      source: `${link('PNT')}, abstract`,
    }),
    each(rlvr, {
      topic,
      value,
      format,
      main: true,
      source: of(nss),
      text: `NSS of RLVR is about ${given(nss.RLVR.about)}`,
      test: (found) => within([nss.RLVR.about / ABOUT_TIMES, nss.RLVR.about * ABOUT_TIMES])(found),
    }),
    each(sft, {
      topic,
      value,
      format,
      source: of(nss),
      text: `NSS of SFT is about ${given(nss.SFT.least)} and more`,
      test: (found) => found >= nss.SFT.least / ABOUT_TIMES,
    }),
  ];
}

function rotation([rlvr, sft]) {
  const { rotation: known } = REPORTED;
  const [topic, value, format] = ['rotation', (run) => run.rotation_max.mean, degrees];
  return [
    order([rlvr, sft], {
      topic,
      value,
      format,
      more: false,
      main: true,
      text: 'RLVR turns the principal subspaces less than SFT',
      source: `${link('PNT')}, abstract`,
    }),
    each(rlvr, {
      topic,
      value,
      format,
      main: true,
      source: of(known),
      text: `RLVR turns the principal subspaces by less than ${known.RLVR.below}°`,
      test: (found) => found < known.RLVR.below,
    }),
    each(sft, {
      topic,
      value,
      format,
      source: of(known),
      text: `SFT turns the principal subspaces by more than ${known.SFT.above}°`,
      test: (found) => found > known.SFT.above,
    }),
  ];
}

/** A figure and its chance level, as a list of each. */
const besideChance = (runs, value, chance, format) =>
  words(runs.map((run) => `${format(value(run))} (chance ${format(chance(run))})`));

function offPrincipal([rlvr, sft]) {
  const [topic, value] = ['off', (run) => run.off_principal.both.share.mean];
  const chance = (run) => run.off_principal.both.chance.mean;
  return [
    {
      topic,
      main: true,
      text: 'The update of RLVR lies off the principal subspaces more than by chance',
      source: `${link('PNT')}, title`,
      here: besideChance(rlvr, value, chance, percent),
      holds: rlvr.every((run) => value(run) > chance(run)),
    },
    order([rlvr, sft], {
      topic,
      value,
      format: percent,
      more: true,
      main: true,
      text: 'The update of RLVR lies off the principal subspaces more than that of SFT',
      source: `${link('PNT')}, abstract`,
    }),
  ];
}

function masks([rlvr, sft], alpha, { first }) {
  const topic = 'masks';
  const [low, principal] = ['low', 'principal'].map((kind) => [
    (run) => atAlpha(run, alpha)[kind].overlap,
    (run) => atAlpha(run, alpha)[kind].chance,
  ]);
  const { low_overlap: knownLow, principal_overlap: knownPrincipal } = REPORTED;
  const about = (known) => (found) => Math.abs(found - known) <= ABOUT_SHARE;
  const source = link('PNT');
  const directions = [
    {
      topic,
      main: first,
      source,
      text: `What RLVR changes is of low magnitude more often than by chance (α = ${alpha})`,
      here: besideChance(rlvr, ...low, percent),
      holds: rlvr.every((run) => low[0](run) > low[1](run)),
    },
    order([rlvr, sft], {
      topic,
      source,
      value: low[0],
      format: percent,
      more: true,
      text: `What RLVR changes is of low magnitude more often than what SFT changes (α = ${alpha})`,
    }),
    {
      topic,
      main: first,
      source,
      text: `What RLVR changes is in the principal mask less often than by chance (α = ${alpha})`,
      here: besideChance(rlvr, ...principal, percent),
      holds: rlvr.every((run) => principal[0](run) < principal[1](run)),
    },
    order([rlvr, sft], {
      topic,
      source,
      value: principal[0],
      format: percent,
      more: false,
      text: `What RLVR changes is in the principal mask less often than what SFT changes (α = ${alpha})`,
    }),
  ];
  const figures =
    alpha !== knownLow.alpha
      ? []
      : [
          ...[
            ['RLVR', rlvr],
            ['SFT', sft],
          ].map(([kind, runs]) =>
            each(runs, {
              topic,
              source: of(knownLow),
              value: low[0],
              format: percent,
              test: about(knownLow[kind]),
              text: `About ${givenPercent(knownLow[kind])} of what ${kind} changes is of low magnitude (α = ${alpha})`,
            }),
          ),
          each(rlvr, {
            topic,
            source: of(knownPrincipal),
            value: principal[0],
            format: percent,
            test: (found) => found < knownPrincipal.RLVR.below,
            text: `Less than ${givenPercent(knownPrincipal.RLVR.below)} of what RLVR changes is in the principal mask (α = ${alpha})`,
          }),
        ];
  return [...directions, ...figures];
}

export const reportedExcess = () => {
  const all = Object.values(REPORTED.jaccard.modules).map(
    ([observed, chance]) => observed - chance,
  );
  return [Math.min(...all), Math.max(...all)];
};

/** The pair of runs that PNT's figures are of: two RLVR runs. */
export const rlvrPair = ({ pairs }) =>
  pairs.find(({ kinds }) => kinds.every((kind) => kind === 'RLVR'));

function overlap(excerpt) {
  const pair = rlvrPair(excerpt);
  if (!pair) return [];
  const excess = pair.jaccard - pair.chance;
  const here = `${number(pair.jaccard)} (chance ${number(pair.chance)})`;
  return [
    {
      topic: 'overlap',
      main: true,
      text: 'Two RLVR runs change the same weights more often than by chance',
      source: `${of(REPORTED.jaccard)}; ${link('MUK')}`,
      here,
      holds: excess > 0,
    },
    {
      topic: 'overlap',
      text: `The Jaccard index exceeds chance by ${reportedExcess().map(number).join(' to ')}`,
      source: of(REPORTED.jaccard),
      here: number(excess),
      holds: within(reportedExcess())(excess),
    },
  ];
}

function rank([rlvr]) {
  return [
    each(rlvr, {
      topic: 'rank',
      format: percent,
      value: (run) => run.rank_share.mean,
      source: `${link('MUK')}, abstract`,
      test: (found) => found >= NEARLY,
      text: 'Updates of RL have nearly full rank',
    }),
  ];
}

/** [{ topic, main, text, source, here, holds }] */
export function statements(excerpt) {
  const kinds = split(excerpt);
  return [
    ...sparsity(kinds),
    ...spectrum(kinds),
    ...rotation(kinds),
    ...offPrincipal(kinds),
    ...excerpt.settings.alphas.flatMap((alpha, i) => masks(kinds, alpha, { first: i === 0 })),
    ...overlap(excerpt),
    ...rank(kinds),
  ];
}
