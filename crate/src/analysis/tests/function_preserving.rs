//! Value and output projections that were turned together: two key-value heads of two dimensions,
//! four output heads, hidden size 7.

use crate::analysis::inputs::Inputs;
use crate::analysis::tests::common::tensor_reports;
use crate::checkpoint::open::Checkpoint;
use crate::checkpoint::testing::{FileBuilder, bytes_file, open};
use crate::figures::basis_change::report::{BasisChange, FunctionPreserving};
use crate::linalg::random::Counter;
use crate::settings::Settings;
use faer::Mat;

const HIDDEN: usize = 7;
const CONFIG: &str =
    r#"{"num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 2, "hidden_size": 7}"#;
const V: &str = "model.layers.3.self_attn.v_proj.weight";
const O: &str = "model.layers.3.self_attn.o_proj.weight";

fn checkpoint(v: &Mat<f64>, o: &Mat<f64>) -> Checkpoint {
    let add = |file: FileBuilder, (name, w): (&str, &Mat<f64>)| {
        let (rows, cols) = (w.nrows(), w.ncols());
        let values: Vec<f32> = (0..rows * cols).map(|i| w[(i / cols, i % cols)] as f32).collect();
        file.f32s(name, &[rows as u64, cols as u64], &values)
    };
    let weights = [(V, v), (O, o)].into_iter().fold(FileBuilder::new(), add);
    let files = vec![weights.source("model.safetensors"), bytes_file("config.json", CONFIG)];
    open("x", files).expect("a checkpoint")
}

/// The report's figures of a change of both projections.
fn found(
    change: impl Fn(&Mat<f64>, &Mat<f64>) -> (Mat<f64>, Mat<f64>),
) -> Option<FunctionPreserving> {
    let random = Counter::new(1, 4, HIDDEN);
    let noise = |rows: usize, cols: usize, start: u64| {
        Mat::from_fn(rows, cols, |i, j| f64::from(random.normal(start + (i * cols + j) as u64)))
    };
    let (v, o) = (noise(4, HIDDEN, 0), noise(HIDDEN, 8, 100));
    let (v1, o1) = change(&v, &o);
    let inputs =
        Inputs { base: Some(checkpoint(&v, &o)), tuned: vec![checkpoint(&v1, &o1)], fisher: None };
    let settings = Settings { k: 2, ..Settings::default() };
    let reports = tensor_reports(&inputs, &settings);
    assert!(
        reports
            .iter()
            .all(|t| t.error.is_none() && (t.name == V || t.function_preserving.is_none()))
    );
    reports.into_iter().find(|t| t.name == V)?.function_preserving
}

/// Head h of V turned by `degrees[h]` and taken from head `order[h]`, its output heads with it.
fn turned(
    v: &Mat<f64>,
    o: &Mat<f64>,
    degrees: [f64; 2],
    order: [usize; 2],
) -> (Mat<f64>, Mat<f64>) {
    let r = |h: usize, i: usize, j: usize| {
        let (s, c) = degrees[h].to_radians().sin_cos();
        [[c, -s], [s, c]][i][j]
    };
    let v1 = Mat::from_fn(4, HIDDEN, |i, j| {
        (0..2).map(|d| r(i / 2, i % 2, d) * v[(order[i / 2] * 2 + d, j)]).sum()
    });
    let from = |head: usize| order[head / 2] * 2 + head % 2;
    let o1 = Mat::from_fn(HIDDEN, 8, |i, j| {
        (0..2).map(|d| o[(i, from(j / 2) * 2 + d)] * r(j / 4, j % 2, d)).sum()
    });
    (v1, o1)
}

#[test]
fn rotations_and_permutations_of_heads_are_told_from_updates() {
    let cases = [
        ([20.0, -50.0], [0, 1], BasisChange::Rotated, None, 50.0),
        ([0.0, 0.0], [1, 0], BasisChange::Permuted, Some(vec![1, 0]), 0.0),
        ([20.0, -50.0], [1, 0], BasisChange::PermutedAndRotated, Some(vec![1, 0]), 50.0),
    ];
    for (degrees, order, kind, permutation, angle) in cases {
        let f = found(|v, o| turned(v, o, degrees, order))
            .unwrap_or_else(|| panic!("{kind} is not found"));
        assert_eq!((f.kind, f.partner.as_str(), &f.permutation), (kind, O, &permutation));
        // The files hold f32.
        assert!(f.update_after < 1e-6 && f.update_before > 0.1, "{f:?}");
        assert!((f.rotation_max - angle).abs() < 1e-3, "{f:?}");
    }
    // An update beside the rotation stays, in its own size.
    let f = found(|v, o| {
        let (v1, o1) = turned(v, o, [20.0, -50.0], [0, 1]);
        (
            Mat::from_fn(4, HIDDEN, |i, j| {
                v1[(i, j)] + if (i + j) % 2 == 0 { 0.01 } else { -0.01 }
            }),
            o1,
        )
    })
    .expect("a large update");
    assert!(
        f.kind == BasisChange::Rotated && f.update_after > 2e-3 && f.update_after < 2e-2,
        "{f:?}"
    );
}

#[test]
fn an_update_of_its_own_is_none() {
    let random = Counter::new(2, 4, HIDDEN);
    let f = found(|v, o| {
        (
            Mat::from_fn(4, HIDDEN, |i, j| {
                v[(i, j)] + 0.3 * f64::from(random.normal((i * HIDDEN + j) as u64))
            }),
            o.clone(),
        )
    })
    .expect("a large update");
    assert_eq!((f.kind, &f.permutation), (BasisChange::None, &None));
    // 84 numbers, of which two rotations of the plane take up two.
    assert!((f.chance - (82.0f64 / 84.0).sqrt()).abs() < 1e-12, "{f:?}");
    // Only V turned: a rotation of V alone changes what the layer computes.
    let f =
        found(|v, o| (turned(v, o, [90.0, 90.0], [0, 1]).0, o.clone())).expect("a large update");
    assert_eq!(f.kind, BasisChange::None);
    assert_eq!(found(|v, o| (v.clone(), o.clone())), None);
}
