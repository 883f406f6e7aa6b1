//! The stack machine that a pickle is a program for, without the operations that run code.

use crate::checkpoint::formats::torch::pickle::bytes::{Bytes, Failure, refuse, text};
use crate::checkpoint::formats::torch::pickle::classes::ClassList;
use crate::checkpoint::formats::torch::pickle::node::{Id, Node};
use crate::checkpoint::formats::torch::pickle::op;
use crate::checkpoint::formats::torch::pickle::stack::Machine;
use crate::checkpoint::formats::torch::pickle::value::Value;
use std::collections::HashMap;

/// Runs the pickle with which `all` begins. Returns the nodes, the place of its value, and its
/// length.
pub(crate) fn run(all: &[u8], extra: &ClassList) -> Result<(Vec<Node>, Id, usize), Failure> {
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
