// The rows of values without a random baseline, below those of rows.js, which many charts have.

/** By what they are of. */
export const PLAIN_ROWS = {
  unchanged: { id: 'sparsity_bf16', label: 'Unchanged in bf16' },
  relative: { id: 'relative_update', label: 'Relative update' },
};
