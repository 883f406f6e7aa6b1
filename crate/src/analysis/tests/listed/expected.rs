//! Figures of lists, computed again from sets of places.

use crate::analysis::inputs::Inputs;
use crate::analysis::tests::common::report_of;
use crate::checkpoint::open::Checkpoint;
use crate::element::grid::Grid;
use crate::figures::listed::report::Listed;
use crate::figures::maps::report::ConsensusMap;
use crate::figures::overlap::report::Overlap;
use crate::figures::precision::profile::Profile;
use crate::figures::tensor::TensorReport;
use crate::report::Report;
use crate::settings::Settings;
use base64::{Engine, engine::general_purpose::STANDARD};
use std::collections::BTreeSet;

/// The report of deltas alone.
pub fn report(tuned: Vec<Checkpoint>) -> Report {
    report_of(
        &Inputs::new(None, tuned, None).expect("deltas alone"),
        &Settings { map_side: 5, ..Settings::default() },
    )
}

/// The report of one tensor of a run.
pub fn tensor<'a>(report: &'a Report, run: usize, name: &str) -> &'a TensorReport {
    report.runs[run].tensors.iter().find(|t| t.name == name).expect("the tensor")
}

/// The figures of one list of a run.
pub fn listed<'a>(report: &'a Report, run: usize, name: &str) -> &'a Listed {
    tensor(report, run, name).listed.as_ref().expect("figures of the list")
}

/// Pseudorandom places of a tensor (a linear congruential generator), about one in `each`.
pub fn scattered(elements: u64, each: u64, seed: u64) -> Vec<u64> {
    let mut state = seed;
    let mut chosen = |_: &u64| {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33).is_multiple_of(each)
    };
    (0..elements).filter(&mut chosen).collect()
}

/// The places that any of the files lists.
pub fn union(files: &[Vec<u64>]) -> BTreeSet<u64> {
    files.iter().flatten().copied().collect()
}

/// Checks the densities of `counts` out of `each` weights.
pub fn assert_profile(found: Option<&Profile>, counts: &[u64], each: u64) {
    let found = found.expect("a matrix");
    let share = |c: u64| c as f64 / each as f64;
    assert_eq!(
        (found.length, found.min, found.max),
        (
            counts.len(),
            share(*counts.iter().min().expect("rows")),
            share(*counts.iter().max().expect("rows"))
        )
    );
    let groups = counts.chunks(counts.len().div_ceil(256));
    assert_eq!(
        found.values,
        groups
            .map(|g| g.iter().map(|c| share(*c)).sum::<f64>() / g.len() as f64)
            .collect::<Vec<_>>()
    );
}

/// Checks a map of the density of these places.
pub fn assert_map(
    found: Option<&ConsensusMap>,
    set: &BTreeSet<u64>,
    (m, n): (u64, u64),
    map_side: usize,
) {
    let map = found.expect("a map");
    let grid = Grid {
        rows: map.rows,
        columns: map.columns,
        row_group: map.row_group,
        column_group: map.column_group,
    };
    assert_eq!(grid, Grid::new(m as usize, n as usize, map_side));
    let sizes = grid.sizes(m as usize, n as usize);
    let cell = |i: usize| {
        set.iter()
            .filter(|place| grid.cell((**place / n) as usize, (**place % n) as usize) == i)
            .count() as u64
    };
    let code = |i: usize| match cell(i) {
        0 => 0,
        c => (255.0 * c as f64 / sizes[i] as f64).round().max(1.0) as u8,
    };
    assert_eq!(
        STANDARD.decode(&map.all).expect("base64"),
        (0..grid.cells()).map(code).collect::<Vec<_>>()
    );
}

/// Checks the figures of one list against the set of its places.
pub fn assert_listed(found: &Listed, set: &BTreeSet<u64>, (m, n): (u64, u64), map_side: usize) {
    assert_eq!(
        (found.changed, found.density),
        (set.len() as u64, Some(set.len() as f64 / (m * n) as f64))
    );
    let count = |of: &dyn Fn(u64) -> bool| set.iter().filter(|place| of(**place)).count() as u64;
    assert_profile(
        found.row_density.as_ref(),
        &(0..m).map(|r| count(&|place| place / n == r)).collect::<Vec<_>>(),
        n,
    );
    assert_profile(
        found.column_density.as_ref(),
        &(0..n).map(|c| count(&|place| place % n == c)).collect::<Vec<_>>(),
        m,
    );
    assert_map(found.map.as_ref(), set, (m, n), map_side);
}

/// Checks the overlap of runs against their sets; `parameters` where the shape is known.
pub fn assert_shared(found: &Overlap, sets: &[&BTreeSet<u64>], parameters: Option<u64>) {
    let runs = sets.len();
    assert_eq!((found.parameters, &found.steps), (parameters.unwrap_or(0), &None));
    assert_eq!(found.changed, sets.iter().map(|s| s.len() as u64).collect::<Vec<_>>());
    for (a, b) in (0..runs).flat_map(|a| (0..runs).map(move |b| (a, b))) {
        let both = sets[a].intersection(sets[b]).count();
        assert_eq!(found.both[a][b], both as u64);
        let either = sets[a].union(sets[b]).count();
        assert_eq!(found.jaccard[a][b], (either > 0).then(|| both as f64 / either as f64));
        assert_eq!((found.dot[a][b], found.cosine[a][b]), (None, None));
        assert_eq!(found.jaccard_chance[a][b].is_some(), parameters.is_some() && either > 0);
    }
    let all: BTreeSet<u64> = sets.iter().flat_map(|s| s.iter().copied()).collect();
    let within = |place: &u64| sets.iter().filter(|s| s.contains(place)).count();
    let mut exactly: Vec<Option<u64>> = (0..=runs)
        .map(|r| Some(all.iter().filter(|place| within(place) == r).count() as u64))
        .collect();
    exactly[0] = parameters.map(|p| p - all.len() as u64);
    assert_eq!(found.exactly, exactly);
    assert_eq!(found.exactly_chance.len(), if parameters.is_some() { runs + 1 } else { 0 });
}
