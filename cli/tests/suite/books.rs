//! Making a book, finding it, and not getting it.

use replay::book::Book;

use crate::kit::Desk;

#[test]
fn a_book_is_called_as_its_folder_unless_named() {
    let desk = Desk::new();
    let keys = desk.path("").canonicalize().expect("a path").join("book.keys");
    let said = format!("The book `book` is in `./book`.\nIts keys are in `{}`.\n", keys.display());
    assert_eq!(desk.ok(&["init"]).out, said);
    assert_eq!(desk.json(&["init", "--book", "a/b", "--name", "Acme Inc"])["book"], "Acme Inc");
    assert_eq!(desk.json(&["--book", "c", "init"])["size"], 1);
}

#[test]
fn the_book_comes_from_the_option_or_the_environment() {
    let desk = Desk::new();
    desk.ok(&["--book", "other", "init"]);
    let mut command = desk.command(&["log"]);
    let output = command.env("TRUEUP_BOOK", "other").output().expect("it runs");
    assert!(output.status.success());
    desk.ok(&["log", "--book", "other"]);
    desk.refused(&["log"], 1, "book-missing");
}

#[test]
fn a_book_has_its_keys_however_it_is_named() {
    let desk = Desk::with_facts();
    let absolute = desk.path("book").display().to_string();
    for book in ["book", "book/", "./book/.", "book/../book", &absolute] {
        assert_eq!(desk.json(&["show", "2", "--book", book])["fact"]["name"], "Ana Brandt", "{book}");
    }
    let mut command = desk.command(&["show", "2", "--book", "."]);
    let output = command.current_dir(desk.path("book")).output().expect("it runs");
    assert!(String::from_utf8_lossy(&output.stdout).contains("Ana Brandt"));
}

#[test]
fn a_book_is_not_made_where_something_is() {
    let desk = Desk::with_facts();
    desk.refused(&["init"], 1, "book-exists");
    std::fs::create_dir(desk.path("full")).expect("a folder");
    desk.write("full/note.txt", "mine");
    desk.refused(&["init", "--book", "full"], 1, "book-not-empty");
}

#[test]
fn a_command_without_a_book_says_how_to_make_one() {
    let desk = Desk::new();
    desk.write("facts.jsonl", "");
    desk.write("land.toml", crate::kit::LAND);
    for arguments in [
        &["record", "facts.jsonl"][..],
        &["plan", "publish", "land.toml"],
        &["plan", "list"],
        &["plan", "show", "land"],
        &["close", "2027-01"],
        &["preview", "2027-01"],
        &["statement", "--all", "2027-01"],
        &["balances"],
        &["log"],
        &["show", "0"],
        &["explain", "ana", "x"],
    ] {
        let run = desk.refused(arguments, 1, "book-missing");
        assert!(run.err.contains("trueup init"), "{}", run.err);
    }
}

#[test]
fn a_book_that_is_being_written_is_read_but_not_written() {
    let desk = Desk::with_facts();
    let (_book, _) = Book::open(&desk.path("book")).expect("the book");
    desk.refused(&["record", "facts.jsonl"], 74, "book-locked");
    desk.refused(&["close", "2027-01"], 74, "book-locked");
    desk.ok(&["log"]);
    desk.ok(&["preview", "2027-01"]);
}

/// A sentence was once cut at the first full stop in it.
#[test]
fn a_name_with_a_full_stop_does_not_cut_the_message() {
    let desk = Desk::with_facts();
    desk.ok(&["init", "--book", "Acme Inc. books"]);
    let (_book, _) = Book::open(&desk.path("Acme Inc. books")).expect("the book");
    let run = desk.refused(&["record", "facts.jsonl", "--book", "Acme Inc. books"], 74, "book-locked");
    assert!(run.err.contains("`Acme Inc. books/log` is being written by another process\n"), "{}", run.err);
    assert!(run.err.contains("= help: Wait until it has finished, or read only\n"), "{}", run.err);
}

#[test]
fn a_damaged_book_is_no_refusal_of_ours_but_the_worlds() {
    let desk = Desk::with_close();
    let segment = "book/log/00000000000000000000.seg";
    let mut bytes = std::fs::read(desk.path(segment)).expect("a segment");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    desk.write(segment, bytes);
    desk.refused(&["log"], 74, "book-damaged");
}

#[test]
fn a_failure_of_files_says_what_to_do_about_it() {
    let desk = Desk::with_facts();
    let help = |arguments: &[&str]| desk.refused(arguments, 74, "io").err;
    assert!(help(&["record", "nowhere.jsonl"]).contains("spelling of the path"));
    assert!(help(&["plan", "check", "book"]).contains("it is a folder: name a file in it"));
}
