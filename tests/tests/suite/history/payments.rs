//! What is done about what closes made payable, after each close of a history.

use super::choices::{Choices, Chooser};

/// One thing that somebody does. Whether it can be done is for the book to say.
#[derive(Clone, Debug)]
pub enum Payment {
    Approve {
        period: String,
        payee: Option<String>,
    },
    Reject {
        period: String,
        payee: Option<String>,
    },
    Hold {
        payee: String,
        amount: Option<(String, String)>,
    },
    Release {
        payee: String,
    },
    Payout {
        period: String,
    },
    /// What became of a payout: the how manieth, and whether all of it, a part or nothing arrived.
    Confirm {
        index: usize,
        arrived: Arrived,
    },
    Repay {
        payee: String,
        amount: String,
        currency: String,
    },
    WriteOff {
        payee: String,
        amount: String,
        currency: String,
        of: &'static str,
    },
    /// A payee disputes a statement.
    Dispute {
        payee: String,
        period: String,
    },
    /// The how manieth dispute is answered, and rejected or withdrawn; or accepted, with the how manieth fact.
    Resolve {
        dispute: u64,
        outcome: &'static str,
        fact: usize,
    },
}

#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Arrived {
    All,
    Half,
    CameBack,
}

/// What is done after the close of the last one of these months.
pub fn payments(seed: &Choices, closed: &[String], payees: &[String], currencies: &[String]) -> Vec<Payment> {
    let c = &mut Chooser::of(seed);
    (0..c.below(6)).map(|_| payment(c, closed, payees, currencies)).collect()
}

fn payment(c: &mut Chooser, closed: &[String], payees: &[String], currencies: &[String]) -> Payment {
    let period = match c.below(3) {
        0 => c.pick(closed),
        _ => closed.last().expect("a close").clone(),
    };
    let payee = c.pick(payees);
    let currency = c.pick(currencies);
    let one_payee = c.one_in(3).then(|| payee.clone());
    match c.below(15) {
        0..=2 => Payment::Approve { period, payee: one_payee },
        3..=5 => Payment::Payout { period },
        6 => Payment::Reject { period, payee: one_payee },
        7 => Payment::Hold { payee, amount: c.one_in(2).then(|| (c.amount(2_000, &currency), currency.clone())) },
        8 => Payment::Release { payee },
        9 => {
            let arrived = c.pick(&[Arrived::All, Arrived::CameBack, Arrived::Half]);
            Payment::Confirm { index: c.below(8), arrived }
        }
        10 => Payment::Repay { payee, amount: c.amount(500, &currency), currency },
        11 | 12 => Payment::Dispute { payee, period },
        13 => {
            let outcome = c.pick(&["accepted", "rejected", "accepted", "withdrawn"]);
            Payment::Resolve { dispute: c.below(4) as u64 + 1, outcome, fact: c.below(40) }
        }
        _ => {
            let of = c.pick(&["owed", "draw"]);
            Payment::WriteOff { payee, amount: c.amount(500, &currency), currency, of }
        }
    }
}
