//! What others reported for their models, each with its source (www/report/reported.js,
//! placement.js): context for a value, never a bar to pass.

use crate::native::summary::readings::{Reading, Row, read_row};
use gatescope::report::{Report, Run};

/// A range from lowest to highest.
type Range = [f64; 2];

/// A published quantity.
pub struct Published {
    /// `None`: the share that is unchanged in bf16.
    pub row: Option<Row>,
    /// The paper's short name, and the place in it.
    pub source: &'static str,
    /// The ranges in words.
    pub text: &'static str,
    rlvr: Range,
    sft: Option<Range>,
    /// The α and the k that they are of.
    alpha: Option<f64>,
    k: Option<usize>,
    /// It is of all matrices, so that a value of some is none of it.
    whole: bool,
}

/// A number that a paper gives without a range stands for values within this factor, …
const ABOUT_TIMES: f64 = 3.0;
/// … or within this much of a share.
const ABOUT_SHARE: f64 = 0.05;

/// The papers of these.
pub const SOURCES: &str = "PNT: arXiv 2511.08567, OPDG: arXiv 2606.07082, ISO: arXiv 2607.19331";

pub const PUBLISHED: [Published; 6] = [
    Published {
        row: None,
        source: "PNT, Table 1",
        text: "RLVR 36–92 %, SFT 0.6–19 %",
        rlvr: [0.363, 0.917],
        sft: Some([0.006, 0.188]),
        alpha: None,
        k: None,
        whole: false,
    },
    Published {
        row: Some(Row::Spectrum),
        source: "OPDG",
        text: "SFT about 1e−3 and more, RLVR about 1e−5",
        rlvr: [1e-5 / ABOUT_TIMES, 1e-5 * ABOUT_TIMES],
        sft: Some([1e-3 / ABOUT_TIMES, f64::INFINITY]),
        alpha: None,
        k: None,
        whole: true,
    },
    Published {
        row: Some(Row::LargestRotation),
        source: "OPDG",
        text: "SFT above 10°, RLVR below 0.5°",
        rlvr: [0.0, 0.5],
        sft: Some([10.0, 90.0]),
        alpha: None,
        k: Some(64),
        whole: false,
    },
    Published {
        row: Some(Row::PrincipalMask),
        source: "OPDG",
        text: "at α = 0.3: RLVR below 30 %",
        rlvr: [0.0, 0.3],
        sft: None,
        alpha: Some(0.3),
        k: Some(64),
        whole: false,
    },
    Published {
        row: Some(Row::LowMask),
        source: "OPDG",
        text: "at α = 0.3: SFT 32 %, RLVR 73 %",
        rlvr: [0.73 - ABOUT_SHARE, 0.73 + ABOUT_SHARE],
        sft: Some([0.32 - ABOUT_SHARE, 0.32 + ABOUT_SHARE]),
        alpha: Some(0.3),
        k: None,
        whole: false,
    },
    Published {
        row: Some(Row::Excess),
        source: "ISO",
        text: "RLVR 1.0 to 1.4, SFT 89 to 1364",
        rlvr: [1.0, 1.4],
        sft: Some([89.0, 1364.0]),
        alpha: None,
        k: None,
        whole: true,
    },
];

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
        if self.row == Some(Row::Excess) && (baseline.unwrap_or(1.0) - 1.0).abs() > ABOUT_SHARE {
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
