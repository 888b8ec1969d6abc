//! How texts get into a page: as text and never as markup, with what nobody sees in it made visible.

use std::fmt::{self, Display, Write};

use askama::filters::{Escaper, Html};

use crate::terminal::inert::shown;

/// The escaper of every template (`cli/askama.toml`).
#[derive(Copy, Clone, Default)]
pub struct VisibleHtml;

impl Escaper for VisibleHtml {
    fn write_escaped_str<W: Write>(&self, dest: W, text: &str) -> fmt::Result {
        Html.write_escaped_str(dest, &shown(text))
    }
}

/// A text as markup has it, for what no template writes.
pub fn escaped(text: &str) -> String {
    let mut out = String::new();
    // Writing into memory does not fail.
    let _ = VisibleHtml.write_escaped_str(&mut out, text);
    out
}

/// A text inside the quotes of a style sheet: the foot of each printed page. Everything but letters and digits of ASCII is written as its
/// number, so that it can end neither the text nor the style sheet.
pub struct CssText(String);

impl CssText {
    pub fn new(text: &str) -> CssText {
        let mut css = String::new();
        for c in shown(text).chars() {
            if c.is_ascii_alphanumeric() {
                css.push(c);
            } else {
                css.push_str(&format!("\\{:x} ", u32::from(c)));
            }
        }
        CssText(css)
    }
}

impl Display for CssText {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn escaped(text: &str) -> String {
        let mut out = String::new();
        VisibleHtml.write_escaped_str(&mut out, text).expect("into memory");
        out
    }

    #[test]
    fn a_text_is_no_markup_and_hides_nothing() {
        assert_eq!(escaped("<b title=\"x\" id='y'>&"), "&#60;b title=&#34;x&#34; id=&#39;y&#39;&#62;&#38;");
        assert_eq!(escaped("a\u{202e}b\nZoë אבי"), "a\\u{202e}b\\nZoë אבי");
    }

    #[test]
    fn a_text_does_not_end_the_style_sheet() {
        assert_eq!(CssText::new("Ana 1").to_string(), "Ana\\20 1");
        let css = CssText::new("</style>\"'\\\n*/}é").to_string();
        assert!(css.chars().all(|c| c.is_ascii_alphanumeric() || c == '\\' || c == ' '), "{css}");
    }
}
