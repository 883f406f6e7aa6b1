// What the findings need of a report: a few figures of each run and pair, small enough to commit.

/**
 * @typedef {import('./types.d.ts').Excerpt} Excerpt
 * @typedef {import('./types.d.ts').Mask} Mask
 * @typedef {import('./types.d.ts').OffPrincipal} OffPrincipal
 * @typedef {import('./types.d.ts').Pair} Pair
 * @typedef {import('./types.d.ts').Run} Run
 * @typedef {import('./types.d.ts').Spread} Spread
 *
 * @typedef {Record<string, any>} Tensor of a report
 */

/** Enough for three digits in the text, few enough that machines that round differently agree. */
const DIGITS = 6;
/**
 * PNT's words for the kinds of training that the samples' training.json files name.
 *
 * @type {Record<string, string>}
 */
const KINDS = { GRPO: 'RLVR', SFT: 'SFT' };

/** @param {any} value numbers are rounded, null stays */
const round = (value) => (typeof value === 'number' ? Number(value.toPrecision(DIGITS)) : value);
/** @param {number[]} values */
const sum = (values) => values.reduce((a, b) => a + b, 0);
/** @param {number[]} values */
const mean = (values) => sum(values) / values.length;

/**
 * { mean, min, median, max } over what is defined, with their `count`; null where nothing is.
 *
 * @param {(number | null | undefined)[]} values
 * @returns {Spread | null}
 */
function spread(values) {
  const known = values
    .filter((value) => value !== null && value !== undefined)
    .sort((a, b) => a - b);
  if (!known.length) return null;
  const middle = (known.length - 1) / 2;
  const median = (known[Math.floor(middle)] + known[Math.ceil(middle)]) / 2;
  return {
    count: known.length,
    mean: round(mean(known)),
    min: round(known[0]),
    median: round(median),
    max: round(known.at(-1)),
  };
}

/** @param {Tensor} tensor */
const nssByChance = ({ geometry }) => geometry.chance.nss;
/** @param {Tensor} tensor */
const stableRankByChance = ({ update }) => update.chance.stable_rank;
/**
 * ‖sin Θ‖_F of a side over its chance level; all matrices here are exact, so the interval is a
 * number.
 *
 * @type {(side: string) => (tensor: Tensor) => number}
 */
const sinesOverChance =
  (side) =>
  ({ geometry: { sin_theta: sines } }) =>
    sines[side] / sines[`chance_${side}`][0];

/**
 * Mean |Δ| over half a bf16 ULP, per tenth of each matrix by magnitude: the median over weights.
 *
 * @param {Tensor[]} tensors
 */
function overHalfUlp(tensors) {
  const tenths = tensors
    .flatMap(({ precision, parameters }) =>
      /** @type {{ mean_abs_update: number, half_ulp: number }[]} */ (precision.magnitude_deciles)
        .filter(({ half_ulp: half }) => half > 0)
        .map(({ mean_abs_update: size, half_ulp: half }) => ({
          ratio: size / half,
          weights: parameters / 10,
        })),
    )
    .sort((a, b) => a.ratio - b.ratio);
  const half = sum(tenths.map(({ weights }) => weights)) / 2;
  let passed = 0;
  return round(tenths.find(({ weights }) => (passed += weights) >= half)?.ratio ?? null);
}

/**
 * A mask at one α over all matrices, from summed counts.
 *
 * @param {Tensor[]} tensors
 * @param {number} at
 * @param {string} kind
 * @returns {Mask}
 */
function mask(tensors, at, kind) {
  const counted = tensors.map(({ masks, parameters }) => ({
    ...masks[at][kind],
    changed: masks[at].changed,
    parameters,
  }));
  const [size, both, changed, parameters] = ['size', 'both', 'changed', 'parameters'].map((key) =>
    sum(counted.map((one) => one[key])),
  );
  return {
    overlap: changed ? round(both / changed) : null,
    chance: round(size / parameters),
    density: round(changed / parameters),
  };
}

/**
 * @param {Record<string, any>} run of a report
 * @param {Record<string, any>} settings of the report
 * @param {Record<string, any>} training what its training.json says
 * @returns {Run}
 */
function figures({ checkpoint, tensors, model }, { alphas }, training) {
  // Of 15 rows, k directions are nearly all: embedding and head would only blur the means.
  const matrices = /** @type {Tensor[]} */ (tensors).filter(
    ({ geometry, layer, shape }) => geometry && layer !== null && shape.length === 2,
  );
  /** @param {(tensor: Tensor) => number | null} value */
  const of = (value) => /** @type {Spread} */ (spread(matrices.map(value)));
  /** @type {(side: string, field: string) => OffPrincipal} */
  const offPrincipal = (side, field) => ({
    share: of(({ geometry }) => geometry[`off_principal_${field}`]),
    chance: of(({ geometry }) => geometry.chance[side]),
    below: matrices.filter(
      ({ geometry }) => geometry[`off_principal_${field}`] < geometry.chance[side],
    ).length,
  });
  return {
    name: checkpoint.name,
    kind: KINDS[training.kind] ?? training.kind,
    method: training.kind,
    learning_rate: training.learning_rate,
    steps: training.steps,
    // A training that took all its steps did not stop by the share.
    stopped_below_unchanged:
      training.unchanged < training.stop_below_unchanged ? training.stop_below_unchanged : null,
    matrices: matrices.length,
    exact: matrices.every(({ geometry }) => geometry.exact),
    sparsity_bf16: round(model.sparsity_bf16),
    sparsity_abs: round(model.sparsity_abs),
    over_half_ulp: overHalfUlp(matrices),
    relative_update: of(({ update }) => update.relative_update),
    nss: of(({ geometry }) => geometry.nss),
    nss_chance: of(nssByChance),
    nss_over_chance: of((one) => one.geometry.nss / nssByChance(one)),
    rotation_max: of(({ geometry }) => (geometry.resolved ? geometry.rotation_max : null)),
    rotation_median: of(({ geometry }) => geometry.rotation_median),
    sines_over_chance: { left: of(sinesOverChance('left')), right: of(sinesOverChance('right')) },
    gap: of(({ geometry }) => geometry.gap),
    off_principal: {
      both: offPrincipal('both', 'share'),
      left: offPrincipal('left', 'left'),
      right: offPrincipal('right', 'right'),
    },
    stable_rank: of(({ update }) => update.stable_rank),
    stable_rank_chance: of(stableRankByChance),
    rank_share: of(({ update }) => update.rank_share),
    masks: largestFirst(alphas).map((alpha) => {
      const at = alphas.indexOf(alpha);
      return {
        alpha,
        low: mask(matrices, at, 'low'),
        principal: mask(matrices, at, 'principal'),
      };
    }),
  };
}

/**
 * The α of the published overlaps, 0.3, comes first, however a report has them ordered.
 *
 * @param {number[]} alphas
 */
const largestFirst = (alphas) => [...alphas].sort((a, b) => b - a);

/** @type {(runs: number[]) => [number, number][]} */
const pairsOf = (runs) =>
  runs.flatMap((_, a) =>
    runs.slice(a + 1).map((__, i) => /** @type {[number, number]} */ ([a, a + 1 + i])),
  );

/**
 * Every pair of runs: the model's Jaccard index, and its mean over the matrices of each module
 * kind, both beside chance.
 *
 * @param {Record<string, any>} report
 * @param {string[]} kinds
 * @returns {Pair[]}
 */
function pairs(report, kinds) {
  const overlaps = /** @type {Record<string, any>[]} */ (report.overlaps);
  const model = overlaps.find(({ name }) => name === null);
  if (!model) throw new Error('the report compares no runs');
  /** @type {Map<string, Tensor>} */
  const tensors = new Map(
    report.runs[0].tensors.map((/** @type {Tensor} */ tensor) => [tensor.name, tensor]),
  );
  const ofMatrices = overlaps.filter(
    ({ name }) =>
      name !== null && tensors.get(name)?.shape.length === 2 && tensors.get(name)?.layer !== null,
  );
  return pairsOf(model.runs).map(([a, b]) => {
    /** @type {Record<string, [number, number][]>} */
    const modules = {};
    for (const { name, jaccard, jaccard_chance: chance } of ofMatrices)
      (modules[tensors.get(name)?.module] ??= []).push([jaccard[a][b], chance[a][b]]);
    return {
      runs: [a, b].map((at) => report.runs[model.runs[at]].checkpoint.name),
      kinds: [a, b].map((at) => kinds[model.runs[at]]),
      jaccard: round(model.jaccard[a][b]),
      chance: round(model.jaccard_chance[a][b]),
      cosine: round(model.cosine[a][b]),
      modules: Object.fromEntries(
        Object.entries(modules).map(([kind, all]) => [
          kind,
          [
            round(mean(all.map(([observed]) => observed))),
            round(mean(all.map(([, chance]) => chance))),
          ],
        ]),
      ),
    };
  });
}

/**
 * `training(name)`: what samples/NAME/training.json says.
 *
 * @param {Record<string, any>} report
 * @param {(name: string) => Record<string, any>} training
 * @returns {Excerpt}
 */
export function excerptOf(report, training) {
  const runs = /** @type {Record<string, any>[]} */ (report.runs).map((run) =>
    figures(run, report.settings, training(run.checkpoint.name)),
  );
  const { k, alphas, eta, abs_tolerance } = report.settings;
  return {
    settings: { k, alphas: largestFirst(alphas), eta, abs_tolerance },
    parameters: report.base.parameters,
    runs,
    pairs: pairs(
      report,
      runs.map(({ kind }) => kind),
    ),
  };
}
