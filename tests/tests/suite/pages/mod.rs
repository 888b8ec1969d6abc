//! Statements as pages: what they say, how they are built, which files are written, and how a browser prints them.

mod browser;
mod content;
mod files;
mod markup;

use std::path::{Path, PathBuf};

pub use content::check_page;

use crate::support::TestBook;

/// A month with something of everything: what happened, and the page of it.
fn fixture() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("pages")
}

/// The book of the fixture, all months closed.
fn rich_book() -> TestBook {
    let book = TestBook::with_book();
    book.follow(&fixture());
    book
}

/// A payee, an account, a booking and a plan whose ids, names and reasons are full of markup.
const MARKUP: &str = r#"o'neil & <b class="x">"co"</b>"#;

/// A book with [`MARKUP`] wherever a text can be, January and February 2027 closed.
fn markup_book() -> TestBook {
    let book = TestBook::with_book();
    let text = serde_json::to_string(MARKUP).expect("JSON");
    let plan = format!(
        "plan = {text}\nversion = 1\nedition = 1\ntitle = {text}\ncurrency = \"USD\"\neffective = 2027-01-01\n\n[[component]]\nid = {text}\ntitle = {text}\nmeasure = {{ booking = \"arr\" }}\nrate = \"10%\"\n\n[[component.installment]]\nid = {text}\nshare = \"50%\"\n\n[[component.installment]]\nid = \"later\"\nshare = \"50%\"\nsignal = {text}\n"
    );
    let share = format!(r#"[{{"payee": {text}, "percent": "100%"}}]"#);
    let booking = |arr: &str, more: &str| {
        format!(
            r#"{{"fact": "booking", "at": "2027-01-10", "booking": {text}, "account": {text}, "arr": "{arr}", "currency": "USD", "credit": {share}{more}}}"#
        )
    };
    let facts = [
        format!(
            r#"{{"fact": "payee", "at": "2027-01-01", "payee": {text}, "name": "<script>alert('Ana')</script>", "currency": "USD"}}"#
        ),
        format!(r#"{{"fact": "account", "at": "2027-01-01", "account": {text}, "name": "</td></table>\u202e&lt;"}}"#),
        format!(r#"{{"fact": "assignment", "at": "2027-01-01", "payee": {text}, "plan": {text}}}"#),
        booking("5000", ""),
    ];
    let late = [
        booking(
            "5500",
            &format!(
                r#", "corrects": {}"#,
                serde_json::to_string(&format!("booking:{}", encoded(MARKUP))).expect("JSON")
            ),
        ),
        format!(
            r#"{{"fact": "adjustment", "at": "2027-02-01", "payee": {text}, "amount": "12.34", "currency": "USD", "reason": "</details>]]>--><style>{{"}}"#
        ),
    ];
    book.done(&["plan", "publish", &book.write("plan.toml", &plan)]);
    book.done(&["record", &book.write("facts.jsonl", &facts.join("\n"))]);
    book.done(&["close", "2027-01"]);
    book.done(&["record", &book.write("late.jsonl", &late.join("\n"))]);
    book.done(&["close", "2027-02"]);
    book
}

/// Percent-encoded as in names of lines and files.
fn encoded(text: &str) -> String {
    ledger::id::percent_encoded(text)
}
