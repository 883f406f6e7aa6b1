// Why a figure of the samples may stand where it does. Each sentence is given only where the
// figures that it rests on say so.
import { degrees, number, percent, times } from '../../www/report/format.js';
import { ABOUT, REPORTED } from '../../www/report/reported.js';
import { atAlpha, given, reportedJaccards, rlvrPair, show, split, words } from './statements.mjs';

/**
 * @typedef {import('./types.d.ts').Excerpt} Excerpt
 * @typedef {import('./types.d.ts').Jaccard} Jaccard
 * @typedef {import('./types.d.ts').Kinds} Kinds
 * @typedef {import('./types.d.ts').Mask} Mask
 * @typedef {import('./types.d.ts').Pair} Pair
 * @typedef {import('./types.d.ts').Run} Run
 * @typedef {import('./types.d.ts').Value} Value
 */

/** @type {(runs: Run[], value: Value) => number} */
const mean = (runs, value) => runs.reduce((total, run) => total + value(run), 0) / runs.length;
/** @type {(kinds: Kinds, value: Value) => number} */
const ratio = ([rlvr, sft], value) => mean(sft, value) / mean(rlvr, value);
/** @type {(...found: (string | false)[]) => string[]} */
const lines = (...found) => found.filter((line) => line !== false);
const MOST = 0.5;
/** "Little": below this share. */
const FEW = 0.1;

/**
 * Settings that runs of a kind share are said once.
 *
 * @type {(runs: Run[], value: Value) => string}
 */
const once = (runs, value) => words([...new Set(runs.map((run) => given(value(run))))]);

/** @param {Excerpt} excerpt */
function sparsity(excerpt) {
  const [rlvr, sft] = split(excerpt);
  const all = [...rlvr, ...sft];
  /** @type {Value} */
  const size = (run) => run.over_half_ulp;
  const most = Math.max(...all.map((run) => run.sparsity_bf16));
  const little = all.every((run) => size(run) > 1) && most < FEW;
  const smaller = Math.max(...rlvr.map(size)) < Math.min(...sft.map(size));
  const stopped = rlvr.flatMap((run) => run.stopped_below_unchanged ?? []);
  return lines(
    stopped.length === rlvr.length &&
      `Training of RLVR stopped when less than ${words([...new Set(stopped.map(percent))])} of ` +
        'the weights were unchanged in bf16. So that share was chosen, and its agreement with ' +
        'a reported range is no finding.',
    'bf16 hides what is below half a ULP. Half of all weights lie in tenths of magnitude ' +
      `whose mean update is above ${show(rlvr, size, number)} half ULPs with RLVR and ` +
      `${show(sft, size, number)} with SFT` +
      (little
        ? ', so there is little to hide.'
        : smaller
          ? ', so it can hide more of what RLVR did.'
          : '.'),
    'Adam moves a weight by about the learning rate a step. RLVR took ' +
      `${once(rlvr, (run) => run.steps)} steps at ${once(rlvr, (run) => run.learning_rate)}, ` +
      'so a weight whose gradient keeps its sign travels about ' +
      `${words([...new Set(rlvr.map((run) => number(run.steps * run.learning_rate)))])}.`,
  );
}

/** @param {Excerpt} excerpt */
function spectrum(excerpt) {
  const kinds = split(excerpt);
  const [rlvr, sft] = kinds;
  const [shift, size] = [
    ratio(kinds, (run) => run.nss.mean),
    ratio(kinds, (run) => run.relative_update.mean),
  ];
  const share = Math.log(size) / Math.log(shift);
  /** @type {Value} */
  const over = (run) => run.nss_over_chance.mean;
  const all = [...rlvr, ...sft];
  const verdict = all.every((run) => over(run) > 1)
    ? 'more than that, with both kinds of training: the spectrum is not spared'
    : rlvr.every((run) => over(run) < 1)
      ? 'less than that with RLVR: the spectrum is spared'
      : 'not all on one side of that';
  return lines(
    shift > 1 &&
      `NSS grows with the update. SFT has ${times(shift)} the NSS of RLVR and ${times(size)} ` +
        'its relative update' +
        (share > MOST && share <= 1
          ? ', so the size of the update is most of the difference.'
          : '.'),
    'A random update of the same norm would have, to first order, an NSS of ‖Δ‖_F/‖W0‖_F ' +
      `over the root of the longer side. The samples have ${show(rlvr, over, times)} (RLVR) ` +
      `and ${show(sft, over, times)} (SFT) of it on average, which is ${verdict}.`,
  );
}

/** @param {Excerpt} excerpt */
function rotation(excerpt) {
  const [rlvr, sft] = split(excerpt);
  const all = [...rlvr, ...sft];
  /** @type {Value} */
  const sines = (run) => (run.sines_over_chance.left.mean + run.sines_over_chance.right.mean) / 2;
  const turned = all.every((run) => sines(run) > 1)
    ? 'more than that, with both kinds of training: the principal subspaces are not spared'
    : rlvr.every((run) => sines(run) < 1)
      ? 'less than that with RLVR: the principal subspaces are spared'
      : 'not all on one side of that';
  const skewed = all.every((run) => run.rotation_max.mean > run.rotation_max.median);
  return lines(
    'The reported angles are of one representative layer, those here are means over all matrices.',
    skewed &&
      'A few matrices carry the mean: the median over matrices is ' +
        `${show(rlvr, (run) => run.rotation_max.median, degrees)} with RLVR and ` +
        `${show(sft, (run) => run.rotation_max.median, degrees)} with SFT. The largest angle ` +
        'grows where σ_k and σ_{k+1} nearly coincide; the relative gap is ' +
        `${number(all[0].gap.median)} in the median ` +
        `and ${number(all[0].gap.min)} at its smallest.`,
    'The median angle of a matrix, which the gap moves less, is ' +
      `${show(rlvr, (run) => run.rotation_median.mean, degrees)} with RLVR and ` +
      `${show(sft, (run) => run.rotation_median.mean, degrees)} with SFT, on average.`,
    'A random update of the same norm would turn the principal subspaces, too. All angles of ' +
      `both sides together are ${show(rlvr, sines, times)} (RLVR) and ` +
      `${show(sft, sines, times)} (SFT) ` +
      `of what it would give, to first order, which is ${turned}.`,
  );
}

/** @param {Excerpt} excerpt */
function off(excerpt) {
  const [rlvr, sft] = split(excerpt);
  const all = [...rlvr, ...sft];
  const under = all.every(({ off_principal: { both } }) => both.share.mean < both.chance.mean);
  /** @param {Run} run */
  const below = (run) =>
    `${run.off_principal.both.below} of ${run.matrices} matrices of \`${run.name}\``;
  const lowRank = all.every((run) => run.stable_rank.mean < run.stable_rank_chance.mean / 2);
  return lines(
    under &&
      `The share is below chance in ${words(all.map(below))}: ` +
        'the updates hold more of the principal subspaces than random ones would.',
    under &&
      lowRank &&
      'They are concentrated: the stable rank is ' +
        `${show(rlvr, (run) => run.stable_rank.mean, number)} with RLVR and ` +
        `${show(sft, (run) => run.stable_rank.mean, number)} with SFT, ` +
        `that of a random update ${number(all[0].stable_rank_chance.mean)}. ` +
        'A small model that learns one task may have few directions to move in, and they may ' +
        'be those that pretraining on the same task made large.',
    'No figure of the share is compared, since it depends on k and on the shape: only its ' +
      'side of chance, and the order of RLVR and SFT.',
  );
}

/**
 * How far an overlap has gone from chance (0) to the most that the density of changes leaves room
 * for (1).
 *
 * @param {Mask} mask
 * @param {string} kind
 */
export function roomUsed({ overlap: share, chance, density }, kind) {
  const most =
    kind === 'low' ? Math.min(1, chance / density) : Math.max(0, (density + chance - 1) / density);
  return {
    most,
    used: most === chance || share === null ? null : (share - chance) / (most - chance),
  };
}

/** @param {Excerpt} excerpt */
function masks(excerpt) {
  const [rlvr, sft] = split(excerpt);
  const { low_overlap: known, principal_overlap: knownPrincipal } = REPORTED;
  /** @type {(runs: Run[], alpha: number, kind: 'low' | 'principal') => number[]} */
  const used = (runs, alpha, kind) =>
    runs.map((run) => Number(roomUsed(atAlpha(run, alpha)[kind], kind).used));
  const gaps = excerpt.settings.alphas.flatMap((alpha) =>
    /** @type {const} */ (['low', 'principal']).map(
      (kind) => Math.min(...used(rlvr, alpha, kind)) - Math.max(...used(sft, alpha, kind)),
    ),
  );
  /** @type {(runs: Run[], alpha: number) => number[]} */
  const lowOverlaps = (runs, alpha) => runs.map((run) => Number(atAlpha(run, alpha).low.overlap));
  const larger = excerpt.settings.alphas.every(
    (alpha) => Math.min(...lowOverlaps(rlvr, alpha)) > Math.max(...lowOverlaps(sft, alpha)),
  );
  /** @type {(alpha: number, kind: 'low' | 'principal') => string} */
  const line = (alpha, kind) =>
    `${used(rlvr, alpha, kind).map(percent).join(' and ')} (RLVR) and ` +
    `${used(sft, alpha, kind).map(percent).join(' and ')} (SFT)`;
  /** @param {number} alpha */
  const atEach = (alpha) =>
    `at α = ${alpha}, ${line(alpha, 'low')} towards low magnitude, ` +
    `${line(alpha, 'principal')} away from the principal mask`;
  return lines(
    ...(excerpt.settings.alphas.includes(known.alpha)
      ? compareWithReported(rlvr, known, knownPrincipal)
      : []),
    'On the way from chance (0 %) to the most that the density of changes leaves room for ' +
      `(100 %): ${excerpt.settings.alphas.map(atEach).join('; ')}. Measured so, RLVR goes ` +
      (gaps.some((gap) => gap > 0)
        ? 'further than SFT in at least one of them'
        : 'no further than SFT') +
      (gaps.every((gap) => gap <= 0) && larger
        ? ': its larger overlaps with low magnitudes come with its lower density.'
        : '.'),
  );
}

/**
 * Where the reported overlaps stand between chance and what this density of changes allows.
 *
 * @param {Run[]} rlvr
 * @param {typeof REPORTED.low_overlap} known
 * @param {typeof REPORTED.principal_overlap} knownPrincipal
 */
function compareWithReported(rlvr, known, knownPrincipal) {
  /** @param {Run} run */
  const low = (run) => atAlpha(run, known.alpha).low;
  const { chance } = atAlpha(rlvr[0], known.alpha).principal;
  return lines(
    rlvr.every((run) => roomUsed(low(run), 'low').most < known.RLVR) &&
      `RLVR changes ${show(rlvr, (run) => low(run).density, percent)} of the weights, so ` +
        `that at most ${show(rlvr, (run) => roomUsed(low(run), 'low').most, percent)} of them ` +
        `can be of low magnitude at α = ${known.alpha}: the reported ${percent(known.RLVR)} is ` +
        'out of reach at this density.',
    Math.abs(low(rlvr[0]).chance - known.SFT) <= ABOUT.share &&
      Math.abs(chance - knownPrincipal.RLVR.below) <= ABOUT.share &&
      `Chance is ${percent(low(rlvr[0]).chance)} and ${percent(chance)}, so that an ` +
        `agreement with ${percent(known.SFT)} for SFT ` +
        `or with less than ${percent(knownPrincipal.RLVR.below)} for the principal mask says ` +
        'little.',
  );
}

/** @param {Jaccard} jaccard */
const roomAbove = ([observed, chance]) => (observed - chance) / (1 - chance);

/** @param {Excerpt} excerpt */
function overlap(excerpt) {
  const pair = rlvrPair(excerpt);
  if (!pair) return [];
  const reported = reportedJaccards().map(([, jaccard]) => roomAbove(jaccard));
  const others = excerpt.pairs.filter((one) => one !== pair);
  const room = pair.chance > Math.max(...reportedJaccards().map(([, [, chance]]) => chance));
  /** @param {Pair} pair */
  const other = ({ runs, jaccard, chance, cosine }) =>
    `\`${runs[0]}\` and \`${runs[1]}\` have a Jaccard index of ${number(jaccard)} (chance ` +
    `${number(chance)}) and a cosine of ${number(cosine)}`;
  return lines(
    room &&
      `Chance is ${number(pair.chance)} here, since nearly all weights change, which leaves ` +
        `${number(1 - pair.chance)} for an excess. ` +
        `The two RLVR runs take ${percent(roomAbove([pair.jaccard, pair.chance]))} of that ` +
        `room; those of PNT take ${percent(Math.min(...reported))} to ` +
        `${percent(Math.max(...reported))} of theirs.`,
    'The two RLVR runs differ in the seed only; their updates have a cosine of ' +
      `${number(pair.cosine)}.` +
      (others.length ? ` RLVR and SFT: ${words(others.map(other))}.` : ''),
  );
}

/** @param {Excerpt} excerpt */
function rank(excerpt) {
  const [rlvr] = split(excerpt);
  const spread = rlvr.every((run) => run.stable_rank.mean < run.stable_rank_chance.mean / 2);
  return lines(
    spread &&
      'Full rank says little, as rounding to bf16 alone can give it. ' +
        `The stable rank is ${show(rlvr, (run) => run.stable_rank.mean, number)}, by chance ` +
        `${number(rlvr[0].stable_rank_chance.mean)}.`,
  );
}

/** @type {Record<string, (excerpt: Excerpt) => string[]>} */
export const reasons = { sparsity, spectrum, rotation, off, masks, overlap, rank };
