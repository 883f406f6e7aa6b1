//! Value and output projections that were turned together: two key-value heads of two dimensions,
//! four output heads, hidden size 7.

use crate::analysis::inputs::Inputs;
use crate::analysis::plan::plan;
use crate::analysis::tensor::analyze;
use crate::checkpoint::open::Checkpoint;
use crate::figures::basis_change::report::FunctionPreserving;
use crate::host::Host;
use crate::kernels::cpu::Cpu;
use crate::linalg::random::Counter;
use crate::settings::Settings;
use crate::source::MemorySource;
use faer::Mat;
use pollster::block_on;
use std::rc::Rc;

const HIDDEN: usize = 7;
const CONFIG: &str =
    r#"{"num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 2, "hidden_size": 7}"#;
const V: &str = "model.layers.3.self_attn.v_proj.weight";
const O: &str = "model.layers.3.self_attn.o_proj.weight";

fn checkpoint(v: &Mat<f64>, o: &Mat<f64>) -> Checkpoint {
    let (mut data, mut entries) = (Vec::new(), Vec::new());
    for (name, w) in [(V, v), (O, o)] {
        let start = data.len();
        (0..w.nrows()).for_each(|i| {
            (0..w.ncols()).for_each(|j| data.extend((w[(i, j)] as f32).to_le_bytes()))
        });
        entries.push(format!(
            r#""{name}":{{"dtype":"F32","shape":[{},{}],"data_offsets":[{start},{}]}}"#,
            w.nrows(),
            w.ncols(),
            data.len()
        ));
    }
    let header = format!("{{{}}}", entries.join(","));
    let bytes = [(header.len() as u64).to_le_bytes().as_slice(), header.as_bytes(), &data].concat();
    let config = Rc::new(MemorySource::new("config.json", CONFIG.as_bytes().to_vec()));
    block_on(Checkpoint::open(
        "x",
        vec![Rc::new(MemorySource::new("model.safetensors", bytes)), config],
    ))
    .expect("a checkpoint")
}

/// What is said of a change of both projections.
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
    let (tasks, _) = plan(&inputs, &settings).expect("two tasks");
    let host = Host { memory: 1 << 30, now: &|| 0.0, progress: &|_, _| () };
    let reports: Vec<_> = tasks
        .iter()
        .flat_map(|t| block_on(analyze(&Cpu, t, &settings, &host)).tensors)
        .map(|(_, t)| t)
        .collect();
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
        ([20.0, -50.0], [0, 1], "rotated", None, 50.0),
        ([0.0, 0.0], [1, 0], "permuted", Some(vec![1, 0]), 0.0),
        ([20.0, -50.0], [1, 0], "permuted_and_rotated", Some(vec![1, 0]), 50.0),
    ];
    for (degrees, order, kind, permutation, angle) in cases {
        let f = found(|v, o| turned(v, o, degrees, order)).expect(kind);
        assert_eq!((f.kind.as_str(), f.partner.as_str(), &f.permutation), (kind, O, &permutation));
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
    assert!(f.kind == "rotated" && f.update_after > 2e-3 && f.update_after < 2e-2, "{f:?}");
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
    assert_eq!((f.kind.as_str(), &f.permutation), ("none", &None));
    // 84 numbers, of which two rotations of the plane take up two.
    assert!((f.chance - (82.0f64 / 84.0).sqrt()).abs() < 1e-12, "{f:?}");
    // Only V turned: a rotation of V alone changes what the layer computes.
    let f =
        found(|v, o| (turned(v, o, [90.0, 90.0], [0, 1]).0, o.clone())).expect("a large update");
    assert_eq!(f.kind, "none");
    assert_eq!(found(|v, o| (v.clone(), o.clone())), None);
}
