//! The checkpoints of one analysis.

use crate::checkpoint::coverage::Coverage;
use crate::checkpoint::formats::lora::missing::check_for_config;
use crate::checkpoint::listing::{Listing, find_listings};
use crate::checkpoint::names::layers::LayerSet;
use crate::checkpoint::names::renaming::Renaming;
use crate::checkpoint::open::Checkpoint;
use crate::checkpoint::pairing::{Pair, Pairing, pair_renamed};
use crate::checkpoint::summary::LeftOut;
use crate::error::Error;
use crate::source::digest::FileDigests;
use std::collections::HashSet;

/// The checkpoints of one analysis.
pub struct Inputs {
    /// W0; `None` where every run is a sparse delta that can be read without it.
    pub base: Option<Checkpoint>,
    /// The tuned checkpoints, one for each run.
    pub tuned: Vec<Checkpoint>,
    /// The diagonal Fisher of the base, or Adam's `exp_avg_sq`, under the base's tensor names.
    pub fisher: Option<Checkpoint>,
}

/// Tensors of one run that can be compared, before anything is computed.
pub struct Inventory {
    /// Number of tensors, or slices of them.
    pub tensors: usize,
    /// Number of their weights; a tensor of unknown shape counts as 0.
    pub parameters: u64,
    /// Bytes that are read at least once.
    pub bytes: u64,
    /// Tensors that can't be compared, and why.
    pub left_out: Vec<LeftOut>,
    /// The rules by which names were changed.
    pub renamings: Vec<Renaming>,
    /// The share of both checkpoints that can be compared; `None` without a base.
    pub coverage: Option<Coverage>,
}

impl Inputs {
    /// Takes checkpoints as they were opened, puts those that hold only changes on the base, and
    /// numbers runs of equal names.
    ///
    /// # Errors
    /// [`Error::BadFile`] where the base or the Fisher is a sparse delta or an adapter.
    /// [`Error::NeedsBase`] without a base, where there is a Fisher or a run is not a sparse delta
    /// of values.
    pub fn new(
        base: Option<Checkpoint>,
        tuned: Vec<Checkpoint>,
        fisher: Option<Checkpoint>,
    ) -> Result<Self, Error> {
        for whole in [base.as_ref(), fisher.as_ref()].into_iter().flatten() {
            if whole.adapter.is_some() {
                return Err(Error::bad_file(
                    &whole.name,
                    "it is a LoRA adapter: give the model that it was trained on as the base, and \
                     the adapter as a tuned checkpoint",
                ));
            }
            if let Some(delta) = &whole.delta {
                return Err(delta.needs_base(&whole.name));
            }
        }
        let mut tuned = tuned;
        name_apart(&mut tuned);
        let Some(base) = base else {
            tuned.iter().try_for_each(check_without_base)?;
            if let Some(fisher) = &fisher {
                return Err(Error::needs_base(
                    &fisher.name,
                    "a Fisher weighs the sizes of changes, which a sparse delta without its base \
                     does not tell: give the base, or leave the Fisher out",
                ));
            }
            return Ok(Self { base: None, tuned, fisher });
        };
        tuned.iter().try_for_each(|t| check_for_config(t, &base))?;
        let tuned = tuned.into_iter().map(|t| t.put_on_base(&base)).collect();
        let fisher = fisher.map(|fisher| fisher.align_with(&base));
        let mut inputs = Self { base: Some(base), tuned, fisher };
        // A delta is put on the stored tensors of its base again where names are to be changed.
        let has_delta = inputs.tuned.iter().any(|tuned| tuned.delta.is_some());
        let base = inputs.base.iter_mut().filter(|_| !has_delta);
        let checkpoints = base.chain(&mut inputs.tuned).chain(&mut inputs.fisher);
        checkpoints.for_each(Checkpoint::forget_stored);
        Ok(inputs)
    }

    /// Reads the digests of all files of weights, which summaries of the checkpoints then have.
    ///
    /// # Errors
    /// [`Error::Read`] by the file's name.
    pub async fn identify_files(&mut self) -> Result<(), Error> {
        for checkpoint in self.base.iter_mut().chain(&mut self.tuned).chain(&mut self.fisher) {
            checkpoint.identify_files().await?;
        }
        Ok(())
    }

    /// Reads the digests of all files of weights, by checkpoint: the base, the tuned ones, the
    /// Fisher. A file that can't be read any more has none.
    pub async fn digest_files(&self) -> Vec<Vec<Option<FileDigests>>> {
        let mut found = Vec::new();
        for checkpoint in self.base.iter().chain(&self.tuned).chain(&self.fisher) {
            found.push(checkpoint.digest_files().await.into_iter().map(Result::ok).collect());
        }
        found
    }

    /// Takes what [`Inputs::digest_files`] has read: summaries of the checkpoints then have it.
    pub fn set_digests(&mut self, digests: Vec<Vec<Option<FileDigests>>>) {
        let checkpoints = self.base.iter_mut().chain(&mut self.tuned).chain(&mut self.fisher);
        checkpoints.zip(digests).for_each(|(checkpoint, found)| checkpoint.set_digests(found));
    }

    /// Lists the tensors of each run that can be compared; `layers` limits them, `renames` are the
    /// prefixes to replace in the tuned checkpoints' names.
    pub fn inventory(&self, layers: Option<&LayerSet>, renames: &[[String; 2]]) -> Vec<Inventory> {
        let Some(base) = &self.base else {
            let found = find_listings(&self.tuned, layers);
            let of_run = |(run, left_out): (usize, Vec<LeftOut>)| {
                let own: Vec<&Listing> = found
                    .tensors
                    .iter()
                    .flatten()
                    .filter(|listing| listing.run == run)
                    .map(|listing| &listing.value)
                    .collect();
                let parameters = own.iter().filter_map(|l| l.elements()).sum();
                Inventory {
                    tensors: own.len(),
                    parameters,
                    bytes: own.iter().map(|l| l.bytes).sum(),
                    left_out,
                    renamings: Vec::new(),
                    coverage: None,
                }
            };
            return found.left_out.into_iter().enumerate().map(of_run).collect();
        };
        let of_run = |tuned: &Checkpoint| {
            let Pairing { pairs, left_out, renamings, coverage } =
                pair_renamed(base, tuned, layers, renames);
            Inventory {
                tensors: pairs.len(),
                parameters: pairs.iter().map(Pair::elements).sum(),
                bytes: pairs.iter().map(Pair::stored_bytes).sum(),
                left_out,
                renamings,
                coverage: Some(coverage),
            }
        };
        self.tuned.iter().map(of_run).collect()
    }
}

/// Numbers equal names of runs, so that reports, overlaps and tables tell the runs apart.
fn name_apart(tuned: &mut [Checkpoint]) {
    let given: HashSet<String> = tuned.iter().map(|t| t.name.clone()).collect();
    let mut taken = HashSet::new();
    for run in tuned {
        if taken.insert(run.name.clone()) {
            continue;
        }
        let numbered = (2..).map(|n| format!("{} ({n})", run.name));
        let mut free = numbered.filter(|name| !given.contains(name) && !taken.contains(name));
        if let Some(name) = free.next() {
            taken.insert(name.clone());
            run.name = name;
        }
    }
}

/// Refuses a checkpoint that can't be read without its base.
fn check_without_base(tuned: &Checkpoint) -> Result<(), Error> {
    if tuned.adapter.is_some() {
        return Err(Error::needs_base(
            &tuned.name,
            "it is a LoRA adapter, and there is no base: give the model that it was trained on",
        ));
    }
    match &tuned.delta {
        Some(delta) => delta.check_alone(&tuned.name),
        None => Err(Error::needs_base(
            &tuned.name,
            "it is a whole checkpoint, and there is no base: give the checkpoint that it was \
             trained from. Only sparse deltas that list weights can be read without one",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checkpoint::testing::FileBuilder;

    #[test]
    fn no_two_runs_have_one_name() {
        let run = |name: &&str| FileBuilder::new().bf16s("w", &[2], &[1.0; 2]).checkpoint(name);
        let given = ["a", "a", "a (2)", "b", "a"];
        let inputs = Inputs::new(Some(run(&"a")), given.iter().map(run).collect(), None);
        let names: Vec<_> = inputs.expect("inputs").tuned.into_iter().map(|t| t.name).collect();
        assert_eq!(names, ["a", "a (3)", "a (2)", "b", "a (4)"]);
    }
}
