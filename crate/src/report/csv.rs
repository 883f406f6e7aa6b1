//! The table of a report as CSV: one line for each tensor and run.

use super::{Report, TensorReport};

/// Columns that stand before the masks.
const HEAD: &str = "run,name,layer,module,shape,dtype,parameters,status,unchanged,sparsity_bf16,bit_equal,\
sparsity_abs,hidden_by_bf16,non_finite,relative_update,max_abs_update,spectral_norm,stable_rank,k,exact,nss,nss_top_k,\
nss_low,nss_high,rotation_max,rotation_median,uncertainty,resolved,nearest_resolved_k,gap,off_principal_share,\
off_principal_chance,dtype_base,dtype_tuned,nss_chance,nss_top_k_chance,\
sin_theta_left,sin_theta_left_chance_low,sin_theta_left_chance_high,sin_theta_right,sin_theta_right_chance_low,\
sin_theta_right_chance_high,kl_quadratic,kl_share,fisher_mass_on_changed,fisher_chance,adapter_survives,\
adapter_realized,adapter_merge_error,function_preserving,listed,listed_density";

fn quoted(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_string() }
}

fn cell<T: ToString>(value: Option<T>) -> String {
    value.map(|v| v.to_string()).unwrap_or_default()
}

/// What stands behind the off-principal share.
fn later(t: &TensorReport) -> Vec<String> {
    let (g, f, a) = (t.geometry.as_ref(), t.fisher.as_ref(), t.adapter.as_ref());
    let angles = g.and_then(|g| g.sin_theta.as_ref());
    let side = |observed: Option<f64>, chance: Option<[f64; 2]>| [cell(observed), cell(chance.map(|c| c[0])), cell(chance.map(|c| c[1]))];
    let mut row = vec![t.dtype_base.clone(), t.dtype_tuned.clone(), cell(g.and_then(|g| g.chance.nss)), cell(g.and_then(|g| g.chance.nss_top_k))];
    row.extend(side(angles.map(|s| s.left), angles.and_then(|s| s.chance_left)));
    row.extend(side(angles.map(|s| s.right), angles.and_then(|s| s.chance_right)));
    row.extend([cell(f.map(|f| f.kl_quadratic)), cell(f.and_then(|f| f.kl_share)), cell(f.and_then(|f| f.mass_on_changed)), cell(f.map(|f| f.chance))]);
    row.extend([cell(a.and_then(|a| a.survives)), cell(a.and_then(|a| a.realized)), cell(a.and_then(|a| a.merge_error))]);
    row.push(cell(t.function_preserving.as_ref().map(|f| f.kind.clone())));
    let listed = t.listed.as_ref();
    row.extend([cell(listed.map(|l| l.changed)), cell(listed.and_then(|l| l.density))]);
    row
}

/// RFC 4180 text with a header line; undefined figures are empty cells.
pub fn to_csv(report: &Report) -> String {
    let mut out = String::from(HEAD);
    for a in &report.settings.alphas {
        for mask in ["principal", "low", "safe"] {
            out += &format!(",{mask}_overlap_{a},{mask}_chance_{a},{mask}_enrichment_{a}");
        }
    }
    out.push_str("\r\n");
    for run in &report.runs {
        for t in &run.tensors {
            let (p, u, g) = (t.precision.as_ref(), t.update.as_ref(), t.geometry.as_ref());
            let shape = t.shape.iter().map(u64::to_string).collect::<Vec<_>>().join("x");
            let mut row = vec![quoted(&run.checkpoint.name), quoted(&t.name), cell(t.layer), t.module.clone(), shape];
            row.extend([t.dtype.clone(), t.parameters.to_string(), t.status.clone()]);
            row.extend([cell(p.map(|p| p.unchanged)), cell(p.map(|p| p.sparsity_bf16)), cell(p.map(|p| p.bit_equal))]);
            row.extend([cell(p.map(|p| p.sparsity_abs)), cell(p.map(|p| p.hidden_by_bf16)), cell(p.map(|p| p.non_finite))]);
            row.extend([cell(u.and_then(|u| u.relative_update)), cell(u.map(|u| u.max_abs_update))]);
            row.extend([cell(u.and_then(|u| u.spectral_norm)), cell(u.and_then(|u| u.stable_rank))]);
            row.extend([cell(g.map(|g| g.k)), cell(g.map(|g| g.exact)), cell(g.and_then(|g| g.nss))]);
            row.extend([cell(g.map(|g| g.nss_top_k)), cell(g.map(|g| g.nss_interval[0])), cell(g.map(|g| g.nss_interval[1]))]);
            row.extend([cell(g.map(|g| g.rotation_max)), cell(g.map(|g| g.rotation_median)), cell(g.map(|g| g.uncertainty))]);
            row.extend([cell(g.map(|g| g.resolved)), cell(g.and_then(|g| g.nearest_resolved_k)), cell(g.map(|g| g.gap))]);
            row.extend([cell(g.and_then(|g| g.off_principal_share)), cell(g.map(|g| g.chance.both))]);
            row.extend(later(t));
            for i in 0..report.settings.alphas.len() {
                let m = t.masks.get(i);
                for o in [m.map(|m| &m.principal), m.map(|m| &m.low), m.map(|m| &m.safe)] {
                    row.extend([cell(o.and_then(|o| o.overlap)), cell(o.map(|o| o.chance)), cell(o.and_then(|o| o.enrichment))]);
                }
            }
            out += &row.join(",");
            out.push_str("\r\n");
        }
    }
    out
}
