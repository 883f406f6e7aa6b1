//! Several tuned runs of one base: Jaccard of their update masks (MUK, PNT), consensus, and the
//! cosine of their updates.
//!
//! Chance levels are those of independent masks with the observed densities, tensor by tensor: for
//! the model, expected counts are summed over tensors, so that agreement on *which* tensors change
//! is not taken for agreement on which weights do.

use crate::figures::overlap::report::{Overlap, Step};
use crate::figures::overlap::sums::{OverlapCounts, StepCounts};
use crate::figures::precision::profile::compute_profile;

/// Counts of a tensor, or sums over tensors, beside those that independent masks would give.
struct Tables {
    both: Vec<Vec<u64>>,
    /// Numbers of weights in exactly 0, 1, …, R masks; the first is right only where the shape is
    /// known.
    exactly: Vec<u64>,
    /// ⟨Δa, Δb⟩; `None` where only the places of changes are known.
    dot: Option<Vec<Vec<f64>>>,
    /// `None` if a shape is unknown.
    chance: Option<Chance>,
}

/// Expected counts of independent masks, which need the number of weights.
struct Chance {
    parameters: u64,
    /// E|M_a ∩ M_b|.
    both: Vec<Vec<f64>>,
    /// Expected number of weights in exactly r masks.
    exactly: Vec<f64>,
}

/// Makes an R×R table.
fn table<T>(runs: usize, at: impl Fn(usize, usize) -> T) -> Vec<Vec<T>> {
    (0..runs).map(|a| (0..runs).map(|b| at(a, b)).collect()).collect()
}

/// Computes the Poisson-binomial distribution: the probabilities that a weight lies in exactly r
/// independent masks, which hold `changed` of its tensor's weights.
fn poisson_binomial(changed: &[u64], parameters: u64) -> Vec<f64> {
    let n = parameters as f64;
    changed.iter().fold(vec![1.0], |shares, &count| {
        // 1 − p as a quotient of integers, which loses nothing where nearly all weights changed.
        let (yes, no) = (count as f64 / n, (parameters - count) as f64 / n);
        let at = |i: usize| shares.get(i).copied().unwrap_or(0.0);
        (0..=shares.len()).map(|i| no * at(i) + if i > 0 { yes * at(i - 1) } else { 0.0 }).collect()
    })
}

/// Computes the mean over pairs of different runs; `None` without any value.
fn mean_off_diagonal(table: &[Vec<Option<f64>>]) -> Option<f64> {
    let found: Vec<f64> = table
        .iter()
        .enumerate()
        .flat_map(|(a, row)| row.iter().enumerate().filter(move |(b, _)| a != *b))
        .filter_map(|(_, v)| *v)
        .collect();
    (!found.is_empty()).then(|| found.iter().sum::<f64>() / found.len() as f64)
}

impl Tables {
    /// Makes the report's overlap of the tensor `name`, or without one of the model.
    fn into_overlap(self, name: Option<String>, runs: Vec<usize>) -> Overlap {
        let count = runs.len();
        let changed: Vec<u64> = (0..count).map(|r| self.both[r][r]).collect();
        let jaccard = table(count, |a, b| {
            let union = changed[a] + changed[b] - self.both[a][b];
            (union > 0).then(|| self.both[a][b] as f64 / union as f64)
        });
        let chance = self.chance.as_ref();
        let jaccard_chance = table(count, |a, b| {
            let (sum, both) = (changed[a] + changed[b], chance?.both[a][b]);
            (sum > 0).then(|| both / (sum as f64 - both))
        });
        let cosine = |dot: &[Vec<f64>], a: usize, b: usize| {
            let norm = |r: usize| dot[r][r].sqrt();
            (norm(a) > 0.0 && norm(b) > 0.0).then(|| dot[a][b] / (norm(a) * norm(b)))
        };
        let dot = self.dot.as_ref();
        let mut exactly: Vec<Option<u64>> = self.exactly.iter().copied().map(Some).collect();
        if chance.is_none() {
            exactly[0] = None;
        }
        Overlap {
            name,
            parameters: chance.map_or(0, |c| c.parameters),
            mean_jaccard: mean_off_diagonal(&jaccard),
            mean_jaccard_chance: mean_off_diagonal(&jaccard_chance),
            one_sided: table(count, |a, b| {
                (changed[a] > 0).then(|| self.both[a][b] as f64 / changed[a] as f64)
            }),
            cosine: table(count, |a, b| cosine(dot?, a, b)),
            exactly_chance: chance.map_or(Vec::new(), |c| {
                c.exactly.iter().map(|e| e / c.parameters as f64).collect()
            }),
            runs,
            changed,
            jaccard,
            jaccard_chance,
            dot: table(count, |a, b| Some(dot?[a][b])),
            both: self.both,
            exactly,
            row_consensus: None,
            column_consensus: None,
            consensus_map: None,
            steps: None,
        }
    }
}

fn expected_both(changed: &[u64], parameters: u64) -> Vec<Vec<f64>> {
    table(changed.len(), |a, b| changed[a] as f64 * changed[b] as f64 / parameters as f64)
}

fn expected_exactly(changed: &[u64], parameters: u64) -> Vec<f64> {
    poisson_binomial(changed, parameters)
        .into_iter()
        .map(|share| share * parameters as f64)
        .collect()
}

/// Makes the tables of `count` runs of one tensor, without inner products. `parameters` is the
/// number of its weights where the shape is known.
fn tabulate(count: usize, c: &OverlapCounts, parameters: Option<u64>) -> Tables {
    let changed: Vec<u64> = (0..count).map(|r| c.both[r * count + r]).collect();
    Tables {
        both: table(count, |a, b| c.both[a * count + b]),
        exactly: c.exactly.clone(),
        dot: None,
        chance: parameters.map(|all| Chance {
            parameters: all,
            both: expected_both(&changed, all),
            exactly: expected_exactly(&changed, all),
        }),
    }
}

/// Adds the consensus per row and column; `matrix` says whether these mean something.
fn with_consensus(c: &OverlapCounts, matrix: bool, found: Overlap) -> Overlap {
    let consensus =
        |all: &[u64], each: usize| matrix.then(|| compute_profile(all, each as u64)).flatten();
    Overlap {
        row_consensus: consensus(&c.row_all, c.column_all.len()),
        column_consensus: consensus(&c.column_all, c.row_all.len()),
        ..found
    }
}

/// Computes the report's overlap of one tensor; `matrix` says whether rows and columns mean
/// something.
pub fn compute_overlap(
    name: &str,
    runs: Vec<usize>,
    c: &OverlapCounts,
    parameters: u64,
    matrix: bool,
) -> Overlap {
    let count = runs.len();
    let tables = Tables {
        dot: Some(table(count, |a, b| c.dot[a * count + b])),
        ..tabulate(count, c, Some(parameters))
    };
    let found = with_consensus(c, matrix, tables.into_overlap(Some(name.into()), runs));
    Overlap {
        steps: (!c.steps.is_empty())
            .then(|| c.steps.iter().map(|s| compute_step(s, parameters, matrix)).collect()),
        ..found
    }
}

/// Computes the overlap of the weights that sparse deltas list. The counts need not hold the
/// weights that no run lists, and there are no inner products.
pub fn compute_overlap_of_lists(
    name: &str,
    runs: Vec<usize>,
    c: &OverlapCounts,
    parameters: Option<u64>,
    matrix: bool,
) -> Overlap {
    let mut tables = tabulate(runs.len(), c, parameters);
    if let Some(all) = parameters {
        tables.exactly[0] = all - tables.exactly[1..].iter().sum::<u64>();
    }
    with_consensus(c, matrix, tables.into_overlap(Some(name.into()), runs))
}

fn compute_step(counts: &StepCounts, parameters: u64, matrix: bool) -> Step {
    let changed = counts.row_changed.iter().sum();
    let density = |counts: &[u64], each: usize| {
        matrix.then(|| compute_profile(counts, each as u64)).flatten()
    };
    Step {
        changed,
        density: changed as f64 / parameters as f64,
        row_density: density(&counts.row_changed, counts.column_changed.len()),
        column_density: density(&counts.column_changed, counts.row_changed.len()),
    }
}

/// Computes the model's entry, which sums over the tensors that all `runs` runs have; `None`
/// without such a tensor.
pub fn compute_model_overlap(tensors: &[Overlap], runs: usize) -> Option<Overlap> {
    let shared: Vec<&Overlap> = tensors.iter().filter(|t| t.runs.len() == runs).collect();
    if shared.is_empty() {
        return None;
    }
    let parameters = shared.iter().map(|t| t.parameters).sum();
    let steps = shared.iter().map(|t| t.steps.as_ref()).collect::<Option<Vec<_>>>();
    Some(Overlap {
        steps: steps.map(|steps| sum_steps(&steps, runs, parameters)),
        ..sum_tables(&shared, runs, parameters).into_overlap(None, (0..runs).collect())
    })
}

/// Sums the tables of tensors that all runs have.
fn sum_tables(shared: &[&Overlap], runs: usize, parameters: u64) -> Tables {
    let sum = |of: &dyn Fn(&Overlap) -> f64| shared.iter().map(|t| of(t)).sum::<f64>();
    let count = |of: &dyn Fn(&Overlap) -> u64| shared.iter().map(|t| of(t)).sum::<u64>();
    // A known shape has a weight at least.
    let shapes = shared.iter().all(|t| t.parameters > 0);
    let chance = || Chance {
        parameters,
        both: table(runs, |a, b| sum(&|t| expected_both(&t.changed, t.parameters)[a][b])),
        exactly: (0..=runs)
            .map(|r| sum(&|t| expected_exactly(&t.changed, t.parameters)[r]))
            .collect(),
    };
    let dots = shared.iter().all(|t| t.dot.iter().flatten().all(Option::is_some));
    Tables {
        both: table(runs, |a, b| count(&|t| t.both[a][b])),
        exactly: (0..=runs).map(|r| count(&|t| t.exactly[r].unwrap_or(0))).collect(),
        dot: dots.then(|| table(runs, |a, b| sum(&|t| t.dot[a][b].unwrap_or(0.0)))),
        chance: shapes.then(chance),
    }
}

/// Sums the steps of tensors that all runs have.
fn sum_steps(steps: &[&Vec<Step>], runs: usize, parameters: u64) -> Vec<Step> {
    let changed = |r: usize| steps.iter().map(|s| s[r].changed).sum::<u64>();
    (0..runs)
        .map(|r| Step {
            changed: changed(r),
            density: changed(r) as f64 / parameters as f64,
            row_density: None,
            column_density: None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::element::grid::Grid;

    #[test]
    fn agreement_on_tensors_is_not_agreement_on_weights() {
        // Both runs change all of one tensor and nothing of the other: by chance within tensors,
        // exactly what is seen.
        let none = OverlapCounts {
            exactly: vec![10, 0, 0],
            row_all: vec![0],
            ..OverlapCounts::zero(2, 10, Grid::new(1, 10, 1))
        };
        let full = OverlapCounts {
            both: vec![10; 4],
            exactly: vec![0, 0, 10],
            dot: vec![1.0; 4],
            row_all: vec![10],
            column_all: vec![1; 10],
            ..none.clone()
        };
        let tensors = [
            compute_overlap("a", vec![0, 1], &full, 10, false),
            compute_overlap("b", vec![0, 1], &none, 10, false),
        ];
        assert_eq!(
            (tensors[1].jaccard[0][1], tensors[1].cosine[0][1], tensors[1].one_sided[0][1]),
            (None, None, None)
        );
        let model = compute_model_overlap(&tensors, 2).expect("both runs have both");
        assert_eq!((model.mean_jaccard, model.mean_jaccard_chance), (Some(1.0), Some(1.0)));
        assert_eq!(
            (model.exactly, model.exactly_chance),
            (vec![Some(10), Some(0), Some(10)], vec![0.5, 0.0, 0.5])
        );
    }

    #[test]
    fn independence_is_the_poisson_binomial_distribution() {
        let shares = poisson_binomial(&[50, 20], 100);
        for (got, want) in shares.iter().zip([0.4, 0.5, 0.1]) {
            assert!((got - want).abs() < 1e-15, "{shares:?}");
        }
    }
}
