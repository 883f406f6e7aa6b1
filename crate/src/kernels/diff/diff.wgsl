// Everything that Gate III counts, in one read of both tiles. 256 elements per invocation, strided
// so that reads coalesce. p0: elements of the tile, columns, first row, rows of the matrix; p1:
// eta, tolerance (bits); p2: rows and columns of the matrix in a cell of the map, columns of cells,
// cells.
struct Params { p0: vec4u, p1: vec4u, p2: vec4u, p3: vec4u }
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> A: array<u32>;
@group(0) @binding(2) var<storage, read> B: array<u32>;
// unchanged, bit equal, within, unchanged stored, hidden, non-finite, max |update| bits, -; 35
// distances; from 64 on rows, columns, magnitudes, changed magnitudes, and low and high limbs of
// the update by magnitude; then changed, non-finite, and low and high limbs of the update by cell.
@group(0) @binding(3) var<storage, read_write> counts: array<atomic<u32>>;
@group(0) @binding(4) var<storage, read_write> sums: array<f32>;

fn ordered(code: u32) -> i32 {
  let magnitude = i32(code & 0x7fffu);
  return select(magnitude, -magnitude, (code & 0x8000u) != 0u);
}

fn distance_bin(a: u32, b: u32) -> u32 {
  let d = ordered(b) - ordered(a);
  let size = u32(abs(d));
  if (size == 0u) { return 17u; }
  var j = 1u;
  if (size >= 32768u) { j = 17u; } else if (size > 1u) { j = 2u + firstLeadingBit(size - 1u); }
  return select(17u + j, 17u - j, d < 0);
}

// |update| in units of 2^-40 as two limbs with a carry: there are no 64-bit atomics.
fn add_update(low_at: u32, high_at: u32, bits: u32) {
  let magnitude = min(bits & 0x7fffffffu, 0x497fffffu);
  let mantissa = (magnitude & 0x7fffffu) | 0x800000u;
  let shift = i32(magnitude >> 23u) - 110;
  var low = 0u;
  var high = 0u;
  if (shift >= 32) { high = mantissa << u32(shift - 32); }
  else if (shift > 0) { low = mantissa << u32(shift); high = mantissa >> u32(32 - shift); }
  else if (shift == 0) { low = mantissa; }
  else if (shift >= -24) { low = (mantissa + (1u << u32(-shift - 1))) >> u32(-shift); }
  let before = atomicAdd(&counts[low_at], low);
  if (before + low < before) { high += 1u; }
  if (high > 0u) { atomicAdd(&counts[high_at], high); }
}

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) w: vec3u,
  @builtin(num_workgroups) n: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let group = w.y * n.x + w.x;
  let elements = p.p0.x;
  if (group >= (elements + 16383u) / 16384u) { return; }
  let cols = p.p0.y;
  let eta = bitcast<f32>(p.p1.x);
  let tolerance = bitcast<f32>(p.p1.y);
  let column_at = 64u + p.p0.w;
  let magnitude_at = column_at + cols;
  let map_at = magnitude_at + 131072u;
  let cells = p.p2.w;
  var unchanged = 0u; var equal = 0u; var within = 0u; var stored = 0u;
  var hidden = 0u; var not_finite = 0u; var still = 0u;
  var most = 0u;
  var total = vec3f();
  for (var chunk = 0u; chunk < 4u; chunk++) {
    var sum = vec3f();
    for (var t = 0u; t < 64u; t++) {
      let e = group * 16384u + (chunk * 64u + t) * 64u + lane;
      if (e >= elements) { break; }
      let i = word_index(e);
      let a = bits_of(A[i], e);
      let b = bits_of(B[i], e);
      let same_bits = a == b;
      if (same_bits) { equal++; }
      let all_finite = finite(a) && finite(b);
      let same = unchanged_in_bf16(a, b, eta);
      // Weights of the same bits, most of them as a rule, add nothing to the map.
      var cell = 0u;
      if (!same_bits || !same) {
        cell = map_at + (p.p0.z + e / cols) / p.p2.x * p.p2.z + e % cols / p.p2.y;
      }
      if (same) { unchanged++; } else {
        atomicAdd(&counts[64u + p.p0.z + e / cols], 1u);
        atomicAdd(&counts[column_at + e % cols], 1u);
        atomicAdd(&counts[cell], 1u);
      }
      if (!all_finite) { not_finite++; atomicAdd(&counts[cell + cells], 1u); continue; }
      let equal_value = same_bits || ((a | b) & 0x7fffffffu) == 0u;
      let x = bitcast<f32>(a);
      let d = bitcast<f32>(b) - x;
      // A difference that a device flushes to zero is still above a tolerance of zero.
      if (equal_value || (tolerance > 0.0 && abs(d) <= tolerance)) { within++; }
      if (equal_value || near(a, b, eta)) { stored++; }
      if (same && !equal_value) { hidden++; }
      let code = to_bf16(a);
      let bin = distance_bin(code, to_bf16(b));
      if (bin == 17u) { still++; } else { atomicAdd(&counts[8u + bin], 1u); }
      let at = magnitude_at + (code & 0x7fffu);
      atomicAdd(&counts[at], 1u);
      if (!same) { atomicAdd(&counts[at + 32768u], 1u); }
      sum += vec3f(x * x, d * d, x * d);
      let d_bits = bitcast<u32>(d) & 0x7fffffffu;
      if (d_bits != 0u) {
        most = max(most, d_bits);
        add_update(at + 65536u, at + 98304u, d_bits);
        add_update(cell + 2u * cells, cell + 3u * cells, d_bits);
      }
    }
    total += sum;
  }
  if (unchanged > 0u) { atomicAdd(&counts[0], unchanged); }
  if (equal > 0u) { atomicAdd(&counts[1], equal); }
  if (within > 0u) { atomicAdd(&counts[2], within); }
  if (stored > 0u) { atomicAdd(&counts[3], stored); }
  if (hidden > 0u) { atomicAdd(&counts[4], hidden); }
  if (not_finite > 0u) { atomicAdd(&counts[5], not_finite); }
  if (still > 0u) { atomicAdd(&counts[25], still); }
  if (most > 0u) { atomicMax(&counts[6], most); }
  let at = (group * 64u + lane) * 3u;
  sums[at] += total.x;
  sums[at + 1u] += total.y;
  sums[at + 2u] += total.z;
}
