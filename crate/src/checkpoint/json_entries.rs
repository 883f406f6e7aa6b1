//! Objects of JSON, read entry by entry: what is not kept of a large one takes no memory.

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use std::fmt;
use std::marker::PhantomData;

/// Gives the entries of an object, in the order of the text, to `take`; a name may come up again.
/// `what` says in an error what was expected.
///
/// # Errors
/// Those of the deserializer, where it is no object or an entry has another type.
pub(crate) fn read_entries<'de, D: Deserializer<'de>, V: Deserialize<'de>>(
    deserializer: D,
    what: &str,
    take: impl FnMut(String, V),
) -> Result<(), D::Error> {
    struct Reader<'a, V, F>(&'a str, F, PhantomData<V>);
    impl<'de, V: Deserialize<'de>, F: FnMut(String, V)> Visitor<'de> for Reader<'_, V, F> {
        type Value = ();
        fn expecting(&self, out: &mut fmt::Formatter) -> fmt::Result {
            out.write_str(self.0)
        }
        fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
            while let Some((name, value)) = map.next_entry()? {
                (self.1)(name, value);
            }
            Ok(())
        }
    }
    deserializer.deserialize_map(Reader(what, take, PhantomData))
}
