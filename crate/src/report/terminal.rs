//! Lines for a terminal, in which names from files do nothing.

use std::borrow::Cow;

/// Whether a character does something to a terminal, or to the order of the others.
fn is_control(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}'
        )
}

/// Makes one harmless line of a text: each character that does something to a terminal is escaped
/// as in Rust, line breaks among them.
pub fn escape_line(text: &str) -> Cow<'_, str> {
    if !text.contains(is_control) {
        return Cow::Borrowed(text);
    }
    let mut line = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        match character {
            '\n' | '\r' | '\t' => line.extend(character.escape_default()),
            character if is_control(character) => line.extend(character.escape_unicode()),
            character => line.push(character),
        }
    }
    Cow::Owned(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_would_act_on_is_escaped_and_the_rest_stays() {
        for (text, line) in [
            ("model.layers.0.mlp — Größe 日本", "model.layers.0.mlp — Größe 日本"),
            ("\x1b[2J\x1b]0;pwned\x07", "\\u{1b}[2J\\u{1b}]0;pwned\\u{7}"),
            ("a\n12/12 b\r\n\tc", "a\\n12/12 b\\r\\n\\tc"),
            ("\u{9b}2J\u{7f}\u{0}", "\\u{9b}2J\\u{7f}\\u{0}"),
            ("a\u{202e}b\u{2028}\u{2066}", "a\\u{202e}b\\u{2028}\\u{2066}"),
        ] {
            assert_eq!(escape_line(text), line);
        }
    }
}
