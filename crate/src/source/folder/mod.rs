//! Folders of this machine: the files of the checkpoints that a path stands for.

mod apart;
mod cache;
mod find;
mod place;
#[cfg(test)]
mod tests;

pub use apart::name_apart;
pub use find::find_places;
pub use place::{Place, Rules};
