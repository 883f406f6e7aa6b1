//! The command line of the native program.

use clap::Parser;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use gatescope::settings::{BackendChoice, Comparison, Settings};
use gatescope::words::list_words;
use schemars::JsonSchema;
use std::path::PathBuf;
use std::str::FromStr;

/// What the program does beside comparing.
const VERIFY: &str = "gatescope verify REPORT PATH… says whether files are those of a report.";

/// Compares tuned checkpoints with their base, or sparse deltas with each other, and writes a
/// report.
#[derive(Parser, Debug, Clone)]
#[command(version, about, after_help = VERIFY)]
pub struct Options {
    /// The base checkpoint: a folder of safetensors, or one file. Sparse deltas that list
    /// weights can be read without it.
    #[arg(long)]
    pub base: Option<PathBuf>,
    /// A tuned checkpoint; repeat for more.
    #[arg(long, required = true)]
    pub tuned: Vec<PathBuf>,
    /// A diagonal Fisher of the base, or Adam's exp_avg_sq: safetensors with the base's tensor
    /// names.
    #[arg(long)]
    pub fisher: Option<PathBuf>,
    /// The file that the report is written to: as JSON, with the ending .json.gz packed by gzip,
    /// which takes about a tenth, or with the ending .html as a page of its own.
    #[arg(long)]
    pub out: PathBuf,
    /// A file for the table as CSV.
    #[arg(long)]
    pub csv: Option<PathBuf>,
    /// Rank of the principal subspaces.
    #[arg(long, default_value_t = Settings::default().k)]
    pub k: usize,
    /// Mask fractions, separated by commas.
    #[arg(long, value_delimiter = ',', default_values_t = Settings::default().alphas)]
    pub alpha: Vec<f64>,
    /// Relative tolerance of the bf16 gate.
    #[arg(long, default_value_t = Settings::default().eta)]
    pub eta: f64,
    /// Matrices up to this shorter side are decomposed exactly.
    #[arg(long, default_value_t = Settings::default().exact_limit)]
    pub exact_limit: usize,
    /// Layers, as 0-3,7.
    #[arg(long)]
    pub layers: Option<String>,
    /// A prefix of the tuned checkpoints' names and what the base has in its place, either of
    /// which may be empty, as model.language_model.=model.; repeat for more.
    #[arg(long, value_name = "FROM=TO", value_parser = parse_renaming)]
    pub rename: Vec<[String; 2]>,
    /// The largest number of cells along a side of a map; 0 for no maps.
    #[arg(long, default_value_t = Settings::default().map_side)]
    pub map_side: usize,
    /// The kind of comparison: with the result of a whole run, over one step of a run, or step
    /// by step of one run, whose saves are the tuned checkpoints in their order.
    #[arg(long, alias = "span", value_parser = words_parser::<Comparison>())]
    pub comparison: Option<Comparison>,
    /// Do not look for changes of value and output projections that leave the function as it
    /// was.
    #[arg(long)]
    pub no_function_preserving: bool,
    /// Do not compute some small tensors again by another route after the analysis.
    #[arg(long)]
    pub no_check: bool,
    /// The backend; auto takes a GPU only if it is a hardware adapter.
    #[arg(long, default_value_t = Settings::default().backend,
          value_parser = words_parser::<BackendChoice>())]
    pub backend: BackendChoice,
    /// Memory for one tensor, in MiB.
    #[arg(long, default_value_t = 4096)]
    pub memory: u64,
}

/// Reads `FROM=TO`.
fn parse_renaming(text: &str) -> Result<[String; 2], String> {
    let (from, to) = text
        .split_once('=')
        .ok_or("expected two prefixes and = between them, as model.language_model.=model.")?;
    Ok([from.into(), to.into()])
}

/// Makes a parser that takes the words of a set.
fn words_parser<T>() -> impl TypedValueParser<Value = T>
where
    T: JsonSchema + FromStr<Err: std::error::Error + Send + Sync> + Clone + Send + Sync + 'static,
{
    // The parser of the command line lives as long as the program.
    let words = list_words::<T>().into_iter().map(|word| &*word.leak());
    PossibleValuesParser::new(words).try_map(|word| word.parse::<T>())
}
