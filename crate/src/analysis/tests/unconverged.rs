//! Iterations that meet their cap before they converge: the uncertainty tells.

use crate::analysis::inputs::Inputs;
use crate::analysis::plan::plan;
use crate::analysis::runs::analyze;
use crate::checkpoint::open::Checkpoint;
use crate::checkpoint::testing::FileBuilder;
use crate::figures::geometry::report::Geometry;
use crate::figures::geometry::uncertainty::rotation_uncertainty;
use crate::host::Host;
use crate::kernels::cpu::Cpu;
use crate::linalg::random::Counter;
use crate::settings::Settings;
use pollster::block_on;

const SHAPE: [u64; 2] = [360, 240];

/// Noise, and the same with a little other noise: no value stands out, so that a small basis misses
/// much.
fn noise(step: f32) -> Checkpoint {
    let (base, update) = (Counter::new(1, 360, 240), Counter::new(2, 360, 240));
    let values: Vec<f32> =
        (0..360 * 240).map(|i| base.normal(i) + step * update.normal(i)).collect();
    FileBuilder::new().f32s("model.layers.0.mlp.up_proj.weight", &SHAPE, &values).checkpoint("x")
}

fn geometry(memory: u64, exact_limit: usize) -> Option<Geometry> {
    let inputs = Inputs { base: Some(noise(0.0)), tuned: vec![noise(0.05)], fisher: None };
    let settings =
        Settings { k: 8, exact_limit, alphas: vec![0.1], map_side: 0, ..Settings::default() };
    let tasks = plan(&inputs, &settings).expect("one task").tasks;
    let host = Host { memory, now: &|| 0.0, progress: &|_, _| () };
    block_on(analyze(&Cpu, &tasks[0], &settings, &host)).tensors.remove(0).value.geometry
}

#[test]
fn a_basis_without_room_to_converge_leaves_a_wider_uncertainty() {
    let exact = geometry(1 << 30, 512).expect("the exact spectrum");
    let capped: Vec<Geometry> = [24, 28, 32, 40, 48, 64]
        .iter()
        .filter_map(|blocks| geometry(blocks * 8 * 600 * 4, 16))
        .filter(|geometry| !geometry.converged)
        .collect();
    assert!(!capped.is_empty(), "no memory is small enough");
    let mut beyond = 0;
    for found in capped {
        let within = |got: f64, want: f64, uncertainty: f64, what: &str| {
            assert!((got - want).abs() <= uncertainty, "{what}: {got} ± {uncertainty}, not {want}")
        };
        within(found.rotation_max, exact.rotation_max, found.uncertainty, "rotation");
        let shift = found.nss_top_k_uncertainty.expect("an uncertainty");
        within(found.nss_top_k, exact.nss_top_k, shift, "NSS");
        let shares = found.shares_uncertainty.expect("an uncertainty");
        let share = |geometry: &Geometry| geometry.off_principal_share.expect("an update");
        within(share(&found), share(&exact), shares, "share");
        for (i, uncertainty) in found.vector_rotation_uncertainty.iter().enumerate() {
            let pair = (found.vector_rotation_left[i], exact.vector_rotation_left[i]);
            within(pair.0, pair.1, *uncertainty, "vector");
        }
        let error = (found.rotation_max - exact.rotation_max).abs();
        let as_converged = rotation_uncertainty(found.rotation_max, found.gap, false);
        beyond += usize::from(error > as_converged);
    }
    assert!(beyond > 0, "what holds for a basis that converged would do");
}
