//! `--as jsonl`: a folder of facts, plans and steps from which the book can be rebuilt.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use data_encoding::HEXLOWER;
use ledger::date::{Day, Month};
use ledger::fact::{PayoutResult, Posting, Record};
use ledger::field::{Amount, FreeText};
use ledger::id::Name;
use ledger::money::Currency;
use projections::lines::{LineName, money, name_of};
use replay::book::Book;
use replay::rebuild::{NotCarried, RebuildClose, RebuildPay, RebuildStep, rebuild};
use serde::Serialize;

use crate::arguments::Format;
use crate::failure::Failure;
use crate::input::evidence::as_argument;
use crate::input::limits::OPENING_LINES_MAX;
use crate::output::folder::{OutputFolder, must_be_free};
use crate::refusal::CommandWarning;
use crate::render::layout::csv::{Cells, row};
use crate::session::state::Session;
use crate::wording::command::warned;

/// The last file that is written: where it is, all are.
const STEPS: &str = "steps";
const SCRIPT: &str = "rebuild.sh";

pub fn write(book: &Book, out: &Path, session: &mut Session) -> Result<(), Failure> {
    must_be_free(out, &session.options.book)?;
    let mut files = StepFiles {
        folder: OutputFolder::begin(out)?,
        open: None,
        steps: String::new(),
        script: String::new(),
        count: RebuildCounts::default(),
    };
    let left_out = rebuild(book, |step| files.step(step))?;
    let count = files.finish()?;
    warn_of_sealed(&left_out, session);
    tell(&count, &left_out, out, session)
}

/// What was written.
#[derive(Copy, Clone, Default, Serialize)]
struct RebuildCounts {
    facts: u64,
    plans: u64,
    closes: u64,
    freezes: u64,
    /// Approvals, payouts and what else is about pay.
    pay: u64,
    /// Disputes that were opened, answers, and resolutions.
    disputes: u64,
    /// Steps, each of which has at most one file.
    steps: u64,
}

/// The files of a folder, as far as they are written.
struct StepFiles {
    folder: OutputFolder,
    /// The file that is being written, its name, and the step that reads it.
    open: Option<OpenFile>,
    steps: String,
    script: String,
    count: RebuildCounts,
}

struct OpenFile {
    out: BufWriter<File>,
    name: String,
    step: Vec<String>,
}

impl StepFiles {
    fn step(&mut self, step: RebuildStep) -> Result<(), Failure> {
        match step {
            RebuildStep::Fact(line) => {
                self.count.facts += 1;
                self.line(&line, "facts.jsonl", |file| vec!["record".to_owned(), file.to_owned()])
            }
            RebuildStep::Pay(pay) => {
                self.count.pay += 1;
                self.pay(&pay)
            }
            RebuildStep::NextCall => self.end_file(),
            RebuildStep::Begin { name, timezone } => {
                self.script = script(&name, timezone.as_ref());
                Ok(())
            }
            RebuildStep::Publish(text) => self.publish(&text),
            RebuildStep::Close(close) => self.close(&close),
            RebuildStep::Dispute(record) => {
                self.count.disputes += 1;
                self.end_file()?;
                self.count.steps += 1;
                self.add(&dispute_words(&record));
                Ok(())
            }
            RebuildStep::Freeze { until, reason } => self.freeze(until, &reason),
        }
    }

    fn publish(&mut self, text: &str) -> Result<(), Failure> {
        self.end_file()?;
        let file = self.name("plan.toml");
        self.folder.write(&file, text)?;
        self.count.plans += 1;
        self.add(&["publish".to_owned(), file]);
        Ok(())
    }

    fn freeze(&mut self, until: Option<Day>, reason: &str) -> Result<(), Failure> {
        self.end_file()?;
        self.count.steps += 1;
        self.count.freezes += 1;
        let what = until.map_or("--lift".to_owned(), |until| until.to_string());
        self.add(&["freeze".to_owned(), what, format!("--reason={reason}")]);
        Ok(())
    }

    /// Results of payouts are in files, as facts are.
    fn pay(&mut self, pay: &RebuildPay) -> Result<(), Failure> {
        if let (Record::PayoutResult(result), Some(period)) = (&pay.record, pay.period) {
            return self.result(result, period);
        }
        self.end_file()?;
        self.count.steps += 1;
        self.add(&pay_words(pay));
        Ok(())
    }

    /// The name of the file of the next step.
    fn name(&mut self, end: &str) -> String {
        self.count.steps += 1;
        format!("{:04}-{end}", self.count.steps)
    }

    /// Adds a step: the words of a shell.
    fn add(&mut self, words: &[String]) {
        let words: Vec<String> = words.iter().map(|word| shell_word(word)).collect();
        self.steps += &format!("{}\n", words.join(" "));
    }

    /// A line of the file that is being written, or of a new one.
    fn line(&mut self, line: &str, end: &str, step: impl FnOnce(&str) -> Vec<String>) -> Result<(), Failure> {
        if self.open.as_ref().is_some_and(|open| !open.name.ends_with(end)) {
            self.end_file()?;
        }
        if self.open.is_none() {
            let name = self.name(end);
            let out = BufWriter::new(self.folder.create(&name)?);
            let step = step(&name);
            self.open = Some(OpenFile { out, name, step });
        }
        let OpenFile { out, name, .. } = self.open.as_mut().expect("it was just made");
        writeln!(out, "{line}").map_err(|error| Failure::file("writing", Path::new(name), &error))
    }

    fn end_file(&mut self) -> Result<(), Failure> {
        let Some(OpenFile { mut out, name, step }) = self.open.take() else { return Ok(()) };
        self.add(&step);
        out.flush().map_err(|error| Failure::file("writing", Path::new(&name), &error))
    }

    fn result(&mut self, result: &PayoutResult, period: Month) -> Result<(), Failure> {
        const FILE: &str = "confirmation.csv";
        let step = |file: &str| vec!["payout".to_owned(), period.to_string(), format!("--confirm={file}")];
        if self.open.as_ref().is_none_or(|open| !open.name.ends_with(FILE)) {
            self.line("payee,currency,amount,status,reference,date", FILE, step)?;
        }
        let cells = [
            result.payee.to_string(),
            result.currency.to_string(),
            result.amount.to_string(),
            result.status.to_string(),
            result.reference.as_ref().map(|text| text.0.clone()).unwrap_or_default(),
            result.date.map(|day| day.to_string()).unwrap_or_default(),
        ];
        let mut line = Vec::new();
        row(&mut line, &cells, Cells::Safe).expect("memory takes everything");
        let line = String::from_utf8(line).expect("cells are text");
        self.line(line.trim_end_matches('\n'), FILE, step)
    }

    fn close(&mut self, close: &RebuildClose) -> Result<(), Failure> {
        self.end_file()?;
        self.count.closes += 1;
        let expected = format!("--expect={}", HEXLOWER.encode(&close.digest));
        let mut words = vec!["close".to_owned(), close.period.to_string(), expected];
        words.extend(close.known.map(|known| format!("--at={known}")));
        match &close.opening {
            Some(lines) if lines.len() <= OPENING_LINES_MAX => {
                let file = self.name("opening.csv");
                self.folder.write(&file, &opening(lines))?;
                words.push(format!("--opening={file}"));
            }
            // More than a file may have: whether it was all of them, the digest shows.
            Some(_) => words.push("--opening".to_owned()),
            None => self.count.steps += 1,
        }
        // It was closed once, however far it was from its facts.
        if close.is_first {
            words.push("--force".to_owned());
        }
        self.add(&words);
        Ok(())
    }

    fn finish(mut self) -> Result<RebuildCounts, Failure> {
        self.end_file()?;
        self.folder.write(SCRIPT, &self.script)?;
        self.folder.write(STEPS, &self.steps)?;
        self.folder.finish()?;
        Ok(self.count)
    }
}

/// The words of a step about pay. Names come last, behind `--`, because some begin with `-`.
fn pay_words(pay: &RebuildPay) -> Vec<String> {
    let text = |name: &str, text: &FreeText| format!("--{name}={}", text.0);
    let mut words: Vec<String> = Vec::new();
    let named = match &pay.record {
        Record::Approval(approval) => {
            words.push("approve".to_owned());
            words.extend(approval.payee.iter().map(|payee| format!("--payee={payee}")));
            words.extend(approval.comment.iter().map(|comment| text("comment", comment)));
            approval.period.to_string()
        }
        Record::Rejection(rejection) => {
            words.push("reject".to_owned());
            words.extend(rejection.payee.iter().map(|payee| format!("--payee={payee}")));
            words.push(text("reason", &rejection.reason));
            rejection.period.to_string()
        }
        Record::Hold(hold) => {
            words.extend(["hold".to_owned(), text("reason", &hold.reason)]);
            words.extend(hold.amount.map(|amount| format!("--amount={amount}")));
            words.extend(hold.currency.map(|currency| format!("--currency={currency}")));
            hold.payee.to_string()
        }
        Record::Release(release) => {
            words.push("release".to_owned());
            words.extend(pay.hold.map(|position| format!("--hold={position}")));
            words.extend(release.reason.iter().map(|reason| text("reason", reason)));
            release.payee.to_string()
        }
        Record::Payout(payout) => {
            words.push("payout".to_owned());
            payout.period.to_string()
        }
        Record::Repayment(repaid) => {
            let sum = decimal_sum(repaid.owed, repaid.draw, repaid.currency);
            words.extend(["repay".to_owned(), format!("--amount={sum}"), format!("--currency={}", repaid.currency)]);
            // Of both: the clawback balance first, as it was.
            let of = if repaid.draw.is_zero() { Some("owed") } else { repaid.owed.is_zero().then_some("draw") };
            words.extend(of.map(|of| format!("--of={of}")));
            words.extend(repaid.reference.iter().map(|reference| text("reference", reference)));
            repaid.payee.to_string()
        }
        Record::WriteOff(write_off) => {
            let (amount, currency) = (format!("--amount={}", write_off.amount), write_off.currency);
            words.extend(["write-off".to_owned(), amount, format!("--currency={currency}")]);
            words.extend([format!("--of={}", write_off.of), text("reason", &write_off.reason)]);
            write_off.payee.to_string()
        }
        Record::Book(_) | Record::Author(_) | Record::Policy(_) | Record::Plan(_) | Record::Mapping(_) => {
            not_about_pay()
        }
        Record::Earning(_) | Record::Reversal(_) | Record::Draw(_) | Record::Settlement(_) => not_about_pay(),
        Record::PeriodClose(_) | Record::OpeningLine(_) | Record::Withheld(_) | Record::Freeze(_) => not_about_pay(),
        Record::PayoutResult(_) | Record::Checkpoint(_) | Record::LogKey(_) => not_about_pay(),
        Record::Dispute(_) | Record::DisputeAnswer(_) | Record::Resolution(_) => not_about_pay(),
    };
    words.extend(["--".to_owned(), named]);
    words
}

/// The words of a step about a dispute.
fn dispute_words(record: &Record) -> Vec<String> {
    let mut words = vec!["dispute".to_owned()];
    let named = match record {
        Record::Dispute(dispute) => {
            words.extend(["open".to_owned(), format!("--reason={}", dispute.reason.0)]);
            words.extend(dispute.line.iter().map(|line| format!("--line={}", LineName::from(line))));
            words.extend(dispute.entries.iter().map(|entry| format!("--evidence={}", entry.position)));
            words.extend(dispute.files.iter().map(|file| format!("--evidence={}", as_argument(file))));
            vec![dispute.payee.to_string(), dispute.period.to_string()]
        }
        Record::DisputeAnswer(answer) => {
            words.push("answer".to_owned());
            vec![answer.dispute.to_string(), answer.text.0.clone()]
        }
        Record::Resolution(resolution) => {
            words.push("resolve".to_owned());
            words.extend(resolution.by.iter().map(|by| format!("--by={}", by.position)));
            vec![resolution.dispute.to_string(), resolution.outcome.to_string(), resolution.text.0.clone()]
        }
        _ => unreachable!("BUG: a record that is no step about a dispute"),
    };
    words.push("--".to_owned());
    words.extend(named);
    words
}

fn not_about_pay() -> String {
    unreachable!("BUG: a record that is no step about pay")
}

fn decimal_sum(one: Amount, other: Amount, currency: Currency) -> String {
    (money(one, currency) + money(other, currency)).text()
}

/// A word as a shell reads it.
fn shell_word(word: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_=./:,".contains(&byte);
    if !word.is_empty() && word.bytes().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}

/// What was settled before the book began, as `close --opening` reads it.
fn opening(lines: &[Posting]) -> String {
    let mut table = Vec::new();
    let mut write = |cells: &[String]| row(&mut table, cells, Cells::Safe).expect("memory takes everything");
    write(&["payee", "currency", "line", "amount"].map(str::to_owned));
    for line in lines {
        write(&[line.payee.to_string(), line.currency.to_string(), name_of(line).to_string(), line.amount.to_string()]);
    }
    String::from_utf8(table).expect("cells are text")
}

/// A script that follows the steps. Each close is refused unless it has the digest that it had.
fn script(name: &Name, timezone: Option<&Name>) -> String {
    let zone = timezone.map(|zone| format!(" {}", shell_word(&format!("--timezone={zone}")))).unwrap_or_default();
    format!(
        r#"#!/bin/sh
# Rebuilds a book from this folder: `sh rebuild.sh BOOK`, where BOOK is the folder of a book that is not there yet.
# Every close is refused unless it has the digest that it had. TRUEUP names the program where it is not on the path.
set -eu
[ $# -eq 1 ] || {{ echo "usage: sh rebuild.sh BOOK" >&2; exit 2; }}
case $1 in
    /*) TRUEUP_BOOK=$1 ;;
    *) TRUEUP_BOOK=$PWD/$1 ;;
esac
export TRUEUP_BOOK
cd "$(dirname "$0")"
trueup() {{ command "${{TRUEUP:-trueup}}" "$@" </dev/null; }}

unset TRUEUP_SIGN
trueup init {name}{zone}
while IFS= read -r step; do
    # The words of a step are quoted for a shell.
    eval "set -- $step"
    verb=$1
    shift
    case $verb in
        publish) trueup plan publish "$@" ;;
        record) trueup record --history "$@" ;;
        close | freeze | approve | reject | hold | release | payout | repay | write-off | dispute) trueup "$verb" "$@" ;;
        *) echo "steps: $verb is no step" >&2; exit 1 ;;
    esac
done <steps
trueup verify
"#,
        name = shell_word(&format!("--name={name}"))
    )
}

// What is said -----------------------------------------------------------------------------------------------------------

fn tell(count: &RebuildCounts, left_out: &NotCarried, out: &Path, session: &mut Session) -> Result<(), Failure> {
    if session.options.format == Format::Json {
        let records = left_out.records.clone();
        let sealed = left_out.sealed.values().sum();
        let evidence = left_out.evidence;
        return session.json(&RebuildJson { written: *count, left_out: LeftOutJson { sealed, records, evidence } });
    }
    let plural = |count: u64, word: &str| format!("{count} {word}{}", if count == 1 { "" } else { "s" });
    writeln!(
        session.out,
        "{}, {} and {} are in `{}`.",
        plural(count.facts, "fact"),
        plural(count.plans, "plan"),
        plural(count.closes, "close"),
        out.display()
    )?;
    for (kind, count) in &left_out.records {
        writeln!(
            session.out,
            "Left out: {}.",
            plural(*count, &format!("`{kind}` entry")).replace("entrys", "entries")
        )?;
    }
    if left_out.evidence > 0 {
        let times = if left_out.evidence == 1 { "once".to_owned() } else { format!("{} times", left_out.evidence) };
        writeln!(session.out, "Left out: such an entry as evidence of a dispute, {times}.")?;
    }
    session.note(&format!("`sh {} BOOK` rebuilds the book, and compares each close.", out.join(SCRIPT).display()));
    session.note(
        "Recorded times, authors and users are not carried over. Personal fields are in clear: keep the folder as safe as the keys.",
    );
    Ok(())
}

#[derive(Serialize)]
struct RebuildJson {
    #[serde(flatten)]
    written: RebuildCounts,
    left_out: LeftOutJson,
}

#[derive(Serialize)]
struct LeftOutJson {
    /// Personal fields that cannot be opened.
    sealed: u64,
    records: BTreeMap<&'static str, u64>,
    /// How often a dispute names one of these records as evidence.
    evidence: u64,
}

fn warn_of_sealed(left_out: &NotCarried, session: &Session) {
    let (fields, payees) = (left_out.sealed.values().sum(), left_out.sealed.len());
    if fields > 0 {
        session.warn(&[warned(&CommandWarning::ExportSealed { fields, payees }).into()]);
    }
}
