//! The text of shaders. Constants and structs that Rust and WGSL share are declared in Rust alone.

use crate::element::dtype::Dtype;

/// Invocations of one workgroup in every kernel.
pub(crate) const GROUP: usize = 64;
/// Terms that one f32 accumulator of a product takes before it is added to a second one:
/// docs/numerics.md §11.
pub(crate) const CHUNK: usize = 256;

/// The update gate, for kernels that say which weights changed.
pub(crate) const GATE: &str = include_str!("gate.wgsl");

/// A struct that Rust fills and a shader reads, all of whose fields are words.
pub(crate) trait Shared {
    /// Its name in WGSL.
    const NAME: &'static str;
    /// Its declaration in WGSL.
    const DECLARATION: &'static str;
    /// Returns the bits of its fields, in order.
    fn words(&self) -> Vec<u32>;
}

/// A field of a [`Shared`] struct.
pub(crate) trait Word {
    /// Returns the bits that the shader reads.
    fn word(self) -> u32;
}

impl Word for u32 {
    fn word(self) -> u32 {
        self
    }
}

impl Word for f32 {
    fn word(self) -> u32 {
        self.to_bits()
    }
}

/// Declares a struct for Rust and for WGSL. Fields are `u32` or `f32`.
macro_rules! shared {
    ($(#[$about:meta])* struct $name:ident {
        $($(#[$meaning:meta])* $field:ident: $type:ident,)*
    }) => {
        $(#[$about])*
        struct $name {
            $($(#[$meaning])* $field: $type,)*
        }

        impl $crate::kernels::gpu::shader::Shared for $name {
            const NAME: &'static str = stringify!($name);
            const DECLARATION: &'static str = concat!(
                "struct ", stringify!($name), " {\n",
                $("  ", stringify!($field), ": ", stringify!($type), ",\n",)*
                "}\n",
            );
            fn words(&self) -> Vec<u32> {
                vec![$($crate::kernels::gpu::shader::Word::word(self.$field)),*]
            }
        }
    };
}
pub(crate) use shared;

/// Declares constants of Rust in WGSL, by the same names, as `u32`.
macro_rules! constants {
    ($($name:ident),* $(,)?) => {
        [$(format!("const {} = {}u;\n", stringify!($name), $name)),*].concat()
    };
}
pub(crate) use constants;

/// Returns the text of a whole module: the parameters `p` at binding 0, what every kernel uses, and
/// the kernel itself.
pub(crate) fn module<P: Shared>(kernel: &str) -> String {
    format!(
        "{}@group(0) @binding(0) var<uniform> p: {};\n{}{}{kernel}",
        P::DECLARATION,
        P::NAME,
        constants![GROUP, CHUNK],
        include_str!("invocation.wgsl"),
    )
}

/// The numbers by which shaders know the dtypes.
const BF16: u32 = 0;
const F16: u32 = 1;
const F32: u32 = 2;

/// Returns WGSL functions that decode packed weights of a dtype.
pub(crate) fn decode(dtype: Dtype) -> String {
    let number = match dtype {
        Dtype::Bf16 => BF16,
        Dtype::F16 => F16,
        _ => F32,
    };
    format!(
        "const DTYPE = {number}u;\n{}{}",
        constants![BF16, F16, F32],
        include_str!("decode.wgsl")
    )
}

/// Returns WGSL that declares base and tuned weights of a dtype at bindings 1 and 2, and decodes
/// them.
pub(crate) fn decode_pair(dtype: Dtype) -> String {
    format!("{}{}", decode(dtype), include_str!("pair.wgsl"))
}

#[cfg(test)]
mod tests {
    use super::*;

    shared! {
        /// Parameters of a kernel that is not there.
        struct TestParams {
            /// A count.
            rows: u32,
            /// A share.
            eta: f32,
        }
    }

    const ROWS_AT: usize = 64;

    #[test]
    fn rust_and_wgsl_have_one_declaration() {
        let params = TestParams { rows: 7, eta: 1e-3 };
        assert_eq!(params.words(), [7, 1e-3f32.to_bits()]);
        let text = module::<TestParams>(&constants![ROWS_AT]);
        let head = "struct TestParams {\n  rows: u32,\n  eta: f32,\n}\n\
                    @group(0) @binding(0) var<uniform> p: TestParams;\n\
                    const GROUP = 64u;\nconst CHUNK = 256u;\n";
        assert!(text.starts_with(head), "{text}");
        assert!(text.ends_with("const ROWS_AT = 64u;\n"), "{text}");
    }
}
