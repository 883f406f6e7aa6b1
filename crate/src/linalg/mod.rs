//! Randomized linear algebra over a [`Backend`](crate::kernels::Backend)'s few operations, small
//! work in f64 by faer.
//!
//! `top_k` finds leading singular triplets by block Golub–Kahan–Lanczos, `joint` compares two
//! matrices in one common subspace, `exact` decomposes small matrices whole through f64 Gram
//! matrices, `low_rank` those that are known in factors, `procrustes` finds rotations.

pub mod angles;
pub mod decoded;
pub mod exact;
pub mod joint;
pub mod low_rank;
pub mod orth;
pub mod procrustes;
pub mod random;
pub mod ranks;
mod self_adjoint;
pub mod small;
pub mod top_k;
mod tridiagonal;

#[cfg(test)]
mod tests;
