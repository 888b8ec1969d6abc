//! A dry run only reads the book: it works while another process writes, and leaves every byte as it was.

use replay::book::Book;

use crate::support::TestBook;

const PAYEE: &str =
    "{\"fact\": \"payee\", \"at\": \"2027-01-01\", \"payee\": \"ana\", \"name\": \"Ana\", \"currency\": \"USD\"}\n";
const MAP: &str = "[[fact]]\nfact = \"payee\"\nat = \"2027-01-01\"\npayee = { column = \"Id\" }\n";

#[test]
fn a_dry_run_needs_no_lock() {
    let book = TestBook::with_book();
    book.write("facts.jsonl", PAYEE);
    book.write("map.toml", MAP);
    book.write("people.csv", "Id\nbea\n");
    let (before, writer) = (book.bytes(), Book::open(&*book.book()).expect("a book"));
    let said = String::from_utf8(book.run(&["record", "facts.jsonl"]).stderr).expect("UTF-8");
    assert!(said.starts_with("error[book-locked]"), "{said}");
    assert_eq!(book.json(&["record", "facts.jsonl", "--dry-run"])["new"], 1);
    let mapped = book.json(&["record", "--map", "map.toml", "people.csv", "--dry-run"]);
    assert_eq!(mapped["compared"]["new"], 1, "{mapped}");
    assert!(book.refused(&["record", "map.toml", "--dry-run"]).contains("error["));
    drop(writer);
    assert!(book.bytes() == before);
    // And it says what the recording then does.
    assert_eq!(book.json(&["record", "facts.jsonl"])["new"], 1);
    assert_eq!(book.json(&["record", "facts.jsonl", "--dry-run"])["known"], 1);
}
