//! Names of files that FSDP's ranks write: `model_world_size_8_rank_3.pt`.

/// What a file's name tells of the rank that wrote it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct RankName {
    /// The folder and what the file holds: `actor/model`.
    pub stem: String,
    /// Number of ranks.
    pub ranks: u64,
    /// The rank, from 0.
    pub rank: u64,
}

impl RankName {
    /// Reads the name of a file; `None` where no rank's.
    pub fn parse(name: &str) -> Option<Self> {
        let (rest, rank) = name.strip_suffix(".pt")?.rsplit_once("_rank_")?;
        let (stem, ranks) = rest.rsplit_once("_world_size_")?;
        let number = |text: &str| {
            let digits = text.bytes().all(|byte| byte.is_ascii_digit());
            text.parse().ok().filter(|_| digits)
        };
        let (ranks, rank) = (number(ranks)?, number(rank)?);
        (rank < ranks).then(|| Self { stem: stem.to_owned(), ranks, rank })
    }

    /// True for files of weights; others hold the optimizer or the state of the loop.
    pub fn holds_weights(&self) -> bool {
        self.stem.rsplit('/').next() == Some("model")
    }

    /// The name of another rank's file of the same save.
    pub fn of_rank(&self, rank: u64) -> String {
        format!("{}_world_size_{}_rank_{rank}.pt", self.stem, self.ranks)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_names_that_verl_writes() {
        let name = RankName::parse("actor/model_world_size_8_rank_3.pt").expect("a rank's file");
        assert_eq!((name.stem.as_str(), name.ranks, name.rank), ("actor/model", 8, 3));
        assert!(name.holds_weights());
        assert_eq!(name.of_rank(7), "actor/model_world_size_8_rank_7.pt");
        let optimizer = RankName::parse("optim_world_size_8_rank_3.pt").expect("a rank's file");
        assert!(!optimizer.holds_weights());
        for other in [
            "model_world_size_8_rank_8.pt",
            "model_world_size_8_rank_3.bin",
            "model_world_size_+8_rank_3.pt",
            "model_rank_3.pt",
            "model_world_size_99999999999999999999_rank_3.pt",
        ] {
            assert_eq!(RankName::parse(other), None, "{other}");
        }
    }
}
