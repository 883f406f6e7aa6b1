// What the report says of a tensor whose worker could not finish it, in the shape of a worker's own
// answer.

export function failedResult(
  {
    name,
    layer,
    module,
    shape,
    transposed,
    dtype,
    dtype_base = dtype,
    dtype_tuned = dtype,
    parameters,
    runs,
  },
  why,
) {
  const report = {
    name,
    layer,
    module,
    shape,
    transposed,
    dtype,
    dtype_base,
    dtype_tuned,
    parameters,
    status: 'failed',
    error: `${name}: ${why}`,
    precision: null,
    update: null,
    geometry: null,
    geometry_note: null,
    masks: [],
    fisher: null,
    fisher_note: null,
    function_preserving: null,
    adapter: null,
    maps: null,
    heads: null,
    quantized: null,
    listed: null,
    seconds: 0,
  };
  return {
    pairs: JSON.stringify({ tensors: runs.map((run) => [run, report]), overlaps: [] }),
    stages: {},
    failed: true,
  };
}
