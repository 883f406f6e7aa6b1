//! Votes of names for replacements of their prefixes.

use std::collections::HashMap;

/// A name, and the shape of what it names; without a shape it fits any.
#[derive(Debug, Clone, Copy)]
pub struct Named<'a> {
    /// The full name.
    pub name: &'a str,
    /// The shape; `None` where it is not known.
    pub shape: Option<&'a [u64]>,
}

impl<'a> Named<'a> {
    /// A name of something of this shape.
    pub fn new(name: &'a str, shape: &'a [u64]) -> Self {
        Self { name, shape: Some(shape) }
    }

    fn fits(&self, other: &Self) -> bool {
        match (self.shape, other.shape) {
            (Some(a), Some(b)) => a == b,
            _ => true,
        }
    }
}

/// A replacement of one prefix by another; either may be empty.
pub(crate) type Prefixes<'a> = (&'a str, &'a str);

/// The names that vote for a rule, as places (in the base, among the others).
pub(crate) type Ballot = Vec<(u32, u32)>;

/// Components behind which a prefix may end: deeper ones hold the parts of a model, not the model.
const DEEPEST: usize = 8;
/// Names with one suffix beyond which it tells nothing.
const MOST_ALIKE: usize = 16;

/// True for a component that is a number.
pub(crate) fn is_number(component: &str) -> bool {
    !component.is_empty() && component.bytes().all(|b| b.is_ascii_digit())
}

/// The places at which a prefix of `name` may end, the empty prefix first: no number stands before
/// or right behind it, so that one layer is never taken for another.
pub(crate) fn find_borders(name: &str) -> impl Iterator<Item = usize> {
    let mut at = 0;
    name.split('.').take(DEEPEST).take_while(|component| !is_number(component)).map(
        move |component| {
            let start = at;
            at += component.len() + 1;
            start
        },
    )
}

/// True where a component of `suffix` is a number, as of a layer.
pub(crate) fn has_number(suffix: &str) -> bool {
    suffix.split('.').any(is_number)
}

/// Counts votes: each of `other` votes with its longest suffix that names of `base` have with the
/// same shape, once for each of these. `of_base` and `of_other` are the places of those that have
/// no partner yet.
pub(crate) fn count_votes<'a>(
    base: &[Named<'a>],
    of_base: &[u32],
    other: &[Named<'a>],
    of_other: &[u32],
) -> HashMap<Prefixes<'a>, Ballot> {
    let mut by_suffix: HashMap<&str, (u32, Vec<u32>)> = HashMap::new();
    for &place in of_base {
        let name = base[place as usize].name;
        for border in find_borders(name) {
            by_suffix
                .entry(&name[border..])
                .and_modify(|(_, more)| {
                    if more.len() < MOST_ALIKE {
                        more.push(place);
                    }
                })
                .or_insert((place, Vec::new()));
        }
    }
    let mut votes: HashMap<Prefixes<'a>, Ballot> = HashMap::new();
    for &place in of_other {
        let own = &other[place as usize];
        for border in find_borders(own.name) {
            let (from, suffix) = own.name.split_at(border);
            let Some((first, more)) = by_suffix.get(suffix) else { continue };
            if more.len() == MOST_ALIKE {
                break;
            }
            let mut found = false;
            for &b in std::iter::once(first).chain(more) {
                let theirs = &base[b as usize];
                if own.fits(theirs) {
                    let to = &theirs.name[..theirs.name.len() - suffix.len()];
                    votes.entry((from, to)).or_default().push((b, place));
                    found = true;
                }
            }
            if found {
                break;
            }
        }
    }
    votes
}
