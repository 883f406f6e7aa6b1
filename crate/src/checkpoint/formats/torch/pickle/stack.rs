//! The state of the machine: its stack, its memo, and the nodes made so far.

use crate::checkpoint::formats::torch::pickle::bytes::{Bytes, Failure, refuse};
use crate::checkpoint::formats::torch::pickle::classes::{ClassList, is_allowed};
use crate::checkpoint::formats::torch::pickle::node::{Id, Node};
use crate::checkpoint::formats::torch::pickle::value::{Class, Value};
use std::collections::HashMap;
use std::rc::Rc;

/// The state of the machine.
pub(crate) struct Machine<'a> {
    pub(crate) bytes: Bytes<'a>,
    pub(crate) extra: &'a ClassList,
    pub(crate) nodes: Vec<Node>,
    pub(crate) stack: Vec<Id>,
    /// The stack's lengths at the marks.
    pub(crate) marks: Vec<usize>,
    pub(crate) memo: HashMap<u64, Id>,
    /// Number of items and bytes copied out of other values: a few bytes can ask for a copy of
    /// much.
    pub(crate) copied: usize,
}

impl Machine<'_> {
    pub(crate) fn push(&mut self, node: Node) {
        // There is at most one node for each byte, and there are fewer bytes than ids.
        self.stack.push(self.nodes.len() as Id);
        self.nodes.push(node);
    }

    pub(crate) fn leaf(&mut self, value: Value) {
        self.push(Node::Leaf(value));
    }

    /// The stack's length without its last `count` items, which must lie above the last mark.
    pub(crate) fn floor_for(&self, count: usize) -> Result<usize, Failure> {
        let floor = self.marks.last().copied().unwrap_or(0);
        match self.stack.len().checked_sub(count) {
            Some(from) if from >= floor => Ok(from),
            _ => refuse("its pickle takes more from the stack than there is: it is damaged"),
        }
    }

    pub(crate) fn top(&self) -> Result<Id, Failure> {
        Ok(self.stack[self.floor_for(1)?])
    }

    pub(crate) fn pop(&mut self) -> Result<Id, Failure> {
        let from = self.floor_for(1)?;
        let id = self.stack[from];
        self.stack.truncate(from);
        Ok(id)
    }

    pub(crate) fn pop_mark(&mut self) -> Result<Vec<Id>, Failure> {
        match self.marks.pop() {
            Some(mark) => Ok(self.stack.split_off(mark)),
            None => refuse("its pickle misses a mark: it is damaged"),
        }
    }

    pub(crate) fn pop_text(&mut self) -> Result<Rc<str>, Failure> {
        let id = self.pop()?;
        match &self.nodes[id as usize] {
            Node::Leaf(Value::Str(text)) => Ok(text.clone()),
            _ => refuse("its pickle names a class by what is no text: it is damaged"),
        }
    }

    pub(crate) fn pop_class(&mut self) -> Result<Rc<Class>, Failure> {
        let id = self.pop()?;
        match &self.nodes[id as usize] {
            Node::Leaf(Value::Global(class)) => Ok(class.clone()),
            _ => refuse("its pickle calls what is no class: it is damaged"),
        }
    }

    pub(crate) fn push_class(&mut self, module: Rc<str>, name: Rc<str>) -> Result<(), Failure> {
        // Python 2 has another name for this module.
        let module = if &*module == "__builtin__" { "builtins".into() } else { module };
        let class = Class { module, name };
        if !is_allowed(&class, self.extra) {
            return refuse(format!(
                "it needs the class {class}, which only Python can load: load it there and save \
                its weights as safetensors"
            ));
        }
        self.leaf(Value::Global(Rc::new(class)));
        Ok(())
    }

    pub(crate) fn put(&mut self, place: u64) -> Result<(), Failure> {
        let top = self.top()?;
        self.memo.insert(place, top);
        Ok(())
    }

    pub(crate) fn get(&mut self, place: u64) -> Result<(), Failure> {
        match self.memo.get(&place) {
            Some(id) => {
                self.stack.push(*id);
                Ok(())
            }
            None => refuse("its pickle reads what it never stored: it is damaged"),
        }
    }

    pub(crate) fn append(&mut self, items: Vec<Id>) -> Result<(), Failure> {
        let target = self.top()?;
        match &mut self.nodes[target as usize] {
            Node::List(list) | Node::Set(list) => list.extend(items),
            _ => return refuse("its pickle appends to what is no list: save it as safetensors"),
        }
        Ok(())
    }

    pub(crate) fn set_items(&mut self, items: &[Id]) -> Result<(), Failure> {
        let target = self.top()?;
        let (pairs, rest) = items.as_chunks::<2>();
        match &mut self.nodes[target as usize] {
            Node::Dict(dict) if rest.is_empty() => {
                dict.extend(pairs.iter().map(|[key, value]| (*key, *value)));
                Ok(())
            }
            _ => refuse("its pickle sets an item of what is no dict: save it as safetensors"),
        }
    }
}
