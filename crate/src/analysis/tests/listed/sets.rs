//! Lists of every shape read as sets of places.

use crate::analysis::inputs::Inputs;
use crate::analysis::plan::plan;
use crate::analysis::tests::common::report_of;
use crate::analysis::tests::listed::expected::{
    assert_listed, assert_map, assert_profile, assert_shared, listed, report, scattered, tensor,
    union,
};
use crate::analysis::tests::listed::layouts::{prime, trl};
use crate::checkpoint::summary::LeftOutReason;
use crate::element::dtype::Dtype;
use crate::figures::listed::report::Listed;
use crate::settings::Settings;
use std::collections::BTreeSet;

#[test]
fn lists_of_every_shape_read_as_sets() {
    // The first tile of 300 × 1000 ends with row 64; 1 × 1 and single rows and columns have awkward
    // grids.
    for (m, n, each) in [
        (1, 1, 1),
        (1, 9, 2),
        (9, 1, 2),
        (7, 5, 3),
        (7, 5, u64::MAX),
        (130, 70, 40),
        (300, 1000, 1000),
        (300, 1000, u64::MAX),
    ] {
        let shape = [m, n];
        let edge = 65 * 1000;
        let around: Vec<u64> =
            [0, edge - 1, edge, edge + 1, m * n - 1].into_iter().filter(|_| m * n > edge).collect();
        let runs: Vec<Vec<Vec<u64>>> = (0..3)
            .map(|run| {
                (0..=run)
                    .map(|file| {
                        union(&[scattered(m * n, each, 10 * run + file + 1), around.clone()])
                            .into_iter()
                            .collect()
                    })
                    .collect()
            })
            .collect();
        let report = report(
            runs.iter().map(|files| prime("run", &[("w", &shape, files.clone())])).collect(),
        );
        let sets: Vec<_> = runs.iter().map(|files| union(files)).collect();
        for (run, set) in sets.iter().enumerate() {
            let t = tensor(&report, run, "w");
            assert_eq!(
                (&t.shape[..], t.parameters, t.dtype, &t.dtype_base[..], &t.dtype_tuned[..]),
                (&shape[..], m * n, Dtype::Bf16, "", "BF16")
            );
            assert!(
                t.precision.is_none()
                    && t.update.is_none()
                    && t.maps.is_none()
                    && t.geometry_note.as_deref().is_some_and(|s| s.contains("no base"))
            );
            assert_listed(t.listed.as_ref().expect("a list"), set, (m, n), 5);
        }
        let sets: Vec<_> = sets.iter().collect();
        let [found, model] = &report.overlaps[..] else {
            panic!("{} overlaps", report.overlaps.len())
        };
        assert_shared(found, &sets, Some(m * n));
        assert_shared(model, &sets, Some(m * n));
        let all: BTreeSet<u64> = sets[0]
            .intersection(sets[1])
            .copied()
            .filter(|place| sets[2].contains(place))
            .collect();
        let per = |of: &dyn Fn(u64) -> u64, length: u64| {
            (0..length)
                .map(|i| all.iter().filter(|place| of(**place) == i).count() as u64)
                .collect::<Vec<_>>()
        };
        assert_profile(found.row_consensus.as_ref(), &per(&|place| place / n, m), n);
        assert_profile(found.column_consensus.as_ref(), &per(&|place| place % n, n), m);
        assert_map(found.consensus_map.as_ref(), &all, (m, n), 5);
    }
}

#[test]
fn without_a_shape_places_are_only_counted() {
    // Beside the ends of tiles (2^16), and far beyond anything that could be laid out.
    let far = (1 << 62) + 5;
    let a = vec![vec![0, 65_535, 65_536, 1 << 20, far], vec![65_535, 70_000, far - 1, far]];
    let b = vec![vec![65_536, 70_000, (1 << 20) - 1, 1 << 20, far]];
    let found =
        report(vec![trl("a", &[("w", &[], a.clone())]), trl("b", &[("w", &[], b.clone())])]);
    let t = tensor(&found, 0, "w");
    assert_eq!((&t.shape[..], t.parameters), (&[][..], 0));
    assert_eq!(
        t.listed,
        Some(Listed {
            changed: 7,
            density: None,
            row_density: None,
            column_density: None,
            map: None
        })
    );
    assert_shared(&found.overlaps[0], &[&union(&a), &union(&b)], None);
    assert_eq!(
        (
            &found.overlaps[0].row_consensus,
            &found.overlaps[0].consensus_map,
            found.overlaps[1].mean_jaccard_chance
        ),
        (&None, &None, None)
    );
    assert_shared(&found.overlaps[1], &[&union(&a), &union(&b)], None);
    // One file alone takes the way without masks.
    assert_eq!(
        listed(&report(vec![trl("a", &[("w", &[], vec![a[0].clone()])])]), 0, "w").changed,
        5
    );
    let model = found.runs[0].model.listed.as_ref().expect("a list");
    assert_eq!(
        (
            model.tensors,
            model.changed,
            model.parameters,
            model.density,
            found.runs[0].model.parameters
        ),
        (1, 7, None, None, 0)
    );
}

#[test]
fn slices_vectors_and_empty_lists() {
    let delta = || {
        prime(
            "a",
            &[
                ("model.layers.1.mlp.experts.up", &[3, 2, 2], vec![vec![0, 3, 4, 11], vec![4, 5]]),
                ("b", &[6], vec![vec![1, 5]]),
                ("s", &[], vec![vec![0]]),
                ("none", &[2, 2], vec![vec![]]),
                ("conv", &[2, 1, 1, 3], vec![vec![5]]),
            ],
        )
    };
    let found = report(vec![delta(), delta()]);
    let names: Vec<_> = found.runs[0]
        .tensors
        .iter()
        .map(|t| (t.name.as_str(), t.shape.clone(), t.listed.as_ref().map(|l| l.changed)))
        .collect();
    assert_eq!(
        names,
        [
            ("b", vec![6], Some(2)),
            ("conv", vec![2, 3], Some(1)),
            ("model.layers.1.mlp.experts.up[0]", vec![2, 2], Some(2)),
            ("model.layers.1.mlp.experts.up[1]", vec![2, 2], Some(2)),
            ("model.layers.1.mlp.experts.up[2]", vec![2, 2], Some(1)),
            ("none", vec![2, 2], Some(0)),
            ("s", vec![1], Some(1)),
        ]
    );
    assert_listed(
        listed(&found, 0, "model.layers.1.mlp.experts.up[1]"),
        &BTreeSet::from([0, 1]),
        (2, 2),
        5,
    );
    assert_listed(listed(&found, 0, "none"), &BTreeSet::new(), (2, 2), 5);
    let vector = listed(&found, 0, "b");
    assert_eq!((vector.density, &vector.row_density, &vector.map), (Some(2.0 / 6.0), &None, &None));
    let layer = found.runs[0].layers[0].listed.as_ref().expect("a list");
    assert_eq!(
        (
            found.runs[0].layers[0].key.as_str(),
            layer.tensors,
            layer.changed,
            layer.parameters,
            layer.density
        ),
        ("1", 3, 5, Some(12), Some(5.0 / 12.0))
    );
    let slice = found
        .overlaps
        .iter()
        .find(|o| o.name.as_deref() == Some("model.layers.1.mlp.experts.up[2]"))
        .expect("two runs");
    assert_shared(slice, &[&BTreeSet::from([3]), &BTreeSet::from([3])], Some(4));
    let without = report_of(
        &Inputs::new(None, vec![delta()], None).expect("a delta"),
        &Settings { map_side: 0, layers: Some("1".into()), ..Settings::default() },
    );
    assert!(without.runs[0].tensors.iter().all(|t| {
        t.name.starts_with("model.layers.1.")
            && t.listed.as_ref().is_some_and(|l| l.map.is_none() && l.row_density.is_some())
    }));
    assert_eq!(
        without.runs[0]
            .left_out
            .iter()
            .filter(|l| l.reason == LeftOutReason::LayerNotSelected)
            .count(),
        4
    );
    let bytes: u64 =
        plan(&Inputs::new(None, vec![delta()], None).expect("a delta"), &Settings::default())
            .expect("a plan")
            .tasks
            .iter()
            .map(|t| t.bytes())
            .sum();
    assert_eq!(bytes, 8 * 10, "slices share the bytes of their indices");
}

#[test]
fn sixty_four_runs_and_no_more() {
    let runs = |count: u64| {
        (0..count)
            .map(|run| prime("r", &[("w", &[8, 8], vec![vec![run % 64]])]))
            .collect::<Vec<_>>()
    };
    let found = report(runs(64));
    assert_eq!(
        (
            found.overlaps[0].exactly[1],
            found.overlaps[0].both[63][63],
            found.overlaps[0].both[0][63]
        ),
        (Some(64), 1, 0)
    );
    let many = Inputs::new(None, runs(65), None).expect("deltas");
    assert!(plan(&many, &Settings::default()).err().expect("too many").to_string().contains("64"));
}

#[test]
fn the_inventory_knows_what_headers_tell() {
    let inputs = Inputs::new(
        None,
        vec![
            prime("p", &[("experts", &[2, 3, 4], vec![vec![0, 9]]), ("v", &[2], vec![vec![1]])]),
            trl("t", &[("experts", &[], vec![vec![3]]), ("u", &[], vec![vec![1, 2]])]),
        ],
        None,
    )
    .expect("deltas");
    let found: Vec<_> = inputs
        .inventory(None, &[])
        .into_iter()
        .map(|i| (i.tensors, i.parameters, i.bytes, i.left_out.len()))
        .collect();
    assert_eq!(found, [(3, 26, 24, 0), (3, 24, 24, 0)]);
    let s = inputs.tuned[0].summarize();
    assert_eq!((s.tensors, s.parameters, s.bytes, s.dtypes.get("BF16")), (2, 26, 30, Some(&2)));
}
