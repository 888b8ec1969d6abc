//! Entries that no program would write, appended with right positions, hashes and roots.

use std::path::Path;

use ledger::entry::Entry;
use ledger::fact::{Payload, Record, Signature};
use ledger::field::ByteString;
use ledger::id::Name;
use ledger::log::Log;
use ledger::signing::ED25519;
use ledger::store::Files;
use replay::book::Book;

use crate::four_eyes::key;
use crate::support::TestBook;

fn opened(book: &TestBook) -> Book {
    Book::open_read(&book.book()).expect("the book")
}

pub fn size(book: &TestBook) -> u64 {
    opened(book).size()
}

/// The entries of a book from a position on.
pub fn entries(book: &TestBook, first: u64) -> Vec<Entry> {
    let (opened, mut entries) = (opened(book), Vec::new());
    opened.entries(first, opened.size(), |entry, _| entries.push(entry)).expect("entries");
    entries
}

/// What a command appends to a copy of a book; the book stays as it was.
pub fn appended_by(book: &TestBook, command: impl FnOnce(&TestBook)) -> Vec<Entry> {
    let copy = crate::payouts::copy_of(book);
    command(&copy);
    entries(&copy, size(book))
}

/// Appends entries in one append. Their positions and the root of a close are made right, whatever else they say.
pub fn append(book: &TestBook, mut entries: Vec<Entry>) {
    let before = opened(book);
    for (position, entry) in (before.size()..).zip(&mut entries) {
        entry.position = position;
        if let Payload::Record(Record::PeriodClose(close)) = &mut entry.payload {
            close.root = before.log().root_at(close.known).expect("a root");
        }
    }
    drop(before);
    let (mut log, _) = Log::open(Box::new(Files::at(book.book().join("log")))).expect("a log");
    let mut append = log.begin(None).expect("an append");
    for entry in entries {
        let mut bytes = Vec::new();
        entry.put(&mut bytes, |salt| salt.fill(7));
        append.push(&bytes).expect("an entry");
    }
    append.commit().expect("on disk");
}

/// Signs entries as these people, at the positions that they get when they are appended.
pub fn signed(book: &TestBook, mut entries: Vec<Entry>, people: &[&str]) -> Vec<Entry> {
    let opened = opened(book);
    let id = uuid::Uuid::from_bytes(opened.state().book_id());
    for (position, entry) in (opened.size()..).zip(&mut entries) {
        entry.position = position;
        entry.signatures.clear();
        let message = entry.signed_message(id);
        entry.signatures = people
            .iter()
            .map(|name| Signature {
                signer: Name::new(name).expect("a name"),
                algorithm: u16::from(ED25519),
                key: ByteString(key(name).public().bytes().to_vec()),
                signature: key(name).sign(&message),
            })
            .collect();
    }
    entries
}

/// Changes the records of entries.
pub fn changed(mut entries: Vec<Entry>, mut change: impl FnMut(&mut Record)) -> Vec<Entry> {
    for entry in &mut entries {
        if let Payload::Record(record) = &mut entry.payload {
            change(record);
        }
    }
    entries
}

/// Takes the snapshot of another history of the same size and book, and writes the root of this book's log into it, with a valid seal.
pub fn put_snapshot_of(other: &TestBook, book: &TestBook) {
    let (right, wrong) = (opened(book), opened(other));
    assert_eq!(right.size(), wrong.size(), "histories of the same size");
    let name = format!("{:020}.snapshot", right.size());
    let bytes = std::fs::read(other.book().join("derived").join(&name)).expect("a snapshot");
    let secret = wrong.keys().book().expect("a secret");
    let key = replay::derived::sealing::Seals::of(secret).snapshot;
    let folder = book.book().join("derived");
    std::fs::create_dir_all(&folder).expect("a folder");
    let forged = with_root(&bytes, (wrong.root(), right.root()), |bytes| *key.hash(bytes).as_bytes());
    std::fs::write(folder.join(name), forged).expect("a file");
}

/// A file of sealed parts with another root in its first part: the table at its end has the digest of each part.
fn with_root(bytes: &[u8], (from, to): ([u8; 32], [u8; 32]), hash: impl Fn(&[u8]) -> [u8; 32]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    let digest_at = bytes.len() - 32;
    let table_at = u64::from_le_bytes(bytes[digest_at - 8..digest_at].try_into().expect("eight bytes")) as usize;
    let table = bytes[table_at..digest_at].to_vec();
    let ends = projections::encoding::Decoder::new(&table).column::<u64>().expect("the ends of parts").all();
    let first = ends[0] as usize;
    let place = |bytes: &[u8], what: &[u8]| bytes.windows(what.len()).position(|window| window == what);
    let old = hash(&bytes[..first]);
    let root_at = place(&bytes[..first], &from).expect("the root");
    bytes[root_at..root_at + 32].copy_from_slice(&to);
    let new = hash(&bytes[..first]);
    let old_at = table_at + place(&table, &old).expect("the digest of the first part");
    bytes[old_at..old_at + 32].copy_from_slice(&new);
    let seal = hash(&bytes[table_at..digest_at]);
    bytes[digest_at..].copy_from_slice(&seal);
    bytes
}

/// Whether a book has a snapshot.
pub fn has_snapshot(book: &TestBook) -> bool {
    let has = |folder: &Path| {
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        entries.map(|entry| entry.path()).any(|path| path.extension().is_some_and(|end| end == "snapshot"))
    };
    has(&book.book().join("derived"))
}
