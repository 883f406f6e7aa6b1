//! The page of what is read and what is not, docs/checkpoints.md.

use crate::checkpoint::formats::{distributed, lora, quantized, torch};
use crate::checkpoint::kinds::{Kind, Support};
use crate::checkpoint::names::{buffers, families, wrappers};
use crate::checkpoint::pairing::regroup;
use crate::checkpoint::{cut, foreign};

/// A part of the page.
struct Part {
    title: &'static str,
    about: &'static str,
    lists: &'static [&'static [Kind]],
}

const PARTS: [Part; 6] = [
    Part {
        title: "Files",
        about: "A folder holds one checkpoint, or folders with one each. Of several complete sets \
                of weights one is chosen as transformers chooses; the others are named.",
        lists: &[torch::KINDS, distributed::kinds::KINDS, foreign::KINDS],
    },
    Part {
        title: "Names and shapes",
        about: "Names of both sides find each other as they are, without wrappers, and by the \
                beginnings that most names of equal shape agree on; `--rename FROM=TO` overrides.",
        lists: &[
            wrappers::KINDS,
            families::KINDS,
            regroup::place::KINDS,
            regroup::fused::KINDS,
            cut::KINDS,
        ],
    },
    Part {
        title: "Quantised weights",
        about: "What is decoded is compared as numbers; its scales are no weights.",
        lists: &[quantized::decode::KINDS, quantized::refused::KINDS],
    },
    Part {
        title: "Parameters of a quantisation",
        about: "They are named in `left_out` where no weight is decoded by them, and counted \
                nowhere.",
        lists: &[quantized::parameters::KINDS],
    },
    Part {
        title: "Buffers",
        about: "Training does not change them: they are named in `left_out`, and counted nowhere.",
        lists: &[buffers::KINDS],
    },
    Part {
        title: "Adapters",
        about: "What PEFT would merge is the measure.",
        lists: &[lora::kinds::KINDS],
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
        let rows = part.lists.iter().copied().flatten().map(row);
        let rows: Vec<_> = [head.clone()].into_iter().chain(rows).collect();
        format!("\n## {}\n\n{}\n\n{}", part.title, part.about, write_table(&rows))
    };
    let parts: Vec<String> = PARTS.iter().map(part).collect();
    format!(
        "# What is read\n\nThe program writes this page from the lists that stand beside the code \
         that reads, refuses or\npasses over each kind; the tests of that code walk through them:\n\
         \n    cargo run --release --example checkpoints > docs/checkpoints.md\n\n\
         Plain safetensors are read in BF16, F16, F32 and F64. What stands in none of these tables \
         is read\nas weights where its dtype is one of them, and else named in `left_out`. \
         \"Refused by name\" says\nwhat it is and what to do instead.\n{}",
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
        for kind in PARTS.iter().flat_map(|part| part.lists.iter().copied().flatten()) {
            assert!(!kind.what.is_empty(), "{}", kind.example);
            assert!(seen.insert((kind.what, kind.example)), "{}: {}", kind.what, kind.example);
        }
    }
}
