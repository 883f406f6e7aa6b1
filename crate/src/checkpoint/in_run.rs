//! A value of one run of an analysis.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A value and the run that it belongs to.
///
/// In JSON it is the list `[run, value]`: the page's workers exchange it in this form, and results
/// that a browser keeps are stored in it.
#[derive(Debug, Clone, PartialEq)]
pub struct InRun<T> {
    /// Index of the run among the tuned checkpoints.
    pub run: usize,
    /// The value in that run.
    pub value: T,
}

impl<T> InRun<T> {
    /// Says that `value` belongs to `run`.
    pub fn new(run: usize, value: T) -> Self {
        Self { run, value }
    }
}

impl<T: Serialize> Serialize for InRun<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (self.run, &self.value).serialize(serializer)
    }
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for InRun<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (run, value) = Deserialize::deserialize(deserializer)?;
        Ok(Self { run, value })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_json_it_is_a_list_of_two() {
        let text = serde_json::to_string(&InRun::new(3, "a")).expect("it is plain data");
        assert_eq!(text, r#"[3,"a"]"#);
        let read: InRun<String> = serde_json::from_str(&text).expect("its own format");
        assert_eq!(read, InRun::new(3, "a".to_string()));
    }
}
