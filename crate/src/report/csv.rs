//! The table of a report as CSV: one line for each tensor and run.

use crate::figures::geometry::report::{Geometry, SinTheta};
use crate::figures::masks::report::{MaskOverlap, Masks};
use crate::figures::precision::report::Precision;
use crate::figures::tensor::TensorReport;
use crate::figures::update::report::Update;
use crate::report::{Report, Run};
use csv::{Terminator, Writer, WriterBuilder};

/// A column: its name, and what stands in it.
type Column = (&'static str, fn(&Run, &TensorReport) -> String);

/// An empty cell where there is no figure.
fn cell<T: ToString>(value: Option<T>) -> String {
    value.map(|v| v.to_string()).unwrap_or_default()
}

fn precision<T: ToString>(t: &TensorReport, of: fn(&Precision) -> T) -> String {
    cell(t.precision.as_ref().map(of))
}

fn update<T: ToString>(t: &TensorReport, of: fn(&Update) -> Option<T>) -> String {
    cell(t.update.as_ref().and_then(of))
}

fn geometry<T: ToString>(t: &TensorReport, of: fn(&Geometry) -> Option<T>) -> String {
    cell(t.geometry.as_ref().and_then(of))
}

fn angles(t: &TensorReport, of: fn(&SinTheta) -> Option<f64>) -> String {
    cell(t.geometry.as_ref().and_then(|g| g.sin_theta.as_ref()).and_then(of))
}

const COLUMNS: &[Column] = &[
    ("run", |run, _| run.checkpoint.name.clone()),
    ("name", |_, t| t.name.clone()),
    ("layer", |_, t| cell(t.layer)),
    ("module", |_, t| t.module.clone()),
    ("shape", |_, t| t.shape.iter().map(u64::to_string).collect::<Vec<_>>().join("x")),
    ("dtype", |_, t| t.dtype.clone()),
    ("parameters", |_, t| t.parameters.to_string()),
    ("status", |_, t| t.status.clone()),
    ("unchanged", |_, t| precision(t, |p| p.unchanged)),
    ("sparsity_bf16", |_, t| precision(t, |p| p.sparsity_bf16)),
    ("bit_equal", |_, t| precision(t, |p| p.bit_equal)),
    ("sparsity_abs", |_, t| precision(t, |p| p.sparsity_abs)),
    ("hidden_by_bf16", |_, t| precision(t, |p| p.hidden_by_bf16)),
    ("non_finite", |_, t| precision(t, |p| p.non_finite)),
    ("relative_update", |_, t| update(t, |u| u.relative_update)),
    ("max_abs_update", |_, t| update(t, |u| Some(u.max_abs_update))),
    ("spectral_norm", |_, t| update(t, |u| u.spectral_norm)),
    ("stable_rank", |_, t| update(t, |u| u.stable_rank)),
    ("k", |_, t| geometry(t, |g| Some(g.k))),
    ("exact", |_, t| geometry(t, |g| Some(g.exact))),
    ("nss", |_, t| geometry(t, |g| g.nss)),
    ("nss_top_k", |_, t| geometry(t, |g| Some(g.nss_top_k))),
    ("nss_low", |_, t| geometry(t, |g| Some(g.nss_interval[0]))),
    ("nss_high", |_, t| geometry(t, |g| Some(g.nss_interval[1]))),
    ("rotation_max", |_, t| geometry(t, |g| Some(g.rotation_max))),
    ("rotation_median", |_, t| geometry(t, |g| Some(g.rotation_median))),
    ("uncertainty", |_, t| geometry(t, |g| Some(g.uncertainty))),
    ("resolved", |_, t| geometry(t, |g| Some(g.resolved))),
    ("nearest_resolved_k", |_, t| geometry(t, |g| g.nearest_resolved_k)),
    ("gap", |_, t| geometry(t, |g| Some(g.gap))),
    ("off_principal_share", |_, t| geometry(t, |g| g.off_principal_share)),
    ("off_principal_chance", |_, t| geometry(t, |g| Some(g.chance.at_k.both))),
    ("dtype_base", |_, t| t.dtype_base.clone()),
    ("dtype_tuned", |_, t| t.dtype_tuned.clone()),
    ("nss_chance", |_, t| geometry(t, |g| g.chance.nss)),
    ("nss_top_k_chance", |_, t| geometry(t, |g| g.chance.at_k.nss_top_k)),
    ("sin_theta_left", |_, t| angles(t, |s| Some(s.left))),
    ("sin_theta_left_chance_low", |_, t| angles(t, |s| Some(s.chance_left?[0]))),
    ("sin_theta_left_chance_high", |_, t| angles(t, |s| Some(s.chance_left?[1]))),
    ("sin_theta_right", |_, t| angles(t, |s| Some(s.right))),
    ("sin_theta_right_chance_low", |_, t| angles(t, |s| Some(s.chance_right?[0]))),
    ("sin_theta_right_chance_high", |_, t| angles(t, |s| Some(s.chance_right?[1]))),
    ("kl_quadratic", |_, t| cell(t.fisher.as_ref().map(|f| f.kl_quadratic))),
    ("kl_share", |_, t| cell(t.fisher.as_ref().and_then(|f| f.kl_share))),
    ("fisher_mass_on_changed", |_, t| cell(t.fisher.as_ref().and_then(|f| f.mass_on_changed))),
    ("fisher_chance", |_, t| cell(t.fisher.as_ref().map(|f| f.chance))),
    ("adapter_survives", |_, t| cell(t.adapter.as_ref().and_then(|a| a.survives))),
    ("adapter_realized", |_, t| cell(t.adapter.as_ref().and_then(|a| a.realized))),
    ("adapter_merge_error", |_, t| cell(t.adapter.as_ref().and_then(|a| a.merge_error))),
    ("function_preserving", |_, t| cell(t.function_preserving.as_ref().map(|f| &f.kind))),
    ("listed", |_, t| cell(t.listed.as_ref().map(|l| l.changed))),
    ("listed_density", |_, t| cell(t.listed.as_ref().and_then(|l| l.density))),
    ("stable_rank_chance", |_, t| update(t, |u| Some(u.chance.as_ref()?.stable_rank))),
    ("rotation_max_chance", |_, t| geometry(t, |g| g.chance.at_k.rotation_max)),
    ("rotation_max_chance_deviation", |_, t| geometry(t, |g| g.chance.at_k.rotation_max_deviation)),
    ("rotation_median_chance", |_, t| geometry(t, |g| g.chance.at_k.rotation_median)),
];

type Mask = (&'static str, fn(&Masks) -> &MaskOverlap);
/// Behind the other columns, for each α.
const MASKS: [Mask; 3] =
    [("principal", |m| &m.principal), ("low", |m| &m.low), ("safe", |m| &m.safe)];

fn write(report: &Report, out: &mut Writer<Vec<u8>>) -> Result<(), csv::Error> {
    let alphas = &report.settings.alphas;
    let of_masks = alphas.iter().flat_map(|a| MASKS.iter().map(move |(mask, _)| (mask, a)));
    let of_masks = of_masks.flat_map(|(mask, a)| {
        ["overlap", "chance", "enrichment"].map(|figure| format!("{mask}_{figure}_{a}"))
    });
    out.write_record(COLUMNS.iter().map(|(name, _)| name.to_string()).chain(of_masks))?;
    for run in &report.runs {
        for t in &run.tensors {
            let masks = (0..alphas.len())
                .flat_map(|i| MASKS.iter().map(move |(_, of)| t.masks.get(i).map(of)));
            let masks = masks.flat_map(|o| {
                [
                    cell(o.and_then(|o| o.overlap)),
                    cell(o.map(|o| o.chance)),
                    cell(o.and_then(|o| o.enrichment)),
                ]
            });
            out.write_record(COLUMNS.iter().map(|(_, of)| of(run, t)).chain(masks))?;
        }
    }
    Ok(())
}

/// RFC 4180 text with a header line; undefined figures are empty cells.
pub fn to_csv(report: &Report) -> String {
    let mut out = WriterBuilder::new().terminator(Terminator::CRLF).from_writer(Vec::new());
    write(report, &mut out).expect("records of one length are written to memory");
    let bytes = out.into_inner().expect("memory takes what is flushed to it");
    String::from_utf8(bytes).expect("it was written from strings")
}
