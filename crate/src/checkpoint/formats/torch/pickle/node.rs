//! Values while the pickle is still changing them.

use crate::checkpoint::formats::torch::pickle::value::{Class, Value};
use std::rc::Rc;

/// A place among the nodes.
pub(crate) type Id = u32;

/// A value that refers to others by their places, since the pickle may change them later.
#[derive(Debug)]
pub(crate) enum Node {
    /// A value that holds no others.
    Leaf(Value),
    /// A list.
    List(Vec<Id>),
    /// A tuple.
    Tuple(Vec<Id>),
    /// A dict.
    Dict(Vec<(Id, Id)>),
    /// A set.
    Set(Vec<Id>),
    /// What has this persistent id.
    Persistent(Id),
    /// What calling a class with a tuple of arguments makes, and its state.
    Object(Rc<Class>, Id, Option<Id>),
}
