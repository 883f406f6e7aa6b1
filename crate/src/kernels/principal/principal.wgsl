// |U diag(s) V^T| element by element against the bands, rank after rank: 4x4 elements per
// invocation, no reconstruction is stored.
// gpu.rs declares the parameters p, PrincipalParams, and the struct Band, and the constants.

@group(0) @binding(3) var<storage, read> left: array<vec4f>;
@group(0) @binding(4) var<storage, read> right: array<vec4f>;
// Ranks ascend.
@group(0) @binding(5) var<storage, read> bands: array<Band>;
// Per band: four classes of CLASS bins, then the low and the low and changed ones. After all bands,
// the map.
@group(0) @binding(6) var<storage, read_write> counts: array<atomic<u32>>;

// Adds columns first..end of the factors to a patch; l and r are where its rows of left and right
// begin.
fn add_columns(q: ptr<function, array<vec4f, 4>>, l: vec4u, r: vec4u, first: u32, end: u32) {
  let four = vec4u(0u, 1u, 2u, 3u);
  for (var k = first / 4u; k < (end + 3u) / 4u; k++) {
    let column = vec4u(4u * k) + four;
    let inside = select(vec4f(), vec4f(1.0), (column >= vec4u(first)) & (column < vec4u(end)));
    let y = mat4x4f(
      right[r.x + k] * inside, right[r.y + k] * inside,
      right[r.z + k] * inside, right[r.w + k] * inside,
    );
    (*q)[0] += left[l.x + k] * y;
    (*q)[1] += left[l.y + k] * y;
    (*q)[2] += left[l.z + k] * y;
    (*q)[3] += left[l.w + k] * y;
  }
}

@compute @workgroup_size(GROUP)
fn main(invocation: Invocation) {
  let id = number_of(invocation);
  let rows = p.rows;
  let cols = p.columns;
  let across = (cols + 3u) / 4u;
  if (id >= across * ((rows + 3u) / 4u)) { return; }
  let row = (id / across) * 4u;
  let column = (id % across) * 4u;
  let stride = p.stride;
  let four = vec4u(0u, 1u, 2u, 3u);
  let l = (min(vec4u(row) + four, vec4u(rows - 1u)) + vec4u(p.first_row)) * stride;
  let r = min(vec4u(column) + four, vec4u(cols - 1u)) * stride;
  var q: array<vec4f, 4>;
  // Bit 4 i + j of a mask is element (i, j).
  var present = 0u;
  var changed = 0u;
  var size: array<u32, 16>;
  for (var s = 0u; s < 16u; s++) {
    let i = row + s / 4u;
    let j = column + s % 4u;
    if (i >= rows || j >= cols) { continue; }
    let e = i * cols + j;
    let a = base_bits(e);
    size[s] = a & 0x7fffffffu;
    present |= 1u << s;
    if (!unchanged_in_bf16(a, tuned_bits(e), p.eta)) { changed |= 1u << s; }
  }
  var taken = 0u;
  for (var b = 0u; b < p.bands; b++) {
    let band = bands[b];
    if (band.rank > taken) {
      add_columns(&q, l, r, taken, band.rank);
      taken = band.rank;
    }
    // Non-negative floats order as their bits do; a NaN lies above every threshold.
    let band_at = b * BAND;
    var top = vec4u();
    var low_size = 0u;
    var low_changed = 0u;
    for (var s = 0u; s < 16u; s++) {
      if (((present >> s) & 1u) == 0u) { continue; }
      let moved = (changed >> s) & 1u;
      let high = select(1u, 0u, size[s] <= band.low_bits && band.low_bits < 0x80000000u);
      low_size += (1u - high) * band.counts_low;
      low_changed += (1u - high) * moved * band.counts_low;
      let v = abs(q[s / 4u][s % 4u]);
      let class_of = vec4u(1u, moved, high, moved * high);
      if (v >= band.upper) { top += class_of; continue; }
      if (!(v >= band.lower)) { continue; }
      let share = (v - band.lower) / (band.upper - band.lower);
      let bin = band_at + min(u32(share * f32(BAND_BINS)), BAND_BINS - 1u);
      for (var c = 0u; c < 4u; c++) {
        if (class_of[c] == 1u) { atomicAdd(&counts[bin + c * CLASS], 1u); }
      }
    }
    for (var c = 0u; c < 4u; c++) {
      if (top[c] > 0u) { atomicAdd(&counts[band_at + c * CLASS + BAND_BINS], top[c]); }
    }
    if (low_size > 0u) { atomicAdd(&counts[band_at + LOW_AT], low_size); }
    if (low_changed > 0u) { atomicAdd(&counts[band_at + LOW_AT + 1u], low_changed); }
  }
  if (p.cell_rows > 0u) {
    add_columns(&q, l, r, taken, 4u * stride);
    // A patch lies in one cell as a rule: its count is added when the next cell begins.
    let map_at = p.bands * BAND;
    var cell = 0u;
    var reached = 0u;
    for (var s = 0u; s < 16u; s++) {
      let reaches = abs(q[s / 4u][s % 4u]) >= p.map_threshold;
      if (((present >> s) & 1u) == 0u || !reaches) { continue; }
      let here = (p.first_row + row + s / 4u) / p.cell_rows * p.map_columns
        + (column + s % 4u) / p.cell_columns;
      if (here != cell && reached > 0u) {
        atomicAdd(&counts[map_at + cell], reached);
        reached = 0u;
      }
      cell = here;
      reached += 1u;
    }
    if (reached > 0u) { atomicAdd(&counts[map_at + cell], reached); }
  }
}
