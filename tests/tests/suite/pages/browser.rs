//! How a browser prints a page on A4 and letter, with all reasons, and how wide it is on a narrow screen. Where Chromium is not installed,
//! this says so.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::{MARKUP, markup_book, rich_book};

/// The names that Chromium has on different systems.
const BROWSERS: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/// The longest that a page may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// Said even where tests say nothing: the harness catches only what macros print.
fn skipped(why: &str) {
    drop(writeln!(std::io::stderr(), "SKIPPED: {why}, so no page was printed by a browser"));
}

/// A browser, and a folder for its files.
struct Browser {
    program: &'static str,
    folder: tempfile::TempDir,
}

impl Browser {
    /// Where one is installed and prints a page of one word.
    fn found() -> Option<Browser> {
        let is_there = |program: &&&str| Command::new(program).arg("--version").stderr(Stdio::null()).output().is_ok();
        let Some(program) = BROWSERS.iter().find(is_there) else {
            skipped("Chromium is not installed");
            return None;
        };
        let browser = Browser { program, folder: tempfile::tempdir().expect("a folder") };
        if browser.printed("<!DOCTYPE html><title>word</title><p>word", "A4").is_none() {
            skipped("Chromium is installed and prints nothing");
            return None;
        }
        Some(browser)
    }

    /// Opens a page, and gives what the browser wrote.
    fn run(&self, html: &str, arguments: &[String]) -> String {
        let page = self.folder.path().join("page.html");
        std::fs::write(&page, html).expect("a file");
        let profile = tempfile::tempdir().expect("a folder");
        let written = self.folder.path().join("stdout");
        let mut child = Command::new(self.program)
            .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"])
            .args(["--disable-background-networking", "--disable-component-update", "--disable-sync"])
            .arg("--allow-file-access-from-files")
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .args(arguments)
            .arg(format!("file://{}", page.display()))
            .stdin(Stdio::null())
            .stdout(File::create(&written).expect("a file"))
            .stderr(Stdio::null())
            .spawn()
            .expect("it starts");
        let begun = Instant::now();
        while child.try_wait().expect("a child").is_none() {
            if begun.elapsed() > PATIENCE {
                child.kill().expect("it can be ended");
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        std::fs::read_to_string(&written).expect("text")
    }

    /// The PDF of a page on a paper.
    fn printed(&self, html: &str, paper: &str) -> Option<PathBuf> {
        let pdf = self.folder.path().join(format!("{paper}.pdf"));
        let html = format!("{html}<style>@page {{ size: {paper}; }}</style>");
        self.run(&html, &["--no-pdf-header-footer".to_owned(), format!("--print-to-pdf={}", pdf.display())]);
        pdf.exists().then_some(pdf)
    }

    /// How wide a page is in a frame of this width; a headless window has a least width of its own.
    fn width_within(&self, html: &str, width: u32) -> u32 {
        std::fs::write(self.folder.path().join("inner.html"), html).expect("a file");
        let frame = format!(
            "<!DOCTYPE html><iframe src=\"inner.html\" style=\"width: {width}px; height: 700px; border: 0\"></iframe>\
             <script>onload = () => {{ document.title = frames[0].document.documentElement.scrollWidth; }}</script>"
        );
        let dom = self.run(&frame, &["--hide-scrollbars".to_owned(), "--dump-dom".to_owned()]);
        let title = dom.split("<title>").nth(1).and_then(|rest| rest.split('<').next());
        title.and_then(|width| width.parse().ok()).unwrap_or_else(|| panic!("no width in {dom}"))
    }
}

/// The pages of a PDF: the largest count of its trees of pages.
fn pages(pdf: &Path) -> usize {
    let bytes = std::fs::read(pdf).expect("a file");
    let text = String::from_utf8_lossy(&bytes);
    let counts = text.split("/Count ").skip(1).map(|rest| rest.split(|c: char| !c.is_ascii_digit()).next());
    counts.filter_map(|count| count?.parse().ok()).max().expect("a tree of pages")
}

/// The words of a PDF, with one blank between them.
fn words(pdf: &Path) -> Option<String> {
    let run = Command::new("pdftotext").args(["-layout", &pdf.display().to_string(), "-"]).output();
    let Ok(output) = run else {
        skipped("pdftotext is not installed");
        return None;
    };
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    Some(text.split_whitespace().collect::<Vec<_>>().join(" "))
}

#[test]
fn a_browser_prints_clean_pages() {
    let Some(browser) = Browser::found() else { return };
    let book = rich_book();
    let html = book.done(&["statement", "pia", "2027-04", "--format", "html"]);
    for paper in ["A4", "letter"] {
        let pdf = browser.printed(&html, paper).expect("a PDF");
        let count = pages(&pdf);
        assert!((5..=9).contains(&count), "{count} pages of {paper}");
        let Some(words) = words(&pdf) else { continue };
        // Reasons are closed on a screen and open in print; each page has its number and whose it is.
        for said in ["earlier items 240,000; this item 105,000; quota 600,000", "desk/floor/draw/2027-01-01@2027-04"] {
            assert!(words.contains(said), "{said} is not printed on {paper}: {words}");
        }
        for page in 1..=count {
            assert!(words.contains(&format!("Page {page} of {count}")), "{words}");
        }
        assert_eq!(words.matches("Pia Haas (pia), April 2027, USD").count(), count, "{words}");
    }
    // The quiet statement of the same month.
    let html = book.done(&["statement", "quiet", "2027-04", "--format", "html"]);
    let count = pages(&browser.printed(&html, "A4").expect("a PDF"));
    assert!((1..=3).contains(&count), "{count} pages");
}

#[test]
fn a_page_is_not_wider_than_a_telephone() {
    let Some(browser) = Browser::found() else { return };
    let (rich, markup) = (rich_book(), markup_book());
    rich.done(&["statement", "--all", "2027-04", "--format", "html", "--out", "pages"]);
    for html in [
        rich.done(&["statement", "pia", "2027-04", "--format", "html"]),
        markup.done(&["statement", MARKUP, "2027-02", "--format", "html"]),
        std::fs::read_to_string(rich.folder.path().join("pages/index.html")).expect("an index"),
    ] {
        assert_eq!(browser.width_within(&html.replace("<details>", "<details open>"), 360), 360);
    }
}
