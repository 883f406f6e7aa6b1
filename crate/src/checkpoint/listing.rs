//! The weights that sparse deltas list, without the base that they were made from.

use crate::checkpoint::cut::{Piece, cut_tensor};
use crate::checkpoint::formats::quantized::parameters::is_parameter;
use crate::checkpoint::formats::sparse_delta::Patch;
use crate::checkpoint::formats::sparse_delta::indices::Indices;
use crate::checkpoint::formats::sparse_delta::patched::view_values;
use crate::checkpoint::in_run::InRun;
use crate::checkpoint::names::buffers::find_buffer;
use crate::checkpoint::names::layers::LayerSet;
use crate::checkpoint::names::role::Role;
use crate::checkpoint::names::{natural, role::find_role};
use crate::checkpoint::open::Checkpoint;
use crate::checkpoint::summary::{LeftOut, LeftOutReason};
use crate::element::dtype::Dtype;
use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use std::rc::Rc;

/// The longest side of a tensor whose shape a delta alone tells: its rows and columns are counted
/// one by one. The largest vocabularies have 2^18 words.
const MOST_SIDE: u64 = 1 << 24;
/// The most slices of stacked experts whose number deltas alone tell, in all runs together: each is
/// an entry of the report. The largest models have less than 2^17.
const MOST_SLICES: usize = 1 << 18;

/// The weights of a matrix, a vector or a tensor of unknown shape that one delta lists.
#[derive(Clone)]
pub struct Listing {
    /// The tensor's name; `[e]` is appended for slice e of stacked experts.
    pub name: String,
    /// Layer and module.
    pub role: Role,
    /// One or two dimensions; empty where no delta tells the tensor's shape.
    pub shape: Vec<u64>,
    /// A dtype that holds the listed values.
    pub dtype: Dtype,
    /// The share of the bytes of the tensor's indices that falls on it.
    pub bytes: u64,
    /// One for each file of the delta that lists the tensor, into the whole tensor.
    pub lists: Rc<[Indices]>,
    /// The range of its elements in the tensor; `None` if it is the whole tensor.
    pub range: Option<Range<u64>>,
}

impl Listing {
    /// Number of weights; `None` if the shape is unknown.
    pub fn elements(&self) -> Option<u64> {
        (!self.shape.is_empty()).then(|| self.shape.iter().product())
    }

    /// Rows and columns; `None` unless it is a matrix.
    pub fn matrix(&self) -> Option<(u64, u64)> {
        match self.shape[..] {
            [m, n] => Some((m, n)),
            _ => None,
        }
    }
}

/// The weights that the deltas of several runs list.
pub struct Listings {
    /// One entry for each tensor, in natural order of the names.
    pub tensors: Vec<Vec<InRun<Listing>>>,
    /// One list for each run of what is left out.
    pub left_out: Vec<Vec<LeftOut>>,
}

/// Sorts the patches of one delta by tensor, in natural order.
fn sort_patches(tuned: &Checkpoint) -> Vec<(&str, Vec<&Patch>)> {
    let mut tensors: BTreeMap<&str, Vec<&Patch>> = BTreeMap::new();
    for patch in tuned.delta.iter().flat_map(|delta| delta.patches()) {
        tensors.entry(&patch.name).or_default().push(patch);
    }
    let mut tensors: Vec<_> = tensors.into_iter().collect();
    tensors.sort_by(|(a, _), (b, _)| natural::compare_names(a, b));
    tensors
}

/// Finds the listings of all runs; a checkpoint that is not a delta of values has none.
///
/// Indices of several runs can be compared only in one shape: a run whose layout does not tell it
/// takes that of the others.
pub fn find_listings(tuned: &[Checkpoint], layers: Option<&LayerSet>) -> Listings {
    let runs: Vec<_> = tuned.iter().map(sort_patches).collect();
    let mut shapes: HashMap<&str, Vec<&[u64]>> = HashMap::new();
    for (name, patches) in runs.iter().flatten() {
        let known = shapes.entry(name).or_default();
        for shape in patches.iter().filter_map(|p| p.shape.as_deref()) {
            if !known.contains(&shape) {
                known.push(shape);
            }
        }
    }
    let mut tensors: Vec<Vec<InRun<Listing>>> = Vec::new();
    let mut slices = 0;
    let mut places = HashMap::new();
    let mut left_out = Vec::new();
    for (run, (tuned, patches)) in tuned.iter().zip(&runs).enumerate() {
        let mut missing: Vec<_> = tuned
            .problems
            .iter()
            .map(|p| {
                LeftOut::new(&p.name, p.reason, format!("in the tuned checkpoint: {}", p.detail))
            })
            .collect();
        for (name, patches) in patches {
            match list_tensor(name, patches, &shapes[name], layers) {
                Ok(found) if slices + found.len() > MOST_SLICES => {
                    let detail = format!(
                        "its shape {:?} makes more than {MOST_SLICES} matrices of the deltas, \
                         which no base confirms: give the base",
                        shapes[name][0]
                    );
                    missing.push(LeftOut::new(name, LeftOutReason::BadDelta, detail));
                }
                Ok(found) => found.into_iter().for_each(|listing| {
                    slices += usize::from(listing.range.is_some());
                    let place = *places.entry(listing.name.clone()).or_insert_with(|| {
                        tensors.push(Vec::new());
                        tensors.len() - 1
                    });
                    tensors[place].reserve_exact(1);
                    tensors[place].push(InRun::new(run, listing));
                }),
                Err(problem) => missing.push(problem),
            }
        }
        left_out.push(missing);
    }
    tensors.sort_by(|a, b| natural::compare_names(&a[0].value.name, &b[0].value.name));
    Listings { tensors, left_out }
}

/// Lists one tensor of one delta. `shapes` are all shapes that any run gives it.
fn list_tensor(
    name: &str,
    patches: &[&Patch],
    shapes: &[&[u64]],
    layers: Option<&LayerSet>,
) -> Result<Vec<Listing>, LeftOut> {
    let refuse = |what: String| LeftOut::new(name, LeftOutReason::BadDelta, what);
    if let Some(patch) = patches.first()
        && let Some(what) =
            find_buffer(name, patch.values.dtype, shapes.first().copied().unwrap_or_default())
    {
        return Err(LeftOut::new(name, LeftOutReason::Buffer, format!("it is {what}")));
    }
    if is_parameter(name) {
        return Err(LeftOut::new(
            name,
            LeftOutReason::QuantizationParameter,
            "it is a scale or another parameter of quantised weights",
        ));
    }
    let shape = match shapes {
        [] => None,
        [shape] => Some(*shape),
        several => {
            let told = patches.iter().filter_map(|p| p.shape.as_deref()).next();
            let own = told
                .map_or("no shape is told here".into(), |shape| format!("here it is {shape:?}"));
            let all: Vec<String> = several.iter().map(|shape| format!("{shape:?}")).collect();
            return Err(LeftOut::new(
                name,
                LeftOutReason::ShapeDiffers,
                format!("{own}, but the deltas give it {}", all.join(" and ")),
            ));
        }
    };
    let elements = match shape.map(|shape| shape.iter().try_fold(1u64, |a, b| a.checked_mul(*b))) {
        None => None,
        Some(None) => {
            return Err(refuse(format!(
                "its shape {:?} has more weights than can be counted",
                shape.unwrap_or_default()
            )));
        }
        Some(Some(0)) => {
            return Err(LeftOut::new(
                name,
                LeftOutReason::Empty,
                format!("its shape {:?} has no elements", shape.unwrap_or_default()),
            ));
        }
        Some(known) => known,
    };
    if layers.is_some_and(|set| {
        !find_role(name, shape.unwrap_or_default()).layer.is_some_and(|l| set.contains(l))
    }) {
        return Err(LeftOut::new(
            name,
            LeftOutReason::LayerNotSelected,
            "it is in none of the layers chosen",
        ));
    }
    let mut lists = Vec::with_capacity(patches.len());
    let mut dtype: Option<Dtype> = None;
    for patch in patches {
        lists.push(Indices::new(&patch.indices, &patch.values, elements).map_err(refuse)?);
        let of_values = view_values(&patch.values).map_err(refuse)?.dtype();
        dtype = Some(dtype.map_or(of_values, |dtype| dtype.common(of_values)));
    }
    let Some(dtype) = dtype else {
        return Ok(Vec::new());
    };
    let lists: Rc<[Indices]> = lists.into();
    let bytes: u64 = lists.iter().map(Indices::bytes).sum();
    let pieces = shape.map_or_else(
        || vec![Piece { name: name.into(), shape: Vec::new(), offset: 0, no_spectrum: None }],
        |shape| cut_tensor(name, shape),
    );
    let is_long =
        |piece: &Piece| piece.shape.len() > 1 && piece.shape.iter().max() > Some(&MOST_SIDE);
    if let Some(piece) = pieces.iter().find(|piece| is_long(piece)) {
        return Err(refuse(format!(
            "its shape {:?} has a side of more than {MOST_SIDE}, which no base confirms: give the \
             base",
            piece.shape
        )));
    }
    let count = pieces.len() as u64;
    // How many indices lie in a slice is not known before they are read: each has an equal share,
    // without a rest.
    let shared = |place: u64| bytes / count * place + bytes % count * place / count;
    let listing = |(place, piece): (u64, Piece)| Listing {
        role: find_role(name, &piece.shape),
        range: (count > 1)
            .then(|| piece.offset..piece.offset + piece.shape.iter().product::<u64>()),
        name: piece.name,
        shape: piece.shape,
        dtype,
        bytes: shared(place + 1) - shared(place),
        lists: lists.clone(),
    };
    Ok((0..).zip(pieces).map(listing).collect())
}
