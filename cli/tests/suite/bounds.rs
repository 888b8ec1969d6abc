//! Input without end, or larger than anything: refused soon, and in little memory.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::kit::{Desk, Run};

const MAP: &str =
    "[[fact]]\nfact = \"account\"\nat = 2027-01-01\naccount = { column = \"id\" }\nregion = { column = \"r\" }\n";

/// What the program may take besides a small book: a debug build, its threads, and what limits allow.
const MEMORY_KB: u64 = 256 << 10;
/// Longer than that is no answer. A machine that builds beside it is slow.
const PATIENCE: Duration = Duration::from_secs(120);

fn desk() -> Desk {
    let desk = Desk::with_facts();
    desk.write("map.toml", MAP);
    desk.write("ok.csv", "id,r\nacme,EU\n");
    desk
}

/// Runs the program until it ends or is out of patience, and watches the most memory that it had.
fn watched(mut command: Command, desk: &Desk) -> Run {
    let said = |name: &str| File::create(desk.path(name)).expect("a file");
    command.stdout(said("stdout")).stderr(said("stderr"));
    let mut child = command.spawn().expect("the program runs");
    let (begun, mut peak) = (Instant::now(), 0);
    let status = loop {
        peak = peak.max(memory(&child).unwrap_or(0));
        if let Some(status) = child.try_wait().expect("a child") {
            break status;
        }
        if begun.elapsed() > PATIENCE || peak > 4 * MEMORY_KB {
            child.kill().expect("it can be ended");
            panic!("it did not end within {PATIENCE:?}, or took {peak} KB");
        }
        std::thread::sleep(Duration::from_millis(2));
    };
    assert!(peak < MEMORY_KB, "it took {peak} KB");
    let run = Run { out: desk.read("stdout"), err: desk.read("stderr"), status: status.code().expect("no signal") };
    for name in ["stdout", "stderr"] {
        std::fs::remove_file(desk.path(name)).expect("a file");
    }
    run
}

/// The most memory that a child had, in KB, as far as the system says it.
fn memory(child: &Child) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().trim_end_matches(" kB").parse().ok()
}

/// Whether the system says how much memory a child has.
fn is_watched() -> bool {
    let is_there = Path::new("/proc/self/status").exists();
    if !is_there {
        eprintln!("NOT TESTED: there is no /proc here, so nobody watched how much memory is taken");
    }
    is_there
}

/// Refused with the code, in text and JSON, without a byte changed.
fn refused(desk: &Desk, arguments: &[&str], code: &str) -> String {
    let before = desk.bytes();
    let run = watched(desk.command(arguments), desk);
    assert_eq!((run.status, run.out.as_str()), (1, ""), "{arguments:?}: {run:?}");
    assert!(run.err.contains(&format!("error[{code}]: ")), "{arguments:?}: {}", run.err);
    assert!(run.err.contains("= help: "), "{arguments:?}: {}", run.err);
    assert!(desk.bytes() == before, "{arguments:?} was refused and changed something");
    run.err
}

#[test]
fn devices_without_end_are_refused() {
    if !is_watched() {
        return;
    }
    let desk = desk();
    for (arguments, code) in [
        (&["record", "/dev/zero"][..], "fact-line-long"),
        (&["record", "/dev/urandom"], "fact-encoding"),
        (&["record", "/dev/zero", "--rejects", "r"], "fact-line-long"),
        (&["record", "--map", "map.toml", "/dev/zero"], "map-limit"),
        (&["record", "--map", "map.toml", "/dev/urandom"], "map-encoding"),
        (&["record", "--map", "/dev/zero", "ok.csv"], "map-limit"),
        (&["close", "2027-01", "--opening", "/dev/zero"], "settled-long"),
        (&["plan", "check", "/dev/zero"], "plan-long"),
    ] {
        refused(&desk, arguments, code);
    }
    desk.write("t.toml", format!("[[table]]\nname = \"t\"\nfile = \"/dev/zero\"\n{MAP}"));
    refused(&desk, &["record", "--map", "t.toml", "ok.csv"], "map-table-file");
    desk.write(
        "latin.toml",
        format!(
            "[source]\nencoding = \"latin-1\"\nheader = false\nquote = \"\"\n{}",
            MAP.replace("id", "1").replace("\"r\"", "\"2\"")
        ),
    );
    let run = watched(desk.command(&["record", "--max-size", "32MB", "--map", "latin.toml", "/dev/urandom"]), &desk);
    assert_eq!(run.status, 1, "{}", run.err);
}

#[test]
fn a_folder_is_no_file() {
    let desk = desk();
    for arguments in [
        &["record", "."][..],
        &["record", "--map", "map.toml", "."],
        &["record", "--map", ".", "ok.csv"],
        &["close", "2027-01", "--opening", "."],
        &["plan", "check", "."],
    ] {
        desk.refused(arguments, 74, "io");
    }
}

/// A pipe to which somebody writes until nobody reads.
fn pipe(desk: &Desk, writes: &str) -> Child {
    let made = Command::new("mkfifo").arg(desk.path("pipe")).status().expect("mkfifo");
    assert!(made.success());
    let script = format!("{writes} > pipe");
    let mut writer = Command::new("sh");
    writer.args(["-c", &script]).current_dir(desk.path(".")).stdout(Stdio::null()).stderr(Stdio::null());
    writer.spawn().expect("a shell")
}

#[test]
fn a_pipe_without_end_is_refused() {
    if !is_watched() {
        return;
    }
    for (writes, arguments, code) in [
        ("yes ''", &["record", "--max-size", "20MB", "pipe"][..], "record-size"),
        ("yes nonsense", &["record", "pipe"], "fact-json"),
        ("cat /dev/zero", &["record", "pipe"], "fact-line-long"),
        ("(echo id,r; yes ,)", &["record", "--map", "map.toml", "pipe"], "map-no-value"),
        ("(echo id,r; yes acme,EU)", &["record", "--max-size", "2MB", "--map", "map.toml", "pipe"], "record-size"),
    ] {
        let desk = desk();
        let mut writer = pipe(&desk, writes);
        let run = watched(desk.command(arguments), &desk);
        assert_eq!(run.status, 1, "{writes} {arguments:?}: {}", run.err);
        assert!(run.err.contains(&format!("error[{code}]: ")), "{writes} {arguments:?}: {}", run.err);
        writer.wait().expect("nobody reads any more");
    }
}

/// What is in a pipe is recorded like a file.
#[test]
fn a_pipe_is_read_as_a_file_is() {
    let desk = desk();
    let mut writer = pipe(&desk, "cat ok.csv");
    assert_eq!(desk.ok(&["record", "--map", "map.toml", "pipe"]).out, "1 new, 0 restated, 0 known\n");
    writer.wait().expect("it was read");
}

#[test]
fn zeros_and_lines_of_any_length_are_refused() {
    if !is_watched() {
        return;
    }
    let desk = desk();
    // A file of 1 GB that takes no room.
    File::create(desk.path("zeros.csv")).and_then(|file| file.set_len(1 << 30)).expect("a file");
    let long = |name: &str, head: &str, length: usize| {
        let mut file = File::create(desk.path(name)).expect("a file");
        file.write_all(head.as_bytes()).expect("room");
        (0..length >> 20).for_each(|_| file.write_all(&[b'x'; 1 << 20]).expect("room"));
    };
    long("first.csv", "", 30 << 20);
    long("line.csv", "id,r\nacme,EU\n", 100 << 20);
    for name in ["zeros.csv", "first.csv", "line.csv"] {
        // Whoever compares all bytes of the folder holds them all.
        let mapped = watched(desk.command(&["record", "--map", "map.toml", name]), &desk);
        assert!(
            mapped.status == 1 && mapped.err.contains("error[map-limit]: the row that begins here"),
            "{name} {mapped:?}"
        );
        std::fs::rename(desk.path(name), desk.path("facts.jsonl")).expect("a file");
        let plain = watched(desk.command(&["record", "facts.jsonl"]), &desk);
        assert_eq!(plain.status, 1, "{name}");
        assert!(plain.err.contains("error[fact-line-long]: the line has more than 65536 bytes"), "{name} {plain:?}");
    }
}

#[test]
fn what_is_packed_too_densely_is_refused() {
    if !is_watched() {
        return;
    }
    let desk = desk();
    let mut gz = GzEncoder::new(File::create(desk.path("rows.csv.gz")).expect("a file"), Compression::best());
    gz.write_all(b"id,r\n").expect("room");
    let row = format!("acme,{}\n", "0".repeat(100_000));
    (0..3_000).for_each(|_| gz.write_all(row.as_bytes()).expect("room"));
    gz.finish().expect("room");
    let said = refused(&desk, &["record", "--map", "map.toml", "rows.csv.gz"], "record-size");
    assert!(said.contains("more than 250 bytes for each packed one") && said.contains("--max-size 64GiB"), "{said}");
    refused(&desk, &["record", "--max-size", "100MB", "--map", "map.toml", "rows.csv.gz"], "record-size");
    // Whoever says how large it may be gets further: to what is wrong with the rows.
    let run = watched(desk.command(&["record", "--max-size", "1GiB", "--map", "map.toml", "rows.csv.gz"]), &desk);
    assert!(run.status == 1 && run.err.contains("error[fact-"), "{}", run.err);
}

#[test]
fn a_bomb_of_zeros_is_refused() {
    if !is_watched() {
        return;
    }
    let desk = desk();
    let script = "head -c 1000000000 /dev/zero | xz -1 > zeros.csv.xz";
    let made = Command::new("sh").args(["-c", script]).current_dir(desk.path(".")).status().expect("a shell");
    if !made.success() || std::fs::metadata(desk.path("zeros.csv.xz")).expect("a file").len() < 1_000 {
        eprintln!("NOT TESTED: there is no xz here, so no bomb was made with it");
        return;
    }
    refused(&desk, &["record", "--map", "map.toml", "zeros.csv.xz"], "map-limit");
}

/// 200 MB of them, packed, of which every row is put by until it is recorded.
#[test]
fn rows_take_the_same_memory_however_many_there_are() {
    if !is_watched() {
        return;
    }
    let desk = desk();
    let mut gz = GzEncoder::new(File::create(desk.path("rows.csv.gz")).expect("a file"), Compression::fast());
    gz.write_all(b"id,r,more\n").expect("room");
    let more = "some text that nobody asks for, ".repeat(620);
    (0..10_000).for_each(|number| writeln!(gz, "a-{number},EU,\"{more}\"").expect("room"));
    gz.finish().expect("room");
    let arguments = ["record", "--max-size", "1GiB", "--map", "map.toml", "rows.csv.gz"];
    for (dry, out) in [(true, "10000 account"), (false, "10000 new, 0"), (false, "0 new, 0 restated, 10000 known")] {
        let arguments = if dry { [&arguments[..], &["--dry-run"]].concat() } else { arguments.to_vec() };
        let run = watched(desk.command(&arguments), &desk);
        assert!(run.status == 0 && run.out.starts_with(out), "{run:?}");
    }
}

#[test]
fn lines_take_the_same_memory_however_many_there_are() {
    if !is_watched() {
        return;
    }
    let desk = desk();
    let mut file = File::create(desk.path("long.jsonl")).expect("a file");
    let blanks = " ".repeat(60_000);
    for number in 0..4_000 {
        let fact = format!("\"fact\": \"account\", \"at\": \"2027-01-01\", \"account\": \"a-{number}\"");
        writeln!(file, "{{{blanks}{fact}}}").expect("room");
    }
    drop(file);
    for out in ["4000 new, 0", "0 new, 0 restated, 4000 known"] {
        let run = watched(desk.command(&["record", "long.jsonl"]), &desk);
        assert!(run.status == 0 && run.out.starts_with(out), "{run:?}");
    }
}

/// A group is one row, however many it has.
#[test]
fn groups_take_the_same_memory_however_many_rows_they_have() {
    if !is_watched() {
        return;
    }
    let desk = desk();
    desk.write(
        "map.toml",
        "[[fact]]\nfact = \"usage-snapshot\"\ngroup = [\"account\"]\naccount = { column = \"id\" }\n\
         from = 2027-01-01\nto = 2027-01-31\ncurrency = \"USD\"\namount = { sum = \"n\" }\n",
    );
    let mut file = File::create(desk.path("rows.csv")).expect("a file");
    file.write_all(b"id,n,more\n").expect("room");
    let rows: String = (0..100).map(|number| format!("a-{number},1,{}\n", "x".repeat(1_900))).collect();
    (0..1_000).for_each(|_| file.write_all(rows.as_bytes()).expect("room"));
    drop(file);
    let arguments = ["record", "--map", "map.toml", "rows.csv"];
    let run = watched(desk.command(&[&arguments[..], &["--rejects", "r.csv"]].concat()), &desk);
    assert_eq!((run.status, run.out.as_str()), (0, "100 new, 0 restated, 0 known\n"), "{}", run.err);
    let run = watched(desk.command(&arguments), &desk);
    assert_eq!(run.out, "0 new, 0 restated, 100 known\n");
}

/// All rows of a group are set aside, and they are read again for that.
#[test]
fn rows_of_a_group_are_set_aside_as_they_came() {
    let desk = desk();
    desk.write(
        "map.toml",
        "[[fact]]\nfact = \"usage-snapshot\"\ngroup = [\"account\"]\naccount = { column = \"id\" }\n\
         from = { column = \"d\" }\nto = 2027-01-31\ncurrency = \"USD\"\namount = { sum = \"n\" }\n",
    );
    // The second group ends before it begins, which only the book says.
    desk.write("rows.csv", "id,d,n\na,2027-01-01,1\nb,2027-03-01,2\na,2027-01-01,3\nb,2027-03-01,4\n");
    let run = desk.run(&["record", "--map", "map.toml", "rows.csv", "--rejects", "r.csv"]);
    assert_eq!((run.out.as_str(), run.status), ("1 new, 0 restated, 0 known\n", 3));
    let rejects = desk.read("r.csv");
    let rows: Vec<&str> = rejects.lines().collect();
    assert_eq!((rows[0], rows.len()), ("id,d,n,problem", 3), "{rejects}");
    assert!(rows[1].starts_with("b,2027-03-01,2,") && rows[1].contains("and 1 more)"), "{rejects}");
    assert!(rows[2].starts_with("b,2027-03-01,4,no problem: "), "{rejects}");
}

#[test]
fn problems_beyond_a_hundred_are_counted() {
    let desk = desk();
    let count = |lines: usize| {
        desk.write("facts.jsonl", "nonsense\n".repeat(lines));
        let problems = desk.problems(&["record", "facts.jsonl"], 1);
        let problems = problems.as_array().expect("a list").clone();
        let more = problems.iter().find(|problem| problem["code"] == "record-more");
        (problems.len(), more.map(|problem| problem["message"].as_str().expect("a text").to_owned()))
    };
    assert_eq!(count(100), (100, None));
    assert_eq!(count(101), (101, Some("1 more problem was found".to_owned())));
    assert_eq!(count(1_334), (101, Some("1234 more problems were found".to_owned())));
    assert_eq!(count(100_099), (101, Some("99999 more problems were found".to_owned())));
    let most = "at least 100000 more problems were found";
    assert_eq!(count(100_100), (101, Some(most.to_owned())));
    assert_eq!(count(300_000), (101, Some(most.to_owned())));
}

#[test]
fn problems_of_rows_beyond_a_hundred_are_counted() {
    let desk = desk();
    let count = |rows: usize, more: &[&str]| {
        desk.write("rows.csv", format!("id,r\n{}", ",EU\n".repeat(rows)));
        let arguments = [&["record", "--map", "map.toml", "rows.csv"], more].concat();
        let run = desk.run(&arguments);
        assert_eq!(run.status, 1);
        let told = run.err.matches("error[map-no-value]").count();
        (told, run.err.lines().find_map(|line| line.strip_prefix("error[record-more]: ")).map(str::to_owned))
    };
    for more in [&[][..], &["--dry-run"]] {
        assert_eq!(count(100, more), (100, None));
        assert_eq!(count(101, more), (100, Some("1 more problem was found".to_owned())));
        let most = "at least 100000 more problems were found";
        assert_eq!(count(200_000, more), (100, Some(most.to_owned())));
    }
}

#[test]
fn a_line_has_as_many_bytes_as_may_be_and_no_more() {
    let desk = desk();
    let line = |length: usize| {
        let fact = "{\"fact\": \"account\", \"at\": \"2027-01-01\", \"account\": \"globex\"";
        format!("{fact}{}}}", " ".repeat(length - fact.len() - 1))
    };
    for (end, mark) in [("", ""), ("\n", ""), ("\r\n", ""), ("\r\n", "\u{feff}")] {
        desk.write("facts.jsonl", format!("{mark}{}{end}", line(65_536)));
        desk.ok(&["record", "facts.jsonl"]);
        desk.write("facts.jsonl", format!("{mark}{}{end}", line(65_537)));
        let said = desk.refused(&["record", "facts.jsonl"], 1, "fact-line-long").err;
        assert!(said.contains("facts.jsonl:1:1"), "{said}");
    }
    // What is before it is told too, and nothing is recorded or set aside.
    desk.write("facts.jsonl", format!("nonsense\n{}\nnonsense\n", line(70_000)));
    let problems = desk.problems(&["record", "facts.jsonl", "--rejects", "r.jsonl"], 1);
    assert_eq!(problems.as_array().map(Vec::len), Some(1), "{problems}");
    let problems = desk.problems(&["record", "facts.jsonl"], 1);
    let places: Vec<_> = problems.as_array().expect("a list").iter().map(|problem| problem["line"].as_u64()).collect();
    assert_eq!(places, [Some(1), Some(2)]);
}

#[test]
fn mappings_and_lookups_have_as_many_bytes_as_may_be_and_no_more() {
    let desk = desk();
    let padded = |text: &str, length: usize| format!("{text}{}", "\n".repeat(length - text.len()));
    desk.write("map.toml", padded(MAP, 1 << 20));
    desk.ok(&["record", "--map", "map.toml", "ok.csv", "--dry-run"]);
    desk.write("map.toml", padded(MAP, (1 << 20) + 1));
    desk.refused(&["record", "--map", "map.toml", "ok.csv"], 1, "map-limit");
    desk.write("t.toml", format!("[[table]]\nname = \"t\"\nfile = \"t.csv\"\n{MAP}"));
    for (length, status) in [(64 << 20, 0), ((64 << 20) + 1, 1)] {
        desk.write("t.csv", padded("a,b\n", length));
        assert_eq!(desk.run(&["record", "--map", "t.toml", "ok.csv", "--dry-run"]).status, status, "{length}");
    }
}
