// Fields that a report may have, made up but consistent with each other and with the report that they are added to.

/** A tensor whose Fisher is said to be unusable. */
export const WITHOUT_FISHER = 'model.layers.0.self_attn.v_proj.weight';
export const FISHER_NOTE = 'the Fisher has a negative entry';

const sum = (values) => values.reduce((a, b) => a + b, 0);

function fisherOf({ parameters, precision, update }, i) {
  const mass = parameters * 1e-3 * (1 + (i % 3));
  const weighted = (mass / parameters) * update.frobenius_update ** 2 * (0.5 + 0.25 * (i % 4));
  const chance = 1 - precision.sparsity_bf16;
  return { kl_quadratic: weighted / 2, kl_share: null, weighted_norm: Math.sqrt(weighted), mass, mass_on_changed: chance * (1 - 0.1 * (i % 2)), chance };
}

const totals = (tensors, rollup, whole) => {
  const held = tensors.filter(({ fisher }) => fisher);
  const kl = held.length ? sum(held.map(({ fisher }) => fisher.kl_quadratic)) : null;
  return { ...rollup, kl_quadratic: kl, kl_share: kl === null ? null : kl / whole };
};

/** The report as if a diagonal Fisher had been given. */
export function withFisher(report) {
  const runs = report.runs.map((run) => {
    const tensors = run.tensors.map((tensor, i) => (tensor.name === WITHOUT_FISHER ? { ...tensor, fisher: null, fisher_note: FISHER_NOTE } : { ...tensor, fisher: fisherOf(tensor, i), fisher_note: null }));
    const whole = sum(tensors.map(({ fisher }) => fisher?.kl_quadratic ?? 0));
    for (const { fisher } of tensors) if (fisher) fisher.kl_share = fisher.kl_quadratic / whole;
    const by = (key, list) => list.map((rollup) => totals(tensors.filter((tensor) => String(tensor[key]) === rollup.key), rollup, whole));
    return { ...run, tensors, layers: by('layer', run.layers), modules: by('module', run.modules), model: totals(tensors, run.model, whole) };
  });
  return { ...report, fisher: { ...report.base, name: 'exp_avg_sq' }, runs };
}

const HEADS = { q: 6, k: 2, v: 2, o: 6 };
const HEAD_SIZE = 32;
const edgesOf = (k) => {
  const edges = [];
  for (let edge = 1; edge < k; edge *= 2) edges.push(edge);
  return [...edges, k];
};

/** Energy over blocks in proportion to their directions, so that it sums to what the geometry's own shares leave. */
function alongSpectrum({ k, off_principal_share: both, off_principal_left: left, off_principal_right: right }) {
  const edges = edgesOf(k);
  const sizes = edges.map((edge, i) => (edge - (edges[i - 1] ?? 0)) / k);
  return { edges, core: sizes.map((one) => sizes.map((other) => (1 - both) * one * other)), left: sizes.map((size) => (1 - left) * size), right: sizes.map((size) => (1 - right) * size) };
}

/** As the geometry at its own k; below it from the same energy. The second rank is made one that the gap does not resolve. */
function sweepOf({ geometry, shape: [m, n] }, held) {
  return held.edges.map((k, i) => {
    const upTo = (values) => 1 - sum(values.slice(0, i + 1));
    const own = k === geometry.k;
    const small = k / geometry.k;
    return {
      k, off_principal_share: own ? geometry.off_principal_share : 1 - sum(held.core.slice(0, i + 1).flatMap((row) => row.slice(0, i + 1))),
      off_principal_left: own ? geometry.off_principal_left : upTo(held.left), off_principal_right: own ? geometry.off_principal_right : upTo(held.right),
      chance: { both: 1 - (k * k) / (m * n), left: 1 - k / m, right: 1 - k / n }, nss_top_k: own ? geometry.nss_top_k : geometry.nss_top_k * small,
      rotation_max: own ? geometry.rotation_max : geometry.rotation_max * small, rotation_median: own ? geometry.rotation_median : geometry.rotation_median * small,
      gap: own ? geometry.gap : i === 1 ? 1e-9 : 0.1, resolved: own ? geometry.resolved : i !== 1, uncertainty: geometry.uncertainty,
    };
  });
}

const sinNorm = (angles) => Math.sqrt(sum(angles.map((angle) => Math.sin((angle * Math.PI) / 180) ** 2)));

/** A known [low, high] on the left, one level on the right. */
const sinTheta = ({ angles_left: left, angles_right: right }) => {
  const [l, r] = [left, right].map(sinNorm);
  return { left: l, right: r, chance_left: [l / 4, l / 2], chance_right: [r / 2, r / 2] };
};

const coded = (map, byte) => Buffer.from(Uint8Array.from({ length: map.rows * map.columns }, (_, cell) => byte(Math.floor(cell / map.columns), cell % map.columns))).toString('base64');

/** Cells of a matrix at most `side` a side. */
export function gridOf([m, n], side) {
  const [row_group, column_group] = [Math.ceil(m / side), Math.ceil(n / side)];
  return { rows: Math.ceil(m / row_group), columns: Math.ceil(n / column_group), row_group, column_group };
}

function mapsOf({ shape, update }, alpha, side) {
  const map = gridOf(shape, side);
  return { ...map, changed: coded(map, (row, column) => 40 * (row % 5) + column), update: coded(map, (row, column) => 255 - 4 * row - column), update_max: update.max_abs_update / 2,
    principal: coded(map, (row, column) => ((row + column) * 7) % 256), alpha };
}

function headsOf({ module, geometry, precision }, k) {
  const each = (value) => Array.from({ length: HEADS[module] }, (_, head) => value(head));
  return { axis: module === 'o' ? 'columns' : 'rows', count: HEADS[module], size: HEAD_SIZE, density: each((head) => (1 - precision.sparsity_bf16) * (1 - head / 20)), k: Math.min(k, HEAD_SIZE),
    nss: each((head) => geometry.nss_top_k * (1 + head)), rotation: each((head) => geometry.rotation_max * (1 + head / 2)) };
}

function withFields(tensor, { alphas, k }, side) {
  const { geometry, update, shape } = tensor;
  if (!geometry) return { ...tensor, maps: null, heads: null };
  const [m, n] = shape;
  const along_spectrum = alongSpectrum(geometry);
  const random = update.frobenius_update / update.frobenius_base;
  return {
    ...tensor, maps: mapsOf(tensor, alphas[0], side), heads: HEADS[tensor.module] ? headsOf(tensor, k) : null,
    update: { ...update, chance: { stable_rank: (m * n) / (Math.sqrt(m) + Math.sqrt(n)) ** 2, share_top_k: Math.min(1, (2 * geometry.k) / Math.min(m, n)) } },
    geometry: { ...geometry, along_spectrum, sweep: sweepOf(tensor, along_spectrum), sin_theta: sinTheta(geometry),
      chance: { ...geometry.chance, nss: random / Math.sqrt(Math.max(m, n)), nss_top_k: random / Math.sqrt(Math.max(m, n)) / 2 } },
  };
}

/** The report with the figures along the spectrum, against k, beside a random update, by head, and as maps. */
export function withNewFields(report, side = 16) {
  const shapes = new Map(report.runs[0].tensors.map(({ name, shape }) => [name, shape]));
  return {
    ...report, settings: { ...report.settings, map_side: side },
    runs: report.runs.map((run) => ({ ...run, tensors: run.tensors.map((tensor) => withFields(tensor, report.settings, side)) })),
    overlaps: report.overlaps.map((entry) => {
      const shape = shapes.get(entry.name);
      if (shape?.length !== 2) return { ...entry, consensus_map: null };
      const map = gridOf(shape, side);
      return { ...entry, consensus_map: { ...map, all: coded(map, (row) => 250 - 10 * row) } };
    }),
  };
}
