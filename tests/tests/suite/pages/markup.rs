//! How pages are built: well formed, without scripts or anything from elsewhere, and readable by a screen reader.

use std::collections::BTreeSet;

use super::{MARKUP, markup_book, rich_book};

/// An element's start, its end, or a text.
#[derive(PartialEq, Debug)]
pub enum Piece {
    Start { tag: String, attributes: Vec<(String, String)> },
    End { tag: String },
    Text(String),
}

/// Reads the HTML that we write: attributes in double quotes, and every element ended but `meta` and the parts of an `svg`.
pub fn pieces(html: &str) -> Vec<Piece> {
    let rest = html.strip_prefix("<!DOCTYPE html>").expect("a document type");
    let mut pieces = Vec::new();
    for part in rest.split('<').skip(1) {
        let (tag, text) = part.split_once('>').unwrap_or_else(|| panic!("a tag without an end: {part}"));
        if let Some(tag) = tag.strip_prefix('/') {
            pieces.push(Piece::End { tag: tag.to_owned() });
        } else {
            let (name, rest) = tag.split_once(' ').unwrap_or((tag, ""));
            let attributes = attributes(rest.trim_end_matches('/'));
            pieces.push(Piece::Start { tag: name.to_owned(), attributes });
            if name == "meta" || rest.ends_with('/') {
                pieces.push(Piece::End { tag: name.to_owned() });
            }
        }
        // A style sheet is not escaped, and is no text of the page.
        if tag != "style" {
            pieces.push(Piece::Text(unescaped(text)));
        }
    }
    pieces
}

fn attributes(text: &str) -> Vec<(String, String)> {
    let mut rest = text.trim();
    let mut found = Vec::new();
    while !rest.is_empty() {
        let (name, value) = rest.split_once("=\"").unwrap_or_else(|| panic!("no value in quotes: {rest}"));
        let (value, after) = value.split_once('"').unwrap_or_else(|| panic!("no end of the value: {rest}"));
        found.push((name.trim().to_owned(), unescaped(value)));
        rest = after.trim();
    }
    found
}

fn unescaped(text: &str) -> String {
    let codes = [("&#60;", "<"), ("&#62;", ">"), ("&#34;", "\""), ("&#39;", "'"), ("&#38;", "&")];
    assert!(
        !codes.iter().fold(text.to_owned(), |text, (code, _)| text.replace(code, "")).contains(['&', '>']),
        "{text}"
    );
    codes.iter().fold(text.to_owned(), |text, (code, c)| text.replace(code, c))
}

/// The texts of a page, with one blank between words.
pub fn text_of(html: &str) -> String {
    let texts = pieces(html).into_iter().filter_map(|piece| match piece {
        Piece::Text(text) => Some(text),
        Piece::Start { .. } | Piece::End { .. } => None,
    });
    let texts: Vec<String> = texts.collect();
    texts.join(" ").split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Checks what must hold of each page.
pub fn check(html: &str) {
    for forbidden in ["<script", "http", "src=", "url(", "@import", "javascript:", " on", "<link", "<iframe", "<form"] {
        // `on` is a word, too: handlers of events are attributes.
        let is_there = if forbidden == " on" { has_handler(html) } else { html.contains(forbidden) };
        assert!(!is_there, "{forbidden} is in the page");
    }
    assert!(html.contains("<html lang=\"en\">") && html.contains("<meta charset=\"utf-8\">"));
    let mut open: Vec<String> = Vec::new();
    let mut ids = BTreeSet::new();
    let mut targets = BTreeSet::new();
    let mut heading = 0;
    let pieces = pieces(html);
    for (place, piece) in pieces.iter().enumerate() {
        match piece {
            Piece::Start { tag, attributes } => {
                let value = |name: &str| attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value);
                open.push(tag.clone());
                if let Some(id) = value("id") {
                    assert!(ids.insert(id.clone()), "the id {id} is there twice");
                }
                targets.extend(value("href").and_then(|link| link.strip_prefix('#')).map(str::to_owned));
                match tag.as_str() {
                    "th" => assert!(value("scope").is_some(), "a heading of cells without a scope"),
                    "table" => {
                        let first = pieces[place + 1..].iter().find(|piece| !matches!(piece, Piece::Text(_)));
                        let is_caption = |piece: &Piece| matches!(piece, Piece::Start { tag, .. } if tag == "caption");
                        assert!(first.is_some_and(is_caption), "a table without a caption");
                    }
                    "svg" => assert!(value("aria-label").is_some(), "a picture without words"),
                    _ => {}
                }
                if let Some(level) = tag.strip_prefix('h').and_then(|level| level.parse::<u32>().ok()) {
                    assert!(level <= heading + 1 && (level > 1 || heading == 0), "h{level} after h{heading}");
                    heading = level;
                }
            }
            Piece::End { tag } => assert_eq!(open.pop().as_ref(), Some(tag)),
            Piece::Text(_) => {}
        }
    }
    assert!(open.is_empty(), "{open:?} have no end");
    assert!(heading > 0, "no heading");
    assert!(targets.is_subset(&ids), "links without a target: {targets:?}");
}

fn has_handler(html: &str) -> bool {
    pieces(html).iter().any(|piece| match piece {
        Piece::Start { attributes, .. } => attributes.iter().any(|(name, _)| name.starts_with("on")),
        Piece::End { .. } | Piece::Text(_) => false,
    })
}

#[test]
fn every_page_is_well_formed_and_alone() {
    let book = rich_book();
    for (payee, period) in [("pia", "2027-01"), ("pia", "2027-03"), ("pia", "2027-04"), ("quiet", "2027-04")] {
        check(&book.done(&["statement", payee, period, "--format", "html"]));
    }
    book.done(&["statement", "--all", "2027-04", "--format", "html", "--out", "april"]);
    check(&std::fs::read_to_string(book.folder.path().join("april/index.html")).expect("an index"));
}

#[test]
fn texts_are_never_markup() {
    let book = markup_book();
    for period in ["2027-01", "2027-02"] {
        let html = book.done(&["statement", MARKUP, period, "--format", "html"]);
        check(&html);
        assert!(!html.contains("o'neil") && !html.contains("<b class") && !html.contains("alert('"), "{html}");
        let text = text_of(&html);
        for shown in [MARKUP, "<script>alert('Ana')</script>", "</td></table>\\u{202e}&lt;", "10%"] {
            assert!(text.contains(shown), "{shown} is not in {text}");
        }
    }
    let text = text_of(&book.done(&["statement", MARKUP, "2027-02", "--format", "html"]));
    assert!(text.contains("</details>]]>--><style>{ (entry"), "{text}");
    book.done(&["statement", "--all", "2027-02", "--format", "html", "--out", "pages"]);
    let index = std::fs::read_to_string(book.folder.path().join("pages/index.html")).expect("an index");
    check(&index);
    assert!(text_of(&index).contains(MARKUP), "{index}");
}
