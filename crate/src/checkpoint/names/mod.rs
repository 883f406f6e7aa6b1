//! What names tell: layers, module kinds, order.

pub mod layers;
pub mod natural;
pub mod role;
