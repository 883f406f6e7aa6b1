// The largest magnitude (f32 bits without the sign) in each column of A, the tile's rows or columns
// along the shorter side. An invocation takes PER_INVOCATION elements of one column. Magnitudes of
// finite values order as their bits do.
// gpu.rs declares the parameters p, ScaleParams, and the constants.

@group(0) @binding(1) var<storage, read> W: array<u32>;
@group(0) @binding(2) var<storage, read_write> largest: array<atomic<u32>>;

@compute @workgroup_size(GROUP)
fn main(invocation: Invocation) {
  let id = number_of(invocation);
  let length = select(p.rows, p.columns, WIDE);
  let start = id / p.own_columns * PER_INVOCATION;
  if (start >= length) { return; }
  let column = id % p.own_columns;
  let end = min(start + PER_INVOCATION, length);
  var most = 0u;
  for (var t = start; t < end; t++) {
    let e = select(t * p.columns + column, column * p.columns + t, WIDE);
    most = max(most, bits_of(W[word_index(e)], e) & 0x7fffffffu);
  }
  atomicMax(&largest[p.first_column + column], most);
}
