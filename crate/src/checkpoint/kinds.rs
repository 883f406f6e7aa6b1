//! What is read and what is refused, as docs/checkpoints.md lists it.
//!
//! Each list stands beside the code that reads or refuses its kinds; `examples/checkpoints.rs`
//! writes the page from them.

/// What happens with files or tensors of a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Support {
    /// They are read.
    Read,
    /// They are recognised, and refused or left out by name.
    Refused,
    /// They are recognised and passed over: they hold no weights.
    PassedOver,
}

/// A kind of file, layout, name or tensor.
#[derive(Debug, Clone, Copy)]
pub struct Kind {
    /// The kind, as people call it.
    pub what: &'static str,
    /// A name by which it is recognised, or another example of it.
    pub example: &'static str,
    /// What happens with it.
    pub support: Support,
    /// What a reader has to know: how it is read, or what to do instead. It may be empty.
    pub detail: &'static str,
}

impl Kind {
    /// A kind that is read.
    pub const fn read(what: &'static str, example: &'static str, detail: &'static str) -> Self {
        Self { what, example, support: Support::Read, detail }
    }

    /// A kind that is refused or left out by name.
    pub const fn refuse(what: &'static str, example: &'static str, detail: &'static str) -> Self {
        Self { what, example, support: Support::Refused, detail }
    }

    /// A kind that is passed over.
    pub const fn pass_over(
        what: &'static str,
        example: &'static str,
        detail: &'static str,
    ) -> Self {
        Self { what, example, support: Support::PassedOver, detail }
    }
}
