//! The files of statements: a name for each, an index, and nothing lost or half written.

use std::path::Path;

use super::markup::{Piece, pieces};
use super::{MARKUP, encoded, markup_book, rich_book};
use crate::support::TestBook;

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").file_name());
    let mut names: Vec<String> = entries.map(|name| name.into_string().expect("UTF-8")).collect();
    names.sort();
    names
}

fn links(html: &str) -> Vec<String> {
    let of = |piece: Piece| match piece {
        Piece::Start { attributes, .. } => {
            attributes.into_iter().find(|(name, _)| name == "href").map(|(_, link)| link)
        }
        Piece::End { .. } | Piece::Text(_) => None,
    };
    pieces(html).into_iter().filter_map(of).collect()
}

#[test]
fn there_is_a_file_for_each_statement_and_an_index() {
    let book = rich_book();
    let said = book.done(&["statement", "--all", "2027-04", "--format", "html", "--out", "new/pages"]);
    assert_eq!(said, "Wrote 2 statements and index.html into `new/pages`.\n");
    let folder = book.folder.path().join("new/pages");
    assert_eq!(names(&folder), ["index.html", "pia.USD.html", "quiet.USD.html"]);
    let read = |name: &str| std::fs::read_to_string(folder.join(name)).expect("a page");
    assert_eq!(read("pia.USD.html"), book.done(&["statement", "pia", "2027-04", "--format", "html"]));
    let index = read("index.html");
    assert_eq!(links(&index), ["pia.USD.html", "quiet.USD.html"]);
    let text = super::markup::text_of(&index);
    assert!(text.contains("pia Pia Haas USD closed 13,100.00 54,500.00 2,750.00 4,950.50"), "{text}");
    assert!(text.contains("USD 2 25,600.00"), "{text}");
    // Of one payee.
    book.done(&["statement", "pia", "2027-04", "--format", "html", "--out", "one"]);
    assert_eq!(names(&book.folder.path().join("one")), ["index.html", "pia.USD.html"]);
    // An empty folder that is there is taken, the one that the command runs in, too.
    let empty = book.folder.path().join("empty");
    std::fs::create_dir(&empty).expect("a folder");
    let mut command = book.command();
    let output = command
        .current_dir(&empty)
        .args(["statement", "--all", "2027-04", "--format", "html", "--out", "."])
        .output()
        .expect("it runs");
    assert!(output.status.success(), "{output:?}");
    assert_eq!(names(&empty).len(), 3);
}

#[test]
fn an_index_says_that_nobody_has_a_statement() {
    let book = TestBook::with_book();
    book.done(&["close", "2027-01", "--force"]);
    let said = book.done(&["statement", "--all", "2027-01", "--format", "html", "--out", "pages"]);
    assert_eq!(said, "Wrote 0 statements and index.html into `pages`.\n");
    let index = std::fs::read_to_string(book.folder.path().join("pages/index.html")).expect("an index");
    super::markup::check(&index);
    assert!(index.contains("Nobody has a statement for this month."), "{index}");
}

#[test]
fn links_lead_to_files_of_any_id() {
    let book = markup_book();
    book.done(&["statement", "--all", "2027-02", "--format", "html", "--out", "pages"]);
    let folder = book.folder.path().join("pages");
    let file = format!("{}.USD.html", encoded(MARKUP));
    assert_eq!(names(&folder), ["index.html".to_owned(), file.clone()]);
    let index = std::fs::read_to_string(folder.join("index.html")).expect("an index");
    assert_eq!(links(&index).iter().map(|link| ledger::id::percent_decoded(link)).collect::<Vec<_>>(), [Some(file)]);
}

#[test]
fn no_place_that_is_taken_is_written_to() {
    let book = rich_book();
    let refused = |place: &str, code: &str| {
        let said = book.refused(&["statement", "--all", "2027-04", "--format", "html", "--out", place]);
        assert!(said.starts_with(&format!("error[{code}]")), "{place}: {said}");
    };
    let place = |name: &str| book.folder.path().join(name);
    std::fs::create_dir(place("full")).expect("a folder");
    std::fs::write(place("full/letter.txt"), "mine").expect("a file");
    refused("full", "out-taken");
    assert_eq!(names(&place("full")), ["letter.txt"]);
    refused("full/letter.txt", "out-taken");
    refused("book", "out-taken");
    refused("book/pages/april", "out-taken");
    assert!(!place("book/pages").exists());
    // A run that was interrupted is noticed.
    std::fs::create_dir_all(place("half/unfinished")).expect("a folder");
    refused("half", "out-unfinished");
    // Nothing is made for a month that is not closed.
    let said = book.refused(&["statement", "--all", "2027-09", "--format", "html", "--out", "none"]);
    assert!(said.starts_with("error[period-open]") && !place("none").exists(), "{said}");
}

#[test]
fn what_goes_with_what_is_said() {
    let book = rich_book();
    for (arguments, code) in [
        (&["balances", "--format", "html"][..], "html-none"),
        (&["close", "2027-05", "--format", "html"], "html-none"),
        (&["statement", "--all", "2027-04", "--format", "html"], "html-folder"),
        (&["statement", "pia", "2027-04", "--out", "pages"], "out-format"),
    ] {
        let said = book.refused(arguments);
        assert!(said.starts_with(&format!("error[{code}]")), "{arguments:?}: {said}");
    }
    assert!(!book.folder.path().join("pages").exists());
}

#[test]
fn a_page_has_one_statement() {
    let book = TestBook::with_book();
    let plan = |id: &str, currency: &str| {
        format!(
            "plan = \"{id}\"\nversion = 1\nedition = 1\ncurrency = \"{currency}\"\neffective = 2027-01-01\n\n[[component]]\nid = \"all\"\nmeasure = {{ booking = \"arr\" }}\nrate = \"10%\"\n"
        )
    };
    let facts = r#"{"fact": "payee", "at": "2027-01-01", "payee": "ana", "currency": "USD"}
{"fact": "account", "at": "2027-01-01", "account": "acme"}
{"fact": "assignment", "at": "2027-01-01", "payee": "ana", "plan": "us"}
{"fact": "adjustment", "at": "2027-01-05", "payee": "ana", "amount": "7", "currency": "EUR", "reason": "trip"}
{"fact": "booking", "at": "2027-01-10", "booking": "B-1", "account": "acme", "arr": "100", "currency": "USD", "credit": [{"payee": "ana", "percent": "100%"}]}"#;
    book.done(&["plan", "publish", &book.write("us.toml", &plan("us", "USD"))]);
    book.done(&["record", &book.write("facts.jsonl", facts)]);
    book.done(&["close", "2027-01"]);
    let said = book.refused(&["statement", "ana", "2027-01", "--format", "html"]);
    assert!(said.starts_with("error[html-several]: `ana` has 2 statements for 2027-01, in `EUR` and `USD`"), "{said}");
    book.done(&["statement", "ana", "2027-01", "--format", "html", "--out", "pages"]);
    assert_eq!(names(&book.folder.path().join("pages")), ["ana.EUR.html", "ana.USD.html", "index.html"]);
}
