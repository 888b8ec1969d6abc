//! The figures of statements, read back from the entries of a close.

use ledger::fact::{DrawRecord, Posting, Record, Settlement, StoredBalances};
use plans::payment::settle::SettlementSums;
use projections::lines::{money, name_of};
use projections::posted_state::Balances;

use crate::statements::statement::{DrawLine, Figures, Line};

/// Takes the records of a close in the order of the log, and makes statements of them.
#[derive(Default)]
pub(crate) struct PostedFigures {
    /// The statements that are complete, in the order of the log.
    pub statements: Vec<Figures>,
    /// Lines whose settlement has not come.
    pub lines: Vec<Line>,
    /// Draws whose settlement has not come.
    pub draws: Vec<DrawLine>,
}

impl PostedFigures {
    /// Takes the next record. Records of other kinds than lines, draws and settlements change nothing.
    pub fn take(&mut self, record: &Record) {
        match record {
            Record::Earning(earning) => self.lines.push(line(&earning.line)),
            Record::Reversal(reversal) => self.lines.push(line(&reversal.line)),
            Record::Draw(draw) => self.draws.push(draw_line(draw)),
            // A settlement follows the lines and draws of its payee.
            Record::Settlement(settlement) => {
                let (lines, draws) = (std::mem::take(&mut self.lines), std::mem::take(&mut self.draws));
                self.statements.push(figures(settlement, lines, draws));
            }
            Record::Book(_)
            | Record::Plan(_)
            | Record::Mapping(_)
            | Record::PeriodClose(_)
            | Record::OpeningLine(_)
            | Record::Withheld(_)
            | Record::Freeze(_)
            | Record::Author(_)
            | Record::Policy(_)
            | Record::Checkpoint(_)
            | Record::LogKey(_)
            | Record::Approval(_)
            | Record::Rejection(_)
            | Record::Hold(_)
            | Record::Release(_)
            | Record::Payout(_)
            | Record::PayoutResult(_)
            | Record::Repayment(_)
            | Record::WriteOff(_)
            | Record::Dispute(_)
            | Record::DisputeAnswer(_)
            | Record::Resolution(_) => {}
        }
    }
}

/// The line that a posting is of.
pub(crate) fn line(posting: &Posting) -> Line {
    let of = |amount| money(amount, posting.currency);
    Line {
        name: name_of(posting),
        nature: posting.nature,
        version: posting.version,
        date: posting.date,
        account: posting.account.clone(),
        due: posting.due,
        amount: of(posting.amount),
        entitled: of(posting.entitled),
        before: of(posting.before),
        reason: posting.reason,
    }
}

fn draw_line(draw: &DrawRecord) -> DrawLine {
    let of = |amount| money(amount, draw.currency);
    DrawLine {
        plan: draw.plan.clone(),
        draw: draw.draw.clone(),
        trigger: draw.trigger.clone(),
        triggered: draw.triggered,
        month: draw.month,
        given: of(draw.given),
        recovered: of(draw.recovered),
        balance: of(draw.balance),
        recoverable: draw.recoverable,
        begins: draw.begins,
        rate: draw.rate.map(|rate| rate.exact()),
    }
}

fn figures(settlement: &Settlement, lines: Vec<Line>, draws: Vec<DrawLine>) -> Figures {
    let currency = settlement.currency;
    let of = |amount| money(amount, currency);
    let balances = |balances: &StoredBalances| Balances {
        payable: of(balances.payable),
        owed: of(balances.owed),
        draw: of(balances.draw),
    };
    Figures {
        period: settlement.period,
        holder: (settlement.payee.clone(), currency),
        opening: balances(&settlement.opening),
        lines,
        draws,
        settled: SettlementSums {
            gross: of(settlement.gross),
            reversed: of(settlement.reversed),
            set_off: of(settlement.set_off),
            recovered: of(settlement.recovered),
            top_up: of(settlement.top_up),
            advance: of(settlement.advance),
            draw_recovered: of(settlement.draw_recovered),
            pay: of(settlement.pay),
            closing: balances(&settlement.closing),
        },
    }
}
