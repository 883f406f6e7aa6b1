// |U diag(s) V^T| element by element against the bands, rank after rank: 4x4 elements per
// invocation, no reconstruction is stored. p0: rows and columns of the tile, first row, vec4s of a
// row of left and right; p1: bands, eta (bits); p2: rows and columns of the matrix in a cell of the
// map (0 for no map), columns of cells, the map's threshold (bits).
struct Params { p0: vec4u, p1: vec4u, p2: vec4u, p3: vec4u }
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> A: array<u32>;
@group(0) @binding(2) var<storage, read> B: array<u32>;
@group(0) @binding(3) var<storage, read> left: array<vec4f>;
@group(0) @binding(4) var<storage, read> right: array<vec4f>;
// lower end, upper end, low threshold, rank (bits; the highest one is set where this threshold's
// low weights are counted); ranks ascend.
@group(0) @binding(5) var<storage, read> bands: array<vec4f>;
// Per band: four classes of 4097 bins, then the low and the low and changed ones. After all bands,
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

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) w: vec3u,
  @builtin(num_workgroups) n: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let id = (w.y * n.x + w.x) * 64u + lane;
  let rows = p.p0.x;
  let cols = p.p0.y;
  let across = (cols + 3u) / 4u;
  if (id >= across * ((rows + 3u) / 4u)) { return; }
  let row = (id / across) * 4u;
  let column = (id % across) * 4u;
  let stride = p.p0.w;
  let four = vec4u(0u, 1u, 2u, 3u);
  let l = (min(vec4u(row) + four, vec4u(rows - 1u)) + vec4u(p.p0.z)) * stride;
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
    let word = word_index(e);
    let a = bits_of(A[word], e);
    size[s] = a & 0x7fffffffu;
    present |= 1u << s;
    if (!unchanged_in_bf16(a, bits_of(B[word], e), bitcast<f32>(p.p1.y))) { changed |= 1u << s; }
  }
  var taken = 0u;
  for (var b = 0u; b < p.p1.x; b++) {
    let band = bands[b];
    let rank = bitcast<u32>(band.w) & 0x7fffffffu;
    let counts_low = bitcast<u32>(band.w) >> 31u;
    if (rank > taken) {
      add_columns(&q, l, r, taken, rank);
      taken = rank;
    }
    // Non-negative floats order as their bits do; a NaN lies above every threshold.
    let low_bits = bitcast<u32>(band.z);
    let base = b * 16390u;
    var top = vec4u();
    var low_size = 0u;
    var low_changed = 0u;
    for (var s = 0u; s < 16u; s++) {
      if (((present >> s) & 1u) == 0u) { continue; }
      let moved = (changed >> s) & 1u;
      let high = select(1u, 0u, size[s] <= low_bits && low_bits < 0x80000000u);
      low_size += (1u - high) * counts_low;
      low_changed += (1u - high) * moved * counts_low;
      let v = abs(q[s / 4u][s % 4u]);
      let class_of = vec4u(1u, moved, high, moved * high);
      if (v >= band.y) { top += class_of; continue; }
      if (!(v >= band.x)) { continue; }
      let bin = base + min(u32((v - band.x) / (band.y - band.x) * 4096.0), 4095u);
      for (var c = 0u; c < 4u; c++) {
        if (class_of[c] == 1u) { atomicAdd(&counts[bin + c * 4097u], 1u); }
      }
    }
    for (var c = 0u; c < 4u; c++) {
      if (top[c] > 0u) { atomicAdd(&counts[base + c * 4097u + 4096u], top[c]); }
    }
    if (low_size > 0u) { atomicAdd(&counts[base + 16388u], low_size); }
    if (low_changed > 0u) { atomicAdd(&counts[base + 16389u], low_changed); }
  }
  if (p.p2.x > 0u) {
    add_columns(&q, l, r, taken, 4u * stride);
    // A patch lies in one cell as a rule: its count is added when the next cell begins.
    let map_at = p.p1.x * 16390u;
    var cell = 0u;
    var reached = 0u;
    for (var s = 0u; s < 16u; s++) {
      let reaches = abs(q[s / 4u][s % 4u]) >= bitcast<f32>(p.p2.w);
      if (((present >> s) & 1u) == 0u || !reaches) { continue; }
      let here = (p.p0.z + row + s / 4u) / p.p2.x * p.p2.z + (column + s % 4u) / p.p2.y;
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
