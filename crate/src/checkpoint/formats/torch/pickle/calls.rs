//! What the machine makes of calls. Nothing is called.

use crate::checkpoint::formats::torch::pickle::bytes::{Failure, refuse};
use crate::checkpoint::formats::torch::pickle::node::{Id, Node};
use crate::checkpoint::formats::torch::pickle::stack::Machine;
use crate::checkpoint::formats::torch::pickle::value::{Class, Value};
use std::rc::Rc;

impl Machine<'_> {
    /// Sets the state of the object on top. A dict's own attributes (`_metadata`) are dropped.
    pub(crate) fn build(&mut self) -> Result<(), Failure> {
        let state = self.pop()?;
        let target = self.top()?;
        match &mut self.nodes[target as usize] {
            Node::Object(_, _, slot) => *slot = Some(state),
            Node::Dict(_) => {}
            _ => return refuse("its pickle sets the state of what has none: it is damaged"),
        }
        Ok(())
    }

    /// Pushes what calling a class makes: the value itself for Python's own containers, else an
    /// object that says what would be called.
    pub(crate) fn call(&mut self, class: Rc<Class>, args: Id) -> Result<(), Failure> {
        if class.is("builtins", "getattr") {
            return self.push_inner_class(args);
        }
        let Node::Tuple(given) = &self.nodes[args as usize] else {
            return refuse(format!(
                "its pickle calls {class} with what is no tuple: it is damaged"
            ));
        };
        let first = given.first().map(|id| &self.nodes[*id as usize]);
        let made = match (&*class.module, &*class.name) {
            // Its argument makes values that are missing.
            ("collections", "defaultdict") => Some(Node::Dict(Vec::new())),
            ("collections", "OrderedDict" | "Counter") => match first {
                None => Some(Node::Dict(Vec::new())),
                Some(Node::Dict(pairs)) => Some(Node::Dict(pairs.clone())),
                Some(Node::List(items)) => Some(Node::Dict(self.pair_up(items)?)),
                Some(_) => None,
            },
            ("builtins", "set" | "frozenset") => match first {
                None => Some(Node::Set(Vec::new())),
                Some(Node::List(items) | Node::Tuple(items) | Node::Set(items)) => {
                    Some(Node::Set(items.clone()))
                }
                Some(_) => None,
            },
            ("torch", "Size") => match first {
                None => Some(Node::Tuple(Vec::new())),
                Some(Node::Tuple(items) | Node::List(items)) => Some(Node::Tuple(items.clone())),
                Some(_) => None,
            },
            ("_codecs", "encode") | ("builtins", "bytearray") => match first {
                None => Some(Node::Leaf(Value::Bytes([].into()))),
                Some(Node::Leaf(Value::Bytes(bytes))) => {
                    Some(Node::Leaf(Value::Bytes(bytes.clone())))
                }
                Some(Node::Leaf(Value::Str(text))) => latin1(text).map(Node::Leaf),
                Some(_) => None,
            },
            _ => {
                self.push(Node::Object(class, args, None));
                return Ok(());
            }
        };
        let Some(made) = made else {
            return refuse(format!("its pickle calls {class} with other arguments than it takes"));
        };
        self.copied = self.copied.saturating_add(match &made {
            Node::Dict(pairs) => pairs.len(),
            Node::Set(items) | Node::Tuple(items) => items.len(),
            // Bytes that are shared cost nothing, but most are made of a text.
            Node::Leaf(Value::Bytes(bytes)) => bytes.len(),
            _ => 0,
        });
        if self.copied > self.bytes.position {
            return refuse("its pickle copies the same values too often: it is damaged");
        }
        self.push(made);
        Ok(())
    }

    /// Pushes a class inside another by its full name: protocol 2 has only `getattr` for it.
    fn push_inner_class(&mut self, args: Id) -> Result<(), Failure> {
        if let Node::Tuple(given) = &self.nodes[args as usize]
            && let [outer, name] = given[..]
            && let Node::Leaf(Value::Global(outer)) = &self.nodes[outer as usize]
            && let Node::Leaf(Value::Str(name)) = &self.nodes[name as usize]
        {
            let (module, name) = (outer.module.clone(), format!("{}.{name}", outer.name).into());
            return self.push_class(module, name);
        }
        refuse("its pickle takes an attribute of what is no class: it is damaged")
    }

    /// The pairs in a list of pairs.
    fn pair_up(&self, items: &[Id]) -> Result<Vec<(Id, Id)>, Failure> {
        let pair = |id: &Id| match &self.nodes[*id as usize] {
            Node::Tuple(pair) | Node::List(pair) if pair.len() == 2 => Ok((pair[0], pair[1])),
            _ => refuse("its pickle makes a dict of what are no pairs: it is damaged"),
        };
        items.iter().map(pair).collect()
    }
}

/// The bytes that a text stands for where it encodes bytes: protocol 2 has no others.
fn latin1(text: &str) -> Option<Value> {
    let bytes: Option<Vec<u8>> = text.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect();
    Some(Value::Bytes(bytes?.into()))
}
