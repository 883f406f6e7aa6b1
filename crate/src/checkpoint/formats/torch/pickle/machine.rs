//! The stack machine that a pickle is a program for, without the operations that run code.

use crate::checkpoint::formats::torch::pickle::bytes::{Bytes, Failure, refuse, text};
use crate::checkpoint::formats::torch::pickle::classes::{ClassList, is_allowed};
use crate::checkpoint::formats::torch::pickle::node::{Id, Node};
use crate::checkpoint::formats::torch::pickle::value::{Class, Value};
use std::collections::HashMap;
use std::rc::Rc;

/// Runs the pickle with which `all` begins. Returns the nodes, the place of its value, and its
/// length.
pub(super) fn run(all: &[u8], extra: &ClassList) -> Result<(Vec<Node>, Id, usize), Failure> {
    let mut machine = Machine {
        bytes: Bytes::new(all),
        extra,
        nodes: Vec::new(),
        stack: Vec::new(),
        marks: Vec::new(),
        memo: HashMap::new(),
        copied: 0,
    };
    if all.first().is_some_and(|first| *first != op::PROTO) {
        return refuse("it is no pickle of protocol 2 or later");
    }
    loop {
        if machine.step()? {
            let root = machine.pop()?;
            return Ok((machine.nodes, root, machine.bytes.position));
        }
    }
}

/// The operations by their codes, with Python's names (pickle.py).
#[rustfmt::skip]
mod op {
    pub const MARK: u8 = b'(';
    pub const STOP: u8 = b'.';
    pub const POP: u8 = b'0';
    pub const POP_MARK: u8 = b'1';
    pub const DUP: u8 = b'2';
    pub const BINFLOAT: u8 = b'G';
    pub const BININT: u8 = b'J';
    pub const BININT1: u8 = b'K';
    pub const BININT2: u8 = b'M';
    pub const NONE: u8 = b'N';
    pub const BINPERSID: u8 = b'Q';
    pub const REDUCE: u8 = b'R';
    pub const BINSTRING: u8 = b'T';
    pub const SHORT_BINSTRING: u8 = b'U';
    pub const BINUNICODE: u8 = b'X';
    pub const APPEND: u8 = b'a';
    pub const BUILD: u8 = b'b';
    pub const GLOBAL: u8 = b'c';
    pub const EMPTY_DICT: u8 = b'}';
    pub const APPENDS: u8 = b'e';
    pub const BINGET: u8 = b'h';
    pub const LONG_BINGET: u8 = b'j';
    pub const EMPTY_LIST: u8 = b']';
    pub const BINPUT: u8 = b'q';
    pub const LONG_BINPUT: u8 = b'r';
    pub const SETITEM: u8 = b's';
    pub const TUPLE: u8 = b't';
    pub const EMPTY_TUPLE: u8 = b')';
    pub const SETITEMS: u8 = b'u';
    pub const PROTO: u8 = 0x80;
    pub const NEWOBJ: u8 = 0x81;
    pub const TUPLE1: u8 = 0x85;
    pub const TUPLE2: u8 = 0x86;
    pub const TUPLE3: u8 = 0x87;
    pub const NEWTRUE: u8 = 0x88;
    pub const NEWFALSE: u8 = 0x89;
    pub const LONG1: u8 = 0x8a;
    pub const LONG4: u8 = 0x8b;
    pub const BINBYTES: u8 = b'B';
    pub const SHORT_BINBYTES: u8 = b'C';
    pub const SHORT_BINUNICODE: u8 = 0x8c;
    pub const BINUNICODE8: u8 = 0x8d;
    pub const BINBYTES8: u8 = 0x8e;
    pub const EMPTY_SET: u8 = 0x8f;
    pub const ADDITEMS: u8 = 0x90;
    pub const FROZENSET: u8 = 0x91;
    pub const NEWOBJ_EX: u8 = 0x92;
    pub const STACK_GLOBAL: u8 = 0x93;
    pub const MEMOIZE: u8 = 0x94;
    pub const FRAME: u8 = 0x95;
    pub const BYTEARRAY8: u8 = 0x96;
}

/// The state of the machine.
struct Machine<'a> {
    bytes: Bytes<'a>,
    extra: &'a ClassList,
    nodes: Vec<Node>,
    stack: Vec<Id>,
    /// The stack's lengths at the marks.
    marks: Vec<usize>,
    memo: HashMap<u64, Id>,
    /// Number of items and bytes copied out of other values: a few bytes can ask for a copy of
    /// much.
    copied: usize,
}

impl Machine<'_> {
    /// Runs one operation; true if it was the last.
    fn step(&mut self) -> Result<bool, Failure> {
        let code = self.bytes.byte()?;
        match code {
            op::PROTO => {
                let protocol = self.bytes.byte()?;
                if !(2..=5).contains(&protocol) {
                    return refuse(format!("its pickle is of protocol {protocol}, not 2 to 5"));
                }
            }
            op::FRAME => drop(self.bytes.take(8)?),
            op::STOP => return Ok(true),
            op::MARK => self.marks.push(self.stack.len()),
            op::POP => drop(self.pop()?),
            op::POP_MARK => drop(self.pop_mark()?),
            op::DUP => {
                let top = self.top()?;
                self.stack.push(top);
            }
            op::NONE => self.leaf(Value::None),
            op::NEWTRUE => self.leaf(Value::Bool(true)),
            op::NEWFALSE => self.leaf(Value::Bool(false)),
            op::BININT => {
                let number = i32::from_le_bytes(self.bytes.array()?);
                self.leaf(Value::Int(number.into()));
            }
            op::BININT1 => {
                let number = self.bytes.byte()?;
                self.leaf(Value::Int(number.into()));
            }
            op::BININT2 => {
                let number = u16::from_le_bytes(self.bytes.array()?);
                self.leaf(Value::Int(number.into()));
            }
            op::LONG1 => {
                let bytes = self.bytes.counted::<1>()?;
                self.leaf(integer(bytes));
            }
            op::LONG4 => {
                let bytes = self.bytes.counted::<4>()?;
                self.leaf(integer(bytes));
            }
            op::BINFLOAT => {
                let number = f64::from_be_bytes(self.bytes.array()?);
                self.leaf(Value::Float(number));
            }
            op::SHORT_BINUNICODE => {
                let bytes = self.bytes.counted::<1>()?;
                self.leaf(Value::Str(text(bytes)?.into()));
            }
            op::BINUNICODE => {
                let bytes = self.bytes.counted::<4>()?;
                self.leaf(Value::Str(text(bytes)?.into()));
            }
            op::BINUNICODE8 => {
                let bytes = self.bytes.counted::<8>()?;
                self.leaf(Value::Str(text(bytes)?.into()));
            }
            op::SHORT_BINSTRING => {
                let bytes = self.bytes.counted::<1>()?;
                self.leaf(string(bytes));
            }
            op::BINSTRING => {
                let bytes = self.bytes.counted::<4>()?;
                self.leaf(string(bytes));
            }
            op::SHORT_BINBYTES => {
                let bytes = self.bytes.counted::<1>()?;
                self.leaf(Value::Bytes(bytes.into()));
            }
            op::BINBYTES => {
                let bytes = self.bytes.counted::<4>()?;
                self.leaf(Value::Bytes(bytes.into()));
            }
            op::BINBYTES8 | op::BYTEARRAY8 => {
                let bytes = self.bytes.counted::<8>()?;
                self.leaf(Value::Bytes(bytes.into()));
            }
            op::EMPTY_LIST => self.push(Node::List(Vec::new())),
            op::EMPTY_TUPLE => self.push(Node::Tuple(Vec::new())),
            op::EMPTY_DICT => self.push(Node::Dict(Vec::new())),
            op::EMPTY_SET => self.push(Node::Set(Vec::new())),
            op::TUPLE => {
                let items = self.pop_mark()?;
                self.push(Node::Tuple(items));
            }
            op::TUPLE1 | op::TUPLE2 | op::TUPLE3 => {
                let count = usize::from(code - op::TUPLE1) + 1;
                let from = self.floor_for(count)?;
                let items = self.stack.split_off(from);
                self.push(Node::Tuple(items));
            }
            op::FROZENSET => {
                let items = self.pop_mark()?;
                self.push(Node::Set(items));
            }
            op::APPEND => {
                let item = self.pop()?;
                self.append(vec![item])?;
            }
            op::APPENDS | op::ADDITEMS => {
                let items = self.pop_mark()?;
                self.append(items)?;
            }
            op::SETITEM => {
                let (value, key) = (self.pop()?, self.pop()?);
                self.set_items(&[key, value])?;
            }
            op::SETITEMS => {
                let items = self.pop_mark()?;
                self.set_items(&items)?;
            }
            op::BINPUT => {
                let place = self.bytes.number::<1>()?;
                self.put(place)?;
            }
            op::LONG_BINPUT => {
                let place = self.bytes.number::<4>()?;
                self.put(place)?;
            }
            op::MEMOIZE => self.put(self.memo.len() as u64)?,
            op::BINGET => {
                let place = self.bytes.number::<1>()?;
                self.get(place)?;
            }
            op::LONG_BINGET => {
                let place = self.bytes.number::<4>()?;
                self.get(place)?;
            }
            op::GLOBAL => {
                let (module, name) = (self.bytes.line()?, self.bytes.line()?);
                self.push_class(module.into(), name.into())?;
            }
            op::STACK_GLOBAL => {
                let (name, module) = (self.pop_text()?, self.pop_text()?);
                self.push_class(module, name)?;
            }
            op::BINPERSID => {
                let id = self.pop()?;
                self.push(Node::Persistent(id));
            }
            op::REDUCE | op::NEWOBJ => {
                let (args, class) = (self.pop()?, self.pop_class()?);
                self.call(class, args)?;
            }
            op::NEWOBJ_EX => {
                let (named, args, class) = (self.pop()?, self.pop()?, self.pop_class()?);
                if !matches!(&self.nodes[named as usize], Node::Dict(pairs) if pairs.is_empty()) {
                    return refuse(format!("its pickle calls {class} with named arguments"));
                }
                self.call(class, args)?;
            }
            op::BUILD => self.build()?,
            code => {
                return refuse(format!(
                    "its pickle has the operation 0x{code:02x} at byte {}, which weights do not \
                    need: it is damaged, or to be saved as safetensors",
                    self.bytes.position - 1
                ));
            }
        }
        Ok(false)
    }

    fn push(&mut self, node: Node) {
        // There is at most one node for each byte, and there are fewer bytes than ids.
        self.stack.push(self.nodes.len() as Id);
        self.nodes.push(node);
    }

    fn leaf(&mut self, value: Value) {
        self.push(Node::Leaf(value));
    }

    /// The stack's length without its last `count` items, which must lie above the last mark.
    fn floor_for(&self, count: usize) -> Result<usize, Failure> {
        let floor = self.marks.last().copied().unwrap_or(0);
        match self.stack.len().checked_sub(count) {
            Some(from) if from >= floor => Ok(from),
            _ => refuse("its pickle takes more from the stack than there is: it is damaged"),
        }
    }

    fn top(&self) -> Result<Id, Failure> {
        Ok(self.stack[self.floor_for(1)?])
    }

    fn pop(&mut self) -> Result<Id, Failure> {
        let from = self.floor_for(1)?;
        let id = self.stack[from];
        self.stack.truncate(from);
        Ok(id)
    }

    fn pop_mark(&mut self) -> Result<Vec<Id>, Failure> {
        match self.marks.pop() {
            Some(mark) => Ok(self.stack.split_off(mark)),
            None => refuse("its pickle misses a mark: it is damaged"),
        }
    }

    fn pop_text(&mut self) -> Result<Rc<str>, Failure> {
        let id = self.pop()?;
        match &self.nodes[id as usize] {
            Node::Leaf(Value::Str(text)) => Ok(text.clone()),
            _ => refuse("its pickle names a class by what is no text: it is damaged"),
        }
    }

    fn pop_class(&mut self) -> Result<Rc<Class>, Failure> {
        let id = self.pop()?;
        match &self.nodes[id as usize] {
            Node::Leaf(Value::Global(class)) => Ok(class.clone()),
            _ => refuse("its pickle calls what is no class: it is damaged"),
        }
    }

    fn push_class(&mut self, module: Rc<str>, name: Rc<str>) -> Result<(), Failure> {
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

    fn put(&mut self, place: u64) -> Result<(), Failure> {
        let top = self.top()?;
        self.memo.insert(place, top);
        Ok(())
    }

    fn get(&mut self, place: u64) -> Result<(), Failure> {
        match self.memo.get(&place) {
            Some(id) => {
                self.stack.push(*id);
                Ok(())
            }
            None => refuse("its pickle reads what it never stored: it is damaged"),
        }
    }

    fn append(&mut self, items: Vec<Id>) -> Result<(), Failure> {
        let target = self.top()?;
        match &mut self.nodes[target as usize] {
            Node::List(list) | Node::Set(list) => list.extend(items),
            _ => return refuse("its pickle appends to what is no list: save it as safetensors"),
        }
        Ok(())
    }

    fn set_items(&mut self, items: &[Id]) -> Result<(), Failure> {
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

    /// Sets the state of the object on top. A dict's own attributes (`_metadata`) are dropped.
    fn build(&mut self) -> Result<(), Failure> {
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
    fn call(&mut self, class: Rc<Class>, args: Id) -> Result<(), Failure> {
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

/// An integer from its little-endian bytes in two's complement.
fn integer(bytes: &[u8]) -> Value {
    if bytes.len() > 8 {
        return Value::BigInt(bytes.into());
    }
    let sign = bytes.last().map_or(0, |last| if *last >= 0x80 { 0xff } else { 0 });
    let mut whole = [sign; 8];
    whole[..bytes.len()].copy_from_slice(bytes);
    Value::Int(i64::from_le_bytes(whole))
}

/// A string of Python 2, which does not tell text from bytes.
fn string(bytes: &[u8]) -> Value {
    match std::str::from_utf8(bytes) {
        Ok(text) => Value::Str(text.into()),
        Err(_) => Value::Bytes(bytes.into()),
    }
}

/// The bytes that a text stands for where it encodes bytes: protocol 2 has no others.
fn latin1(text: &str) -> Option<Value> {
    let bytes: Option<Vec<u8>> = text.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect();
    Some(Value::Bytes(bytes?.into()))
}
