//! Values of codes, by tables: the two 8-bit floats of *FP8 Formats for Deep Learning* (arXiv
//! 2209.05433), and the 4-bit float and the scale of the OCP Microscaling Formats.

/// One of the two formats.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fp8 {
    /// 4 exponent bits, 3 mantissa bits (e4m3fn): no infinities, and S.1111.111 is NaN.
    E4m3,
    /// 5 exponent bits, 2 mantissa bits, as IEEE formats are.
    E5m2,
}

impl Fp8 {
    /// Finds the format of a dtype; `None` if it is not FP8.
    pub fn of(stored: safetensors::Dtype) -> Option<Self> {
        match stored {
            safetensors::Dtype::F8_E4M3 => Some(Self::E4m3),
            safetensors::Dtype::F8_E5M2 => Some(Self::E5m2),
            _ => None,
        }
    }

    /// The value of every code; f32 holds them exactly.
    pub fn values(self) -> &'static [f32; 256] {
        match self {
            Self::E4m3 => &E4M3,
            Self::E5m2 => &E5M2,
        }
    }
}

/// The values of the 4-bit float E2M1.
pub const FP4: [f32; 16] =
    [0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0, -0.0, -0.5, -1.0, -1.5, -2.0, -3.0, -4.0, -6.0];

/// 2^(code − 127), and NaN for 255 (OCP Microscaling Formats, section 5.4.1).
pub fn e8m0(code: u8) -> f32 {
    match code {
        0 => f32::from_bits(1 << 22),
        255 => f32::NAN,
        code => f32::from_bits(u32::from(code) << 23),
    }
}

static E4M3: [f32; 256] = table(3, false);
static E5M2: [f32; 256] = table(2, true);

/// Values of the codes of a float of one sign bit, `7 - mantissa` exponent bits and `mantissa`
/// bits.
const fn table(mantissa: u32, ieee: bool) -> [f32; 256] {
    let mut values = [0.0; 256];
    let mut code = 0;
    while code < 256 {
        values[code] = value(code as u32, mantissa, ieee);
        code += 1;
    }
    values
}

const fn value(code: u32, mantissa: u32, ieee: bool) -> f32 {
    let exponents = 1 << (7 - mantissa);
    let bias = exponents / 2 - 1;
    let exponent = ((code & 0x7f) >> mantissa) as i32;
    let fraction = code & ((1 << mantissa) - 1);
    let size = if ieee && exponent == exponents - 1 {
        if fraction == 0 { f32::INFINITY } else { f32::NAN }
    } else if code & 0x7f == 0x7f {
        f32::NAN
    } else if exponent == 0 {
        fraction as f32 * power(1 - bias - mantissa as i32)
    } else {
        (fraction + (1 << mantissa)) as f32 * power(exponent - bias - mantissa as i32)
    };
    if code & 0x80 == 0 { size } else { -size }
}

/// 2^exponent, for exponents of normal f32s.
const fn power(exponent: i32) -> f32 {
    f32::from_bits(((exponent + 127) as u32) << 23)
}

#[cfg(test)]
mod tests {
    use super::*;
    use half::f16;

    #[test]
    fn e4m3_by_hand() {
        let value = |code: u8| Fp8::E4m3.values()[usize::from(code)];
        let cases = [
            (0x00, 0.0),
            (0x01, 2f32.powi(-9)),
            (0x07, 7.0 * 2f32.powi(-9)),
            (0x08, 2f32.powi(-6)),
            (0x38, 1.0),
            (0x39, 1.125),
            (0xc0, -2.0),
        ];
        for (code, want) in cases.into_iter().chain([(0x78, 256.0), (0x7e, 448.0), (0xfe, -448.0)])
        {
            assert_eq!(value(code), want, "{code:#x}");
        }
        assert!(value(0x80).is_sign_negative() && value(0x80) == 0.0);
        let nans: Vec<u8> = (0..=255).filter(|c| value(*c).is_nan()).collect();
        assert_eq!(nans, [0x7f, 0xff]);
        assert!((0..=255).all(|c| !value(c).is_infinite()));
    }

    #[test]
    fn e5m2_is_the_upper_byte_of_a_half() {
        for code in 0..=255u8 {
            let (got, want) = (
                Fp8::E5m2.values()[usize::from(code)],
                f16::from_bits(u16::from(code) << 8).to_f32(),
            );
            assert!(
                got.to_bits() == want.to_bits() || (got.is_nan() && want.is_nan()),
                "{code:#x}: {got} and {want}"
            );
        }
    }
}
