//! Counter-based random numbers: the same block on every backend, thread and run.

/// Mixes a word by SplitMix64's finaliser, a bijection of 64-bit words with full avalanche (Steele,
/// Lea & Flood 2014).
fn mix(mut x: u64) -> u64 {
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

/// Returns a seed of its own for what has a name, by FNV-1a: means over many draws with one seed
/// would all err alike.
pub fn derive_seed(seed: u32, name: &str) -> u32 {
    name.bytes()
        .fold(seed ^ 0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

/// A stream of random words, addressed by counter.
#[derive(Debug, Clone, Copy)]
pub struct Counter(u64);

impl Counter {
    /// Opens the stream of a matrix shape: the tuned matrix must start from the very block of the
    /// base (docs/numerics.md §3.2).
    pub fn new(seed: u32, rows: usize, cols: usize) -> Self {
        Self(mix(mix(mix(u64::from(seed)) ^ rows as u64) ^ (cols as u64).rotate_left(32)))
    }

    /// Returns word `i` of the stream.
    pub fn word(self, i: u64) -> u64 {
        mix(self.0 ^ i.wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    /// Returns number `i` of a uniform distribution in (0, 1).
    pub fn uniform(self, i: u64) -> f64 {
        ((self.word(i) >> 11) as f64 + 0.5) / (1u64 << 53) as f64
    }

    /// Returns number `i` of a standard normal distribution, by Box–Muller.
    pub fn normal(self, i: u64) -> f32 {
        self.normals(i).0 as f32
    }

    /// Returns pair `i` of independent standard normals. The first is what [`Counter::normal`]
    /// returns.
    pub fn normals(self, i: u64) -> (f64, f64) {
        let (u, v) = (self.uniform(2 * i), self.uniform(2 * i + 1));
        let (radius, angle) = ((-2.0 * u.ln()).sqrt(), std::f64::consts::TAU * v);
        (radius * angle.cos(), radius * angle.sin())
    }
}
