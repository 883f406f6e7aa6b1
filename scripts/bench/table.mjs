// The result as a Markdown table, so that it can go into docs/performance.md as it is.
/** @param {number} [value] */
const small = (value) => (value === undefined ? '' : value.toExponential(1));
/** @param {number} value */
const seconds = (value) => value.toFixed(value < 10 ? 2 : 1);

/**
 * @typedef {object} Row
 * @property {string} part
 * @property {number} seconds
 * @property {number} best
 * @property {number} ratio
 * @property {number} ratioOfBest
 * @property {number} [sigma]
 * @property {number} [nss]
 * @property {number} [rotation]
 *
 * @param {Record<string, any> & { rows: Row[] }} result what bench.mjs has measured
 */
export function table(result) {
  const head = [
    'part',
    'median s',
    'best s',
    '÷ svd_lowrank',
    '(best)',
    'σ error',
    'NSS error',
    'rotation error, °',
  ];
  const lines = result.rows.map((row) => [
    row.part,
    seconds(row.seconds),
    seconds(row.best),
    row.ratio.toFixed(2),
    row.ratioOfBest.toFixed(2),
    small(row.sigma),
    small(row.nss),
    small(row.rotation),
  ]);
  /** @param {string[]} cells */
  const row = (cells) => `| ${cells.join(' | ')} |`;
  const { floors } = result;
  /** @param {number} value */
  const giga = (value) => (value / 1e9).toFixed(1);
  return [
    `${result.layers} layer(s) of Qwen2.5-0.5B's shapes, k = ${result.k}, ‖Δ‖/‖W0‖ = ` +
      `${small(result.relativeUpdate)}, ` +
      `${result.cores} cores of ${result.processor}, load ${result.load.toFixed(1)}, torch ` +
      `${result.torch}, ` +
      `${result.workers} workers in the browser`,
    '',
    row(head),
    row(head.map((_, i) => (i === 0 ? '---' : '---:'))),
    ...lines.map(row),
    '',
    `Floors: ${(floors.bytes / 1e6).toFixed(0)} MB of bf16 read once; isclose moves ` +
      `${(floors.iscloseBytes / 1e6).toFixed(0)} MB in f32. ` +
      `Products: ${giga(floors.gatescope)} Gflop for W0 and W1 in Gatescope (Δ, ` +
      'orthogonalisation and masks come on top), ' +
      `${giga(floors.lowrank)} Gflop in svd_lowrank ×3, about ${giga(floors.full)} Gflop in ` +
      'the full SVD ×2.',
  ].join('\n');
}
