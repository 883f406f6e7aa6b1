//! Layers whose matrices one side stores inputs × outputs, as the Conv1D of GPT-2 does, and the
//! other outputs × inputs.
//!
//! A matrix that is not square tells it by its shape, a square one by the others of its layer.

use crate::checkpoint::entry::TensorEntry;
use crate::checkpoint::kinds::Kind;
use crate::checkpoint::names::follow::find_layer_stem;
use crate::checkpoint::open::Checkpoint;
use crate::checkpoint::pairing::partners::Partner;
use crate::checkpoint::pairing::regroup::made::Made;
use crate::checkpoint::views::composed::transpose_view;
use std::collections::HashMap;

/// Turned layers, as docs/checkpoints.md lists them.
pub const KINDS: &[Kind] = &[Kind::read(
    "layers stored inputs × outputs",
    "h.0.attn.c_attn.weight [n, 3·n]",
    "Turned where the other side has all matrices of the layer the other way round, as nanoGPT \
     has GPT-2's.",
)];

/// What the matrices of a layer tell that are not square.
#[derive(Default)]
struct Layer {
    straight: bool,
    turned: bool,
    /// Its matrices: places among the partners.
    matrices: Vec<usize>,
}

/// Turns the matrices of all layers that the tuned checkpoint stores transposed: those in which
/// every matrix that is not square has the base's shape turned.
pub(crate) fn turn_layers(base: &Checkpoint, partners: &[Partner]) -> Vec<Made> {
    let mut layers: HashMap<&str, Layer> = HashMap::new();
    for (at, Partner { entry, .. }) in partners.iter().enumerate() {
        let (Some(stem), Some(b)) = (find_layer_stem(&entry.name), base.get(&entry.name)) else {
            continue;
        };
        let (&[rows, columns], &[own_rows, own_columns]) = (&b.shape[..], &entry.shape[..]) else {
            continue;
        };
        let layer = layers.entry(stem).or_default();
        layer.turned |= rows != columns && (rows, columns) == (own_columns, own_rows);
        layer.straight |= rows != columns && (rows, columns) == (own_rows, own_columns);
        if entry.update.is_none() && (rows, columns) == (own_columns, own_rows) {
            layer.matrices.push(at);
        }
    }
    let turned = layers.values().filter(|layer| layer.turned && !layer.straight);
    let mut places: Vec<usize> = turned.flat_map(|layer| layer.matrices.iter().copied()).collect();
    places.sort_unstable();
    let turn = |at: usize| {
        let entry = &partners[at].entry;
        let &[rows, columns] = &entry.shape[..] else { return None };
        let view = transpose_view(&entry.view, rows, columns);
        let entry = TensorEntry { shape: vec![columns, rows], view, ..entry.clone() };
        Some(Made { entry, of: vec![at] })
    };
    places.into_iter().filter_map(turn).collect()
}
