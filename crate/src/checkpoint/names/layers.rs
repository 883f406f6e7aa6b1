//! A choice of layers, as a user writes it.

use crate::error::Error;

/// Layers such as `0-3,7`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LayerSet(Vec<(u32, u32)>);

impl LayerSet {
    /// Reads numbers and ranges, separated by commas.
    ///
    /// # Errors
    /// [`Error::Setting`] that names the part that is neither.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let wrong = |part: &str| {
            Error::Setting(format!(
                "layers must look like 0-3,7 — `{part}` is neither a number nor a range"
            ))
        };
        text.split(',')
            .map(str::trim)
            .map(|part| {
                let (from, to) = part.split_once('-').unwrap_or((part, part));
                let number = |s: &str| s.trim().parse::<u32>().map_err(|_| wrong(part));
                let (from, to) = (number(from)?, number(to)?);
                if from > to { Err(wrong(part)) } else { Ok((from, to)) }
            })
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// True where `layer` is chosen.
    pub fn contains(&self, layer: u32) -> bool {
        self.0.iter().any(|(from, to)| (*from..=*to).contains(&layer))
    }
}
