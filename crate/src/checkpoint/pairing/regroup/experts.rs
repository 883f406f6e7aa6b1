//! Experts in one tensor each, or stacked in one tensor for all.
//!
//! transformers 5 stacks them as `experts.gate_up_proj` [experts, 2·intermediate, hidden] and
//! `experts.down_proj` [experts, hidden, intermediate]; Llama 4 and gpt-oss stack the transposes.
//! The shapes tell which; where a matrix is square the others of the layer do, then the type of
//! the model.

use crate::checkpoint::entry::TensorEntry;
use crate::checkpoint::open::Checkpoint;
use crate::checkpoint::pairing::partners::Partner;
use crate::checkpoint::pairing::regroup::made::Made;
use crate::checkpoint::pairing::regroup::place::{Place, Projection, find_place};
use crate::checkpoint::views::View;
use crate::checkpoint::views::composed::{join_views, slice_view, transpose_view};
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

/// Types of models whose stacks are transposes: inputs × outputs.
const TRANSPOSED: &[&str] = &["llama4", "llama4_text", "gpt_oss"];
/// Types of models whose gate and up projections alternate row by row.
const INTERLEAVED: &[&str] = &["gpt_oss"];

/// A matrix by its elements, rows and columns.
#[derive(Clone)]
struct Matrix {
    view: Rc<dyn View>,
    rows: u64,
    columns: u64,
}

impl Matrix {
    fn transpose(&self) -> Self {
        Self {
            view: transpose_view(&self.view, self.rows, self.columns),
            rows: self.columns,
            columns: self.rows,
        }
    }

    fn take_rows(&self, first: u64, rows: u64) -> Self {
        Self { view: slice_view(&self.view, first * self.columns), rows, ..self.clone() }
    }
}

/// The experts of one layer on one side.
struct Side<'a> {
    tensors: BTreeMap<Place, (&'a TensorEntry, usize)>,
    /// Whether its stacks are transposes; `None` where nothing tells.
    transposed: Option<bool>,
}

/// The intermediate and hidden sizes that the shapes of both sides may mean, likelier ones first.
fn find_sizes(sides: [&Side<'_>; 2]) -> Vec<(u64, u64)> {
    let tensors = || sides.into_iter().flat_map(|side| &side.tensors);
    let shape = |t: &TensorEntry| match t.shape[..] {
        [.., rows, columns] => Some((rows, columns)),
        _ => None,
    };
    // A tensor of one expert is a linear layer, [outputs, inputs].
    let of_one = tensors().find_map(|(place, (t, _))| {
        place.expert?;
        let (rows, columns) = shape(t)?;
        match place.projection {
            Projection::Gate | Projection::Up => Some((rows, columns)),
            Projection::Down => Some((columns, rows)),
            Projection::GateUp => None,
        }
    });
    if let Some(sizes) = of_one {
        return vec![sizes];
    }
    let of_stack = tensors().find_map(|(place, (t, _))| {
        matches!(place.projection, Projection::Gate | Projection::Up).then(|| shape(t)).flatten()
    });
    // Gate and up are fused: only one reading of the other projection goes with them.
    let of_down = || {
        let down = tensors().find(|(place, _)| place.projection == Projection::Down)?;
        shape(down.1.0)
    };
    let sizes = of_stack.or_else(of_down);
    sizes.map_or(Vec::new(), |(rows, columns)| vec![(rows, columns), (columns, rows)])
}

/// The shape of an expert's matrix.
fn matrix_shape(projection: Projection, (intermediate, hidden): (u64, u64)) -> Option<(u64, u64)> {
    Some(match projection {
        Projection::Gate | Projection::Up => (intermediate, hidden),
        Projection::Down => (hidden, intermediate),
        Projection::GateUp => (intermediate.checked_mul(2)?, hidden),
    })
}

impl Side<'_> {
    /// Finds out whether the stacks are transposes; `None` where one of them fits neither way.
    fn find_orientation(&mut self, sizes: (u64, u64), checkpoint: &Checkpoint) -> Option<()> {
        let mut seen = None;
        for (place, (t, _)) in self.tensors.iter().filter(|(place, _)| place.expert.is_none()) {
            let &[_, rows, columns] = &t.shape[..] else { return None };
            let want = matrix_shape(place.projection, sizes)?;
            let (straight, turned) = ((rows, columns) == want, (columns, rows) == want);
            match (straight, turned) {
                (false, false) => return None,
                (true, true) => continue,
                _ if seen.is_some_and(|seen| seen != turned) => return None,
                _ => seen = Some(turned),
            }
        }
        let by_type = || {
            (!checkpoint.model.model_types.is_empty()).then(|| checkpoint.model.is_any(TRANSPOSED))
        };
        self.transposed = seen.or_else(by_type);
        Some(())
    }

    /// Number of experts; `None` where the tensors do not agree, or some are missing.
    fn count_experts(&self) -> Option<u64> {
        let mut counts: BTreeMap<Projection, u64> = BTreeMap::new();
        for (place, (t, _)) in &self.tensors {
            let count = counts.entry(place.projection).or_default();
            match place.expert {
                // In ascending order, so that each is the next.
                Some(expert) if expert == *count => *count += 1,
                None if *count == 0 => *count = *t.shape.first()?,
                _ => return None,
            }
        }
        let first = *counts.values().next()?;
        counts.values().all(|count| *count == first).then_some(first)
    }

    /// One expert's matrix as a linear layer has it, and the tensor that holds it.
    fn find_matrix(
        &self,
        projection: Projection,
        expert: u64,
        sizes: (u64, u64),
    ) -> Option<(Matrix, usize)> {
        let (rows, columns) = matrix_shape(projection, sizes)?;
        let get = |expert| self.tensors.get(&Place { projection, expert });
        if let Some((t, at)) = get(Some(expert)) {
            return (t.shape == [rows, columns])
                .then(|| (Matrix { view: t.view.clone(), rows, columns }, *at));
        }
        if let Some((t, at)) = get(None) {
            let start = expert.checked_mul(rows.checked_mul(columns)?)?;
            let view = slice_view(&t.view, start);
            let found = if self.transposed? {
                Matrix { view, rows: columns, columns: rows }.transpose()
            } else {
                Matrix { view, rows, columns }
            };
            return Some((found, *at));
        }
        let half = |first| {
            let (both, at) = self.find_matrix(Projection::GateUp, expert, sizes)?;
            Some((both.take_rows(first, rows), at))
        };
        match projection {
            Projection::Gate => half(0),
            Projection::Up => half(rows),
            Projection::Down | Projection::GateUp => None,
        }
    }

    /// One expert's matrix, of gate and up where these are apart.
    fn find_whole(
        &self,
        projection: Projection,
        expert: u64,
        sizes: (u64, u64),
    ) -> Option<(Matrix, Vec<usize>)> {
        if let Some((matrix, at)) = self.find_matrix(projection, expert, sizes) {
            return Some((matrix, vec![at]));
        }
        if projection != Projection::GateUp {
            return None;
        }
        let (gate, of_gate) = self.find_matrix(Projection::Gate, expert, sizes)?;
        let (up, of_up) = self.find_matrix(Projection::Up, expert, sizes)?;
        let parts = [&gate, &up].map(|m| (m.view.clone(), m.rows * m.columns));
        let joined =
            Matrix { view: join_views(&parts)?, rows: gate.rows + up.rows, columns: gate.columns };
        Some((joined, vec![of_gate, of_up]))
    }
}

/// Makes one tensor of the base.
fn make_tensor(
    b: &TensorEntry,
    place: Place,
    base: &Side<'_>,
    tuned: &Side<'_>,
    sizes: (u64, u64),
    experts: u64,
) -> Option<(Rc<dyn View>, Vec<usize>)> {
    if let Some(expert) = place.expert {
        let (matrix, of) = tuned.find_whole(place.projection, expert, sizes)?;
        return (b.shape == [matrix.rows, matrix.columns]).then_some((matrix.view, of));
    }
    let (mut views, mut all) = (Vec::new(), Vec::new());
    for expert in 0..experts {
        let (matrix, of) = tuned.find_whole(place.projection, expert, sizes)?;
        let matrix = if base.transposed? { matrix.transpose() } else { matrix };
        if b.shape != [experts, matrix.rows, matrix.columns] {
            return None;
        }
        views.push((matrix.view, matrix.rows * matrix.columns));
        all.extend(of);
    }
    all.sort_unstable();
    all.dedup();
    Some((join_views(&views)?, all))
}

/// Makes all tensors of a layer's experts.
///
/// # Errors
/// A sentence where the layouts do not tell how.
fn make_layer(
    (base, base_side): (&Checkpoint, &mut Side<'_>),
    (tuned, tuned_side): (&Checkpoint, &mut Side<'_>),
) -> Result<Vec<Made>, String> {
    let fused = |side: &Side<'_>| side.tensors.keys().any(|p| p.projection == Projection::GateUp);
    let interleaved = base.model.is_any(INTERLEAVED) || tuned.model.is_any(INTERLEAVED);
    if interleaved && fused(base_side) != fused(tuned_side) {
        return Err("gate and up projections of this type of model alternate row by row, and are \
                    not taken apart"
            .into());
    }
    let known = find_sizes([&*base_side, &*tuned_side]);
    let mut read = |sizes| {
        base_side.find_orientation(sizes, base)?;
        tuned_side.find_orientation(sizes, tuned)?;
        let experts = base_side.count_experts()?;
        if tuned_side.count_experts()? != experts {
            return None;
        }
        let mut made = Vec::new();
        for (place, (b, _)) in &base_side.tensors {
            let (view, of) = make_tensor(b, *place, base_side, tuned_side, sizes, experts)?;
            let stored = tuned_side.tensors.values().find(|(_, at)| *at == of[0])?.0.stored;
            let entry = TensorEntry { view, stored, update: None, ..(*b).clone() };
            made.push(Made { entry, of });
        }
        // Nothing of either side may be lost.
        let count = |side: &Side<'_>| side.tensors.values().map(|(t, _)| t.elements()).sum::<u64>();
        (count(base_side) == count(tuned_side)).then_some(made)
    };
    let made = known.into_iter().find_map(&mut read);
    made.ok_or_else(|| {
        let shape = |side: &Side<'_>| {
            let shown = side.tensors.values().next();
            shown.map_or(String::new(), |(t, _)| format!("`{}` {:?}", t.name, t.shape))
        };
        format!(
            "it holds experts, which the base has in other tensors, but their shapes do not tell \
             how they belong together: base {}, tuned {}",
            shape(base_side),
            shape(tuned_side)
        )
    })
}

/// Makes the experts of the base from tensors of the tuned checkpoint. Returns them with the names
/// that could not be read so, and why.
pub(crate) fn regroup_experts(
    base: &Checkpoint,
    tuned: &Checkpoint,
    alone: &[&TensorEntry],
    partners: &[Partner],
    free: &[usize],
) -> (Vec<Made>, HashMap<String, String>) {
    let ours = free.iter().map(|at| (&partners[*at].entry, *at));
    let theirs = alone.iter().map(|b| (*b, 0));
    let mut of_base = group_by_layer(theirs);
    let (mut made, mut refused) = (Vec::new(), HashMap::new());
    for (group, mut tuned_side) in group_by_layer(ours) {
        let Some(mut base_side) = of_base.remove(&group) else { continue };
        match make_layer((base, &mut base_side), (tuned, &mut tuned_side)) {
            Ok(all) => made.extend(all),
            Err(why) => {
                let names = tuned_side.tensors.values().map(|(t, _)| t.name.clone());
                refused.extend(names.map(|name| (name, why.clone())));
            }
        }
    }
    (made, refused)
}

fn group_by_layer<'a>(
    all: impl Iterator<Item = (&'a TensorEntry, usize)>,
) -> BTreeMap<String, Side<'a>> {
    let mut groups: BTreeMap<String, Side<'a>> = BTreeMap::new();
    for (t, at) in all {
        if let Some((group, place)) = find_place(&t.name) {
            let side = groups
                .entry(group)
                .or_insert_with(|| Side { tensors: BTreeMap::new(), transposed: None });
            side.tensors.insert(place, (t, at));
        }
    }
    groups
}
