//! JSON objects whose order counts.

use crate::checkpoint::json_entries::read_entries;
use serde::{Deserialize, Deserializer};

/// An object's entries as they stand in the file: of several patterns that match, the first one
/// counts.
pub(crate) struct InOrder<T>(pub Vec<(String, T)>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for InOrder<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut entries = Vec::new();
        read_entries(deserializer, "an object", |name, value| entries.push((name, value)))?;
        Ok(Self(entries))
    }
}
