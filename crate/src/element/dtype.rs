//! Dtypes that kernels read.

use crate::words::impl_words;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A dtype that kernels read, by the name that safetensors uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub enum Dtype {
    /// bfloat16.
    #[serde(rename = "BF16")]
    Bf16,
    /// IEEE half.
    F16,
    /// IEEE single.
    F32,
    /// IEEE double; products take it rounded to f32.
    F64,
}

impl_words!(Dtype);

impl Dtype {
    /// Bytes of one element.
    pub fn size(self) -> usize {
        match self {
            Self::Bf16 | Self::F16 => 2,
            Self::F32 => 4,
            Self::F64 => 8,
        }
    }

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
