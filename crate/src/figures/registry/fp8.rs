//! Rows of the family `fp8`: codes and scales beneath the weights of two FP8 tensors.

use crate::figures::fp8::report::Quantized;
use crate::figures::registry::figure::{Family, Figure, Group, Number, Page, Scale, Unit};
use crate::figures::tensor::TensorReport;

const BLANK: Figure = Figure {
    family: Family::Fp8,
    group: Group::Precision,
    unit: Unit::Count,
    scale: Scale::Log,
    page: Page::Nowhere,
    ..Figure::BLANK
};

fn of(t: &TensorReport, get: fn(&Quantized) -> u64) -> Option<f64> {
    t.quantized.as_ref().map(|q| get(q) as f64)
}

pub(crate) const FIGURES: &[Figure] = &[
    Figure {
        id: "codes_equal",
        label: "Equal FP8 codes",
        value: Number::Tensor("quantized.codes_equal", |t| of(t, |q| q.codes_equal)),
        about: "Number of weights whose 8 bits agree. Such a weight still moves where its scale \
                does.",
        formula: "#{ code(w1) = code(w0) }",
        ..BLANK
    },
    Figure {
        id: "scales_equal",
        label: "Equal FP8 scales",
        value: Number::Tensor("quantized.scales_equal", |t| of(t, |q| q.scales_equal)),
        about: "Number of scales that agree bit by bit as f32; 0 where the sides have different \
                numbers of scales.",
        formula: "#{ scale(W1) = scale(W0) }",
        read_against: Some("the number of scales"),
        ..BLANK
    },
];
