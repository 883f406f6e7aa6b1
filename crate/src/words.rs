//! Closed sets of words: enums whose words serde writes and reads, and the schema lists.
//!
//! The words of a set stand once, in the attributes of its enum. `Display`, `FromStr`, the schema
//! and the options of the command line take them from there.

use schemars::transform::{RecursiveTransform, Transform};
use schemars::{JsonSchema, Schema};
use serde_json::Value;

/// Implements `Display` and `FromStr` for enums without data, by the words that serde writes and
/// reads.
macro_rules! impl_words {
    ($($set:ty),+ $(,)?) => {$(
        impl std::fmt::Display for $set {
            fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                serde::Serialize::serialize(self, out)
            }
        }

        impl std::str::FromStr for $set {
            type Err = serde::de::value::Error;

            fn from_str(word: &str) -> Result<Self, Self::Err> {
                use serde::de::IntoDeserializer;
                serde::Deserialize::deserialize(word.into_deserializer())
            }
        }
    )+};
}

pub(crate) use impl_words;

/// Writes every set of words in a schema as one `enum`, and the meaning of each word into the
/// description of the set. schemars writes a set with doc comments as a list of constants, which
/// readers of the schema find harder to use.
pub(crate) fn join_words(schema: &mut Schema) {
    RecursiveTransform(join_words_of_set).transform(schema);
}

fn join_words_of_set(schema: &mut Schema) {
    let Some(variants) = schema.get("oneOf").and_then(Value::as_array) else { return };
    let word = |variant: &Value| Some(variant.get("const")?.as_str()?.to_string());
    let meaning = |variant: &Value| Some(variant.get("description")?.as_str()?.to_string());
    let both = |variant: &Value| Some((word(variant)?, meaning(variant)?));
    let Some(words) = variants.iter().map(both).collect::<Option<Vec<_>>>() else { return };
    let about = schema.get("description").and_then(Value::as_str).unwrap_or_default();
    let lines = words.iter().map(|(word, meaning)| format!("- `{word}`: {meaning}"));
    let description = format!("{about}\n\n{}", lines.collect::<Vec<_>>().join("\n\n"));
    schema.remove("oneOf");
    schema.insert("description".into(), description.into());
    schema.insert("type".into(), "string".into());
    let words: Vec<String> = words.into_iter().map(|(word, _)| word).collect();
    schema.insert("enum".into(), words.into());
}

/// Lists the words of a set in the order of its enum; the list is empty for a type that is not a
/// set of words.
pub fn list_words<T: JsonSchema>() -> Vec<String> {
    let mut schema = schemars::schema_for!(T);
    join_words(&mut schema);
    let words = schema.get("enum").and_then(Value::as_array).into_iter().flatten();
    words.filter_map(Value::as_str).map(String::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::{Deserialize, Serialize};

    /// A size.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
    #[serde(rename_all = "snake_case")]
    enum Size {
        /// It fits in memory.
        Small,
        /// It is read in parts.
        VeryLarge,
    }

    impl_words!(Size);

    #[test]
    fn words_are_those_of_serde_everywhere() {
        assert_eq!(list_words::<Size>(), ["small", "very_large"]);
        assert_eq!(list_words::<String>(), [""; 0]);
        assert_eq!(format!("{:>12}|", Size::VeryLarge), "  very_large|");
        assert_eq!("small".parse(), Ok(Size::Small));
        let error = "huge".parse::<Size>().expect_err("it is not a size").to_string();
        assert_eq!(error, "unknown variant `huge`, expected `small` or `very_large`");
    }

    #[test]
    fn a_schema_lists_words_with_their_meaning() {
        let mut schema = schemars::schema_for!(Size);
        join_words(&mut schema);
        let schema = schema.as_value();
        assert_eq!(schema["enum"], serde_json::json!(["small", "very_large"]));
        assert_eq!(schema["type"], "string");
        assert_eq!(
            schema["description"],
            "A size.\n\n- `small`: It fits in memory.\n\n- `very_large`: It is read in parts."
        );
    }
}
