//! A plan of two tensors and two runs, run whole and in part.

use crate::analysis::tests::common::{analyze_all, assemble_report};
use crate::analysis::{Inputs, TaskResults, analyze, plan};
use crate::checkpoint::Checkpoint;
use crate::checkpoint::in_run::InRun;
use crate::checkpoint::testing::FileBuilder;
use crate::figures::TensorReport;
use crate::figures::tensor::Status;
use crate::host::Host;
use crate::kernels::cpu::Cpu;
use crate::report::{PartialReason, Report, describe_errors, describe_extent, has_errors, to_json};
use crate::settings::Settings;

/// A 4×3 matrix `w` and a vector `b`; `step` moves the matrix.
fn checkpoint(name: &str, tensors: &[&str], step: f32) -> Checkpoint {
    let add = |file: FileBuilder, tensor: &&str| {
        let shape: &[u64] = if *tensor == "w" { &[4, 3] } else { &[6] };
        let count: u64 = shape.iter().product();
        let value = |i: u64| ((i * i) as f32 * 0.37).sin() + step * (i % 4) as f32;
        file.f32s(tensor, shape, &(0..count).map(value).collect::<Vec<_>>())
    };
    tensors.iter().fold(FileBuilder::new(), add).checkpoint(name)
}

fn inputs() -> Inputs {
    Inputs {
        base: Some(checkpoint("base", &["w", "b"], 0.0)),
        tuned: vec![checkpoint("one", &["w", "b"], 0.01), checkpoint("two", &["w"], 0.02)],
        fisher: None,
    }
}

fn report(inputs: &Inputs, tensors: Vec<InRun<TensorReport>>) -> Report {
    let results = TaskResults { tensors, overlaps: Vec::new() };
    assemble_report(inputs, &Settings::default(), results)
}

fn all(inputs: &Inputs) -> Vec<InRun<TensorReport>> {
    analyze_all(&Cpu, inputs, &Settings::default()).tensors
}

#[test]
fn a_report_says_what_it_lacks() {
    let inputs = inputs();
    let results = all(&inputs);
    assert_eq!(results.len(), 3);
    assert_eq!(report(&inputs, results.clone()).partial, None);
    let lacking = |keep: &dyn Fn(usize, &str) -> bool| {
        let kept = results.iter().filter(|r| keep(r.run, &r.value.name)).cloned().collect();
        report(&inputs, kept).partial.map(|p| (p.finished, p.total, p.reason))
    };
    assert_eq!(lacking(&|_, name| name == "b"), Some((1, 2, PartialReason::Cancelled)));
    // A tensor counts once, and only where it is done in every run that has it.
    assert_eq!(lacking(&|run, _| run == 0), Some((1, 2, PartialReason::Cancelled)));
    assert_eq!(lacking(&|_, _| false), Some((0, 2, PartialReason::Cancelled)));
}

#[test]
fn progress_of_several_runs_only_grows() {
    let inputs = inputs();
    let told = std::cell::RefCell::new(Vec::new());
    let host =
        Host { memory: 1 << 30, now: &|| 0.0, progress: &|_, share| told.borrow_mut().push(share) };
    let tasks = plan(&inputs, &Settings::default()).expect("a plan").tasks;
    let both = tasks.iter().find(|t| t.runs().len() == 2).expect("a tensor of both runs");
    assert_eq!(
        pollster::block_on(analyze(&Cpu, both, &Settings::default(), &host)).overlaps.len(),
        1
    );
    let told = told.into_inner();
    assert!(told.is_sorted() && told.iter().all(|share| (0.0..=1.0).contains(share)), "{told:?}");
}

#[test]
fn a_failed_tensor_is_not_a_missing_one() {
    let inputs = inputs();
    let mut results = all(&inputs);
    results[0].value.status = Status::Failed;
    assert_eq!(report(&inputs, results).partial, None);
}

#[test]
fn weights_of_tensors_that_were_not_analysed_are_not_compared() {
    let inputs = inputs();
    let mut results = all(&inputs);
    let compared = |results: &[InRun<TensorReport>]| -> Vec<_> {
        let found = report(&inputs, results.to_vec());
        found.runs.iter().map(|run| run.coverage.map(|c| (c.base, c.tuned, c.compared))).collect()
    };
    assert_eq!(compared(&results), [Some((18, 18, 18)), Some((18, 12, 12))]);
    assert_eq!(compared(&[]), [Some((18, 18, 0)), Some((18, 12, 0))]);
    let of_vector = results.iter_mut().find(|r| r.run == 0 && r.value.name == "b");
    of_vector.expect("a vector").value.status = Status::Failed;
    assert_eq!(compared(&results), [Some((18, 18, 12)), Some((18, 12, 12))]);
}

#[test]
fn a_report_reads_back_as_it_was_but_for_rounding() {
    let inputs = inputs();
    let whole = report(&inputs, all(&inputs));
    let text = to_json(&whole).expect("JSON");
    let back: Report = serde_json::from_str(&text).expect("its own format");
    let (a, b) = (&whole.runs[0].tensors[0], &back.runs[0].tensors[0]);
    assert_eq!(
        a.precision.as_ref().map(|p| p.unchanged),
        b.precision.as_ref().map(|p| p.unchanged)
    );
    let norm = |t: &TensorReport| t.update.as_ref().expect("an update").frobenius_base;
    assert!(
        norm(a) != norm(b) && (norm(a) - norm(b)).abs() <= 5e-9 * norm(a),
        "{} and {}",
        norm(a),
        norm(b)
    );
    assert_eq!(to_json(&back).expect("JSON"), text);
    let old = text.replace(",\"partial\":null", "");
    assert!(
        old.len() < text.len() && serde_json::from_str::<Report>(&old).is_ok(),
        "reports from before `partial` still open"
    );
}

#[test]
fn what_went_wrong_is_told_by_reason_with_an_example() {
    let bad = FileBuilder::new()
        .tensor("w", "I32", &[4, 3], [0; 48])
        .f32s("b", &[6], &[0.5; 6])
        .f32s("more", &[2], &[0.5; 2])
        .checkpoint("bad");
    let tuned = vec![checkpoint("good", &["w", "b"], 0.01), bad];
    let inputs = Inputs { tuned, ..inputs() };
    let mut results = all(&inputs);
    let of_bad = results.iter_mut().find(|r| r.run == 1).expect("the vector");
    (of_bad.value.status, of_bad.value.error) = (Status::Failed, Some("b: no memory".into()));
    let report = report(&inputs, results);
    let [good, bad] = &report.runs[..] else { panic!("two runs") };
    assert_eq!(describe_extent(good), "good: 2 tensors compared, all 18 weights");
    assert_eq!(describe_errors(good), None);
    assert_eq!(
        describe_extent(bad),
        "bad: 0 tensors compared, 0.0 % of the weights of the base (0 of 18) and 0.0 % of the \
         weights of the tuned checkpoint (0 of 20)"
    );
    let told = describe_errors(bad).expect("two errors");
    assert!(told.starts_with("bad: 2 left out because of errors: 1 unsupported dtype (as w: "));
    assert!(told.ends_with("; 1 failed (as b: no memory)"), "{told}");
    assert!(has_errors(&report));
}
