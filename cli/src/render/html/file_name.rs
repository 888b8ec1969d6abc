//! The names of statements' files: made of the payee's id and the currency, safe on every system, and unique.

use std::collections::{BTreeMap, BTreeSet};

use data_encoding::HEXLOWER;
use ledger::id::{PayeeId, percent_encoded};
use projections::lines::PayeeCurrency;

/// The page that links to the others. No statement's file is called so, because those end in a currency.
pub const INDEX: &str = "index.html";

/// The most bytes of an encoded id: with its hash, a currency and an ending it stays below the 255 of most file systems.
const ENCODED_MAX: usize = 180;

/// Names that some systems give to devices, whatever follows the first dot.
const DEVICES: [&str; 22] = [
    "aux", "con", "nul", "prn", "com1", "com2", "com3", "com4", "com5", "com6", "com7", "com8", "com9", "lpt1", "lpt2",
    "lpt3", "lpt4", "lpt5", "lpt6", "lpt7", "lpt8", "lpt9",
];

/// The names of the files of statements, in their order: `ana.USD.html`. The id is percent-encoded. Where ids differ in capital letters
/// alone, those letters are encoded, too: some systems take `Ana` and `ana` for one name.
pub fn file_names<'h>(holders: impl Iterator<Item = &'h PayeeCurrency> + Clone) -> Vec<String> {
    let mut spellings: BTreeMap<String, &PayeeId> = BTreeMap::new();
    let mut ambiguous: BTreeSet<String> = BTreeSet::new();
    for (payee, _) in holders.clone() {
        let small = payee.as_str().to_ascii_lowercase();
        match spellings.get(&small) {
            Some(other) if *other != payee => drop(ambiguous.insert(small)),
            Some(_) | None => drop(spellings.insert(small, payee)),
        }
    }
    let name = |(payee, currency): &PayeeCurrency| {
        let is_ambiguous = ambiguous.contains(&payee.as_str().to_ascii_lowercase());
        let capitals = if is_ambiguous { Capitals::Encoded } else { Capitals::Kept };
        format!("{}.{currency}.html", stem(payee, capitals))
    };
    holders.map(name).collect()
}

/// How capital letters are written, which not every system keeps apart from small ones.
#[derive(Copy, Clone, PartialEq, Eq)]
enum Capitals {
    Kept,
    Encoded,
}

/// The id percent-encoded. What begins like a hidden file or an option, or is the name of a device, begins with a code. A long id is cut,
/// and a hash of all of it keeps it unique.
fn stem(payee: &PayeeId, capitals: Capitals) -> String {
    let word = payee.as_str().split('.').next().unwrap_or_default().to_ascii_lowercase();
    let is_device = DEVICES.contains(&word.as_str());
    let mut stem = String::new();
    for (place, c) in payee.as_str().chars().enumerate() {
        let is_capital = capitals == Capitals::Encoded && c.is_ascii_uppercase();
        let is_encoded = is_capital || place == 0 && (is_device || matches!(c, '.' | '-' | '~'));
        let part =
            if is_encoded { format!("%{:02X}", u32::from(c)) } else { percent_encoded(c.encode_utf8(&mut [0; 4])) };
        if stem.len() + part.len() > ENCODED_MAX {
            let hash = blake3::hash(payee.as_str().as_bytes());
            return format!("{stem}+{}", HEXLOWER.encode(&hash.as_bytes()[..8]));
        }
        stem.push_str(&part);
    }
    stem
}

/// The name of a file as a relative link.
pub fn link(file: &str) -> String {
    file.replace('%', "%25")
}

#[cfg(test)]
mod tests {
    use ledger::money::Currency;

    use super::*;

    fn names(payees: &[&str]) -> Vec<String> {
        let usd = Currency::parse("USD").expect("a currency");
        let holders: Vec<PayeeCurrency> = payees.iter().map(|id| (PayeeId::new(id).expect("an id"), usd)).collect();
        file_names(holders.iter())
    }

    #[test]
    fn names_are_safe() {
        for (id, name) in [
            ("ana", "ana.USD.html"),
            ("E-1001", "E-1001.USD.html"),
            ("ana.b@x.com", "ana.b%40x.com.USD.html"),
            ("../etc/passwd", "%2E.%2Fetc%2Fpasswd.USD.html"),
            ("a b\\c:d|e?*\"<>", "a%20b%5Cc%3Ad%7Ce%3F%2A%22%3C%3E.USD.html"),
            ("-rf", "%2Drf.USD.html"),
            ("aux.x", "%61ux.x.USD.html"),
            ("index", "index.USD.html"),
            ("Zoë", "Zo%C3%AB.USD.html"),
        ] {
            assert_eq!(names(&[id]), [name], "{id}");
        }
        assert_eq!(link("a%20b.USD.html"), "a%2520b.USD.html");
    }

    #[test]
    fn names_are_unique_where_case_counts_for_nothing() {
        assert_eq!(names(&["ANA", "Bea", "ana"]), ["%41%4E%41.USD.html", "Bea.USD.html", "ana.USD.html"]);
        let long: Vec<String> = ["東", "京"].iter().map(|end| "東".repeat(41) + end).collect();
        let many =
            ["a+b", "a%2Bb", "A", "a", "é", "É", "con", "CON", "%63on", "a.USD", "-a", "%2Da", &long[0], &long[1]];
        let found: Vec<String> = names(&many);
        let distinct: BTreeSet<String> = found.iter().map(|name| name.to_lowercase()).collect();
        assert_eq!(distinct.len(), many.len(), "{found:?}");
        assert!(found.iter().all(|name| name.len() <= 255), "{found:?}");
    }

    #[test]
    fn a_code_is_not_cut() {
        for blanks in 0..4 {
            let [name] = &names(&[&("x".repeat(blanks) + &"é".repeat(62))])[..] else { panic!("one name") };
            let (stem, _) = name.split_once('+').expect("a hash");
            assert!(ledger::id::percent_decoded(stem).is_some(), "{stem}");
            assert!(stem.len() <= ENCODED_MAX);
        }
    }
}
