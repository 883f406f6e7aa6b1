//! The classes, functions and constants that a pickle may name.
//!
//! None is imported or called. The list keeps out what only Python could give a meaning to: a value
//! of another class could hide weights, and none would be read for what it is not.

use crate::checkpoint::formats::torch::pickle::value::Class;

/// Modules with the names that a pickle may take from each.
pub type ClassList = [(&'static str, &'static [&'static str])];

/// What pickles of weights and of training states name: the list of `torch.load(weights_only=True)`
/// ("_get_allowed_globals"), and harmless data beside it.
pub const USUAL: &ClassList = &[
    ("torch", TORCH),
    ("torch.cuda", STORAGES),
    ("torch.storage", &["TypedStorage", "UntypedStorage"]),
    ("torch._utils", REBUILD),
    ("torch._tensor", &["_rebuild_from_type_v2"]),
    ("torch.nn.parameter", &["Parameter", "Buffer"]),
    ("torch.serialization", &["_get_layout"]),
    ("collections", &["OrderedDict", "Counter", "defaultdict"]),
    ("_codecs", &["encode"]),
    ("builtins", BUILTINS),
    ("_io", &["BytesIO"]),
    ("argparse", &["Namespace"]),
    ("pathlib", PATHS),
    ("pathlib._local", PATHS),
    ("numpy", &["dtype", "ndarray"]),
    ("numpy.core.multiarray", &["_reconstruct", "scalar"]),
    ("numpy._core.multiarray", &["_reconstruct", "scalar"]),
];

/// Storages by the dtype of their elements: PyTorch names a storage's dtype so in every file.
const STORAGES: &[&str] = &[
    "DoubleStorage",
    "FloatStorage",
    "HalfStorage",
    "BFloat16Storage",
    "LongStorage",
    "IntStorage",
    "ShortStorage",
    "CharStorage",
    "ByteStorage",
    "BoolStorage",
    "ComplexDoubleStorage",
    "ComplexFloatStorage",
    "QUInt8Storage",
    "QInt8Storage",
    "QInt32Storage",
    "QUInt4x2Storage",
    "QUInt2x4Storage",
];

/// Names of the module `torch`, without the storages.
const TORCH: &[&str] = &[
    "Size",
    "Tensor",
    "device",
    // Dtypes.
    "float64",
    "float32",
    "float16",
    "bfloat16",
    "float8_e4m3fn",
    "float8_e4m3fnuz",
    "float8_e5m2",
    "float8_e5m2fnuz",
    "float8_e8m0fnu",
    "float4_e2m1fn_x2",
    "int64",
    "int32",
    "int16",
    "int8",
    "uint64",
    "uint32",
    "uint16",
    "uint8",
    "bool",
    "complex32",
    "complex64",
    "complex128",
    "bits8",
    "quint8",
    "qint8",
    "qint32",
    "quint4x2",
    "quint2x4",
    // Schemes of quantised tensors.
    "per_tensor_affine",
    "per_tensor_symmetric",
    "per_channel_affine",
    "per_channel_symmetric",
    "per_channel_affine_float_qparams",
];

/// Functions that make a tensor of a storage.
const REBUILD: &[&str] = &[
    "_rebuild_parameter",
    "_rebuild_parameter_with_state",
    "_rebuild_qtensor",
    "_rebuild_tensor",
    "_rebuild_tensor_v2",
    "_rebuild_tensor_v3",
    "_rebuild_sparse_tensor",
    "_rebuild_meta_tensor_no_storage",
    "_rebuild_wrapper_subclass",
    "_rebuild_device_tensor_from_numpy",
    "_rebuild_device_tensor_from_cpu_tensor",
];

const BUILTINS: &[&str] = &[
    "bytearray",
    "set",
    "frozenset",
    "complex",
    "slice",
    "range",
    // As the factories of defaultdicts.
    "dict",
    "list",
    "int",
    "float",
];

const PATHS: &[&str] = &["PosixPath", "PurePosixPath", "WindowsPath", "PureWindowsPath"];

/// True where one of the lists has the class.
pub(crate) fn is_allowed(class: &Class, extra: &ClassList) -> bool {
    let storage = &*class.module == "torch" && STORAGES.contains(&&*class.name);
    let listed = |(module, names): &(&str, &[&str])| {
        *module == &*class.module && names.contains(&&*class.name)
    };
    storage || USUAL.iter().any(listed) || extra.iter().any(listed)
}
