//! The papers that figures and reported ranges come from.

use crate::words::impl_words;
use serde::{Deserialize, Serialize};

/// A paper, by the abbreviation that the docs use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Source {
    /// The Path Not Taken.
    Pnt,
    /// Small subnetworks.
    Muk,
    /// On-policy distillation.
    Opdg,
    /// The sequel of The Path Not Taken.
    Iso,
}

impl_words!(Source);

impl Source {
    /// All papers.
    pub const ALL: [Self; 4] = [Self::Pnt, Self::Muk, Self::Opdg, Self::Iso];

    /// How to find the paper.
    pub fn paper(self) -> Paper {
        match self {
            Self::Pnt => Paper {
                authors: "Zhu et al.",
                title: Some("The Path Not Taken: RLVR Provably Learns Off the Principals"),
                arxiv: "2511.08567",
            },
            Self::Muk => Paper {
                authors: "Mukherjee et al.",
                title: Some(
                    "Reinforcement Learning Finetunes Small Subnetworks in Large Language Models",
                ),
                arxiv: "2505.11711",
            },
            Self::Opdg => Paper {
                authors: "Shen et al.",
                title: Some("On the Geometry of On-Policy Distillation"),
                arxiv: "2606.07082",
            },
            Self::Iso => Paper { authors: "the authors of PNT", title: None, arxiv: "2607.19331" },
        }
    }
}

/// A paper as a list of references has it.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Paper {
    /// Its authors.
    pub authors: &'static str,
    /// Its title, where it is known here.
    pub title: Option<&'static str>,
    /// Its number on arXiv.
    pub arxiv: &'static str,
}
