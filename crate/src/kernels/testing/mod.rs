//! Places where the suites of the kernels run, and the matrices that they run on.
//!
//! A place is a device together with the way in which matrices lie on it. A suite is a list of
//! functions that are generic over the place; the macros here make a test of each function at each
//! place. Tests on the GPU fail without an adapter, since a skip would prove nothing.

mod awkward;
mod device;
mod place;
mod stored;

pub(crate) use awkward::{awkward_pair, unchanged_in_bf16};
pub(crate) use device::TestDevice;
pub(crate) use place::{
    Case, Place, at_cpu_outside, at_cpu_resident, at_cpu_streamed, at_gpu_in_tiles,
    at_gpu_resident, at_gpu_streamed, gpu,
};
pub(crate) use stored::{Stored, Values};

use crate::kernels::cpu::store::Limits;

#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_dedicated_worker);

/// Shapes of one row, of one column, with odd numbers of columns (so that rows of 16-bit weights
/// begin in the middle of a word), and with sides at 64 and 256, where workgroups, panels and
/// chunks of sums end, and at 1 less or more.
pub(crate) const SHAPES: [(usize, usize); 12] = [
    (1, 1),
    (1, 37),
    (41, 1),
    (5, 7),
    (63, 65),
    (64, 64),
    (67, 33),
    (129, 33),
    (3, 255),
    (5, 257),
    (257, 3),
    (300, 129),
];

/// Limits under which every block of the CPU lies outside the program's own memory.
pub(crate) const OUTSIDE: Limits = Limits { large: 0, inside: 0, small: 0 };

/// Rounding of a chunk of 256 sums like a random walk of √256 steps of 2^-24 Σ|a||b|; the second
/// accumulator adds fewer than √16 such steps here, and 4 standard deviations cover what remains.
const CHUNKED_ERROR: f64 = 4.0 * 16.0 / (1u32 << 24) as f64;

/// Fails if `got`, a sum of f32 terms, is farther from `want` than rounding explains; `size` is the
/// sum of the terms' magnitudes.
pub(crate) fn assert_close(got: f64, want: f64, size: f64, what: &str) {
    let bound = CHUNKED_ERROR * size;
    assert!((got - want).abs() <= bound, "{what}: {got} is not {want} within {bound}");
}

/// Returns the bits of f32 values, since equal values may differ in them.
pub(crate) fn to_bits(values: &[f32]) -> Vec<u32> {
    values.iter().map(|x| x.to_bits()).collect()
}

/// Makes a test of each function at one place. On wasm those of the CPU run in a browser.
macro_rules! tests_at {
    (cpu $name:ident, $run:ident: $($case:ident),*) => {
        mod $name {
            use $crate::kernels::testing::$run;
            #[cfg(target_arch = "wasm32")]
            use wasm_bindgen_test::wasm_bindgen_test as test;
            $(#[test] fn $case() { $run(super::$case); })*
        }
    };
    (gpu $name:ident, $run:ident: $($case:ident),*) => {
        mod $name {
            use $crate::kernels::testing::$run;
            $(#[test] fn $case() { $run(super::$case); })*
        }
    };
}
pub(crate) use tests_at;

/// Makes tests of functions `fn(&mut Place<B>)`: of the first list at each place, of the second
/// where matrices are streamed.
macro_rules! on_each_place {
    (each: $($case:ident),*; streamed: $($streamed:ident),*) => {
        $crate::kernels::testing::tests_at!(cpu cpu_resident, at_cpu_resident: $($case),*);
        $crate::kernels::testing::tests_at!(cpu cpu_outside, at_cpu_outside: $($case),*);
        $crate::kernels::testing::tests_at!(
            cpu cpu_streamed, at_cpu_streamed: $($case,)* $($streamed),*);
        $crate::kernels::testing::tests_at!(gpu gpu_resident, at_gpu_resident: $($case),*);
        $crate::kernels::testing::tests_at!(gpu gpu_in_tiles, at_gpu_in_tiles: $($case),*);
        $crate::kernels::testing::tests_at!(
            gpu gpu_streamed, at_gpu_streamed: $($case,)* $($streamed),*);
    };
}
pub(crate) use on_each_place;

/// Makes a test of each function at each place where blocks lie.
macro_rules! on_each_device {
    ($($case:ident),*) => {
        $crate::kernels::testing::tests_at!(cpu cpu, at_cpu_resident: $($case),*);
        $crate::kernels::testing::tests_at!(cpu cpu_outside, at_cpu_outside: $($case),*);
        $crate::kernels::testing::tests_at!(gpu gpu, at_gpu_resident: $($case),*);
    };
}
pub(crate) use on_each_device;

/// Makes a test of each function at each place of the GPU.
macro_rules! on_each_gpu_place {
    ($($case:ident),*) => {
        $crate::kernels::testing::tests_at!(gpu gpu_resident, at_gpu_resident: $($case),*);
        $crate::kernels::testing::tests_at!(gpu gpu_in_tiles, at_gpu_in_tiles: $($case),*);
        $crate::kernels::testing::tests_at!(gpu gpu_streamed, at_gpu_streamed: $($case),*);
    };
}
pub(crate) use on_each_gpu_place;
