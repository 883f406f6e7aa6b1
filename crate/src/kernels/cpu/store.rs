//! Values of blocks in this program's memory, or in the browser beside the wasm heap.
//!
//! A wasm heap never shrinks, and the bases of an embedding (152k rows × hundreds of columns) are
//! larger than it may grow. So once the blocks in the heap reach a limit, further ones become JS
//! arrays, and kernels work on them in chunks of rows copied in and out. Natively all blocks stay
//! in memory; tests force the other way.

use crate::error::Error;
use std::cell::Cell;
use std::ops::Range;

#[cfg(target_arch = "wasm32")]
use beside::Js as Beside;
#[cfg(not(target_arch = "wasm32"))]
use beside::Native as Beside;

/// Blocks of so many bytes or more go outside at once.
const LARGE: usize = 8 << 20;
/// The most bytes of all blocks inside.
const INSIDE: usize = 64 << 20;
/// Blocks of at most so many bytes stay inside whatever there is.
const SMALL: usize = 64 << 10;

/// The sizes that decide which blocks lie inside; natively all do.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    pub(crate) large: usize,
    pub(crate) inside: usize,
    pub(crate) small: usize,
}

const LIMITS: Limits = if cfg!(target_arch = "wasm32") {
    Limits { large: LARGE, inside: INSIDE, small: SMALL }
} else {
    Limits { large: usize::MAX, inside: usize::MAX, small: usize::MAX }
};

thread_local! {
    static INSIDE_NOW: Cell<usize> = const { Cell::new(0) };
    static CURRENT: Cell<Limits> = const { Cell::new(LIMITS) };
}

/// Runs `work` under other limits, so that tests reach the blocks outside.
#[cfg(test)]
pub(crate) fn with_limits<R>(limits: Limits, work: impl FnOnce() -> R) -> R {
    let before = CURRENT.replace(limits);
    let out = work();
    CURRENT.set(before);
    out
}

/// f32 values, which are zero at first.
#[derive(Debug)]
pub(crate) enum Store {
    Inside(Vec<f32>),
    Outside(Beside),
}

impl Store {
    /// Makes `length` zeros.
    ///
    /// # Errors
    /// [`Error::OutOfMemory`] if the browser refuses the array.
    pub(crate) fn zeros(length: usize) -> Result<Self, Error> {
        let bytes = 4 * length;
        let limits = CURRENT.get();
        let inside = INSIDE_NOW.get();
        if bytes <= limits.small
            || (bytes < limits.large && bytes.saturating_add(inside) <= limits.inside)
        {
            INSIDE_NOW.set(inside + bytes);
            return Ok(Self::Inside(vec![0.0; length]));
        }
        Ok(Self::Outside(Beside::zeros(length)?))
    }

    /// Returns the values of `range`. `scratch` holds them if they had to be copied.
    pub(crate) fn values<'a>(
        &'a self,
        range: Range<usize>,
        scratch: &'a mut Vec<f32>,
    ) -> &'a [f32] {
        match self {
            Self::Inside(data) => &data[range],
            Self::Outside(beside) => {
                scratch.resize(range.len(), 0.0);
                beside.copy_to(range.start, scratch);
                scratch
            }
        }
    }

    /// Calls `change` with the values of `range`, and keeps what it makes of them.
    pub(crate) fn update(
        &mut self,
        range: Range<usize>,
        scratch: &mut Vec<f32>,
        change: impl FnOnce(&mut [f32]),
    ) {
        match self {
            Self::Inside(data) => change(&mut data[range]),
            Self::Outside(beside) => {
                scratch.resize(range.len(), 0.0);
                beside.copy_to(range.start, scratch);
                change(scratch);
                beside.copy_from(range.start, scratch);
            }
        }
    }

    /// Returns whether the values lie outside the program's own memory.
    #[cfg(test)]
    pub(crate) fn is_outside(&self) -> bool {
        matches!(self, Self::Outside(_))
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        if let Self::Inside(data) = self {
            // A block may be dropped by another thread than the one that made it.
            INSIDE_NOW.set(INSIDE_NOW.get().saturating_sub(4 * data.len()));
        }
    }
}

#[cfg(target_arch = "wasm32")]
mod beside {
    use crate::error::Error;
    use js_sys::{Array, Float32Array, Function, Reflect};
    use wasm_bindgen::JsCast;

    /// An array that the browser keeps.
    #[derive(Debug)]
    pub(crate) struct Js(Float32Array);

    impl Js {
        pub(crate) fn zeros(length: usize) -> Result<Self, Error> {
            let refused = |_| {
                Error::OutOfMemory(format!(
                    "the browser gave no array of {} MiB",
                    (4 * length) >> 20
                ))
            };
            // The typed constructor would let the browser's RangeError abort the program.
            let constructor: Function = Reflect::get(&js_sys::global(), &"Float32Array".into())
                .map_err(refused)?
                .unchecked_into();
            let array = Reflect::construct(&constructor, &Array::of1(&(length as f64).into()))
                .map_err(refused)?;
            Ok(Self(array.unchecked_into()))
        }

        pub(crate) fn copy_to(&self, start: usize, out: &mut [f32]) {
            self.0.subarray(start as u32, (start + out.len()) as u32).copy_to(out);
        }

        pub(crate) fn copy_from(&self, start: usize, values: &[f32]) {
            self.0.subarray(start as u32, (start + values.len()) as u32).copy_from(values);
        }
    }
}

#[cfg(not(target_arch = "wasm32"))]
mod beside {
    use crate::error::Error;

    /// Stands in for the browser's array, so that native tests take the same way.
    #[derive(Debug)]
    pub(crate) struct Native(Box<[f32]>);

    impl Native {
        pub(crate) fn zeros(length: usize) -> Result<Self, Error> {
            Ok(Self(vec![0.0; length].into_boxed_slice()))
        }

        pub(crate) fn copy_to(&self, start: usize, out: &mut [f32]) {
            out.copy_from_slice(&self.0[start..start + out.len()]);
        }

        pub(crate) fn copy_from(&mut self, start: usize, values: &[f32]) {
            self.0[start..start + values.len()].copy_from_slice(values);
        }
    }
}
