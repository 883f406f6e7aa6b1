//! From nodes to values.

use crate::checkpoint::formats::torch::pickle::bytes::{Failure, refuse};
use crate::checkpoint::formats::torch::pickle::node::{Id, Node};
use crate::checkpoint::formats::torch::pickle::value::{Object, Value};
use std::collections::HashMap;
use std::rc::Rc;

/// The deepest nesting that is read: whoever walks a value may recurse.
pub(crate) const DEEPEST: usize = 100;
/// The most values that a walk visits for each byte of the pickle. A walk visits what is shared
/// each time, so a few bytes could stand for a tree without end.
pub(crate) const VISITS_PER_BYTE: u64 = 64;

/// What became of a node.
#[derive(Clone)]
enum State {
    Untouched,
    /// Its parts are being made: it holds itself if it is met now.
    Begun,
    /// The value, and how many values a walk over it visits.
    Done(Value, u64),
}

/// Makes the value of the node `root`; the pickle has `length` bytes.
///
/// # Errors
/// [`Failure::Refused`] where a value holds itself, is nested too deep, or shares so much that a
/// walk would take too long.
pub(crate) fn freeze(nodes: &[Node], root: Id, length: usize) -> Result<Value, Failure> {
    let mut freezer = Freezer {
        nodes,
        states: vec![State::Untouched; nodes.len()],
        most: (length as u64).saturating_mul(VISITS_PER_BYTE),
    };
    Ok(freezer.make(root, 0)?.0)
}

struct Freezer<'a> {
    nodes: &'a [Node],
    states: Vec<State>,
    most: u64,
}

impl Freezer<'_> {
    fn make(&mut self, id: Id, depth: usize) -> Result<(Value, u64), Failure> {
        let place = id as usize;
        match &self.states[place] {
            State::Done(value, visits) => return Ok((value.clone(), *visits)),
            State::Begun => return refuse("its pickle has a value that holds itself"),
            State::Untouched => {}
        }
        if depth > DEEPEST {
            return refuse(format!("its pickle is nested more than {DEEPEST} deep"));
        }
        self.states[place] = State::Begun;
        let nodes = self.nodes;
        let depth = depth + 1;
        let (value, visits) = match &nodes[place] {
            Node::Leaf(value) => (value.clone(), 1),
            Node::List(ids) => {
                let (values, visits) = self.make_all(ids, depth)?;
                (Value::List(values), visits)
            }
            Node::Tuple(ids) => {
                let (values, visits) = self.make_all(ids, depth)?;
                (Value::Tuple(values), visits)
            }
            Node::Set(ids) => {
                let (values, visits) = self.make_all(ids, depth)?;
                (Value::Set(values), visits)
            }
            Node::Dict(pairs) => self.make_dict(pairs, depth)?,
            Node::Persistent(id) => {
                let (value, visits) = self.make(*id, depth)?;
                (Value::Persistent(Rc::new(value)), visits.saturating_add(1))
            }
            Node::Object(class, args, state) => {
                let (args, visits) = self.make(*args, depth)?;
                let Value::Tuple(args) = args else {
                    return refuse(format!("its pickle calls {class} with what is no tuple"));
                };
                let state = state.map(|id| self.make(id, depth)).transpose()?;
                let more = state.as_ref().map_or(1, |(_, visits)| *visits);
                let state = state.map(|(value, _)| value);
                let object = Object { class: class.clone(), args, state };
                (Value::Object(Rc::new(object)), visits.saturating_add(more))
            }
        };
        if visits > self.most {
            return refuse("its pickle refers to the same values too often: it is damaged");
        }
        self.states[place] = State::Done(value.clone(), visits);
        Ok((value, visits))
    }

    fn make_all(&mut self, ids: &[Id], depth: usize) -> Result<(Rc<[Value]>, u64), Failure> {
        let mut sum = 1u64;
        let mut values = Vec::with_capacity(ids.len());
        for id in ids {
            let (value, visits) = self.make(*id, depth)?;
            sum = sum.saturating_add(visits);
            values.push(value);
        }
        Ok((values.into(), sum))
    }

    /// As in Python, a key that comes again keeps its first place and takes the last value.
    fn make_dict(&mut self, pairs: &[(Id, Id)], depth: usize) -> Result<(Value, u64), Failure> {
        let mut sum = 1u64;
        let mut entries: Vec<(Value, Value)> = Vec::with_capacity(pairs.len());
        let mut places: HashMap<Rc<str>, usize> = HashMap::new();
        for (key, value) in pairs {
            let (key, more) = self.make(*key, depth)?;
            let (value, visits) = self.make(*value, depth)?;
            sum = sum.saturating_add(visits).saturating_add(more);
            if let Value::Str(text) = &key {
                if let Some(place) = places.get(text) {
                    entries[*place].1 = value;
                    continue;
                }
                places.insert(text.clone(), entries.len());
            }
            entries.push((key, value));
        }
        Ok((Value::Dict(entries.into()), sum))
    }
}
