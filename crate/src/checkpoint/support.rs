//! The page of what is read and what is not, docs/checkpoints.md.

use crate::checkpoint::formats::{self, distributed, gguf, lora, quantized, torch};
use crate::checkpoint::kinds::{Kind, Support};
use crate::checkpoint::names::{buffers, families, others, wrappers};
use crate::checkpoint::pairing::{copies, regroup};
use crate::checkpoint::{cut, foreign};

/// Columns of the repository's texts.
const WIDTH: usize = 100;

/// A part of the page.
struct Part {
    title: &'static str,
    about: &'static str,
    lists: &'static [&'static [Kind]],
    /// What is foreign beside chosen weights. What is weights elsewhere stands in `lists` alone.
    beside: &'static [Kind],
}

impl Part {
    fn kinds(&self) -> impl Iterator<Item = &'static Kind> {
        let is_read = |kind: &Kind| formats::is_weights(&kind.example.to_ascii_lowercase());
        let beside = self.beside.iter().filter(move |kind| !is_read(kind));
        self.lists.iter().copied().flatten().chain(beside)
    }
}

const PARTS: [Part; 6] = [
    Part {
        title: "Files",
        about: "A folder holds one checkpoint, or folders with one each. Of several complete sets \
                of weights one is chosen as transformers chooses; the others are named.",
        lists: &[torch::KINDS, gguf::KINDS, distributed::kinds::KINDS],
        beside: foreign::KINDS,
    },
    Part {
        title: "Names and shapes",
        about: "Names of both sides find each other as they are, without wrappers, and by the \
                beginnings that most names of equal shape agree on; `--rename FROM=TO` overrides.",
        lists: &[
            wrappers::KINDS,
            lora::base_layers::KINDS,
            families::KINDS,
            others::KINDS,
            regroup::place::KINDS,
            regroup::fused::KINDS,
            regroup::turned::KINDS,
            copies::KINDS,
            cut::KINDS,
        ],
        beside: &[],
    },
    Part {
        title: "Quantised weights",
        about: "What is decoded is compared as numbers; its scales are no weights.",
        lists: &[quantized::decode::KINDS, quantized::refused::KINDS],
        beside: &[],
    },
    Part {
        title: "Parameters of a quantisation",
        about: "They are named in `left_out` where no weight is decoded by them, and counted \
                nowhere.",
        lists: &[quantized::parameters::KINDS],
        beside: &[],
    },
    Part {
        title: "Buffers",
        about: "Training does not change them: they are named in `left_out`, and counted nowhere.",
        lists: &[buffers::KINDS],
        beside: &[],
    },
    Part {
        title: "Adapters",
        about: "What PEFT would merge is the measure.",
        lists: &[lora::kinds::KINDS],
        beside: &[],
    },
];

fn show_support(support: Support) -> &'static str {
    match support {
        Support::Read => "read",
        Support::Refused => "refused by name",
        Support::PassedOver => "passed over, named",
    }
}

/// Writes rows as a table in Markdown, its columns padded.
fn write_table(rows: &[[String; 4]]) -> String {
    let width = |column: usize| {
        rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default().max(3)
    };
    let widths = [0, 1, 2, 3].map(width);
    let line = |row: &[String; 4]| {
        let cells = row.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}"));
        format!("| {} |\n", cells.collect::<Vec<_>>().join(" | "))
    };
    let rule = widths.map(|width| "-".repeat(width));
    let mut lines: Vec<String> = rows.iter().map(line).collect();
    lines.insert(1, line(&rule));
    lines.concat()
}

/// Breaks a paragraph into lines of at most [`WIDTH`] characters.
fn wrap(text: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= WIDTH => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.into()),
        }
    }
    lines.join("\n")
}

/// Writes the page in Markdown.
pub fn write_page() -> String {
    let cell = |text: &str| text.replace('|', "\\|");
    let row = |kind: &Kind| {
        let example = match kind.example {
            "" => String::new(),
            example => format!("`{}`", cell(example)),
        };
        [cell(kind.what), example, show_support(kind.support).into(), cell(kind.detail)]
    };
    let head = ["kind", "example", "", "how, or what to do"].map(String::from);
    let part = |part: &Part| {
        let rows = part.kinds().map(row);
        let rows: Vec<_> = [head.clone()].into_iter().chain(rows).collect();
        format!("\n## {}\n\n{}\n\n{}", part.title, wrap(part.about), write_table(&rows))
    };
    let parts: Vec<String> = PARTS.iter().map(part).collect();
    let about = wrap(
        "The program writes this page from the lists that stand beside the code that reads, \
         refuses or passes over each kind; the tests of that code walk through them:",
    );
    let rest = wrap(
        "Plain safetensors are read in BF16, F16, F32 and F64. What stands in none of these \
         tables is read as weights where its dtype is one of them, and else named in `left_out`. \
         \"Refused by name\" says what it is and what to do instead.",
    );
    format!(
        "# What is read\n\n{about}\n\n    cargo run --release --example checkpoints > \
         docs/checkpoints.md\n\n{rest}\n{}",
        parts.concat()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_committed_page_is_that_of_the_lists() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/checkpoints.md");
        let committed = std::fs::read_to_string(path).expect("docs/checkpoints.md is committed");
        assert!(
            committed == write_page(),
            "run: cargo run --release --example checkpoints > docs/checkpoints.md"
        );
    }

    #[test]
    fn no_kind_stands_there_twice() {
        let mut seen = std::collections::HashSet::new();
        for kind in PARTS.iter().flat_map(Part::kinds) {
            assert!(!kind.what.is_empty(), "{}", kind.example);
            assert!(seen.insert((kind.what, kind.example)), "{}: {}", kind.what, kind.example);
        }
    }
}
