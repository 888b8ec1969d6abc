//! How much of everything is taken (docs/limits.md): what comes from outside is read as far as its limit, and then refused.

use crate::refusal::CommandRefusal;

/// Files that one command records at most.
pub const FILES_MAX: usize = 10_000;
/// Unpacked bytes up to which nobody asks how densely a file is packed.
pub const UNPACKED_FREE_BYTES: u64 = 64 << 20;
/// Bytes that come out for each packed one. Exports have 5 to 100; nonsense has 1,000 and more.
pub const UNPACKED_RATIO_MAX: u64 = 250;
/// Bytes of a file unpacked, and of what can be read once only.
pub const SIZE_MAX: u64 = 8 << 30;
/// Memory that unpacking may take: `xz -9` needs 64 MiB.
pub const UNPACK_MEMORY_MAX: u64 = 96 << 20;
/// The longest row of a source, however many lines it has.
pub const ROW_BYTES_MAX: usize = 1 << 20;
/// Rows of one source.
pub const ROWS_MAX: u64 = 1_000_000_000;
/// Cells of a row.
pub const CELLS_MAX: usize = 16_384;
/// The longest cell of a row.
pub const CELL_BYTES_MAX: usize = 256 << 10;
/// Facts that are one sum of rows each: what is known of every one is kept until the last row.
pub const GROUPS_MAX: usize = 5_000_000;
/// Keys of `distinct`, and bookings whose order is kept.
pub const KEYS_MAX: usize = 7_000_000;
/// The longest file of a lookup.
pub const TABLE_BYTES_MAX: u64 = 64 << 20;
/// The longest file of what was settled before, and its lines.
pub const OPENING_BYTES_MAX: u64 = 32 << 20;
pub const OPENING_LINES_MAX: usize = 250_000;
/// The longest file whose hash is recorded as evidence of a dispute, and the longest name of one.
pub const EVIDENCE_BYTES_MAX: u64 = 1 << 30;
pub const EVIDENCE_NAME_BYTES_MAX: usize = 255;
/// Problems of one file that are told; the rest is counted.
pub const PROBLEMS_MAX: usize = replay::record::PROBLEMS_MAX;

/// What `record` takes, so that tests can take less.
#[derive(Copy, Clone, Debug)]
pub struct Limits {
    pub unpacked_free: u64,
    pub unpacked_ratio: u64,
    pub size: u64,
    pub row_bytes: usize,
    pub rows: u64,
    pub groups: usize,
    pub keys: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            unpacked_free: UNPACKED_FREE_BYTES,
            unpacked_ratio: UNPACKED_RATIO_MAX,
            size: SIZE_MAX,
            row_bytes: ROW_BYTES_MAX,
            rows: ROWS_MAX,
            groups: GROUPS_MAX,
            keys: KEYS_MAX,
        }
    }
}

impl Limits {
    /// Whoever says how large a file may be knows that it is no bomb, however densely it is packed.
    pub fn with_size(size: Option<u64>) -> Limits {
        match size {
            Some(size) => Limits { size, unpacked_ratio: u64::MAX, ..Limits::default() },
            None => Limits::default(),
        }
    }

    /// What is wrong with a packed file that gave so much after so much was read of it.
    pub fn unpacked(&self, name: &str, packed: u64, unpacked: u64) -> Result<(), CommandRefusal> {
        if unpacked > self.size {
            return Err(CommandRefusal::UnpackedTooLarge { file: name.to_owned(), most: self.size });
        }
        if unpacked > self.unpacked_free && unpacked > packed.saturating_mul(self.unpacked_ratio) {
            let (ratio, free) = (self.unpacked_ratio, self.unpacked_free);
            return Err(CommandRefusal::UnpackedTooDense { file: name.to_owned(), ratio, free });
        }
        Ok(())
    }

    /// What is wrong with a pipe that gave more than may be kept of it.
    pub fn streamed(&self, name: &str) -> CommandRefusal {
        CommandRefusal::StreamTooLong { file: name.to_owned(), most: self.size }
    }
}

/// A number of bytes in the largest unit that divides it.
pub fn bytes(count: u64) -> String {
    let units = [(30, "GiB"), (20, "MiB"), (10, "KiB")];
    let unit = units.into_iter().find(|(shift, _)| count >= 1 << shift && count.is_multiple_of(1 << shift));
    match unit {
        Some((shift, name)) => format!("{} {name}", count >> shift),
        None => format!("{count} bytes"),
    }
}

/// Bytes as they are written on the command line: `500MB`, `64GiB`, `1000000`.
pub fn size(text: &str) -> Result<u64, String> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let factor = match text[digits.len()..].to_ascii_lowercase().as_str() {
        "" | "b" => Some(1),
        "k" | "kib" => Some(1 << 10),
        "m" | "mib" => Some(1 << 20),
        "g" | "gib" => Some(1 << 30),
        "t" | "tib" => Some(1_u64 << 40),
        "kb" => Some(1_000),
        "mb" => Some(1_000_000),
        "gb" => Some(1_000_000_000),
        "tb" => Some(1_000_000_000_000),
        _ => None,
    };
    let number = digits.trim_end().parse::<u64>().ok();
    let size = factor.zip(number).and_then(|(factor, number)| number.checked_mul(factor)).filter(|size| *size > 0);
    size.ok_or_else(|| "it is no number of bytes; write one like 500MB or 64GiB".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    use crate::input::files::{MAP_BYTES_MAX, PLAN_BYTES_MAX};
    use crate::mapping::read::table::ROWS_MAX as TABLE_ROWS_MAX;
    use crate::mapping::read::{FACTS_MAX, TABLES_MAX};
    use crate::output_map::read::RULES_MAX;
    use ledger::entry::FACT_BYTES_MAX;
    use ledger::field::FreeText;
    use ledger::json::DEPTH_MAX;
    use projections::position::ENTRIES_MAX;
    use replay::disputes::open::EVIDENCE_MAX;
    use replay::record::{ASIDE_BYTES_MAX, COUNTED_MAX, LINE_BYTES_MAX};

    fn of_files() -> Vec<String> {
        let dense = format!("unpacked bytes for each packed one, beyond the first {}", bytes(UNPACKED_FREE_BYTES));
        let whoever = "`--max-size`: whoever says a size is not asked how densely it is packed";
        vec![
            line("files of one `record`", count(FILES_MAX as u64), "record-files", "record them in parts"),
            line("a packed file, unpacked", bytes(SIZE_MAX), "record-size", "`--max-size 64GiB`"),
            line(&dense, count(UNPACKED_RATIO_MAX), "record-size", whoever),
            line("memory for unpacking", bytes(UNPACK_MEMORY_MAX), "map-packed", "pack with `xz -9` or less"),
            line(
                "standard input, a pipe or a device",
                bytes(SIZE_MAX),
                "record-size",
                "`--max-size 64GiB`, or a file, which may have any size",
            ),
            line("a mapping", bytes(MAP_BYTES_MAX), "map-limit", "put lookups into files"),
            line(
                "tables, and facts, of a mapping",
                format!("{TABLES_MAX}, {FACTS_MAX}"),
                "map-limit",
                "write several mappings",
            ),
            line(
                "accounts, and columns, of a mapping of an output",
                format!("{}, {}", count(RULES_MAX as u64), count(RULES_MAX as u64)),
                "map-limit",
                "write patterns of accounts",
            ),
            line("a lookup's file", bytes(TABLE_BYTES_MAX), "map-table-file", ""),
            line("rows of a lookup's file", count(TABLE_ROWS_MAX as u64), "map-table-file", ""),
            line("a plan", bytes(PLAN_BYTES_MAX), "plan-long", "write a plan for each group of people"),
            line("a file of `--opening`", bytes(OPENING_BYTES_MAX), "settled-long", ""),
            line("rows of a file of `--opening`", count(OPENING_LINES_MAX as u64), "settled-long", ""),
        ]
    }

    fn of_facts() -> Vec<String> {
        let (line_bytes, fact_bytes) = (count(LINE_BYTES_MAX as u64), count(FACT_BYTES_MAX as u64));
        let aside = "lines that are set aside, or were replaced since, with what is said of them";
        vec![
            line("a line of facts", line_bytes + " bytes", "fact-line-long", ""),
            line("a fact in the log", fact_bytes + " bytes", "fact-long", ""),
            line("lists and objects of JSON in each other", count(DEPTH_MAX as u64), "fact-json", ""),
            line("entries of a book", count(ENTRIES_MAX), "record-full", "begin another book"),
            line(
                "problems that are told; the others are counted",
                count(PROBLEMS_MAX as u64),
                "record-more",
                "`--rejects FILE` has all of them",
            ),
            line(
                "problems that are counted; then no more is read",
                count(COUNTED_MAX),
                "record-more",
                "mend the first ones",
            ),
            line(aside, bytes(ASIDE_BYTES_MAX as u64), "record-aside", "record it in parts"),
        ]
    }

    fn of_disputes() -> Vec<String> {
        let elsewhere = "name it by its hash, `blake3:HASH:BYTES:NAME`";
        let (name, text) = (format!("{EVIDENCE_NAME_BYTES_MAX} bytes"), count(FreeText::BYTES_MAX as u64) + " bytes");
        vec![
            line(
                "entries and files that a dispute names as evidence",
                count(EVIDENCE_MAX as u64),
                "dispute-evidence",
                "pack files together",
            ),
            line("a file that a dispute names as evidence", bytes(EVIDENCE_BYTES_MAX), "dispute-evidence", elsewhere),
            line("the name of such a file", name, "dispute-evidence", "rename it"),
            line(
                "a reason, an answer or a resolution of a dispute",
                text,
                "dispute-text",
                "name a file with the rest as evidence",
            ),
        ]
    }

    fn of_rows() -> Vec<String> {
        let groups = "record it in parts, or let the source group";
        let keys = "keys of `distinct`, and bookings of a mapping";
        vec![
            line(
                "a row of a source, with all of its lines",
                bytes(ROW_BYTES_MAX as u64),
                "map-limit",
                "leave long columns out of the export",
            ),
            line("cells of a row", count(CELLS_MAX as u64), "map-row", "leave columns out of the export"),
            line("a cell", bytes(CELL_BYTES_MAX as u64), "map-row", "leave the column out of the export"),
            line("rows of a source", count(ROWS_MAX), "map-limit", "record it in parts"),
            line("groups of a mapping", count(GROUPS_MAX as u64), "map-limit", groups),
            line(keys, count(KEYS_MAX as u64), "map-limit", "record it in parts"),
        ]
    }

    fn line(what: &str, most: String, code: &str, raise: &str) -> String {
        format!("| {what} | {most} | `{code}` | {raise} |\n")
    }

    /// With commas between thousands.
    fn count(number: u64) -> String {
        let digits = number.to_string();
        let groups: Vec<&str> =
            digits.as_bytes().rchunks(3).rev().filter_map(|group| str::from_utf8(group).ok()).collect();
        groups.join(",")
    }

    /// The table of the page: what, how much, the code of what is refused, and how more is taken.
    fn table() -> String {
        let head = "| of what | at most | beyond it | to take more |\n|---|---|---|---|\n".to_owned();
        [vec![head], of_files(), of_facts(), of_disputes(), of_rows()].concat().concat()
    }

    const PAGE: &str = "../docs/limits.md";
    const MARK: &str = "<!-- limits -->\n";

    #[test]
    fn the_page_has_every_limit() {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(PAGE);
        let page = std::fs::read_to_string(&path).expect("the page");
        let (before, rest) = page.split_once(MARK).expect("the mark");
        let after = rest.split_once("\n\n").map_or("", |(_, after)| after);
        let written = format!("{before}{MARK}{}\n{after}", table());
        if std::env::var_os("TRUEUP_WRITE").is_some() {
            std::fs::write(&path, &written).expect("a file that can be written");
            return;
        }
        assert!(
            page == written,
            "docs/limits.md is out of date. Run the test with TRUEUP_WRITE=1, and review it.\n{}",
            table()
        );
    }

    #[test]
    fn sizes_are_written_with_their_unit() {
        for (text, expected) in [
            ("1", 1),
            ("500MB", 500_000_000),
            ("64GiB", 64 << 30),
            ("64 gib", 64 << 30),
            ("2k", 2_048),
            ("1TiB", 1 << 40),
        ] {
            assert_eq!(size(text), Ok(expected), "{text}");
        }
        for text in ["", "0", "GiB", "-1", "1.5GiB", "1 hour", "99999999999TiB"] {
            assert!(size(text).is_err(), "{text}");
        }
        assert_eq!(
            (bytes(8 << 30).as_str(), bytes(3 << 19).as_str(), bytes(7).as_str()),
            ("8 GiB", "1536 KiB", "7 bytes")
        );
    }

    #[test]
    fn a_packed_file_may_come_to_its_limits_and_no_byte_more() {
        let limits = Limits { unpacked_free: 100, unpacked_ratio: 10, size: 1_000, ..Limits::default() };
        for (packed, unpacked, is_taken) in [
            (1, 100, true),
            (1, 101, false),
            (50, 500, true),
            (50, 501, false),
            (100, 1_000, true),
            (100, 1_001, false),
            (10_000, 1_001, false),
        ] {
            assert_eq!(limits.unpacked("x", packed, unpacked).is_ok(), is_taken, "{packed} {unpacked}");
        }
        let raised = Limits::with_size(Some(1_000));
        assert!(raised.unpacked("x", 1, 1_000).is_ok() && raised.unpacked("x", 1, 1_001).is_err());
    }
}
