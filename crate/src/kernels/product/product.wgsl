// Y (+)= W X, or W^T X where TRANSPOSE. W is the tuned matrix, or tuned - base where DIFFERENCE.
// There are no barriers: they cost 13x on software devices. Each invocation computes four rows of Y
// by one vec4 of its columns. Y starts at zero; the transposed product goes on where the last tile
// ended, so that tiles of whole chunks change no sum.
// gpu.rs declares the parameters p, ProductParams, and the constants.

@group(0) @binding(3) var<storage, read> X: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> Y: array<vec4f>;

fn weight(e: u32) -> f32 {
  let b = bitcast<f32>(tuned_bits(e));
  if (DIFFERENCE) { return b - bitcast<f32>(base_bits(e)); }
  return b;
}

@compute @workgroup_size(GROUP)
fn main(invocation: Invocation) {
  let id = number_of(invocation);
  let rows = p.rows;
  let cols = p.columns;
  let stride = p.stride;
  let first = p.first_row;
  let outputs = select(rows, cols, TRANSPOSE);
  let length = select(cols, rows, TRANSPOSE);
  let quads = (outputs + 3u) / 4u;
  if (id >= quads * stride) { return; }
  // Lanes go along what lies side by side in W (transposed) or in X.
  let quad = select(id / stride, id % quads, TRANSPOSE) * 4u;
  let column = select(id % stride, id / quads, TRANSPOSE);
  var total: array<vec4f, 4>;
  // Past the edge the last row is computed again and not written.
  let o = min(vec4u(quad, quad + 1u, quad + 2u, quad + 3u), vec4u(outputs - 1u));
  if (TRANSPOSE) {
    for (var i = 0u; i < 4u; i++) { total[i] = Y[o[i] * stride + column]; }
  }
  for (var start = 0u; start < length; start += CHUNK) {
    var s0 = vec4f(); var s1 = vec4f(); var s2 = vec4f(); var s3 = vec4f();
    let end = min(start + CHUNK, length);
    for (var t = start; t < end; t++) {
      let e = select(o * cols + vec4u(t), o + vec4u(t * cols), TRANSPOSE);
      let x = X[(t + select(0u, first, TRANSPOSE)) * stride + column];
      s0 = fma(vec4f(weight(e.x)), x, s0);
      s1 = fma(vec4f(weight(e.y)), x, s1);
      s2 = fma(vec4f(weight(e.z)), x, s2);
      s3 = fma(vec4f(weight(e.w)), x, s3);
    }
    total[0] += s0; total[1] += s1; total[2] += s2; total[3] += s3;
  }
  for (var i = 0u; i < 4u; i++) {
    if (quad + i >= outputs) { break; }
    Y[(quad + i + select(first, 0u, TRANSPOSE)) * stride + column] = total[i];
  }
}
