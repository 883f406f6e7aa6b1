//! The values that a pickle describes.

use std::rc::Rc;

/// A value of a pickle. What the pickle shares is shared here, so a clone costs nothing.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// `None`.
    None,
    /// A truth value.
    Bool(bool),
    /// An integer of at most 64 bits.
    Int(i64),
    /// A larger integer, as its little-endian bytes in two's complement.
    BigInt(Rc<[u8]>),
    /// A number.
    Float(f64),
    /// A text.
    Str(Rc<str>),
    /// Bytes, or a bytearray.
    Bytes(Rc<[u8]>),
    /// A list.
    List(Rc<[Value]>),
    /// A tuple, or a `torch.Size`.
    Tuple(Rc<[Value]>),
    /// A dict, OrderedDict, defaultdict or Counter. No text is a key twice.
    Dict(Rc<[(Value, Value)]>),
    /// A set or frozenset.
    Set(Rc<[Value]>),
    /// A class, function or constant by its name.
    Global(Rc<Class>),
    /// What lies outside the pickle, by its persistent id: a storage.
    Persistent(Rc<Value>),
    /// What calling a class or function would make.
    Object(Rc<Object>),
}

/// The full name of a class, function or constant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Class {
    /// The module: `torch._utils`.
    pub module: Rc<str>,
    /// The name in the module: `_rebuild_tensor_v2`.
    pub name: Rc<str>,
}

impl Class {
    /// True for this name in this module.
    pub fn is(&self, module: &str, name: &str) -> bool {
        &*self.module == module && &*self.name == name
    }
}

impl std::fmt::Display for Class {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.module, self.name)
    }
}

/// What calling a class or function would make. Nothing is called.
#[derive(Debug, Clone, PartialEq)]
pub struct Object {
    /// What would be called.
    pub class: Rc<Class>,
    /// The arguments, in order.
    pub args: Rc<[Value]>,
    /// What the pickle sets on the object after it is made.
    pub state: Option<Value>,
}

impl Object {
    /// The attribute of this name that the pickle sets: of `__dict__` or of slots.
    pub fn attribute(&self, name: &str) -> Option<&Value> {
        match self.state.as_ref()? {
            state @ Value::Dict(_) => state.get(name),
            Value::Tuple(parts) => parts.iter().find_map(|part| part.get(name)),
            _ => None,
        }
    }
}

impl Value {
    /// The text.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Str(text) => Some(text),
            _ => None,
        }
    }

    /// The integer, if it is none below zero.
    pub fn as_u64(&self) -> Option<u64> {
        match self {
            Self::Int(n) => u64::try_from(*n).ok(),
            _ => None,
        }
    }

    /// The truth value.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(b) => Some(*b),
            _ => None,
        }
    }

    /// The items of a list, tuple or set.
    pub fn items(&self) -> Option<&[Value]> {
        match self {
            Self::List(items) | Self::Tuple(items) | Self::Set(items) => Some(items),
            _ => None,
        }
    }

    /// The integers of a list or tuple that holds nothing else, none below zero: a shape.
    pub fn as_u64s(&self) -> Option<Vec<u64>> {
        self.items()?.iter().map(Self::as_u64).collect()
    }

    /// The keys and values of a dict, in order.
    pub fn entries(&self) -> Option<&[(Value, Value)]> {
        match self {
            Self::Dict(entries) => Some(entries),
            _ => None,
        }
    }

    /// The value of a dict at a text.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.entries()?.iter().find(|(k, _)| k.as_str() == Some(key)).map(|(_, value)| value)
    }

    /// The object.
    pub fn as_object(&self) -> Option<&Object> {
        match self {
            Self::Object(object) => Some(object),
            _ => None,
        }
    }

    /// The class, function or constant.
    pub fn as_global(&self) -> Option<&Class> {
        match self {
            Self::Global(class) => Some(class),
            _ => None,
        }
    }

    /// The object, if it is of this class or the result of this function.
    pub fn as_object_of(&self, module: &str, name: &str) -> Option<&Object> {
        self.as_object().filter(|object| object.class.is(module, name))
    }
}
