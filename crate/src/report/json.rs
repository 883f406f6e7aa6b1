//! The report's JSON: figures are rounded as they are written, counts are not touched.

use crate::report::Report;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::ser::{CompactFormatter, Formatter, Serializer};
use std::io::{self, Write};

/// Significant digits of a figure: more than any method here is good for, and half the length of a
/// full f64.
pub const DIGITS: usize = 9;

/// `value` to [`DIGITS`] significant digits.
pub fn rounded(value: f64) -> f64 {
    format!("{value:.*e}", DIGITS - 1).parse().expect("a float as Rust writes it")
}

/// serde_json's compact form, with rounded floats. It asks for integers by other methods, and
/// writes `null` itself.
struct Rounded;

impl Formatter for Rounded {
    fn write_f64<W: ?Sized + Write>(&mut self, writer: &mut W, value: f64) -> io::Result<()> {
        CompactFormatter.write_f64(writer, rounded(value))
    }
}

/// Writes a value as the report's file holds it.
fn write_rounded<T: Serialize>(value: &T, out: impl Write) -> serde_json::Result<()> {
    value.serialize(&mut Serializer::with_formatter(out, Rounded))
}

/// Writes the report as its file holds it, piece by piece.
///
/// # Errors
/// Those of `out`.
pub fn write_json(report: &Report, out: impl Write) -> io::Result<()> {
    Ok(write_rounded(report, out)?)
}

/// The report as its file holds it.
///
/// # Errors
/// None that a [`Report`] can cause.
#[cfg(test)]
pub(crate) fn to_json(report: &Report) -> serde_json::Result<String> {
    let mut out = Vec::new();
    write_rounded(report, &mut out)?;
    Ok(String::from_utf8(out).expect("JSON is UTF-8"))
}

/// A part of a report with the digits that its file has.
pub(crate) fn round_all<T: Serialize + DeserializeOwned>(part: &T) -> serde_json::Result<T> {
    let mut text = Vec::new();
    write_rounded(part, &mut text)?;
    serde_json::from_slice(&text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json<T: Serialize>(value: &T) -> String {
        let mut out = Vec::new();
        value.serialize(&mut Serializer::with_formatter(&mut out, Rounded)).expect("plain values");
        String::from_utf8(out).expect("JSON is UTF-8")
    }

    #[test]
    fn figures_have_nine_digits_and_counts_all_of_theirs() {
        assert_eq!(
            json(&[1.0 / 3.0, -2e-7 / 3.0, 123456789.6, 1e300 / 7.0]),
            "[0.333333333,-6.66666667e-8,123456790.0,1.42857143e+299]"
        );
        assert_eq!(json(&[0.1, 1e-5, 0.0, 1.0]), "[0.1,0.00001,0.0,1.0]");
        assert_eq!(
            json(&(u64::MAX, Some(-1i32), None::<f64>, f64::NAN)),
            "[18446744073709551615,-1,null,null]"
        );
    }

    #[test]
    fn rounding_stays_below_half_a_digit_and_is_final() {
        for value in [
            std::f64::consts::PI,
            9.999_999_995,
            1.000_000_005e-9,
            6.02214076e23,
            f64::MIN_POSITIVE,
            f64::MAX,
        ] {
            assert!((rounded(value) - value).abs() <= 5e-9 * value.abs(), "{value}");
            assert_eq!(rounded(rounded(value)), rounded(value));
        }
    }
}
