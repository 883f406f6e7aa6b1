// Synthetic reports of many tensors: entries of a real report's form, each with values of its own.

/** Numbers that look random and are the same each time. */
function randomNumbers(seed) {
  let state = seed >>> 0 || 1;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

const nine = (value) => Number(value.toPrecision(9));

/** Modules of a layer, with their shapes. */
const MODULES = [
  ['self_attn.q_proj', 'q', [2048, 2048]],
  ['self_attn.k_proj', 'k', [512, 2048]],
  ['self_attn.v_proj', 'v', [512, 2048]],
  ['self_attn.o_proj', 'o', [2048, 2048]],
  ['mlp.gate_proj', 'gate', [5632, 2048]],
  ['mlp.up_proj', 'up', [5632, 2048]],
  ['mlp.down_proj', 'down', [2048, 5632]],
];
const PROJECTIONS = ['gate_proj', 'up_proj', 'down_proj'];

/**
 * The name, module and shape of so many tensors: dense, or layers of `experts`.
 * @param {number} count
 * @param {number} experts
 */
function* tensorsOf(count, experts) {
  for (let layer = 0, made = 0; made < count; layer += 1) {
    const names = experts
      ? [
          ...MODULES.slice(0, 4),
          ['mlp.gate', 'router', [experts, 2048]],
          ...Array.from({ length: 3 * experts }, (_, i) => [
            `mlp.experts.${Math.floor(i / 3)}.${PROJECTIONS[i % 3]}`,
            'expert',
            i % 3 === 2 ? [2048, 768] : [768, 2048],
          ]),
        ]
      : MODULES;
    for (const [name, module, shape] of names) {
      if (made === count) return;
      made += 1;
      yield { name: `model.layers.${layer}.${name}.weight`, layer, module, shape };
    }
  }
}

/** Scales every number of figures, so that no two entries are the same text. */
function vary(value, random) {
  if (typeof value === 'number')
    return Number.isInteger(value) ? value : nine(value * (0.5 + random()));
  if (Array.isArray(value)) return value.map((entry) => vary(entry, random));
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(
      Object.entries(value).map(([key, part]) => [key, vary(part, random)]),
    );
  return value;
}

const list = (length, make) => Array.from({ length }, (_, i) => make(i));

const overlapOf = (size, both) => ({
  size,
  both,
  overlap: nine(both / size),
  chance: 0.3,
  enrichment: nine(both / size / 0.3),
});

/** A matrix as the analyser reports it, small. */
function sampleTensor() {
  const profile = { length: 32, values: list(8, (i) => 0.9 + i / 100), min: 0.8, median: 0.93 };
  const mask = overlapOf(1000, 320);
  const masks = { low: mask, principal: mask, principal_not_low: mask, not_principal: mask };
  const sweepChance = { both: 0.99, left: 0.97, right: 0.98, rotation_max: 4, rotation_median: 1 };
  return {
    transposed: false,
    dtype: 'BF16',
    dtype_base: 'BF16',
    dtype_tuned: 'BF16',
    status: 'done',
    error: null,
    precision: {
      unchanged: 500,
      sparsity_bf16: 0.05125,
      bit_equal: 500,
      hidden_by_bf16: 0.01,
      sparsity_abs: 0.2,
      unchanged_stored: 500,
      non_finite: 0,
      row_density: { ...profile, max: 0.99, dispersion: 1.7 },
      column_density: { ...profile, max: 0.99, dispersion: 2.4 },
      magnitude_deciles: list(10, (i) => ({
        changed: 0.9,
        half_ulp: 1e-5 * (i + 1),
        mean_abs_update: 2e-5,
        upper: 0.01 * (i + 1),
      })),
      ulp_histogram: { from: [null, 0], to: [-1, null], counts: [10, 20] },
    },
    update: {
      frobenius_base: 40.5,
      frobenius_update: 0.41,
      relative_update: 0.0105,
      max_abs_update: 0.001,
      spectral_norm: 0.2,
      stable_rank: 3.03,
      share_top_k: 0.9,
      spectrum: list(8, (i) => 0.2 / (i + 1)),
      spectrum_error: 0,
      chance: { share_top_k: 0.2, stable_rank: 60 },
    },
    geometry: {
      k: 4,
      requested_k: 4,
      exact: true,
      method: 'gram_eigen',
      converged: true,
      gap: 0.05,
      resolved: true,
      nss: 0.0021,
      nss_interval: [0.0021, 0.0021],
      nss_top_k: 0.002,
      spectrum_base: list(8, (i) => 9 / (i + 1)),
      spectrum_tuned: list(8, (i) => 9.01 / (i + 1)),
      spectrum_error: 1e-9,
      angles_left: [6, 3, 2, 1],
      angles_right: [5, 3, 2, 1],
      // Rounding noise, which opening sets to 0.
      rotation_max: 6.13,
      rotation_median: 3e-13,
      uncertainty: 1e-9,
      vector_rotation_left: [1, 2, 3, 4],
      vector_rotation_right: [1, 2, 3, 4],
      vector_rotation_uncertainty: [1e-9],
      off_principal_share: 0.859,
      off_principal_left: 0.9,
      off_principal_right: 0.91,
      shares_uncertainty: 1e-9,
      columns_per_k: 0,
      chance: {
        ...sweepChance,
        rotation_max_deviation: 0.4,
        draws: 8,
        nss: 0.0014,
        nss_top_k: 0.001,
        angles_left: [4, 2, 1, 1],
        angles_right: [4, 2, 1, 1],
        vectors_left: [1, 1, 1, null],
        vectors_right: [1, 1, 1, null],
      },
      along_spectrum: { edges: [0, 4, 32], core: [[0.1, 0.9]], left: [0.1], right: [0.1] },
      sweep: list(3, (i) => ({
        k: 2 ** i,
        nss_top_k: 0.002,
        rotation_max: 6.1,
        rotation_median: 1.3,
        off_principal_share: 0.9,
        gap: 0.1,
        resolved: true,
        uncertainty: 1e-9,
        chance: sweepChance,
      })),
      bounds: {
        weyl: { observed: 0.1, bound: 0.2 },
        nss: { observed: 0.0021, bound: 0.0105 },
        ky_fan: { observed: 0.2, bound: 0.8 },
        wedin_as_stated: { observed: 0.01, bound: 0.05 },
        wedin_strict: { observed: 0.01, bound: null },
      },
    },
    geometry_note: null,
    masks: [
      {
        alpha: 0.3,
        k: 4,
        changed: 3000,
        principal_threshold: 0.01,
        low_threshold: 0.001,
        ...masks,
        safe: mask,
        sweep: list(3, (i) => ({ k: 2 ** i, principal_threshold: 0.01, ...masks, safe: mask })),
      },
    ],
    fisher: null,
    fisher_note: null,
    function_preserving: null,
    adapter: null,
    maps: {
      rows: 8,
      columns: 8,
      row_group: 4,
      column_group: 4,
      changed: Buffer.alloc(64, 200).toString('base64'),
      update: Buffer.alloc(64, 120).toString('base64'),
      principal: Buffer.alloc(64, 10).toString('base64'),
      update_max: 0.001,
      alpha: 0.3,
    },
    heads: null,
    quantized: null,
    listed: null,
    seconds: 0.05,
  };
}

/** What `runs` runs share of a tensor, or of the model. */
function overlapEntry(name, runs, parameters) {
  const table = (value) => list(runs, (a) => list(runs, (b) => (a === b ? 1 : value)));
  const profile = { length: 32, values: list(8, () => 0.4), min: 0.1, median: 0.4, max: 0.9 };
  return {
    name,
    runs: list(runs, (i) => i),
    parameters,
    changed: list(runs, () => 3000),
    both: table(2000),
    jaccard: table(0.5),
    jaccard_chance: table(0.4),
    mean_jaccard: 0.5,
    mean_jaccard_chance: 0.4,
    one_sided: table(0.66),
    exactly: list(runs + 1, () => 1000),
    exactly_chance: list(runs + 1, () => 0.2),
    row_consensus: name === null ? null : { ...profile, dispersion: 1.1 },
    column_consensus: name === null ? null : { ...profile, dispersion: 1.1 },
    consensus_map:
      name === null
        ? null
        : {
            rows: 8,
            columns: 8,
            row_group: 4,
            column_group: 4,
            all: Buffer.alloc(64, 99).toString('base64'),
          },
    steps: null,
    dot: table(0.01),
    cosine: table(0.3),
  };
}

const rollup = (key, tensors) => ({
  key,
  tensors,
  matrices: tensors,
  parameters: 4096 * tensors,
  unchanged: 0,
  bit_equal: 0,
  non_finite: 0,
  sparsity_bf16: 0.05,
  sparsity_abs: 0.2,
  hidden_by_bf16: 0.01,
  relative_update: 0.01,
  max_abs_update: 0.001,
  kl_quadratic: null,
  kl_share: null,
  listed: null,
  masks: [],
  spectral: {},
  sweep: [],
});

const checkpoint = (name, tensors) => ({
  name,
  files: [{ name: 'model.safetensors', bytes: 8192 * tensors }],
  tensors,
  parameters: 4096 * tensors,
  bytes: 8192 * tensors,
  dtypes: { BF16: tensors },
});

/**
 * @typedef {object} Options
 * @property {number} tensors
 * @property {number} runs
 * @property {number} [experts] Experts of a layer; 0 for a dense model.
 * @property {any} [real] A report whose matrices, in turn, are what entries are made from.
 * @property {(entry: any) => any} [change] What becomes of each entry of a tensor, and of what runs
 * share.
 */

/** What stands in the text where a list comes. */
const PLACE = /"@(tensors|overlaps)"/;

/**
 * The text of a report, in parts: all of it may be longer than a string can be.
 * @param {Options} options
 */
export function* writeManyTensors({
  tensors,
  runs,
  experts = 0,
  real = null,
  change = (entry) => entry,
}) {
  const random = randomNumbers(7);
  const samples = real
    ? real.runs.flatMap((run) => run.tensors.filter(({ geometry }) => geometry))
    : [sampleTensor()];
  const told = [...tensorsOf(tensors, experts)];
  const shared = real?.overlaps?.find(({ consensus_map: map }) => map) ?? null;
  const makeOverlap = (name, parameters) =>
    name !== null && shared?.runs.length === runs
      ? change({ ...vary(shared, random), name, parameters })
      : overlapEntry(name, runs, parameters);
  const entries = {
    *tensors() {
      for (const [i, own] of told.entries())
        yield change({
          ...vary(samples[i % samples.length], random),
          ...own,
          parameters: own.shape[0] * own.shape[1],
        });
    },
    *overlaps() {
      if (runs < 2) return;
      for (const { name, shape } of told) yield makeOverlap(name, shape[0] * shape[1]);
      yield makeOverlap(null, 4096 * tensors);
    },
  };
  const head = JSON.stringify(reportAround({ told, runs, real }));
  for (const [i, part] of head.split(PLACE).entries()) {
    if (i % 2 === 0) {
      yield part;
      continue;
    }
    let between = '[';
    for (const entry of entries[part]()) {
      yield between + JSON.stringify(entry);
      between = ',';
    }
    yield between === '[' ? '[]' : ']';
  }
}

/**
 * The same as an object, for what is small.
 * @param {Options} options
 */
export const manyTensors = (options) => JSON.parse([...writeManyTensors(options)].join(''));

/** The report with marks in place of its long lists. */
function reportAround({ told, runs, real }) {
  const tensors = told.length;
  const layers = [...new Set(told.map(({ layer }) => layer))];
  const kinds = [...new Set(told.map(({ module }) => module))];
  return {
    format: 'gatescope-report',
    version: 2,
    generator: 'gatescope synthetic',
    created: '2026-11-27T12:00:00Z',
    backend: { kind: 'cpu', adapter: null, detail: 'chosen by the user', workers: 2 },
    settings: {
      k: 4,
      alphas: [0.3],
      eta: 0.001,
      abs_tolerance: 1e-5,
      exact_limit: 512,
      layers: null,
      map_side: 64,
      comparison: null,
      function_preserving: true,
      seed: 7,
      backend: 'auto',
      ...real?.settings,
    },
    base: checkpoint('base', tensors),
    fisher: null,
    runs: list(runs, (run) => ({
      checkpoint: checkpoint(`run-${run + 1}`, tensors),
      tensors: '@tensors',
      layers: layers.map((layer) => rollup(String(layer), 7)),
      modules: kinds.map((kind) => rollup(kind, 7)),
      model: real?.runs[0].model ?? rollup('model', tensors),
      left_out: [],
      delta: null,
      comparison: null,
    })),
    overlaps: '@overlaps',
    timings: { total: 1, stages: { diff: 1 } },
    partial: null,
  };
}
