//! `trueup dispute open`: a payee disagrees with a statement of a closed month, or with one line of it.

use clap::Args;
use data_encoding::HEXLOWER;
use ledger::date::Month;
use ledger::fact::EvidenceFile;
use ledger::id::PayeeId;
use replay::disputes::open::{DisputeRequest, check, open};
use replay::disputes::refusal::DisputeError;

use crate::arguments::{Format, month};
use crate::command::dispute::recorded::show_recorded;
use crate::command::payout::payee;
use crate::failure::Failure;
use crate::input::evidence::{EvidenceArg, evidence_file};
use crate::refusal::EvidenceFault;
use crate::render::amount::grouped;
use crate::render::status::dispute::subject;
use crate::session::state::{Outcome, Session};
use crate::wording::pay::disputes::evidence_fault;

/// Open a dispute about the statement of a payee for a closed month, or about one line of it
///
/// It holds no money and changes no figure. The statement shows it beside its figures until it is resolved, and afterwards how.
#[derive(Args, Debug)]
pub struct OpenDispute {
    /// The payee
    #[arg(value_parser = payee)]
    payee: PayeeId,
    /// The closed month, like 2027-04
    #[arg(value_parser = month)]
    period: Month,
    /// The line, as `statement --format csv` names it: plan/component/part/item; one that was measured and not paid, too
    #[arg(long, value_name = "LINE")]
    line: Option<String>,
    /// What is wrong
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// What shows it: the position of an entry, or a file, of which the name, size and BLAKE3 hash are recorded; may be repeated
    #[arg(long, value_name = "POSITION|FILE", num_args = 1..)]
    evidence: Vec<EvidenceArg>,
}

impl OpenDispute {
    pub fn run(self, session: &mut Session) -> Result<Outcome, Failure> {
        let (asked, faults) = self.request();
        let mut book = session.book_to_write()?;
        if !faults.is_empty() {
            return Err(refused(&faults, check(&book, &asked)));
        }
        let done = open(&mut book, &asked, &session.stamp()?)?;
        let summary = show_recorded(&book, &done, session)?;
        if session.options.format == Format::Text {
            let (number, payee, period) = (done.dispute, &asked.payee, asked.period);
            let subject = subject(&summary);
            writeln!(session.out, "Dispute {number} is open: {subject} of {payee}, {period}. Size {}.", done.size)?;
            for position in &asked.entries {
                writeln!(session.out, "Evidence: the entry at position {position}.")?;
            }
            for file in &asked.files {
                writeln!(session.out, "Evidence: {}.", file_words(file))?;
            }
            if !asked.files.is_empty() {
                session.note(
                    "Of a file, the name, size and BLAKE3 hash are recorded, and not its content: keep the file.",
                );
            }
            session.note(&format!(
                "A dispute holds no money. `trueup hold {payee} --reason TEXT` does, if it should not be paid."
            ));
        }
        session.keep(&mut book)?;
        Ok(Outcome::Done)
    }

    /// What is asked for, and what is wrong with files.
    fn request(self) -> (DisputeRequest, Vec<EvidenceFault>) {
        let OpenDispute { payee, period, line, reason, evidence } = self;
        let (mut entries, mut files, mut faults) = (Vec::new(), Vec::new(), Vec::new());
        for one in evidence {
            match one {
                EvidenceArg::Entry(position) => entries.push(position),
                EvidenceArg::Elsewhere(file) => files.push(file),
                EvidenceArg::File(path) => match evidence_file(&path) {
                    Ok(file) => files.push(file),
                    Err(fault) => faults.push(fault),
                },
            }
        }
        (DisputeRequest { payee, period, line, reason, entries, files }, faults)
    }
}

/// What is wrong with files, and what is wrong besides.
fn refused(faults: &[EvidenceFault], checked: Result<(), DisputeError>) -> Failure {
    let of_files = faults.iter().map(|fault| evidence_fault(fault).into());
    match checked.map_err(Failure::from) {
        Ok(()) => Failure::Refused(of_files.collect()),
        Err(Failure::Refused(problems)) => Failure::Refused(problems.into_iter().chain(of_files).collect()),
        Err(failure) => failure,
    }
}

/// `` `mail.eml`, 2,048 bytes, BLAKE3 af13… ``
pub fn file_words(file: &EvidenceFile) -> String {
    let bytes =
        if file.bytes == 1 { "1 byte".to_owned() } else { format!("{} bytes", grouped(&file.bytes.to_string())) };
    format!("`{}`, {bytes}, BLAKE3 {}", file.name.0, HEXLOWER.encode(&file.blake3))
}
