//! Tensors that more than one file holds.

use crate::checkpoint::raw::RawTensor;
use crate::checkpoint::summary::{LeftOut, LeftOutReason};
use crate::error::Error;
use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap, HashSet};

/// The most tensors of one pair of files that are listed one by one.
const MOST_LISTED: usize = 8;

/// Keeps the first tensor of each name, and lists the others: one by one, or by their files where
/// they are many.
///
/// # Errors
/// [`Error::BadFile`] where all tensors of a file are in another one that does not tell by its name
/// that both are parts: they are two models, and nothing tells which is meant.
pub(crate) fn drop_duplicates(
    name: &str,
    mut tensors: Vec<RawTensor>,
    are_parts: bool,
) -> Result<(Vec<RawTensor>, Vec<LeftOut>), Error> {
    let mut counts: HashMap<&str, usize> = HashMap::new();
    let mut first: HashMap<&str, &RawTensor> = HashMap::with_capacity(tensors.len());
    // By the files that hold them first and again.
    let mut again: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
    let mut dropped = HashSet::new();
    for (place, t) in tensors.iter().enumerate() {
        *counts.entry(t.source.name()).or_default() += 1;
        match first.entry(&t.name) {
            Entry::Occupied(entry) => {
                let files = (entry.get().source.name().into(), t.source.name().into());
                again.entry(files).or_default().push(t.name.clone());
                dropped.insert(place);
            }
            Entry::Vacant(entry) => drop(entry.insert(t)),
        }
    }
    drop(first);
    let mut problems = Vec::new();
    for ((one, other), names) in &again {
        if !are_parts && names.len() > 1 && counts.get(other.as_str()) == Some(&names.len()) {
            let what = format!(
                "{one} and {other} hold the same {} tensors: they are two models, or one twice, \
                 and nothing tells which is meant. Give one of the files",
                names.len()
            );
            return Err(Error::bad_file(name, what));
        }
        if names.len() > MOST_LISTED {
            let detail = format!(
                "{} of its tensors are in {one}, too, as {}: those are used",
                names.len(),
                names[0]
            );
            problems.push(LeftOut::new(other, LeftOutReason::Duplicate, detail));
            continue;
        }
        problems.extend(names.iter().map(|name| {
            let detail = format!("it is in {one} and again in {other}: the first is used");
            LeftOut::new(name, LeftOutReason::Duplicate, detail)
        }));
    }
    let mut places = 0..;
    tensors.retain(|_| places.next().is_none_or(|place| !dropped.contains(&place)));
    Ok((tensors, problems))
}

#[cfg(test)]
mod tests {
    use crate::checkpoint::summary::LeftOutReason;
    use crate::checkpoint::testing::{FileBuilder, open};
    use crate::source::Source;
    use std::rc::Rc;

    fn file(name: &str, tensors: std::ops::Range<usize>) -> Rc<dyn Source> {
        let add = |file: FileBuilder, i: usize| file.f32s(&format!("w{i}"), &[1], &[1.0]);
        tensors.fold(FileBuilder::new(), add).source(name)
    }

    #[test]
    fn many_duplicates_are_one_entry_and_two_models_are_refused() {
        let checkpoint =
            open("m", vec![file("a.safetensors", 0..20), file("b.safetensors", 5..30)])
                .expect("both have tensors of their own");
        let [problem] = &checkpoint.problems[..] else { panic!("{:?}", checkpoint.problems) };
        assert_eq!(
            (problem.name.as_str(), problem.reason),
            ("b.safetensors", LeftOutReason::Duplicate)
        );
        assert!(problem.detail.contains("15 of its tensors"), "{}", problem.detail);
        assert_eq!(checkpoint.tensors.len(), 30);
        let error = open("m", vec![file("a.safetensors", 0..3), file("b.safetensors", 0..3)])
            .err()
            .expect("two models")
            .to_string();
        assert!(error.contains("a.safetensors and b.safetensors hold the same 3"), "{error}");
    }
}
