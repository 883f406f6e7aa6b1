//! Checkpoints: safetensors headers, shards, tensors by name, pairs of two checkpoints.

pub mod attention;
mod content;
pub mod coverage;
pub mod cut;
mod duplicates;
pub mod entry;
pub mod foreign;
pub mod formats;
pub mod grouped;
pub mod header;
mod header_text;
mod identify;
pub mod in_run;
mod index;
pub(crate) mod json_entries;
pub mod kinds;
pub mod layout;
pub mod listing;
pub mod model_config;
pub mod names;
mod onto;
pub mod open;
pub mod pairing;
pub(crate) mod placed;
pub mod raw;
pub mod summary;
pub mod support;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
pub mod views;

pub use attention::{Attention, Fused, HeadBlocks};
pub use coverage::Coverage;
pub use entry::TensorEntry;
pub use formats::sparse_delta::Delta;
pub use formats::sparse_delta::indices::{Cursor, Indices};
pub use in_run::InRun;
pub use listing::{Listing, Listings, find_listings};
pub use names::layers::LayerSet;
pub use names::renaming::{RenamedSide, Renaming};
pub use names::role::{Role, find_role};
pub use open::Checkpoint;
pub use pairing::{Pair, Pairing, Side, Unmerged, pair_renamed, pair_tensors};
pub use raw::RawTensor;
pub use summary::{CheckpointSummary, FileSummary, LeftOut};
