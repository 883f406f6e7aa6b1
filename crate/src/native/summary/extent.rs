//! How much of its model a run's values are of (www/report/extent.js, compared.js).

use crate::native::summary::format::{counted, enumerate, parameters, percent};
use gatescope::checkpoint::coverage::Coverage;
use gatescope::checkpoint::summary::LeftOutReason;
use gatescope::figures::tensor::Status;
use gatescope::report::{Report, Run};

/// What is not the whole does not round to it.
const MOST: f64 = 1.0 - 1e-8;

/// More tensors than these are counted, not named.
const NAMED: usize = 3;

/// Whether the model that was compared is whole all the same, or the reason is told in another way.
fn is_harmless(reason: LeftOutReason) -> bool {
    use LeftOutReason::*;
    matches!(
        reason,
        Duplicate
            | Empty
            | NotAdapted
            | Buffer
            | QuantizationParameter
            | NotUsed
            | RowsDiffer
            | LayerNotSelected
            | Failed
    )
}

fn describe_share(compared: u64, all: u64, whose: &str) -> String {
    let share = if all > 0 { (compared as f64 / all as f64).min(MOST) } else { 0.0 };
    let (compared, all) = (parameters(compared), parameters(all));
    format!("{} of {whose} ({compared} of {all})", percent(share))
}

/// The share of the weights that is compared; `None` where it is all of them.
pub fn describe_compared(coverage: &Coverage) -> Option<String> {
    let Coverage { base, tuned, compared, compared_tuned, not_adapted } = *coverage;
    let known_base = base.min(compared.saturating_add(not_adapted));
    let known_tuned = tuned.min(compared_tuned.saturating_add(not_adapted));
    let (lacks_base, lacks_tuned) = (known_base < base, known_tuned < tuned);
    if !lacks_base && !lacks_tuned {
        return None;
    }
    let of_base = if lacks_base {
        describe_share(known_base, base, "the weights of the base")
    } else {
        "all weights of the base".into()
    };
    // Where both sides have the same numbers, one says it all.
    if !lacks_tuned || known_base == known_tuned && base == tuned {
        return Some(of_base);
    }
    let whose = if lacks_base {
        "those of the tuned checkpoint"
    } else {
        "the weights of the tuned checkpoint"
    };
    Some(format!("{of_base} and {}", describe_share(known_tuned, tuned, whose)))
}

/// The tensors of which one side has more rows, as padding and added tokens are.
pub fn describe_rows(run: &Run) -> Option<String> {
    let differs = run.left_out.iter().filter(|one| one.reason == LeftOutReason::RowsDiffer);
    let names: Vec<String> = differs.map(|one| one.name.clone()).collect();
    let listed = match names.len() {
        0 => return None,
        n if n > NAMED => counted(n, "tensor", "tensors"),
        _ => enumerate(&names),
    };
    Some(format!("rows that only one side has, in {listed}, are not compared"))
}

/// Why a run's values are of a part of its model; empty where they are of all of it.
fn list_reasons(report: &Report, run: &Run) -> Vec<String> {
    let missing: Vec<_> = run.left_out.iter().filter(|one| !is_harmless(one.reason)).collect();
    let failed = run.tensors.iter().filter(|tensor| tensor.status == Status::Failed).count();
    let mut reasons = Vec::new();
    if let Some(layers) = &report.settings.layers {
        let one = !layers.is_empty() && layers.chars().all(|c| c.is_ascii_digit());
        reasons.push(format!("{} {layers}", if one { "layer" } else { "layers" }));
    }
    if let Some(partial) = &report.partial {
        reasons.push(format!("{} of {} tensors", partial.finished, partial.total));
    }
    if failed > 0 {
        reasons.push(format!("without {} that failed", counted(failed, "tensor", "tensors")));
    }
    if !missing.is_empty() {
        let wrong = missing.iter().filter(|one| one.reason.is_error()).count();
        let wrong = if wrong > 0 { format!(" ({wrong} because of errors)") } else { String::new() };
        reasons.push(format!("without {} left out{wrong}", missing.len()));
    }
    reasons
}

/// What part of its model a run's values are of: the share, and the reasons. `None` where they are
/// of all of it.
pub fn find_part(report: &Report, run: &Run) -> Option<(Option<String>, Vec<String>)> {
    let reasons = list_reasons(report, run);
    let share = run.coverage.as_ref().and_then(describe_compared);
    let has_rows = run.left_out.iter().any(|one| one.reason == LeftOutReason::RowsDiffer);
    // Weights in rows of one side only do not make a part of a model.
    if reasons.is_empty() && (share.is_none() || has_rows) {
        return None;
    }
    Some((share, reasons))
}
