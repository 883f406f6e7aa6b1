//! Names that model families have changed inside of their layers.

use crate::checkpoint::kinds::Kind;

/// A component of names, what stands in its place elsewhere, and where it was.
const RENAMED: [(&str, &str, Kind); 5] = [
    (
        "block_sparse_moe",
        "mlp",
        Kind::read(
            "Mixtral and MiniMax before transformers 5",
            "model.layers.0.block_sparse_moe.gate.weight",
            "`mlp` in its place.",
        ),
    ),
    (
        "switch_mlp",
        "experts",
        Kind::read(
            "stacked experts of MLX",
            "model.layers.0.mlp.switch_mlp.up_proj.weight",
            "`experts` in its place.",
        ),
    ),
    (
        "embedding",
        "embeddings",
        Kind::read(
            "Mamba before transformers",
            "backbone.embedding.weight",
            "`embeddings` in its place.",
        ),
    ),
    (
        "gamma",
        "weight",
        Kind::read(
            "normalisations of BERT and others",
            "bert.encoder.layer.0.output.LayerNorm.gamma",
            "`weight` in its place.",
        ),
    ),
    (
        "beta",
        "bias",
        Kind::read(
            "normalisations of BERT and others",
            "bert.encoder.layer.0.output.LayerNorm.beta",
            "`bias` in its place.",
        ),
    ),
];

/// The names of families that are taken for one another, as docs/checkpoints.md lists them.
pub const KINDS: &[Kind] = &[RENAMED[0].2, RENAMED[1].2, RENAMED[2].2, RENAMED[3].2, RENAMED[4].2];

/// The rules that a name obeys to get its newest form, as `(from, to)`.
pub(crate) fn find_old_words(name: &str) -> impl Iterator<Item = (&'static str, &'static str)> {
    RENAMED
        .into_iter()
        .filter(move |(old, ..)| name.split('.').any(|component| component == *old))
        .map(|(old, new, _)| (old, new))
}

fn modernize_word(component: &str) -> &str {
    RENAMED.iter().find(|(old, ..)| *old == component).map_or(component, |(_, new, _)| new)
}

/// The newest form of a name, which may be the name itself.
pub(crate) fn modernize_name(name: &str) -> String {
    name.split('.').map(modernize_word).collect::<Vec<_>>().join(".")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_old_word_has_a_new_one() {
        for kind in KINDS {
            let new = modernize_name(kind.example);
            assert_ne!(new, kind.example);
            assert_eq!(modernize_name(&new), new);
            assert_eq!(find_old_words(kind.example).count(), 1);
            assert_eq!(find_old_words(&new).count(), 0);
        }
    }
}
