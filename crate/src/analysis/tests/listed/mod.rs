//! Sparse deltas without their base: against sets of places, and beside the same deltas on their
//! base.

mod expected;
mod layouts;
mod refused;
mod sets;
mod with_base;
