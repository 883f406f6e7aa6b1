//! What others reported for their models (docs/reported.json), each with its source: context for a
//! value, never a bar to pass. The page has the same in www/report/placement.js.

use crate::native::summary::reading::Reading;
use crate::native::summary::readings::{Row, read_row};
use gatescope::figures::registry::Source;
use gatescope::report::{Report, Run};
use serde::Deserialize;
use std::sync::LazyLock;

/// A range from lowest to highest.
type Range = [f64; 2];

/// What docs/reported.json has of whole runs.
#[derive(Deserialize)]
struct Reported {
    sparsity: Sparsity,
    nss: Nss,
    rotation: Rotation,
    low_overlap: LowOverlap,
    principal_overlap: PrincipalOverlap,
}

#[derive(Deserialize)]
struct Sparsity {
    source: Source,
    place: String,
    #[serde(rename = "RLVR")]
    rlvr: Vec<(f64, String)>,
    #[serde(rename = "SFT")]
    sft: Vec<(f64, String)>,
}

#[derive(Deserialize)]
struct Nss {
    source: Source,
    #[serde(rename = "RLVR")]
    rlvr: About,
    #[serde(rename = "SFT")]
    sft: Least,
}

#[derive(Deserialize)]
struct Rotation {
    source: Source,
    k: usize,
    #[serde(rename = "RLVR")]
    rlvr: Below,
    #[serde(rename = "SFT")]
    sft: Above,
}

#[derive(Deserialize)]
struct LowOverlap {
    source: Source,
    alpha: f64,
    #[serde(rename = "RLVR")]
    rlvr: f64,
    #[serde(rename = "SFT")]
    sft: f64,
}

#[derive(Deserialize)]
struct PrincipalOverlap {
    source: Source,
    alpha: f64,
    k: usize,
    #[serde(rename = "RLVR")]
    rlvr: Below,
}

#[derive(Deserialize)]
struct Excess {
    source: Source,
    #[serde(rename = "RLVR")]
    rlvr: Range,
    #[serde(rename = "SFT")]
    sft: Range,
}

#[derive(Deserialize)]
struct About {
    about: f64,
}

#[derive(Deserialize)]
struct Least {
    least: f64,
}

#[derive(Deserialize)]
struct Below {
    below: f64,
}

#[derive(Deserialize)]
struct Above {
    above: f64,
}

/// What “about” means where a paper gives no range: within this factor of a magnitude, and within
/// this much of a share.
#[derive(Deserialize)]
struct Margin {
    times: f64,
    share: f64,
}

#[derive(Deserialize)]
struct Data {
    reported: Reported,
    spectral_excess: Excess,
    about: Margin,
}

static DATA: LazyLock<Data> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../../../docs/reported.json"))
        .expect("docs/reported.json has the fields of these types")
});

/// A published quantity.
pub struct Published {
    /// `None`: the share that is unchanged in bf16.
    pub row: Option<Row>,
    /// The paper's short name, and the place in it.
    pub source: String,
    /// The ranges in words.
    pub text: String,
    rlvr: Range,
    sft: Option<Range>,
    /// The α and the k that they are of.
    alpha: Option<f64>,
    k: Option<usize>,
    /// It is of all matrices, so that a value of some is none of it.
    whole: bool,
}

/// A share as a percentage of two digits.
fn whole_percent(share: f64) -> String {
    let rounded: f64 = format!("{:.1e}", share * 100.0).parse().unwrap_or(share * 100.0);
    rounded.to_string()
}

/// The lowest and the highest share.
fn range_of(shares: &[(f64, String)]) -> Range {
    let all = || shares.iter().map(|(share, _)| *share);
    [all().fold(f64::INFINITY, f64::min), all().fold(0.0, f64::max)]
}

fn percent_range([low, high]: Range) -> String {
    format!("{}–{} %", whole_percent(low), whole_percent(high))
}

/// A power of ten as a person writes it.
fn magnitude(value: f64) -> String {
    format!("{value:e}").replace('-', "−")
}

/// What is published, in the page's order.
pub static PUBLISHED: LazyLock<[Published; 6]> = LazyLock::new(|| {
    let Data { reported, spectral_excess: excess, about } = &*DATA;
    let Reported { sparsity, nss, rotation, low_overlap: low, principal_overlap: principal } =
        reported;
    let shares = [range_of(&sparsity.rlvr), range_of(&sparsity.sft)];
    let about_share = |share: f64| [share - about.share, share + about.share];
    let plain = |row, source: Source, text: String, rlvr, sft| Published {
        row,
        source: source.to_string(),
        text,
        rlvr,
        sft,
        alpha: None,
        k: None,
        whole: false,
    };
    [
        Published {
            source: format!("{}, {}", sparsity.source, sparsity.place),
            ..plain(
                None,
                sparsity.source,
                format!("RLVR {}, SFT {}", percent_range(shares[0]), percent_range(shares[1])),
                shares[0],
                Some(shares[1]),
            )
        },
        Published {
            whole: true,
            ..plain(
                Some(Row::Spectrum),
                nss.source,
                format!(
                    "SFT about {} and more, RLVR about {}",
                    magnitude(nss.sft.least),
                    magnitude(nss.rlvr.about)
                ),
                [nss.rlvr.about / about.times, nss.rlvr.about * about.times],
                Some([nss.sft.least / about.times, f64::INFINITY]),
            )
        },
        Published {
            k: Some(rotation.k),
            ..plain(
                Some(Row::LargestRotation),
                rotation.source,
                format!("SFT above {}°, RLVR below {}°", rotation.sft.above, rotation.rlvr.below),
                [0.0, rotation.rlvr.below],
                Some([rotation.sft.above, 90.0]),
            )
        },
        Published {
            alpha: Some(principal.alpha),
            k: Some(principal.k),
            ..plain(
                Some(Row::PrincipalMask),
                principal.source,
                format!(
                    "at α = {}: RLVR below {} %",
                    principal.alpha,
                    whole_percent(principal.rlvr.below)
                ),
                [0.0, principal.rlvr.below],
                None,
            )
        },
        Published {
            alpha: Some(low.alpha),
            ..plain(
                Some(Row::LowMask),
                low.source,
                format!(
                    "at α = {}: SFT {} %, RLVR {} %",
                    low.alpha,
                    whole_percent(low.sft),
                    whole_percent(low.rlvr)
                ),
                about_share(low.rlvr),
                Some(about_share(low.sft)),
            )
        },
        Published {
            whole: true,
            ..plain(
                Some(Row::Excess),
                excess.source,
                format!(
                    "RLVR {:.1} to {:.1}, SFT {} to {}",
                    excess.rlvr[0], excess.rlvr[1], excess.sft[0], excess.sft[1]
                ),
                excess.rlvr,
                Some(excess.sft),
            )
        },
    ]
});

/// The α that masks are published at.
pub fn mask_alpha() -> f64 {
    DATA.reported.low_overlap.alpha
}

/// The papers of these.
pub fn list_sources() -> String {
    let papers: Vec<String> = [Source::Pnt, Source::Opdg, Source::Iso]
        .map(|source| format!("{source}: arXiv {}", source.paper().arxiv))
        .into();
    papers.join(", ")
}

/// Where a value stands among the ranges, in the order in which they are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    Rlvr,
    Sft,
    Between,
    Outside,
}

impl Standing {
    pub fn words(self) -> &'static str {
        match self {
            Self::Rlvr => "in the RLVR range",
            Self::Sft => "in the SFT range",
            Self::Between => "between the two",
            Self::Outside => "outside both",
        }
    }
}

/// Where a value stands. A limit belongs to its range.
fn stand(value: f64, rlvr: Range, sft: Range) -> Standing {
    let is_in = |[low, high]: Range| value >= low && value <= high;
    if is_in(rlvr) {
        Standing::Rlvr
    } else if is_in(sft) {
        Standing::Sft
    } else if [rlvr, sft].iter().any(|[_, high]| value > *high)
        && [rlvr, sft].iter().any(|[low, _]| value < *low)
    {
        Standing::Between
    } else {
        Standing::Outside
    }
}

/// The share of a run's weights that is unchanged in bf16, and ‖Δ‖ over ‖W‖.
pub fn measure_change(run: &Run) -> (Option<f64>, Option<f64>) {
    let done = || run.tensors.iter().filter_map(|t| Some((t, t.precision.as_ref()?)));
    let weights: u64 = done().map(|(tensor, _)| tensor.parameters).sum();
    let unchanged: u64 = done().map(|(_, precision)| precision.unchanged).sum();
    let updates = || done().filter_map(|(tensor, _)| tensor.update.as_ref());
    let update: f64 = updates().map(|one| one.frobenius_update.powi(2)).sum();
    let base: f64 = updates().map(|one| one.frobenius_base.powi(2)).sum();
    (
        (weights > 0).then(|| unchanged as f64 / weights as f64),
        (base > 0.0).then(|| update.sqrt() / base.sqrt()),
    )
}

impl Published {
    /// Where a whole run stands; `Err` says why it has no place.
    pub fn place(&self, report: &Report, run: &Run) -> Result<Standing, String> {
        let settings = &report.settings;
        let alpha = match self.alpha {
            Some(wanted) => settings.alphas.iter().position(|alpha| *alpha == wanted),
            None => Some(0),
        };
        let Some(alpha) = alpha else {
            return Err(format!("published at α = {} only", self.alpha.unwrap_or_default()));
        };
        let reading = self.row.map(|row| read_row(row, &run.tensors, alpha));
        let value = match &reading {
            Some(reading) => reading.value,
            None => measure_change(run).0,
        };
        let Some(value) = value else {
            return Err(reading.and_then(|found| found.note).unwrap_or_else(|| "no value".into()));
        };
        if let Some(k) = self.k.filter(|k| *k != settings.k) {
            return Err(format!("published at k = {k}"));
        }
        if let Some(Reading { matrices, of, .. }) =
            reading.as_ref().filter(|found| self.whole && found.matrices < found.of)
        {
            return Err(format!("known for {matrices} of {of} matrices only"));
        }
        // Published excess is over 1, the baseline of matrices of full rank.
        let baseline = reading.as_ref().and_then(|found| found.baseline);
        if self.row == Some(Row::Excess) && (baseline.unwrap_or(1.0) - 1.0).abs() > DATA.about.share
        {
            return Err("published for matrices of full rank".into());
        }
        let Some(sft) = self.sft else { return Err("published for RLVR alone".into()) };
        if let Some(reading) = &reading {
            if reading.baseline.is_none() {
                return Err("its random baseline is not known".into());
            }
            if reading.noise {
                return Err("within noise of a random update".into());
            }
        }
        Ok(stand(value, self.rlvr, sft))
    }
}
