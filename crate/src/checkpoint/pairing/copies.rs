//! Tensors that transformers ties to others: one side may store a copy under a name of its own,
//! which is no weight more.

use crate::checkpoint::entry::TensorEntry;
use crate::checkpoint::kinds::Kind;
use crate::checkpoint::open::Checkpoint;
use crate::checkpoint::pairing::partners::Partner;
use crate::checkpoint::summary::{LeftOut, LeftOutReason};

/// The end of a copy's name, and that of the tensor that it is tied to.
const TIED: [(&str, &str); 8] = [
    // T5, BART and their relatives.
    ("encoder.embed_tokens.weight", "shared.weight"),
    ("decoder.embed_tokens.weight", "shared.weight"),
    ("lm_head.weight", "shared.weight"),
    // Whisper.
    ("proj_out.weight", "decoder.embed_tokens.weight"),
    // BERT, RoBERTa and their relatives.
    ("cls.predictions.decoder.weight", "embeddings.word_embeddings.weight"),
    ("cls.predictions.decoder.bias", "cls.predictions.bias"),
    ("lm_head.decoder.weight", "embeddings.word_embeddings.weight"),
    ("lm_head.decoder.bias", "lm_head.bias"),
];

/// Copies, as docs/checkpoints.md lists them.
pub const KINDS: &[Kind] = &[Kind::pass_over(
    "copies of tied tensors",
    "encoder.embed_tokens.weight",
    "Where one side alone stores them: T5, BART, Whisper, BERT and their relatives.",
)];

/// True where `name` ends with `end` at a dot.
fn ends_at_dot(name: &str, end: &str) -> bool {
    name.strip_suffix(end).is_some_and(|before| before.is_empty() || before.ends_with('.'))
}

/// Finds the tensor that `copy` is tied to among those of its side: the only one of its shape and
/// with the name's end. `None` where the model does not tie.
fn find_original<'a>(
    copy: &TensorEntry,
    all: impl Iterator<Item = &'a TensorEntry> + Clone,
    checkpoint: &Checkpoint,
) -> Option<&'a TensorEntry> {
    let (_, end) = TIED.iter().find(|(end, original)| {
        ends_at_dot(&copy.name, end) && all.clone().any(|t| ends_at_dot(&t.name, original))
    })?;
    // The inner stacks hold one module with the model; a head is tied by the configuration.
    let is_inner = *end == "shared.weight" && !copy.name.ends_with("lm_head.weight");
    if checkpoint.model.ties_head() == Some(false) && !is_inner {
        return None;
    }
    let mut fitting = all.filter(|t| ends_at_dot(&t.name, end) && t.shape == copy.shape);
    let only = fitting.next()?;
    fitting.next().is_none().then_some(only)
}

/// Lists the copies that one side stores and the other does not, where the tensor that they are
/// tied to has a partner.
pub(crate) fn list_copies(
    base: &Checkpoint,
    tuned: &Checkpoint,
    partners: &[Partner],
) -> Vec<LeftOut> {
    let there = |name: &str| partners.iter().any(|p| p.entry.name == name);
    let tell = |name: &str, original: &TensorEntry, side: &str| {
        let detail = format!(
            "the {side} stores it besides; transformers ties it to {}, which is compared",
            original.name
        );
        LeftOut::new(name, LeftOutReason::NotUsed, detail)
    };
    let is_copy = |t: &&TensorEntry| TIED.iter().any(|(end, _)| ends_at_dot(&t.name, end));
    let of_base = base.tensors.iter().filter(is_copy).filter(|t| !there(&t.name));
    let of_base = of_base.filter_map(|t| {
        let original = find_original(t, base.tensors.iter(), base)?;
        there(&original.name).then(|| tell(&t.name, original, "base"))
    });
    let entries = partners.iter().map(|p| &p.entry);
    let of_tuned = partners.iter().filter(|p| is_copy(&&p.entry));
    let of_tuned = of_tuned.filter(|p| base.get(&p.entry.name).is_none()).filter_map(|p| {
        let original = find_original(&p.entry, entries.clone(), tuned)?;
        let known = base.get(&original.name).is_some();
        known.then(|| tell(&p.original, original, "tuned checkpoint"))
    });
    of_base.chain(of_tuned).collect()
}

#[cfg(test)]
mod tests {
    use crate::checkpoint::open::Checkpoint;
    use crate::checkpoint::pairing::pair_tensors;
    use crate::checkpoint::testing::{FileBuilder, bytes_file, open};

    fn checkpoint(names: &[&str], config: &str) -> Checkpoint {
        let add = |file: FileBuilder, name: &&str| file.f32s(name, &[3, 2], &[0.5; 6]);
        let file = names.iter().fold(FileBuilder::new(), add);
        let files = vec![file.source("model.safetensors"), bytes_file("config.json", config)];
        open("made", files).expect("a good checkpoint")
    }

    #[test]
    fn copies_of_tied_tensors_are_no_weights_more() {
        const Q: &str = "encoder.block.0.q.weight";
        const WORDS: &str = "bert.embeddings.word_embeddings.weight";
        const WHISPER: [&str; 2] = ["model.decoder.embed_tokens.weight", "proj_out.weight"];
        let untied = r#"{"tie_word_embeddings": false}"#;
        // Names that both have, names that one has, its config, and how many of these are copies.
        let cases: &[(&[&str], &[&str], &str, usize)] = &[
            (&["shared.weight", Q], &["encoder.embed_tokens.weight", "lm_head.weight"], "{}", 2),
            (&["shared.weight", Q], &["decoder.embed_tokens.weight", "lm_head.weight"], untied, 1),
            (&WHISPER[..1], &WHISPER[1..], "{}", 1),
            (&WHISPER[..1], &WHISPER[1..], untied, 0),
            (&[WORDS], &["cls.predictions.decoder.weight"], "{}", 1),
            // Not by the middle of a name, and not without the tensor itself.
            (&["unshared.weight"], &["encoder.embed_tokens.weight"], "{}", 0),
        ];
        for (both, own, config, copies) in cases {
            let less = checkpoint(both, config);
            let more = checkpoint(&[*both, *own].concat(), config);
            for (base, tuned) in [(&less, &more), (&more, &less)] {
                let found = pair_tensors(base, tuned, None);
                let told = found
                    .left_out
                    .iter()
                    .filter(|l| l.detail.contains("which is compared"))
                    .count();
                assert_eq!(told, *copies, "{own:?} {:?}", found.left_out);
                assert_eq!(found.left_out.len(), own.len());
                let rest = 6 * (both.len() + own.len() - copies) as u64;
                let coverage = found.coverage;
                assert_eq!(coverage.base.max(coverage.tuned), rest, "{own:?}");
            }
        }
    }
}
