//! Values in words, as the page writes them (www/report/format.js, rounding.js).

/// Stands for a value that was not computed.
pub const NONE: &str = "–";

/// Writes a number with so many significant digits, without an exponent.
fn with_digits(value: f64, digits: i32) -> String {
    // Rounding can carry into one more digit, so the number of decimals follows from the rounded
    // value.
    let rounded: f64 = format!("{value:.*e}", (digits - 1) as usize).parse().unwrap_or(value);
    let size = rounded.abs();
    let decimals = if size > 0.0 { digits - 1 - size.log10().floor() as i32 } else { 0 };
    format!("{value:.*}", decimals.max(0) as usize).replace('-', "−")
}

/// Writes three significant digits; scientific below 1e-3 and from 1e6.
pub fn number(value: f64) -> String {
    let size = value.abs();
    if size == 0.0 {
        return "0".into();
    }
    if !(1e-3..1e6).contains(&size) {
        return format!("{value:.2e}").replace('-', "−");
    }
    with_digits(value, 3)
}

/// Writes a share as a percentage; near 0 % and 100 % it keeps the digits that tell it from the
/// end.
pub fn percent(value: f64) -> String {
    let rest = 1.0 - value;
    if rest > 0.0 && rest < 0.01 {
        let digits = (1 - (rest * 100.0).log10().floor() as i32).clamp(1, 6);
        return format!("{:.*} %", digits as usize, value * 100.0);
    }
    format!("{} %", number(value * 100.0))
}

/// Writes degrees.
pub fn degrees(value: f64) -> String {
    format!("{}°", number(value))
}

/// Writes a count in groups of three.
pub fn count(value: u64) -> String {
    let digits = value.to_string();
    let groups: Vec<&str> = (0..digits.len())
        .rev()
        .filter(|at| (digits.len() - at).is_multiple_of(3) || *at == 0)
        .map(|at| &digits[at..(digits.len() - (digits.len() - at - 1) / 3 * 3).min(digits.len())])
        .collect();
    groups.into_iter().rev().collect::<Vec<_>>().join("\u{202f}")
}

/// Writes a count with its noun.
pub fn counted(value: usize, singular: &str, plural: &str) -> String {
    format!("{} {}", count(value as u64), if value == 1 { singular } else { plural })
}

/// Writes two significant digits, which is what a reader keeps of a multiple.
fn round_two(value: f64) -> String {
    let rounded: f64 = format!("{value:.1e}").parse().unwrap_or(value);
    if rounded == 0.0 {
        return "0".into();
    }
    if rounded >= 100.0 { count(rounded as u64) } else { with_digits(value, 2) }
}

/// Writes a multiple of something else.
pub fn times(value: f64) -> String {
    let size = value.abs();
    let plain = size == 0.0 || (1e-3..1e6).contains(&size);
    format!("{}×", if plain { round_two(value) } else { number(value) })
}

/// Writes a share with two digits, and near the whole as many as tell it from that.
pub fn round_share(share: f64) -> String {
    if !(1e-7..=0.99).contains(&share) { percent(share) } else { format!("{} %", tenths(share)) }
}

/// The two digits of a share in percent.
fn tenths(share: f64) -> String {
    let value = 100.0 * share;
    // As JavaScript's toPrecision writes it, which has an exponent below 1e-6.
    if value < 1e-6 {
        let text = format!("{value:.1e}");
        return text.replace('-', "−");
    }
    round_two(value)
}

/// Joins names in a sentence: `a, b and c`.
pub fn enumerate(names: &[String]) -> String {
    match names {
        [before @ .., last] if !before.is_empty() => format!("{} and {last}", before.join(", ")),
        _ => names.join(""),
    }
}

/// Makes a sentence of a phrase.
pub fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
    let end = if text.ends_with(['.', '!', '?']) { "" } else { "." };
    format!("{first}{}{end}", letters.as_str())
}

/// Writes a number of weights with its unit: 2.40 M.
pub fn parameters(value: u64) -> String {
    let mut size = value as f64;
    let mut unit = 0;
    let units = ["", "k", "M", "B", "T"];
    while size >= 1000.0 && unit < units.len() - 1 {
        (size, unit) = (size / 1000.0, unit + 1);
    }
    if unit == 0 { value.to_string() } else { format!("{} {}", with_digits(size, 3), units[unit]) }
}

/// Characters of a run's name in a sentence.
const MOST: usize = 32;

/// Leaves out the middle of a long name, since names of runs differ at their ends.
pub fn shorten(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    if letters.len() <= MOST {
        return name.into();
    }
    let end = (MOST - 1) / 2;
    let start = MOST - 1 - end;
    let (head, tail) = (&letters[..start], &letters[letters.len() - end..]);
    format!("{}…{}", head.iter().collect::<String>(), tail.iter().collect::<String>())
}
