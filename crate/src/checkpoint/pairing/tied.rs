//! Output heads that share the weights of the embedding, and so are in no file.

use crate::checkpoint::entry::TensorEntry;
use crate::checkpoint::names::renaming::{RenamedSide, Renaming};
use crate::checkpoint::names::role::{Module, find_role};
use crate::checkpoint::open::Checkpoint;
use crate::checkpoint::pairing::partners::Partner;

/// A head that one side has, and the embedding that is the other's head.
pub(crate) struct TiedHead {
    /// The base's head, or its embedding by the head's name.
    pub base: TensorEntry,
    /// The tuned checkpoint's head, or its embedding by the head's name.
    pub tuned: TensorEntry,
    /// Which tensor stands for the head.
    pub renaming: Renaming,
}

fn is_head(name: &str) -> bool {
    find_role(name, &[1, 1]).module == Module::Head
}

/// True for an embedding of tokens; one of positions is no head.
fn is_token_embedding(name: &str) -> bool {
    find_role(name, &[1, 1]).module == Module::Embed && !name.ends_with("wpe.weight")
}

/// The only one; `None` for none or several.
fn find_only<T>(mut all: impl Iterator<Item = T>) -> Option<T> {
    let first = all.next()?;
    all.next().is_none().then_some(first)
}

/// Finds the head that one side has and the other ties to its embedding, by its config.json.
pub(crate) fn find_tied_head(
    base: &Checkpoint,
    tuned: &Checkpoint,
    partners: &[Partner],
    adapted: bool,
) -> Option<TiedHead> {
    let of_base = || base.tensors.iter();
    let of_tuned = || partners.iter().map(|p| &p.entry);
    let head = find_only(of_base().filter(|t| is_head(&t.name)));
    let tuned_head = find_only(of_tuned().filter(|t| is_head(&t.name)));
    let (side, head, embedding) = match (head, tuned_head) {
        (None, Some(head)) if base.model.ties_head() == Some(true) => {
            (RenamedSide::Base, head, find_only(of_base().filter(|t| is_token_embedding(&t.name)))?)
        }
        (Some(head), None) if !adapted && tuned.model.ties_head() == Some(true) => (
            RenamedSide::Tuned,
            head,
            find_only(of_tuned().filter(|t| is_token_embedding(&t.name)))?,
        ),
        _ => return None,
    };
    // A head and its embedding have a row for each token, and rows of one length.
    if head.shape.len() != 2 || head.shape.get(1) != embedding.shape.get(1) {
        return None;
    }
    let renaming = Renaming {
        side,
        from: embedding.name.clone(),
        to: head.name.clone(),
        tensors: 1,
        example: [embedding.name.clone(), head.name.clone()],
    };
    let standing = TensorEntry { name: head.name.clone(), ..embedding.clone() };
    let (base, tuned) = match side {
        RenamedSide::Base => (standing, head.clone()),
        RenamedSide::Tuned => (head.clone(), standing),
    };
    Some(TiedHead { base, tuned, renaming })
}

/// Explains why `side` has no tensor of this name: of a head it says what would tell that it is
/// tied.
pub(crate) fn explain_missing_head(name: &str, side: &str, checkpoint: &Checkpoint) -> String {
    let missing = format!("the {side} has no tensor of this name");
    if is_head(name) && checkpoint.model.ties_head().is_none() {
        format!(
            "{missing}; if its head is its embedding, give its config.json, which says so \
            (tie_word_embeddings)"
        )
    } else {
        missing
    }
}
