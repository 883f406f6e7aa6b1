//! The text of a safetensors header, read straight into what is kept of it.
//!
//! It takes and refuses what the safetensors package does, whose types collect every value before
//! they look at it: so a field that nobody knows must be valid JSON, too, though it is not kept. A
//! header of 100 MB may describe a million tensors, or nothing that is worth keeping.

use crate::checkpoint::json_entries::read_entries;
use serde::Deserialize;
use serde::de::{Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::collections::BTreeMap;
use std::fmt;

/// The key that holds free text instead of a tensor.
const METADATA: &str = "__metadata__";
/// The texts that are kept: those by which a layout is recognised.
const KEPT: [&str; 3] = ["sparse", "model_version", "DCP_SHARDING_INFO"];

/// A header as it is written.
pub(crate) struct HeaderText {
    /// The texts of `__metadata__` by which a layout is recognised.
    pub metadata: BTreeMap<String, String>,
    /// The tensors in the order of the text; a name may come up again.
    pub entries: Vec<(String, HeaderEntry)>,
}

/// The header's entry of one tensor.
pub(crate) struct HeaderEntry {
    /// The dtype.
    pub dtype: DtypeName,
    /// The shape.
    pub shape: Vec<u64>,
    /// Its first byte after the header, and the one behind its last.
    pub data_offsets: (u64, u64),
}

/// A dtype as a header names it.
pub(crate) enum DtypeName {
    /// One that safetensors knows.
    Known(safetensors::Dtype),
    /// Any other name.
    Unknown(String),
}

impl HeaderText {
    /// Parses the text of a header.
    ///
    /// # Errors
    /// A sentence where safetensors refuses it.
    pub fn parse(text: &[u8]) -> Result<Self, String> {
        let text = std::str::from_utf8(text).map_err(|e| e.to_string())?;
        serde_json::from_str(text).map_err(|e| e.to_string())
    }
}

impl<'de> Deserialize<'de> for HeaderText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = HeaderText;
            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("an object of tensors")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<HeaderText, A::Error> {
                let (mut metadata, mut entries) = (None, Vec::new());
                while let Some(name) = map.next_key::<String>()? {
                    if name != METADATA {
                        let entry = map
                            .next_value()
                            .map_err(|e| A::Error::custom(format!("at {name}: {e}")))?;
                        entries.push((name, entry));
                    } else if metadata.is_some() {
                        return Err(A::Error::duplicate_field(METADATA));
                    } else {
                        let texts = map
                            .next_value::<Option<Texts>>()
                            .map_err(|e| A::Error::custom(format!("at {METADATA}: {e}")))?;
                        metadata = Some(texts.unwrap_or_default().0);
                    }
                }
                Ok(HeaderText { metadata: metadata.unwrap_or_default(), entries })
            }
        }
        deserializer.deserialize_map(Reader)
    }
}

/// An object of texts, of which few are kept.
#[derive(Default)]
struct Texts(BTreeMap<String, String>);

impl<'de> Deserialize<'de> for Texts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut texts = BTreeMap::new();
        read_entries(deserializer, "an object of texts", |key, text| {
            if KEPT.contains(&key.as_str()) {
                texts.insert(key, text);
            }
        })?;
        Ok(Self(texts))
    }
}

impl<'de> Deserialize<'de> for HeaderEntry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = HeaderEntry;
            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("dtype, shape and data_offsets")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<HeaderEntry, A::Error> {
                let (mut dtype, mut shape, mut data_offsets) = (None, None, None);
                while let Some(key) = map.next_key::<String>()? {
                    match key.as_str() {
                        "dtype" => fill(&mut dtype, "dtype", &mut map)?,
                        "shape" => fill(&mut shape, "shape", &mut map)?,
                        "data_offsets" => fill(&mut data_offsets, "data_offsets", &mut map)?,
                        _ => {
                            map.next_value::<AnyValid>()?;
                        }
                    }
                }
                Ok(HeaderEntry {
                    dtype: dtype.ok_or_else(|| A::Error::missing_field("dtype"))?,
                    shape: shape.ok_or_else(|| A::Error::missing_field("shape"))?,
                    data_offsets: data_offsets
                        .ok_or_else(|| A::Error::missing_field("data_offsets"))?,
                })
            }
            /// The same without names, as serde reads every struct.
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<HeaderEntry, A::Error> {
                let entry = HeaderEntry {
                    dtype: next(&mut seq, 0)?,
                    shape: next(&mut seq, 1)?,
                    data_offsets: next(&mut seq, 2)?,
                };
                match seq.next_element::<IgnoredAny>()? {
                    Some(_) => Err(A::Error::invalid_length(4, &"3 elements")),
                    None => Ok(entry),
                }
            }
        }
        deserializer.deserialize_any(Reader)
    }
}

/// Reads a field, which may come up once.
fn fill<'de, A: MapAccess<'de>, T: Deserialize<'de>>(
    field: &mut Option<T>,
    name: &'static str,
    map: &mut A,
) -> Result<(), A::Error> {
    if field.is_some() {
        return Err(A::Error::duplicate_field(name));
    }
    *field = Some(map.next_value()?);
    Ok(())
}

/// Reads the next element, which must be there.
fn next<'de, A: SeqAccess<'de>, T: Deserialize<'de>>(
    seq: &mut A,
    place: usize,
) -> Result<T, A::Error> {
    seq.next_element()?.ok_or_else(|| A::Error::invalid_length(place, &"3 elements"))
}

impl<'de> Deserialize<'de> for DtypeName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = DtypeName;
            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("the name of a dtype")
            }
            fn visit_str<E: Error>(self, name: &str) -> Result<DtypeName, E> {
                let known = safetensors::Dtype::deserialize(serde::de::value::StrDeserializer::<
                    serde::de::value::Error,
                >::new(name));
                Ok(known.map_or_else(|_| DtypeName::Unknown(name.into()), DtypeName::Known))
            }
            /// `{"F32": null}`, as serde reads every word of a closed set.
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<DtypeName, A::Error> {
                let Some((name, ())) = map.next_entry::<String, ()>()? else {
                    return Err(A::Error::invalid_length(0, &"one name"));
                };
                if map.next_key::<String>()?.is_some() {
                    return Err(A::Error::invalid_length(2, &"one name"));
                }
                self.visit_str(&name)
            }
        }
        deserializer.deserialize_any(Reader)
    }
}

/// A value that is valid and not kept. [`IgnoredAny`] would look neither at the size of numbers nor
/// at halves of surrogates nor at the depth.
struct AnyValid;

impl<'de> Deserialize<'de> for AnyValid {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = AnyValid;
            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("a value")
            }
            fn visit_bool<E>(self, _: bool) -> Result<AnyValid, E> {
                Ok(AnyValid)
            }
            fn visit_i64<E>(self, _: i64) -> Result<AnyValid, E> {
                Ok(AnyValid)
            }
            fn visit_u64<E>(self, _: u64) -> Result<AnyValid, E> {
                Ok(AnyValid)
            }
            fn visit_f64<E>(self, _: f64) -> Result<AnyValid, E> {
                Ok(AnyValid)
            }
            fn visit_str<E>(self, _: &str) -> Result<AnyValid, E> {
                Ok(AnyValid)
            }
            fn visit_unit<E>(self) -> Result<AnyValid, E> {
                Ok(AnyValid)
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<AnyValid, A::Error> {
                while seq.next_element::<AnyValid>()?.is_some() {}
                Ok(AnyValid)
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<AnyValid, A::Error> {
                while map.next_entry::<AnyValid, AnyValid>()?.is_some() {}
                Ok(AnyValid)
            }
        }
        deserializer.deserialize_any(Reader)
    }
}
