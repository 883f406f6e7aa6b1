//! What was left out, in a few lines.

use crate::checkpoint::summary::LeftOut;
use std::collections::HashMap;

/// The most examples of one reason, each with another detail.
const MOST_EXAMPLES: usize = 2;

/// Groups what was left out by its reasons, in the order in which they come up: a line for each,
/// with its count and the examples of its commonest details.
pub fn describe_left_out(left_out: &[LeftOut]) -> Vec<String> {
    let mut reasons: Vec<(_, Vec<&LeftOut>)> = Vec::new();
    for entry in left_out {
        match reasons.iter_mut().find(|(reason, _)| *reason == entry.reason) {
            Some((_, entries)) => entries.push(entry),
            None => reasons.push((entry.reason, vec![entry])),
        }
    }
    let describe = |(reason, entries): (_, Vec<&LeftOut>)| {
        let mut counts: HashMap<&str, (usize, usize)> = HashMap::new();
        for (place, entry) in entries.iter().enumerate() {
            counts.entry(&entry.detail).or_insert((0, place)).0 += 1;
        }
        let mut examples: Vec<(usize, usize)> = counts.into_values().collect();
        examples.sort_by_key(|(count, place)| (usize::MAX - count, *place));
        let shown: Vec<String> = examples
            .iter()
            .take(MOST_EXAMPLES)
            .map(|(_, place)| format!("{}: {}", entries[*place].name, entries[*place].detail))
            .collect();
        let count = entries.len();
        let more = if count > shown.len() { "as " } else { "" };
        format!("{reason} ({count}): {more}{}", shown.join("; "))
    };
    reasons.into_iter().map(describe).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checkpoint::summary::LeftOutReason::*;

    #[test]
    fn each_reason_is_a_line_with_its_commonest_details() {
        let entry = LeftOut::new;
        let lines = describe_left_out(&[
            entry("a", OnlyInBase, "none of this name"),
            entry("x", BadFile, "a pointer"),
            entry("b", ShapeDiffers, "[1] and [2]"),
            entry("c", ShapeDiffers, "[3] and [4]"),
            entry("d", ShapeDiffers, "[3] and [4]"),
            entry("e", OnlyInBase, "none of this name"),
        ]);
        assert_eq!(
            lines,
            [
                "only_in_base (2): as a: none of this name",
                "bad_file (1): x: a pointer",
                "shape_differs (3): as c: [3] and [4]; b: [1] and [2]",
            ]
        );
    }
}
