//! The options of a comparison. `gatescope options` prints them for `npm run analyze`.

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, ValueHint};
use gatescope::settings::{BackendChoice, Comparison, Settings};
use gatescope::words::list_words;
use schemars::JsonSchema;
use std::path::PathBuf;
use std::str::FromStr;

/// How lines on stderr are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum LogFormat {
    /// Lines for people.
    Text,
    /// One JSON object a line, as programs read them.
    Json,
}

/// A part of the analysis.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Only {
    /// Gate III: what changed in bf16 and by how much, without spectra, masks and maps.
    Gate,
}

/// What is compared, how, and where the report goes.
#[derive(Args, Debug, Clone)]
pub struct Options {
    /// The base checkpoint and those tuned from it, each a folder, a file, or a model of the Hub's
    /// local cache as ORG/NAME or ORG/NAME@REVISION. With --base all are tuned checkpoints.
    #[arg(value_name = "BASE TUNED", value_hint = ValueHint::AnyPath)]
    pub paths: Vec<PathBuf>,
    /// The base checkpoint: a folder of weights, or one file. Sparse deltas that list weights can
    /// be read without it.
    #[arg(long, value_name = "PATH", value_hint = ValueHint::AnyPath)]
    pub base: Option<PathBuf>,
    /// A tuned checkpoint; repeat for more. LoRA adapters as PEFT saves them and sparse deltas
    /// will do.
    #[arg(long, value_name = "PATH", value_hint = ValueHint::AnyPath)]
    pub tuned: Vec<PathBuf>,
    /// A diagonal Fisher of the base, or Adam's exp_avg_sq: safetensors with the base's tensor
    /// names.
    #[arg(long, value_name = "PATH", value_hint = ValueHint::AnyPath)]
    pub fisher: Option<PathBuf>,
    /// The file that the report is written to: as JSON, with the ending .json.gz packed by gzip,
    /// which takes about a tenth, with the ending .html as a page of its own, or with .csv as the
    /// table alone; repeat for more. Without it there is a summary on stdout alone.
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub out: Vec<PathBuf>,
    /// A file for the table as CSV.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub csv: Option<PathBuf>,
    /// The name of a tuned checkpoint, in their order; repeat for more. Otherwise their folders'
    /// names.
    #[arg(long)]
    pub name: Vec<String>,
    /// Rank of the principal subspaces.
    #[arg(long, default_value_t = Settings::default().k)]
    pub k: usize,
    /// Mask fractions, separated by commas.
    #[arg(long, value_delimiter = ',', default_values_t = Settings::default().alphas)]
    pub alpha: Vec<f64>,
    /// Relative tolerance of the bf16 gate.
    #[arg(long, default_value_t = Settings::default().eta)]
    pub eta: f64,
    /// Absolute tolerance of sparsity_abs.
    #[arg(long, default_value_t = Settings::default().abs_tolerance)]
    pub abs_tolerance: f64,
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
    /// A part of the analysis alone: gate counts what changed in one read of the files, without
    /// spectra, masks and maps.
    #[arg(long, value_enum)]
    pub only: Option<Only>,
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
    /// Seed of the random block of the iteration, and of the draws of chance.
    #[arg(long, default_value_t = Settings::default().seed)]
    pub seed: u32,
    /// The backend; auto takes a GPU only if it is a hardware adapter.
    #[arg(long, default_value_t = Settings::default().backend,
          value_parser = words_parser::<BackendChoice>())]
    pub backend: BackendChoice,
    /// Memory for one tensor, in MiB.
    #[arg(long, default_value_t = 4096)]
    pub memory: u64,
    /// No progress and no summary; what went wrong is said all the same.
    #[arg(short, long)]
    pub quiet: bool,
    /// How lines on stderr are written: for people, or as one JSON object a line.
    #[arg(long, value_enum, default_value_t = LogFormat::Text)]
    pub log_format: LogFormat,
}

impl Options {
    /// The settings of the analysis.
    pub fn settings(&self) -> Settings {
        Settings {
            k: self.k,
            alphas: self.alpha.clone(),
            eta: self.eta,
            abs_tolerance: self.abs_tolerance,
            exact_limit: self.exact_limit,
            layers: self.layers.clone(),
            rename: self.rename.clone(),
            map_side: if self.only.is_some() { 0 } else { self.map_side },
            comparison: self.comparison,
            function_preserving: !self.no_function_preserving && self.only.is_none(),
            seed: self.seed,
            backend: self.backend,
        }
    }

    /// Gives every path its role: the first one is the base unless `--base` names it, the others
    /// are tuned checkpoints.
    ///
    /// # Errors
    /// A line that says what the command line lacks.
    pub fn assign_paths(&mut self) -> Result<(), String> {
        let mut paths = std::mem::take(&mut self.paths);
        if self.base.is_none() && !paths.is_empty() {
            self.base = Some(paths.remove(0));
        }
        paths.append(&mut self.tuned);
        self.tuned = paths;
        if self.tuned.is_empty() {
            return Err(
                "a tuned checkpoint is needed: gatescope BASE TUNED, or --tuned PATH for a \
                        sparse delta without its base"
                    .into(),
            );
        }
        if self.name.len() > self.tuned.len() {
            let (names, tuned) = (self.name.len(), self.tuned.len());
            let s = if tuned == 1 { "" } else { "s" };
            return Err(format!(
                "--name is given {names} times for {tuned} tuned checkpoint{s}: give one for each \
                 at most"
            ));
        }
        Ok(())
    }
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
