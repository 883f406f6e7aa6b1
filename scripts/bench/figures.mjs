// Accuracy against the float64 truth, by the same rule for every program, and what the work costs
// at least.
import { Problem } from '../lib/problem.mjs';

const LOWRANK_Q = 80;
// The random start, two power iterations there and back, and the projection.
const LOWRANK_PRODUCTS = 6;
const BF16 = 2;

/**
 * What torch_user.py writes of a matrix: both spectra, NSS and the largest left angle.
 *
 * @typedef {object} Found
 * @property {number[]} base
 * @property {number[]} tuned
 * @property {number} nss_top_k
 * @property {number} rotation_left
 *
 * @typedef {object} Tensor what is read here of one in a report
 * @property {string} name
 * @property {string} status
 * @property {string} [error]
 * @property {Record<string, any>} [geometry]
 *
 * @typedef {{ runs: { tensors: Tensor[] }[] }} Report
 */

/**
 * A report's figures in the shape that torch_user.py writes, by tensor name.
 *
 * @param {Report} report
 * @returns {Record<string, Found>}
 */
export function ofReport(report) {
  const { tensors } = report.runs[0];
  const failed = tensors.find((tensor) => tensor.status !== 'done');
  if (failed) throw new Problem(failed.error);
  return Object.fromEntries(
    tensors
      .flatMap(({ name, geometry }) => (geometry ? [{ name, geometry }] : []))
      .map(({ name, geometry }) => [
        name,
        {
          base: geometry.spectrum_base,
          tuned: geometry.spectrum_tuned,
          nss_top_k: geometry.nss_top_k,
          rotation_left: geometry.angles_left[0],
        },
      ]),
  );
}

/** @type {(got: number, want: number) => number} */
const relative = (got, want) => Math.abs(got / want - 1);

/**
 * The worst over all matrices: σ and NSS relative, the largest left angle in degrees.
 *
 * @param {Record<string, Found>} found
 * @param {Record<string, Found>} truth
 * @param {number} k
 */
export function accuracy(found, truth, k) {
  const worst = { sigma: 0, nss: 0, rotation: 0 };
  for (const [name, want] of Object.entries(truth)) {
    const got = found[name];
    if (!got) throw new Problem(`${name} has no geometry in a report.`);
    for (const side of /** @type {const} */ (['base', 'tuned'])) {
      for (let i = 0; i < k; i += 1)
        worst.sigma = Math.max(worst.sigma, relative(got[side][i], want[side][i]));
    }
    worst.nss = Math.max(worst.nss, relative(got.nss_top_k, want.nss_top_k));
    worst.rotation = Math.max(worst.rotation, Math.abs(got.rotation_left - want.rotation_left));
  }
  return worst;
}

/**
 * Operations of the matrix products and bytes that have to move, for this pair.
 *
 * @param {Record<string, [number, number]>} shapes
 * @param {Report} report
 */
export function floors(shapes, report) {
  const geometries = new Map(report.runs[0].tensors.map(({ name, geometry }) => [name, geometry]));
  const total = { bytes: 0, iscloseBytes: 0, gatescope: 0, lowrank: 0, full: 0 };
  for (const [name, [m, n]] of Object.entries(shapes)) {
    const [size, short] = [m * n, Math.min(m, n)];
    const geometry = geometries.get(name);
    if (!geometry) throw new Problem(`${name} has no geometry in a report.`);
    total.bytes += 2 * BF16 * size;
    total.iscloseBytes += (2 * 4 + 1) * size;
    // Exact: the Gram matrices of both sides, whose symmetry halves them. Else W0 and W1 times the
    // columns counted.
    total.gatescope += geometry.exact
      ? 2 * size * short
      : 2 * size * geometry.columns_per_k * geometry.k;
    total.lowrank += 3 * LOWRANK_PRODUCTS * 2 * size * LOWRANK_Q;
    // R-SVD with both sets of vectors, Golub and Van Loan 8.6: 6mn² + 20n³.
    total.full += 2 * (6 * size * short + 20 * short ** 3);
  }
  return total;
}
