//! How a weight is stored.

/// How a weight is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Dtype {
    /// bfloat16.
    Bf16,
    /// IEEE half.
    F16,
    /// IEEE single.
    F32,
    /// IEEE double; products take it rounded to f32.
    F64,
}

impl Dtype {
    /// Bytes of one element.
    pub fn size(self) -> usize {
        match self {
            Self::Bf16 | Self::F16 => 2,
            Self::F32 => 4,
            Self::F64 => 8,
        }
    }

    /// The name safetensors uses.
    pub fn name(self) -> &'static str {
        match self {
            Self::Bf16 => "BF16",
            Self::F16 => "F16",
            Self::F32 => "F32",
            Self::F64 => "F64",
        }
    }
}

impl Dtype {
    /// The dtype in which elements of both are compared: their own where it is one, else F64 where
    /// either is, else F32.
    pub fn common(self, other: Self) -> Self {
        match (self, other) {
            _ if self == other => self,
            (Self::F64, _) | (_, Self::F64) => Self::F64,
            _ => Self::F32,
        }
    }
}
