// LoRA adapters in a report: which runs are one, and what of it a merge keeps. Pure, so that it is
// tested without a page.

const adapted = ({ tensors }) => tensors.filter(({ adapter }) => adapter);
export const isAdapter = (run) => adapted(run).length > 0;
export const hasAdapter = (report) => Boolean(report?.runs.some(isAdapter));

const sum = (values) => values.reduce((a, b) => a + b, 0);
const unique = (values) => [...new Set(values)].sort((a, b) => a - b);

/**
 * Of a whole run: `survives` over the weights that it touches, `realized` and `mergeError` over
 * ‖Δ‖² of all its tensors. Null for a run that is no adapter; what has no weight is null in it.
 */
export function adapterOf(run) {
  const held = adapted(run);
  if (!held.length) return null;
  const touched = sum(held.map(({ adapter }) => adapter.touched));
  const changed = sum(held.map(({ adapter }) => adapter.touched * (adapter.survives ?? 0)));
  const square = ({ update }) => (update?.frobenius_update ?? 0) ** 2;
  const all = sum(held.map(square));
  const over = (of) =>
    all > 0 ? sum(held.map((tensor) => square(tensor) * (of(tensor.adapter) ?? 0))) / all : null;
  const error = over(({ merge_error: one }) => one ** 2);
  return {
    tensors: held.length,
    ranks: unique(held.map(({ adapter }) => adapter.rank)),
    scales: unique(held.map(({ adapter }) => adapter.scale)),
    touched,
    changed: Math.round(changed),
    survives: touched ? changed / touched : null,
    realized: over(({ realized }) => realized),
    mergeError: error === null ? null : Math.sqrt(error),
  };
}

/**
 * Share of the whole model that a merge leaves unchanged in bf16: what the adapter does not touch
 * counts as unchanged. Null where some of the model was left out for another reason.
 */
export function unchangedAfterMerge({ model, left_out: out }, { base, partial }) {
  const whole = !partial && (out ?? []).every(({ reason }) => reason === 'not_adapted');
  return whole && base.parameters
    ? 1 - (model.parameters - model.unchanged) / base.parameters
    : null;
}
