//! Bytes checked.

use crate::kit::Desk;

const SEGMENT: &str = "book/log/00000000000000000000.seg";

#[test]
fn a_whole_book_is_whole() {
    let desk = Desk::with_close();
    let before = desk.bytes();
    let found = desk.json(&["verify"]);
    assert_eq!((&found["verdict"], &found["entries"]), (&"whole".into(), &9.into()));
    assert_eq!(found["problems"].as_array().map(Vec::len), Some(0));
    let text = desk.ok(&["verify"]).out;
    assert!(text.starts_with("The book is whole: 9 entries and 1 close checked, "), "{text}");
    assert!(text.ends_with("/s.\n"), "{text}");
    assert_eq!(desk.bytes(), before);
}

#[test]
fn an_altered_book_is_found_out() {
    let desk = Desk::with_close();
    let mut bytes = std::fs::read(desk.path(SEGMENT)).expect("a segment");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    desk.write(SEGMENT, bytes);
    let run = desk.run(&["verify"]);
    assert_eq!(run.status, 1, "{run:?}");
    assert!(run.out.starts_with("altered: "), "{}", run.out);
    assert!(run.out.contains("The book is altered: "), "{}", run.out);
    let run = desk.run(&["verify", "--format", "json"]);
    let found: serde_json::Value = serde_json::from_str(&run.out).expect("JSON");
    assert_eq!((run.status, &found["verdict"]), (1, &"altered".into()));
    for member in ["position", "file", "what"] {
        assert!(found["problems"][0].get(member).is_some(), "{found}");
    }
}

#[test]
fn no_book_is_not_a_whole_one() {
    Desk::new().refused(&["verify"], 1, "book-missing");
}
