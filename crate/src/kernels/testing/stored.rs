//! Matrices as they are stored, and values for them.

use super::Case;
use crate::element::Dtype;
use crate::element::rows::InMemory;
use crate::kernels::{Backend, Residence};
use half::{bf16, f16};
use pollster::block_on;
use std::rc::Rc;

/// A row-major matrix as it is stored, with the exact values of its elements.
#[derive(Debug, Clone)]
pub(crate) struct Stored {
    /// (rows, columns).
    pub(crate) shape: (usize, usize),
    /// The dtype of `bytes`.
    pub(crate) dtype: Dtype,
    /// The values of `bytes`.
    pub(crate) values: Vec<f64>,
    bytes: Vec<u8>,
}

impl Stored {
    /// Rounds values to a dtype. `values` has as many as the shape says.
    pub(crate) fn new(shape: (usize, usize), dtype: Dtype, values: &[f64]) -> Self {
        assert_eq!(values.len(), shape.0 * shape.1);
        let (mut rounded, mut bytes) = (Vec::with_capacity(values.len()), Vec::new());
        for x in values {
            // All but F64 goes by way of f32, as in the rest of the crate.
            let single = *x as f32;
            let value = match dtype {
                Dtype::Bf16 => {
                    bytes.extend(bf16::from_f32(single).to_le_bytes());
                    bf16::from_f32(single).to_f64()
                }
                Dtype::F16 => {
                    bytes.extend(f16::from_f32(single).to_le_bytes());
                    f16::from_f32(single).to_f64()
                }
                Dtype::F32 => {
                    bytes.extend(single.to_le_bytes());
                    single.into()
                }
                Dtype::F64 => {
                    bytes.extend(x.to_le_bytes());
                    *x
                }
            };
            rounded.push(value);
        }
        Self { shape, dtype, values: rounded, bytes }
    }

    /// Places the matrix on a device.
    pub(crate) fn place<B: Backend>(&self, device: &B, residence: Residence) -> B::Matrix {
        let (rows, cols) = self.shape;
        let source = InMemory { bytes: self.bytes.clone(), row_bytes: cols * self.dtype.size() };
        block_on(device.place(rows, cols, self.dtype, Rc::new(source), residence))
            .expect("a matrix")
    }
}

/// A tiny generator: the same values on every machine.
pub(crate) struct Values(u64);

impl Values {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Draws 32 random bits.
    pub(crate) fn draw_bits(&mut self) -> u32 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 32) as u32
    }

    /// Draws a value from −1 to 1 with 32 bits, which only F64 holds.
    pub(crate) fn draw(&mut self) -> f64 {
        f64::from(self.draw_bits()) / f64::from(1u32 << 31) - 1.0
    }

    /// Draws the values of a block.
    pub(crate) fn draw_block(&mut self, count: usize) -> Vec<f32> {
        (0..count).map(|_| self.draw() as f32).collect()
    }

    /// Draws integers from −4 to 4: in f32 sums of up to a million products are exact in any order.
    pub(crate) fn draw_integers(&mut self, count: usize) -> Vec<f32> {
        (0..count).map(|_| (self.draw_bits() >> 8) as f32 % 9.0 - 4.0).collect()
    }

    /// Draws a matrix of values from −1 to 1.
    pub(crate) fn draw_matrix(&mut self, case: Case) -> Stored {
        let values: Vec<f64> = (0..case.shape.0 * case.shape.1).map(|_| self.draw()).collect();
        Stored::new(case.shape, case.dtype, &values)
    }

    /// Draws a matrix of integers from −4 to 4.
    pub(crate) fn draw_integer_matrix(&mut self, case: Case) -> Stored {
        let integers = self.draw_integers(case.shape.0 * case.shape.1);
        let values: Vec<f64> = integers.into_iter().map(f64::from).collect();
        Stored::new(case.shape, case.dtype, &values)
    }
}
