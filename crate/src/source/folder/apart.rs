//! Names of checkpoints of which no two are equal.

use crate::source::folder::place::Place;
use std::collections::HashSet;

/// Names for these places of which no two are equal: equal ones get the revision, or the part of
/// the path that differs, or a number.
pub fn name_apart(places: &[Place]) -> Vec<String> {
    let parents: Vec<Vec<String>> = places
        .iter()
        .map(|place| {
            let path = place.path.canonicalize().unwrap_or_else(|_| place.path.clone());
            let above = path.parent().into_iter().flat_map(|p| p.components());
            above.map(|part| part.as_os_str().to_string_lossy().into_owned()).collect()
        })
        .collect();
    let mut names: Vec<String> = places.iter().map(|place| place.name.clone()).collect();
    for (i, place) in places.iter().enumerate() {
        let twins: Vec<usize> =
            (0..places.len()).filter(|j| places[*j].name == place.name).collect();
        if twins.len() < 2 {
            continue;
        }
        let revision = |j: &usize| places[*j].revision.as_deref();
        let revisions: HashSet<_> = twins.iter().filter_map(revision).collect();
        if let Some(own) = revision(&i).filter(|_| revisions.len() == twins.len()) {
            names[i] = format!("{}@{}", place.name, own.chars().take(7).collect::<String>());
            continue;
        }
        let tail = |j: usize, count: usize| {
            let parts = &parents[j];
            parts[parts.len().saturating_sub(count)..].join("/")
        };
        let deepest = twins.iter().map(|j| parents[*j].len()).max().unwrap_or(0);
        let differ = |count: &usize| {
            twins.iter().map(|j| tail(*j, *count)).collect::<HashSet<_>>().len() == twins.len()
        };
        if let Some(count) = (1..=deepest).find(differ) {
            names[i] = format!("{}/{}", tail(i, count), place.name);
        }
    }
    for i in 0..names.len() {
        let (mut name, mut round) = (names[i].clone(), 1);
        while names[..i].contains(&name) {
            round += 1;
            name = format!("{} ({round})", names[i]);
        }
        names[i] = name;
    }
    names
}
