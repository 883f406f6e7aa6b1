//! Sparse deltas without their base: against sets of places, and beside the same deltas on their
//! base.

use crate::analysis::inputs::Inputs;
use crate::analysis::plan::{assemble, plan};
use crate::analysis::results::Analyzed;
use crate::analysis::tensor::analyze;
use crate::checkpoint::open::Checkpoint;
use crate::element::grid::Grid;
use crate::error::Error;
use crate::figures::listed::report::Listed;
use crate::figures::maps::report::ConsensusMap;
use crate::figures::overlap::report::Overlap;
use crate::figures::precision::profile::Profile;
use crate::figures::tensor::TensorReport;
use crate::host::Host;
use crate::kernels::cpu::Cpu;
use crate::report::to_csv;
use crate::report::{BackendInfo, Report, Timings};
use crate::settings::Settings;
use crate::source::MemorySource;
use crate::source::Source;
use base64::{Engine, engine::general_purpose::STANDARD};
use half::bf16;
use pollster::block_on;
use std::collections::BTreeSet;
use std::rc::Rc;

/// A tensor's name, its shape for layouts that tell it, and the places that each file lists.
type Lists<'a> = (&'a str, &'a [u64], Vec<Vec<u64>>);

fn file(
    name: &str,
    metadata: &str,
    tensors: &[(String, &str, Vec<u64>, Vec<u8>)],
) -> Rc<dyn Source> {
    let (mut entries, mut data) = (vec![format!(r#""__metadata__":{metadata}"#)], Vec::new());
    for (tensor, dtype, shape, bytes) in tensors {
        let end = data.len() + bytes.len();
        entries.push(format!(
            r#""{tensor}":{{"dtype":"{dtype}","shape":{shape:?},"data_offsets":[{},{end}]}}"#,
            data.len()
        ));
        data.extend(bytes);
    }
    let header = format!("{{{}}}", entries.join(","));
    Rc::new(MemorySource::new(
        name,
        [(header.len() as u64).to_le_bytes().as_slice(), header.as_bytes(), &data].concat(),
    ))
}

fn open(name: &str, files: Vec<Rc<dyn Source>>) -> Checkpoint {
    block_on(Checkpoint::open(name, files)).expect("good files")
}

/// New values by place: what a base of zeros does not hold.
fn value(place: u64) -> bf16 {
    bf16::from_f32(1.0 + (place % 64) as f32)
}

fn lists(
    of: &str,
    places: &[u64],
    keys: (&str, &str),
) -> [(String, &'static str, Vec<u64>, Vec<u8>); 2] {
    let values = places.iter().flat_map(|p| value(*p).to_le_bytes()).collect();
    let indices = places.iter().flat_map(|p| (*p as i64).to_le_bytes()).collect();
    let count = vec![places.len() as u64];
    [
        (format!("{of}{}", keys.0), "I64", count.clone(), indices),
        (format!("{of}{}", keys.1), "BF16", count, values),
    ]
}

/// TRL's layout: one file a step, no shapes.
fn trl(name: &str, tensors: &[Lists<'_>]) -> Checkpoint {
    let steps = tensors.iter().map(|(_, _, files)| files.len()).max().unwrap_or(0);
    let step = |s: usize| {
        let found: Vec<_> = tensors
            .iter()
            .filter_map(|(of, _, files)| Some(lists(of, files.get(s)?, (".indices", ".values"))))
            .flatten()
            .collect();
        file(
            &format!("step_{s}.safetensors"),
            &format!(r#"{{"sparse":"True","model_version":"{}"}}"#, s + 1),
            &found,
        )
    };
    open(name, (0..steps).map(step).collect())
}

/// prime-rl's layout by ranks: one file a rank, with shapes.
fn prime(name: &str, tensors: &[Lists<'_>]) -> Checkpoint {
    let ranks = tensors.iter().map(|(_, _, files)| files.len()).max().unwrap_or(0);
    let (mut files, mut manifest) = (Vec::new(), Vec::new());
    for rank in 0..ranks {
        let here: Vec<_> = tensors
            .iter()
            .filter_map(|(of, shape, files)| Some((*of, *shape, files.get(rank)?)))
            .collect();
        let found: Vec<_> =
            here.iter().flat_map(|(of, _, places)| lists(of, places, ("_i", "_v"))).collect();
        files.push(file(&format!("rank_{rank}.safetensors"), "{}", &found));
        let entry = |(of, shape, _): &(&str, &[u64], &Vec<u64>)| {
            format!(
                r#"{{"name":"{of}","global_shape":{shape:?},"indices_key":"{of}_i","values_key":"{of}_v"}}"#
            )
        };
        manifest.push(format!(
            r#"{{"file":"rank_{rank}.safetensors","tensors":[{}]}}"#,
            here.iter().map(entry).collect::<Vec<_>>().join(",")
        ));
    }
    let text = format!(
        r#"{{"format":"prime-rl-sparse-hf-v1","base_step":0,"target_step":9,"ranks":[{}]}}"#,
        manifest.join(",")
    );
    files.push(Rc::new(MemorySource::new("sparse_manifest.json", text.into_bytes())));
    open(name, files)
}

fn zeros(tensors: &[(&str, &[u64])]) -> Checkpoint {
    let of = |(name, shape): &(&str, &[u64])| {
        (
            name.to_string(),
            "BF16",
            shape.to_vec(),
            vec![0; 2 * shape.iter().product::<u64>() as usize],
        )
    };
    open("base", vec![file("base.safetensors", "{}", &tensors.iter().map(of).collect::<Vec<_>>())])
}

fn report_of(inputs: &Inputs, settings: &Settings) -> Report {
    let told = std::cell::RefCell::new(Vec::new());
    let host =
        Host { memory: 1 << 30, now: &|| 0.0, progress: &|_, share| told.borrow_mut().push(share) };
    let mut results = Analyzed::default();
    for task in plan(inputs, settings).expect("a plan").0 {
        told.borrow_mut().clear();
        results.extend(block_on(analyze(&Cpu, &task, settings, &host)));
        assert!(
            told.borrow().is_sorted()
                && told.borrow().iter().all(|share| (0.0..=1.0).contains(share)),
            "progress only grows"
        );
    }
    let backend =
        BackendInfo { kind: "cpu".into(), adapter: None, reason: "test".into(), workers: 1 };
    assemble(inputs, settings, backend, results, Timings::default(), "2026-01-01T00:00:00Z".into())
        .expect("a report")
}

fn report(tuned: Vec<Checkpoint>) -> Report {
    report_of(
        &Inputs::new(None, tuned, None).expect("deltas alone"),
        &Settings { map_side: 5, ..Settings::default() },
    )
}

fn tensor<'a>(report: &'a Report, run: usize, name: &str) -> &'a TensorReport {
    report.runs[run].tensors.iter().find(|t| t.name == name).expect("the tensor")
}

fn listed<'a>(report: &'a Report, run: usize, name: &str) -> &'a Listed {
    tensor(report, run, name).listed.as_ref().expect("figures of the list")
}

/// Pseudorandom places of a tensor (a linear congruential generator), about one in `each`.
fn scattered(elements: u64, each: u64, seed: u64) -> Vec<u64> {
    let mut state = seed;
    let mut chosen = |_: &u64| {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33).is_multiple_of(each)
    };
    (0..elements).filter(&mut chosen).collect()
}

fn union(files: &[Vec<u64>]) -> BTreeSet<u64> {
    files.iter().flatten().copied().collect()
}

fn assert_profile(found: Option<&Profile>, counts: &[u64], each: u64) {
    let found = found.expect("a matrix");
    let share = |c: u64| c as f64 / each as f64;
    assert_eq!(
        (found.length, found.min, found.max),
        (
            counts.len(),
            share(*counts.iter().min().expect("rows")),
            share(*counts.iter().max().expect("rows"))
        )
    );
    let groups = counts.chunks(counts.len().div_ceil(256));
    assert_eq!(
        found.values,
        groups
            .map(|g| g.iter().map(|c| share(*c)).sum::<f64>() / g.len() as f64)
            .collect::<Vec<_>>()
    );
}

/// A map of the density of these places.
fn assert_map(
    found: Option<&ConsensusMap>,
    set: &BTreeSet<u64>,
    (m, n): (u64, u64),
    map_side: usize,
) {
    let map = found.expect("a map");
    let grid = Grid {
        rows: map.rows,
        columns: map.columns,
        row_group: map.row_group,
        column_group: map.column_group,
    };
    assert_eq!(grid, Grid::new(m as usize, n as usize, map_side));
    let sizes = grid.sizes(m as usize, n as usize);
    let cell = |i: usize| {
        set.iter()
            .filter(|place| grid.cell((**place / n) as usize, (**place % n) as usize) == i)
            .count() as u64
    };
    let code = |i: usize| match cell(i) {
        0 => 0,
        c => (255.0 * c as f64 / sizes[i] as f64).round().max(1.0) as u8,
    };
    assert_eq!(
        STANDARD.decode(&map.all).expect("base64"),
        (0..grid.cells()).map(code).collect::<Vec<_>>()
    );
}

/// The figures of one list, from the set of its places.
fn assert_listed(found: &Listed, set: &BTreeSet<u64>, (m, n): (u64, u64), map_side: usize) {
    assert_eq!(
        (found.changed, found.density),
        (set.len() as u64, Some(set.len() as f64 / (m * n) as f64))
    );
    let count = |of: &dyn Fn(u64) -> bool| set.iter().filter(|place| of(**place)).count() as u64;
    assert_profile(
        found.row_density.as_ref(),
        &(0..m).map(|r| count(&|place| place / n == r)).collect::<Vec<_>>(),
        n,
    );
    assert_profile(
        found.column_density.as_ref(),
        &(0..n).map(|c| count(&|place| place % n == c)).collect::<Vec<_>>(),
        m,
    );
    assert_map(found.map.as_ref(), set, (m, n), map_side);
}

/// What runs share, from their sets; `parameters` where the shape is known.
fn assert_shared(found: &Overlap, sets: &[&BTreeSet<u64>], parameters: Option<u64>) {
    let runs = sets.len();
    assert_eq!((found.parameters, &found.steps), (parameters.unwrap_or(0), &None));
    assert_eq!(found.changed, sets.iter().map(|s| s.len() as u64).collect::<Vec<_>>());
    for (a, b) in (0..runs).flat_map(|a| (0..runs).map(move |b| (a, b))) {
        let both = sets[a].intersection(sets[b]).count();
        assert_eq!(found.both[a][b], both as u64);
        let either = sets[a].union(sets[b]).count();
        assert_eq!(found.jaccard[a][b], (either > 0).then(|| both as f64 / either as f64));
        assert_eq!((found.dot[a][b], found.cosine[a][b]), (None, None));
        assert_eq!(found.jaccard_chance[a][b].is_some(), parameters.is_some() && either > 0);
    }
    let all: BTreeSet<u64> = sets.iter().flat_map(|s| s.iter().copied()).collect();
    let within = |place: &u64| sets.iter().filter(|s| s.contains(place)).count();
    let mut exactly: Vec<Option<u64>> = (0..=runs)
        .map(|r| Some(all.iter().filter(|place| within(place) == r).count() as u64))
        .collect();
    exactly[0] = parameters.map(|p| p - all.len() as u64);
    assert_eq!(found.exactly, exactly);
    assert_eq!(found.exactly_chance.len(), if parameters.is_some() { runs + 1 } else { 0 });
}

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
                (&t.shape[..], t.parameters, &t.dtype[..], &t.dtype_base[..], &t.dtype_tuned[..]),
                (&shape[..], m * n, "BF16", "", "BF16")
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
        without.runs[0].left_out.iter().filter(|l| l.reason == "layer_not_selected").count(),
        4
    );
    let bytes: u64 =
        plan(&Inputs::new(None, vec![delta()], None).expect("a delta"), &Settings::default())
            .expect("a plan")
            .0
            .iter()
            .map(|t| t.bytes())
            .sum();
    assert_eq!(bytes, 8 * 10, "slices share the bytes of their indices");
}

#[test]
fn runs_in_one_shape_or_not_at_all() {
    // A run that tells no shape takes that of one that does; two shapes can't be compared.
    let told = prime("told", &[("w", &[2, 3], vec![vec![0, 4]]), ("x", &[4], vec![vec![1]])]);
    let other = prime("other", &[("x", &[2, 2], vec![vec![2]])]);
    let untold = trl(
        "untold",
        &[("w", &[], vec![vec![4, 5]]), ("x", &[], vec![vec![0]]), ("y", &[], vec![vec![0]])],
    );
    let found = report(vec![told, other, untold]);
    assert_eq!(
        (tensor(&found, 2, "w").parameters, listed(&found, 2, "w").density),
        (6, Some(2.0 / 6.0))
    );
    assert_shared(&found.overlaps[0], &[&BTreeSet::from([0, 4]), &BTreeSet::from([4, 5])], Some(6));
    assert_eq!(
        (found.overlaps.len(), &found.overlaps[0].runs[..]),
        (1, &[0, 2][..]),
        "no tensor is in all three"
    );
    for (run, words) in
        [(0, "here it is [4]"), (1, "here it is [2, 2]"), (2, "no shape is told here")]
    {
        let [problem] = &found.runs[run].left_out[..] else {
            panic!("{:?}", found.runs[run].left_out)
        };
        assert_eq!((problem.name.as_str(), problem.reason.as_str()), ("x", "shape_differs"));
        assert!(
            problem.detail.contains(words) && problem.detail.contains("[4] and [2, 2]"),
            "{}",
            problem.detail
        );
    }
    assert!(found.runs[1].tensors.is_empty() && found.runs[1].model.listed.is_none());
    let model = found.runs[2].model.listed.as_ref().expect("a list");
    assert_eq!(
        (model.tensors, model.changed, model.parameters),
        (2, 3, None),
        "y is of unknown shape"
    );
}

#[test]
fn a_list_that_can_t_be_read_stops_no_other() {
    let bad = prime("bad", &[("w", &[2, 3], vec![vec![0, 6]]), ("x", &[4], vec![vec![1]])]);
    let good = || prime("good", &[("w", &[2, 3], vec![vec![0, 5]]), ("x", &[4], vec![vec![1]])]);
    let found = report(vec![good(), bad, good()]);
    let failed = tensor(&found, 1, "w");
    assert_eq!((failed.status.as_str(), &failed.listed), ("failed", &None));
    let error = failed.error.as_deref().unwrap_or_default();
    assert!(
        error.contains("w: rank_0.safetensors") && error.contains("lie below 6, but number 1 is 6"),
        "{error}"
    );
    assert_eq!(
        found.runs[1]
            .left_out
            .iter()
            .map(|l| (l.name.as_str(), l.reason.as_str()))
            .collect::<Vec<_>>(),
        [("w", "failed")]
    );
    assert_eq!(found.runs[1].model.listed.as_ref().map(|l| l.tensors), Some(1));
    let shared = &found.overlaps[0];
    assert_eq!(
        (shared.name.as_deref(), &shared.runs[..], &shared.exactly[..]),
        (Some("w"), &[0, 2][..], &[Some(4), Some(0), Some(2)][..])
    );
    assert_eq!(listed(&found, 2, "w").changed, 2);
    let descending =
        report(vec![trl("d", &[("w", &[], vec![vec![5, 4]]), ("x", &[], vec![vec![0]])])]);
    assert!(
        tensor(&descending, 0, "w").error.as_deref().is_some_and(|e| e.contains("must ascend"))
            && listed(&descending, 0, "x").changed == 1
    );
}

#[test]
fn headers_that_do_not_fit_are_left_out() {
    let list = |dtype: &'static str, count: u64, size: u64| {
        (vec![count], dtype, vec![0; (count * size) as usize])
    };
    let delta = |indices: (Vec<u64>, &'static str, Vec<u8>),
                 values: (Vec<u64>, &'static str, Vec<u8>)| {
        let [mut good, mut also] = lists("x", &[0], (".indices", ".values"));
        (good.0, also.0) = ("x.indices".into(), "x.values".into());
        let tensors = [
            ("w.indices".into(), indices.1, indices.0, indices.2),
            ("w.values".into(), values.1, values.0, values.2),
            good,
            also,
        ];
        open("d", vec![file("d.safetensors", r#"{"sparse":"True"}"#, &tensors)])
    };
    for (indices, values, words) in [
        (list("U16", 1, 2), list("BF16", 1, 2), "U16"),
        (list("I32", 2, 4), list("BF16", 1, 2), "[2]"),
        (list("I32", 1, 4), list("U8", 1, 1), "U8"),
    ] {
        let found = report(vec![delta(indices, values)]);
        let [problem] = &found.runs[0].left_out[..] else { panic!("{:?}", found.runs[0].left_out) };
        assert!(problem.reason == "bad_delta" && problem.detail.contains(words), "{problem:?}");
        assert_eq!(listed(&found, 0, "x").changed, 1);
    }
    let found = report(vec![prime(
        "p",
        &[
            ("empty", &[0, 4], vec![vec![]]),
            ("huge", &[1 << 40, 1 << 40], vec![vec![0]]),
            ("long", &[1 << 50, 2], vec![vec![0]]),
            ("w", &[2], vec![vec![0]]),
        ],
    )]);
    let reasons: Vec<_> =
        found.runs[0].left_out.iter().map(|l| (l.name.as_str(), l.reason.as_str())).collect();
    assert_eq!(reasons, [("empty", "empty"), ("huge", "bad_delta"), ("long", "failed")]);
    assert!(
        tensor(&found, 0, "long").error.as_deref().is_some_and(|e| e.contains("memory")),
        "no such counts can be held"
    );
}

#[test]
fn a_delta_says_the_same_with_its_base() {
    // The base is of zeros and every new value differs in bf16, so that the gate and the list
    // agree.
    let shapes: [(&str, &[u64]); 3] = [("w", &[40, 30]), ("e", &[2, 9, 8]), ("b", &[50])];
    let places = |seed: u64| {
        shapes.map(|(name, shape)| {
            (
                name,
                shape,
                vec![
                    scattered(shape.iter().product(), 7, seed),
                    scattered(shape.iter().product(), 9, seed + 1),
                ],
            )
        })
    };
    let deltas = || vec![prime("one", &places(1)), trl("two", &places(5))];
    let settings = Settings { k: 2, map_side: 5, ..Settings::default() };
    let alone = report_of(&Inputs::new(None, deltas(), None).expect("deltas"), &settings);
    let based =
        report_of(&Inputs::new(Some(zeros(&shapes)), deltas(), None).expect("deltas"), &settings);
    assert!(alone.base.is_none() && based.base.is_some());
    assert_eq!(
        (&alone.runs[0].delta, &alone.runs[0].span),
        (&based.runs[0].delta, &based.runs[0].span)
    );
    for (run, with) in based.runs.iter().enumerate() {
        assert!(with.left_out.is_empty() && alone.runs[run].left_out.is_empty());
        assert_eq!(with.tensors.len(), alone.runs[run].tensors.len());
        for t in &with.tensors {
            let (p, found) =
                (t.precision.as_ref().expect("Gate III"), listed(&alone, run, &t.name));
            assert_eq!(found.changed, t.parameters - p.unchanged);
            assert_eq!(
                (&found.row_density, &found.column_density),
                (&p.row_density, &p.column_density)
            );
            assert_eq!(found.map.as_ref().map(|m| &m.all), t.maps.as_ref().map(|m| &m.changed));
            let other = tensor(&alone, run, &t.name);
            assert_eq!(
                (other.layer, &other.module, &other.shape, other.parameters),
                (t.layer, &t.module, &t.shape, t.parameters)
            );
            assert_eq!(t.listed, None);
        }
        let (rollup, model) = (alone.runs[run].model.listed.as_ref().expect("a list"), &with.model);
        assert_eq!(
            (rollup.tensors, rollup.parameters, rollup.changed),
            (model.tensors, Some(model.parameters), model.parameters - model.unchanged)
        );
        assert_eq!(model.listed, None);
    }
    assert_eq!(alone.overlaps.len(), based.overlaps.len());
    for with in &based.overlaps {
        let found = alone.overlaps.iter().find(|o| o.name == with.name).expect("the same tensors");
        let runs = with.runs.len();
        let none = vec![vec![None; runs]; runs];
        assert_eq!(*found, Overlap { dot: none.clone(), cosine: none, ..with.clone() });
    }
    let line = |report: &Report, run: usize| {
        to_csv(report)
            .lines()
            .find(|l| l.starts_with(&format!("{},w,", report.runs[run].checkpoint.name)))
            .expect("a line")
            .to_string()
    };
    let columns = |text: &str| text.split(',').map(String::from).collect::<Vec<_>>();
    let head = columns(to_csv(&alone).lines().next().expect("a header"));
    let at = |name: &str, line: &str| {
        columns(line)[head.iter().position(|h| h == name).expect("the column")].clone()
    };
    assert_eq!(at("listed", &line(&alone, 0)), listed(&alone, 0, "w").changed.to_string());
    assert_eq!(
        at("listed_density", &line(&alone, 0)).parse::<f64>().ok(),
        listed(&alone, 0, "w").density
    );
    assert_eq!(
        (at("listed", &line(&based, 0)), at("unchanged", &line(&alone, 0))),
        (String::new(), String::new())
    );
}

#[test]
fn what_says_nothing_without_a_base_is_refused() {
    let error =
        |tuned: Vec<Checkpoint>, fisher: Option<Checkpoint>| match Inputs::new(None, tuned, fisher)
        {
            Err(Error::NeedsBase { file, what }) => format!("{file}: {what}"),
            other => panic!("not refused: {:?}", other.err()),
        };
    let delta = || trl("d", &[("w", &[], vec![vec![0]])]);
    let whole = || zeros(&[("w", &[2])]);
    let found = error(vec![delta(), whole()], None);
    assert!(
        found.contains("base: it is a whole checkpoint") && found.contains("trained from"),
        "{found}"
    );
    let found = error(vec![delta()], Some(whole()));
    assert!(found.contains("Fisher") && found.contains("give the base"), "{found}");
    let adapter: Rc<dyn Source> = Rc::new(MemorySource::new(
        "adapter_config.json",
        br#"{"peft_type":"LORA","r":1,"lora_alpha":1}"#.to_vec(),
    ));
    let factors = file(
        "adapter_model.safetensors",
        "{}",
        &[("base_model.model.m.lora_A.weight".into(), "BF16", vec![1, 1], vec![0, 0])],
    );
    let found = error(vec![open("a", vec![adapter, factors])], None);
    assert!(found.contains("LoRA") && found.contains("give the model"), "{found}");
    let frame = ruzstd::encoding::compress_to_vec(
        &[0u8; 4][..],
        ruzstd::encoding::CompressionLevel::Fastest,
    );
    let index = br#"{"metadata":{"version":"12","base_version":"11","delta_encoding":"xor","compression_format":"zstd"},"weight_map":{"w":"m.safetensors"}}"#;
    let bytes = open(
        "s",
        vec![
            file("m.safetensors", "{}", &[("w".into(), "U8", vec![frame.len() as u64], frame)]),
            Rc::new(MemorySource::new("model.safetensors.index.json", index.to_vec())),
        ],
    );
    let found = error(vec![bytes], None);
    assert!(found.contains("changed bytes") && found.contains("step 11 as the base"), "{found}");
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
            prime("p", &[("w", &[2, 3, 4], vec![vec![0, 9]]), ("v", &[2], vec![vec![1]])]),
            trl("t", &[("w", &[], vec![vec![3]]), ("u", &[], vec![vec![1, 2]])]),
        ],
        None,
    )
    .expect("deltas");
    let found: Vec<_> = inputs
        .inventory(None)
        .into_iter()
        .map(|i| (i.tensors, i.parameters, i.bytes, i.left_out.len()))
        .collect();
    assert_eq!(found, [(3, 26, 24, 0), (3, 24, 24, 0)]);
    let s = inputs.tuned[0].summary();
    assert_eq!((s.tensors, s.parameters, s.bytes, s.dtypes.get("BF16")), (2, 26, 30, Some(&2)));
}
