//! Tensors of two shapes that have elements in common, in one order: embeddings and heads of which
//! one side has more rows, since tokens were added or rows padded, and shapes that differ in ones.

use crate::checkpoint::entry::TensorEntry;
use crate::checkpoint::names::role::{Module, find_role};

/// The rows that both sides of a tensor have.
pub(crate) struct CommonRows {
    /// The base's.
    pub base: TensorEntry,
    /// The tuned checkpoint's.
    pub tuned: TensorEntry,
    /// Which rows are not among them, as a sentence.
    pub detail: String,
}

/// The tuned tensor with the base's shape where the two shapes differ in dimensions of 1 alone, as
/// those of a convolution of one place and of its matrix do: the elements lie in one order.
pub(crate) fn drop_ones(base: &TensorEntry, tuned: &TensorEntry) -> Option<TensorEntry> {
    let rest = |t: &TensorEntry| t.shape.iter().copied().filter(|n| *n != 1).collect::<Vec<u64>>();
    let fits = tuned.update.is_none() && rest(base) == rest(tuned);
    fits.then(|| TensorEntry { shape: base.shape.clone(), ..tuned.clone() })
}

/// True for a tensor with a row, or an element, for each token: an embedding, or an output head
/// with its bias.
fn is_by_token(name: &str) -> bool {
    let weight = name.strip_suffix(".bias").map(|module| format!("{module}.weight"));
    let module = find_role(weight.as_deref().unwrap_or(name), &[1, 1]).module;
    module == Module::Head || (module == Module::Embed && weight.is_none())
}

/// Cuts a tensor by token to its first `rows`.
fn take_rows(tensor: &TensorEntry, rows: u64) -> TensorEntry {
    // Rows lie one behind the other: the first are the first elements.
    let mut shape = tensor.shape.clone();
    shape[0] = rows;
    TensorEntry { shape, ..tensor.clone() }
}

/// Cuts a tensor that has more rows than `other`, and else its shape, to the rows of `other`.
pub(crate) fn cut_to(tensor: &TensorEntry, other: &TensorEntry) -> Option<TensorEntry> {
    let common = cut_rows(other, tensor)?;
    (common.base.shape == other.shape).then_some(common.tuned)
}

/// Cuts two tensors by token, which differ in nothing but the number of rows, to the rows that both
/// have; `None` for others.
pub(crate) fn cut_rows(base: &TensorEntry, tuned: &TensorEntry) -> Option<CommonRows> {
    let (&rows, rest) = base.shape.split_first()?;
    let (&tuned_rows, tuned_rest) = tuned.shape.split_first()?;
    let fits = rest == tuned_rest && rest.len() < 2 && tuned.update.is_none();
    if !fits || !is_by_token(&base.name) || rows == 0 || tuned_rows == 0 {
        return None;
    }
    let common = rows.min(tuned_rows);
    let side = if rows < tuned_rows { "tuned checkpoint" } else { "base" };
    let last = rows.max(tuned_rows) - 1;
    let which = if last == common {
        format!("row {common} is")
    } else {
        format!("rows {common}–{last} are")
    };
    Some(CommonRows {
        base: take_rows(base, common),
        tuned: take_rows(tuned, common),
        detail: format!("{which} only in the {side}: the first {common} are compared"),
    })
}
