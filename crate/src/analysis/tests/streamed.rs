//! Matrices that do not fit whole are analysed by streaming, with the same figures; failures have a
//! name.

use crate::analysis::inputs::Inputs;
use crate::analysis::plan::plan;
use crate::analysis::runs::analyze;
use crate::checkpoint::open::Checkpoint;
use crate::checkpoint::testing::{FileBuilder, open};
use crate::element::dtype::Dtype;
use crate::element::rows::RowSource;
use crate::error::Error;
use crate::figures::tensor::{Status, TensorReport};
use crate::host::Host;
use crate::kernels::cpu::Cpu;
use crate::kernels::cpu::block::CpuBlock;
use crate::kernels::cpu::matrix::CpuMatrix;
use crate::kernels::diff::{DiffCounts, DiffQuery};
use crate::kernels::gpu::Gpu;
use crate::kernels::gpu::device::Prefer;
use crate::kernels::memory::{Memory, Residence};
use crate::kernels::principal::{Principal, PrincipalQuery};
use crate::kernels::{Backend, Operand};
use crate::linalg::random::Counter;
use crate::settings::Settings;
use crate::source::MemorySource;
use crate::source::testing::WatchedSource;
use faer::{Mat, MatRef};
use pollster::block_on;
use std::cell::Cell;
use std::ops::Range;
use std::rc::Rc;

const NAME: &str = "model.layers.0.mlp.down_proj.weight";

fn weight(random: Counter, i: usize, n: usize, scale: f64) -> f32 {
    let w = (random.uniform(2 * i as u64) - 0.5) / (1.0 + (i % n) as f64).sqrt();
    (w * (1.0 + scale * (random.uniform(2 * i as u64 + 1) - 0.5))) as f32
}

/// An m×n F32 matrix with a falling spectrum; `scale` moves each weight by up to that share.
fn checkpoint(m: usize, n: usize, scale: f64, read: &Rc<Cell<u64>>) -> Checkpoint {
    let random = Counter::new(5, m, n);
    let values: Vec<f32> = (0..m * n).map(|i| weight(random, i, n, scale)).collect();
    let bytes = FileBuilder::new().f32s(NAME, &[m as u64, n as u64], &values).bytes();
    let (file, read) = (MemorySource::new("model.safetensors", bytes), read.clone());
    let see = move |range: &Range<u64>| read.set(read.get() + range.end - range.start);
    open("x", vec![Rc::new(WatchedSource { file, see })]).expect("a good file")
}

fn analyzed<B: Backend>(
    device: &B,
    shape: (usize, usize),
    exact_limit: usize,
    memory: u64,
) -> TensorReport {
    counted(device, shape, exact_limit, memory).0
}

/// The report, and the number of times that both tensors were read.
fn counted<B: Backend>(
    device: &B,
    (m, n): (usize, usize),
    exact_limit: usize,
    memory: u64,
) -> (TensorReport, f64) {
    let read = Rc::new(Cell::new(0));
    let inputs = Inputs {
        base: Some(checkpoint(m, n, 0.0, &read)),
        tuned: vec![checkpoint(m, n, 1e-2, &read)],
        fisher: None,
    };
    read.set(0);
    // One level of masks: each further one reads the base once more.
    let settings = Settings { k: 32, exact_limit, alphas: vec![0.1], ..Settings::default() };
    let tasks = plan(&inputs, &settings).expect("one task").tasks;
    let host = Host { memory, now: &|| 0.0, progress: &|_, _| () };
    let report = block_on(analyze(device, &tasks[0], &settings, &host)).tensors.remove(0).value;
    (report, read.get() as f64 / (8 * m * n) as f64)
}

/// Within the bars of docs/accuracy.md: values 1e-6, NSS and ‖Δ‖_2 1e-3, angles 1 %, thresholds
/// 1e-4 of the weights; twice that between two computations. Counts are equal.
fn assert_same(got: &TensorReport, want: &TensorReport) {
    assert_eq!((&got.error, &got.geometry_note), (&None, &None));
    let (p, q) =
        (got.precision.as_ref().expect("Gate III"), want.precision.as_ref().expect("Gate III"));
    assert_eq!(
        (p.unchanged, p.bit_equal, &p.ulp_histogram),
        (q.unchanged, q.bit_equal, &q.ulp_histogram)
    );
    let (g, h) =
        (got.geometry.as_ref().expect("Gate II"), want.geometry.as_ref().expect("Gate II"));
    assert!(g.converged && h.converged && g.exact == h.exact);
    let near = |a: f64, b: f64, bar: f64, what: &str| {
        assert!((a / b - 1.0).abs() <= bar, "{what}: {a} and {b}")
    };
    assert_eq!(g.spectrum_base.len(), h.spectrum_base.len());
    for (a, b) in g.spectrum_base.iter().zip(&h.spectrum_base) {
        near(*a, *b, 2e-6, "σ");
    }
    near(g.nss_top_k, h.nss_top_k, 2e-3, "NSS");
    near(g.rotation_max, h.rotation_max, 2e-2, "rotation");
    let norm = |t: &TensorReport| t.update.as_ref().and_then(|u| u.spectral_norm).expect("‖Δ‖");
    near(norm(got), norm(want), 2e-3, "‖Δ‖");
    assert_eq!((got.masks.len(), want.masks.len()), (1, 1));
    let (m, o) = (&got.masks[0], &want.masks[0]);
    assert_eq!((m.low_threshold, m.low.both), (o.low_threshold, o.low.both));
    assert!(
        m.principal.both.abs_diff(o.principal.both) as f64 <= 2e-4 * want.parameters as f64 + 2.0,
        "{m:?} and {o:?}"
    );
}

const LARGE: u64 = 1 << 30;
/// Reads of both tensors that streaming may take; with blocks as narrow as those of resident
/// matrices it takes twice as many.
const READS: f64 = 52.0;
/// Base and tuned, 1000×400 in F32, take 3.2 MB: more than half of the small budget.
const SHAPE: (usize, usize) = (1000, 400);
const SMALL: u64 = 6_200_000;

#[test]
fn a_matrix_over_the_budget_reads_as_under_a_large_one() {
    let whole = analyzed(&Cpu, SHAPE, 0, LARGE);
    assert!(!whole.geometry.as_ref().expect("geometry").exact);
    assert_same(&analyzed(&Cpu, SHAPE, 0, SMALL), &whole);
}

#[test]
fn a_whole_matrix_is_read_once_and_a_streamed_one_seldom() {
    let (_, once) = counted(&Cpu, SHAPE, 0, LARGE);
    // The threshold of the low magnitudes takes the base again.
    assert_eq!(once, 1.5);
    let (_, often) = counted(&Cpu, SHAPE, 0, SMALL);
    assert!((2.0..=READS).contains(&often), "both were read {often} times");
}

#[test]
fn a_matrix_over_the_gpu_s_budget_reads_as_under_a_large_one() {
    let gpu = || {
        block_on(Gpu::new(Prefer::Fast))
            .expect("this test needs a WebGPU adapter (lavapipe will do)")
    };
    let whole = analyzed(&gpu(), SHAPE, 0, LARGE);
    assert!(!whole.geometry.as_ref().expect("geometry").exact);
    // The device's budget is its own: the program's memory may be smaller or larger.
    assert_same(&analyzed(&gpu().with_memory(SMALL), SHAPE, 0, 8 << 20), &whole);
    assert_same(&analyzed(&gpu(), SHAPE, 0, SMALL), &whole);
}

#[test]
fn exact_matrices_that_do_not_stay_whole_have_masks() {
    let shape = (4000, 40);
    let whole = analyzed(&Cpu, shape, 512, LARGE);
    assert!(whole.geometry.as_ref().expect("geometry").exact);
    // 1.3 MB for both, of which half as much may stay.
    assert_same(&analyzed(&Cpu, shape, 512, 1_250_000), &whole);
}

#[test]
fn wide_matrices_that_do_not_stay_whole_are_read_in_stripes() {
    let shape = (40, 60_000);
    let (whole, once) = counted(&Cpu, shape, 512, 100 << 20);
    // 19.2 MB for both, where 8 MiB may be kept beside the f32 vectors of the longer side (15.4
    // MB).
    let (striped, often) = counted(&Cpu, shape, 512, 30_000_000);
    assert!(whole.geometry.as_ref().expect("geometry").exact);
    assert_same(&striped, &whole);
    // Each of the three reads for Gram matrices and the two for angles goes through the files once
    // a stripe, of which there are three.
    assert!(often > once + 10.0, "{often} reads where {once} are enough");
}

#[test]
fn the_low_threshold_is_that_of_a_sort() {
    let (m, n) = (4000, 40);
    let report = analyzed(&Cpu, (m, n), 512, LARGE);
    let mut sizes: Vec<f32> =
        (0..m * n).map(|i| weight(Counter::new(5, m, n), i, n, 0.0).abs()).collect();
    sizes.sort_by(f32::total_cmp);
    let mask = &report.masks[0];
    assert_eq!(mask.low_threshold, f64::from(sizes[(mask.alpha * (m * n) as f64) as usize - 1]));
}

#[test]
fn a_device_that_refuses_a_whole_matrix_gets_it_in_tiles() {
    let device = Refusing { whole: true, products: false };
    assert_same(&analyzed(&device, SHAPE, 0, LARGE), &analyzed(&Cpu, SHAPE, 0, LARGE));
}

#[test]
fn a_device_without_memory_leaves_gate_three_and_a_name() {
    let report = analyzed(&Refusing { whole: false, products: true }, SHAPE, 0, LARGE);
    assert_eq!(
        (report.status, report.precision.is_some(), report.geometry.is_some()),
        (Status::Done, true, false)
    );
    let note = report.geometry_note.expect("what is missing");
    assert!(note.contains("no room") && note.contains("--memory"), "{note}");
}

#[test]
fn what_can_not_fit_is_named() {
    let report = analyzed(&Cpu, SHAPE, 0, 200_000);
    let note = report.geometry_note.expect("what is missing");
    assert!(
        report.precision.is_some() && note.contains("1000×400") && note.contains("--memory"),
        "{note}"
    );
}

/// The CPU, but without memory for whole matrices or for products.
struct Refusing {
    whole: bool,
    products: bool,
}

fn refused<T>() -> Result<T, Error> {
    Err(Error::OutOfMemory("no room".into()))
}

impl Backend for Refusing {
    type Matrix = CpuMatrix;
    type Block = CpuBlock;

    fn memory(&self, heap: u64) -> Memory {
        Cpu.memory(heap)
    }
    async fn matrix(
        &self,
        rows: usize,
        cols: usize,
        dtype: Dtype,
        bytes: Vec<u8>,
    ) -> Result<CpuMatrix, Error> {
        Cpu.matrix(rows, cols, dtype, bytes).await
    }
    async fn place(
        &self,
        rows: usize,
        cols: usize,
        dtype: Dtype,
        source: Rc<dyn RowSource>,
        residence: Residence,
    ) -> Result<CpuMatrix, Error> {
        if self.whole && residence == Residence::Whole {
            refused()
        } else {
            Cpu.place(rows, cols, dtype, source, residence).await
        }
    }
    fn block(&self, rows: usize, cols: usize, data: &[f32]) -> Result<CpuBlock, Error> {
        Cpu.block(rows, cols, data)
    }
    fn shape(&self, block: &CpuBlock) -> (usize, usize) {
        Cpu.shape(block)
    }
    async fn read_rows(&self, block: &CpuBlock, rows: Range<usize>) -> Result<Vec<f32>, Error> {
        Cpu.read_rows(block, rows).await
    }
    async fn product(
        &self,
        w: Operand<'_, CpuMatrix>,
        transpose: bool,
        x: &CpuBlock,
    ) -> Result<CpuBlock, Error> {
        if self.products { refused() } else { Cpu.product(w, transpose, x).await }
    }
    async fn gram(&self, left: &[&CpuBlock], right: &[&CpuBlock]) -> Result<Mat<f64>, Error> {
        Cpu.gram(left, right).await
    }
    async fn combine(
        &self,
        start: Option<&CpuBlock>,
        terms: &[(&CpuBlock, MatRef<'_, f64>)],
    ) -> Result<CpuBlock, Error> {
        Cpu.combine(start, terms).await
    }
    async fn principal_counts(
        &self,
        base: &CpuMatrix,
        tuned: &CpuMatrix,
        query: &PrincipalQuery<'_, CpuBlock>,
    ) -> Result<Principal, Error> {
        Cpu.principal_counts(base, tuned, query).await
    }
    async fn diff(
        &self,
        base: &CpuMatrix,
        tuned: &CpuMatrix,
        query: &DiffQuery,
    ) -> Result<DiffCounts, Error> {
        Cpu.diff(base, tuned, query).await
    }
}

#[test]
fn the_gpu_s_own_gram_matrices_read_as_the_cpu_s() {
    let gpu = |wanted| {
        block_on(Gpu::new(Prefer::Fast))
            .expect("this test needs a WebGPU adapter (lavapipe will do)")
            .with_exact_grams(wanted)
    };
    for shape in [SHAPE, (SHAPE.1, SHAPE.0)] {
        let whole = analyzed(&Cpu, shape, 512, LARGE);
        assert!(whole.geometry.as_ref().expect("geometry").nss.is_some());
        let (own, reads) = counted(&gpu(true), shape, 512, LARGE);
        assert_same(&own, &whole);
        let nss = |t: &TensorReport| t.geometry.as_ref().and_then(|g| g.nss).expect("NSS");
        assert!((nss(&own) / nss(&whole) - 1.0).abs() < 1e-6, "{} and {}", nss(&own), nss(&whole));
        // The CPU's take another read of both.
        assert_eq!(counted(&gpu(false), shape, 512, LARGE).1, reads + 1.0);
        // Where they have no room, they are the CPU's.
        assert_eq!(counted(&gpu(true).with_memory(14 << 20), shape, 512, LARGE).1, reads + 1.0);
    }
}
