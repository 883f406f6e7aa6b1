//! From a value of the pickle to the tensor that it describes.

use crate::checkpoint::formats::torch::pickle::{Class, Value};
use crate::checkpoint::formats::torch::strided::Strided;
use crate::checkpoint::raw::{RawTensor, count_elements};
use crate::checkpoint::summary::{LeftOut, LeftOutReason};
use crate::source::Source;
use safetensors::Dtype;
use std::ops::Range;
use std::rc::Rc;

/// The most dimensions that a tensor may have: PyTorch's own bound.
const MOST_DIMENSIONS: usize = 64;

/// A tensor as the pickle describes it.
#[derive(Debug, Clone, PartialEq)]
pub struct Described {
    /// The storage.
    pub storage: Storage,
    /// The dtype of its elements, by PyTorch's name (`bfloat16`).
    pub dtype: Rc<str>,
    /// Elements of the storage before its first.
    pub offset: u64,
    /// Its shape.
    pub shape: Vec<u64>,
    /// Elements of the storage from an index to the next, for each dimension.
    pub strides: Vec<u64>,
}

/// A storage by its persistent id.
#[derive(Debug, Clone, PartialEq)]
pub struct Storage {
    /// Its key: the name of its entry.
    pub key: Rc<str>,
    /// The class that tells the dtype of its elements.
    pub class: Rc<Class>,
}

/// The dtypes that storages are named by; other storages are untyped and of bytes.
const STORAGES: &[(&str, &str)] = &[
    ("DoubleStorage", "float64"),
    ("FloatStorage", "float32"),
    ("HalfStorage", "float16"),
    ("BFloat16Storage", "bfloat16"),
    ("LongStorage", "int64"),
    ("IntStorage", "int32"),
    ("ShortStorage", "int16"),
    ("CharStorage", "int8"),
    ("ByteStorage", "uint8"),
    ("BoolStorage", "bool"),
    ("ComplexDoubleStorage", "complex128"),
    ("ComplexFloatStorage", "complex64"),
    ("QUInt8Storage", "quint8"),
    ("QInt8Storage", "qint8"),
    ("QInt32Storage", "qint32"),
    ("QUInt4x2Storage", "quint4x2"),
    ("QUInt2x4Storage", "quint2x4"),
    ("UntypedStorage", "uint8"),
    ("TypedStorage", "uint8"),
];

/// PyTorch's dtypes that safetensors has, too.
const DTYPES: &[(&str, Dtype)] = &[
    ("float64", Dtype::F64),
    ("float32", Dtype::F32),
    ("float16", Dtype::F16),
    ("bfloat16", Dtype::BF16),
    ("float8_e4m3fn", Dtype::F8_E4M3),
    ("float8_e5m2", Dtype::F8_E5M2),
    ("float8_e8m0fnu", Dtype::F8_E8M0),
    ("float8_e4m3fnuz", Dtype::F8_E4M3FNUZ),
    ("float8_e5m2fnuz", Dtype::F8_E5M2FNUZ),
    ("int64", Dtype::I64),
    ("int32", Dtype::I32),
    ("int16", Dtype::I16),
    ("int8", Dtype::I8),
    ("uint64", Dtype::U64),
    ("uint32", Dtype::U32),
    ("uint16", Dtype::U16),
    ("uint8", Dtype::U8),
    ("bool", Dtype::BOOL),
    ("complex64", Dtype::C64),
];

impl Storage {
    /// The storage of a persistent id: `("storage", class, key, device, elements)`, in old files
    /// followed by a view of a part, which must be `None`.
    pub fn of(value: &Value) -> Option<Self> {
        let Value::Persistent(id) = value else { return None };
        let [kind, class, key, _, _, rest @ ..] = id.items()? else { return None };
        let whole = matches!(rest, [] | [Value::None]);
        let (Value::Global(class), Value::Str(key)) = (class, key) else { return None };
        (whole && kind.as_str() == Some("storage"))
            .then(|| Self { key: key.clone(), class: class.clone() })
    }

    /// The dtype of its elements, by PyTorch's name.
    pub fn dtype(&self) -> Option<&'static str> {
        STORAGES.iter().find(|(name, _)| *name == &*self.class.name).map(|(_, dtype)| *dtype)
    }
}

/// Why a tensor can't be read.
pub type Refusal = (LeftOutReason, String);

/// True where a value is a tensor, of whatever kind.
pub fn is_tensor(value: &Value) -> bool {
    let Some(object) = value.as_object() else { return false };
    let name = &*object.class.name;
    match &*object.class.module {
        "torch._utils" | "torch._tensor" => name.starts_with("_rebuild"),
        "torch.nn.parameter" => true,
        "torch" => name == "Tensor",
        _ => false,
    }
}

/// Describes the tensor that a value is.
///
/// # Errors
/// Where it is no plain tensor of one storage; the reason and a sentence.
pub fn describe(value: &Value) -> Result<Described, Refusal> {
    let unknown = || (LeftOutReason::BadFile, "its description is damaged".to_string());
    let object = value.as_object().ok_or_else(unknown)?;
    describe_call(&object.class, &object.args, 0)
}

/// Describes the tensor that calling a function with these arguments makes.
fn describe_call(function: &Class, args: &[Value], depth: usize) -> Result<Described, Refusal> {
    let damaged = || (LeftOutReason::BadFile, format!("its call of {function} is damaged"));
    let refuse = |what: &str| {
        let detail = format!("{what}: make it a plain tensor in PyTorch and save it again");
        Err((LeftOutReason::UnsupportedDtype, detail))
    };
    // A parameter of a parameter of a …
    if depth > 8 {
        return Err(damaged());
    }
    let (storage, layout, dtype, metadata) = match (&*function.name, args) {
        (
            "_rebuild_parameter" | "_rebuild_parameter_with_state" | "Parameter" | "Buffer",
            [Value::Object(data), ..],
        ) => return describe_call(&data.class, &data.args, depth + 1),
        ("_rebuild_from_type_v2", [Value::Global(inner), Value::Global(class), args, ..]) => {
            if !matches!(&*class.name, "Tensor" | "Parameter" | "Buffer") {
                return refuse(&format!("it is a tensor of the class {class}"));
            }
            return describe_call(inner, args.items().ok_or_else(damaged)?, depth + 1);
        }
        ("_rebuild_tensor", [storage, layout @ ..]) => (storage, layout, None, None),
        ("_rebuild_tensor_v2", [storage, layout @ ..]) => (storage, layout, None, layout.get(5)),
        ("_rebuild_tensor_v3", [storage, layout @ ..]) => {
            (storage, layout, Some(layout.get(5).ok_or_else(damaged)?), layout.get(6))
        }
        ("_rebuild_qtensor", _) => return refuse("it is a quantized tensor"),
        ("_rebuild_sparse_tensor", _) => return refuse("it is a sparse tensor"),
        ("_rebuild_meta_tensor_no_storage", _) => {
            let detail = "it is a meta tensor, which has a shape and no values".to_string();
            return Err((LeftOutReason::BadFile, detail));
        }
        ("_rebuild_wrapper_subclass", _) => return refuse("it is a tensor inside of another"),
        ("_rebuild_device_tensor_from_numpy" | "_rebuild_device_tensor_from_cpu_tensor", _) => {
            return refuse("it was saved on a device of its own kind");
        }
        _ => return Err(damaged()),
    };
    // Conjugate and negative views are a flag on other elements.
    let flags = metadata.and_then(Value::entries).unwrap_or_default();
    if flags.iter().any(|(_, flag)| flag.as_bool() == Some(true)) {
        return refuse("it is a view that changes its elements");
    }
    let [offset, shape, strides, ..] = layout else { return Err(damaged()) };
    let storage = Storage::of(storage).ok_or_else(damaged)?;
    let dtype = match dtype {
        Some(dtype) => dtype.as_global().ok_or_else(damaged)?.name.clone(),
        None => storage.dtype().ok_or_else(damaged)?.into(),
    };
    let described = Described {
        dtype,
        storage,
        offset: offset.as_u64().ok_or_else(damaged)?,
        shape: shape.as_u64s().ok_or_else(damaged)?,
        strides: strides.as_u64s().ok_or_else(damaged)?,
    };
    if described.shape.len() != described.strides.len() || described.shape.len() > MOST_DIMENSIONS {
        return Err(damaged());
    }
    Ok(described)
}

impl Described {
    /// The tensor of this name, whose storage is `place` in the file `source`.
    ///
    /// # Errors
    /// Where it leaves its storage, or is of a dtype that safetensors does not have.
    pub fn open(
        &self,
        name: &str,
        source: &Rc<dyn Source>,
        place: Range<u64>,
    ) -> Result<RawTensor, Refusal> {
        let dtype = DTYPES.iter().find(|(name, _)| *name == &*self.dtype);
        let dtype = dtype.map(|(_, dtype)| *dtype).ok_or_else(|| {
            let detail = format!(
                "its dtype torch.{} is not supported (bfloat16, float16, float32, float64, \
                float8_e4m3fn and float8_e5m2 are)",
                self.dtype
            );
            (LeftOutReason::UnsupportedDtype, detail)
        })?;
        let size = dtype.bitsize() as u64 / 8;
        let held = (place.end - place.start) / size;
        let outside = || {
            let detail = format!(
                "its elements leave its storage, {} in {}: the file is damaged",
                self.storage.key,
                source.name()
            );
            (LeftOutReason::BadFile, detail)
        };
        let elements = count_elements(&self.shape).ok_or_else(outside)?;
        let raw = |source: Rc<dyn Source>, start| RawTensor {
            name: name.into(),
            dtype,
            shape: self.shape.clone(),
            source,
            start,
        };
        if elements == 0 {
            return Ok(raw(source.clone(), place.start));
        }
        let last =
            self.shape.iter().zip(&self.strides).try_fold(self.offset, |sum, (n, stride)| {
                sum.checked_add((n - 1).checked_mul(*stride)?)
            });
        if last.is_none_or(|last| last >= held) {
            return Err(outside());
        }
        if elements > held {
            let detail = "it repeats the elements of its storage (torch.Tensor.expand): save it \
                contiguous";
            return Err((LeftOutReason::BadFile, detail.into()));
        }
        let start = place.start + self.offset * size;
        let strided = Strided::new(source.clone(), start, (&self.shape, &self.strides), size);
        if strided.is_contiguous() {
            Ok(raw(source.clone(), start))
        } else {
            Ok(raw(Rc::new(strided), 0))
        }
    }
}

/// Leaves out a tensor.
pub fn leave_out(name: &str, (reason, detail): Refusal) -> LeftOut {
    LeftOut::new(name, reason, detail)
}

/// Bytes of an element of a storage; `None` for a class that is not known.
pub fn size_of(storage: &Storage) -> Option<u64> {
    match storage.dtype()? {
        "complex128" => Some(16),
        "quint8" | "qint8" | "quint4x2" | "quint2x4" => Some(1),
        "qint32" => Some(4),
        dtype => {
            let found = DTYPES.iter().find(|(name, _)| *name == dtype)?;
            Some(found.1.bitsize() as u64 / 8)
        }
    }
}
