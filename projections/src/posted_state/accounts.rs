//! Double entry: the accounts of the general ledger, the movements that each entry of the log makes between them, and their
//! balances (calculation.md 10). The movements of one entry always balance: debits equal credits in each currency.

pub(crate) mod encoding;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use ledger::fact::{DrawRecord, OwedOrDraw, Posting, Record, Repayment, Settlement, WriteOff};
use ledger::field::Amount;
use ledger::id::{ComponentId, PayeeId, PlanId, percent_encoded};
use ledger::money::{Currency, Money};

use crate::lines::{PayeeCurrency, money};
use crate::posted_state::balances::Balances;

/// An account of the general ledger.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum LedgerAccount<'r> {
    /// Commission expense of a component; of adjustments by hand where there is no plan.
    Commission {
        /// The plan; `None` for adjustments.
        plan: Option<&'r PlanId>,
        /// The component.
        component: &'r ComponentId,
    },
    /// Of no payee, plan or component.
    Shared(SharedAccount),
    /// Of one payee.
    OfPayee(PayeeAccount, &'r PayeeId),
}

/// An account that belongs to no payee, plan or component.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum SharedAccount {
    /// Draws and guarantees that are not recovered.
    GuaranteeExpense,
    /// What a payee owed or had drawn, and need not pay back.
    WriteOffExpense,
    /// What was paid out or came back, and what payees repaid: the other side of it is in payroll or at the bank.
    PayrollClearing,
    /// What was settled, owed or drawn before the book began: the other side of it is in the system before.
    OpeningClearing,
}

/// An account of one payee.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum PayeeAccount {
    /// Lines on their way into a settlement; 0 after every close.
    Settlement,
    /// What is to be paid out, a liability.
    Payable,
    /// What the payee owes from clawbacks and reversals, an asset.
    Owed,
    /// What was drawn and is not recovered yet, an asset.
    Draw,
}

impl PayeeAccount {
    /// All of them, in order.
    pub const ALL: [PayeeAccount; 4] =
        [PayeeAccount::Settlement, PayeeAccount::Payable, PayeeAccount::Owed, PayeeAccount::Draw];

    fn word(self) -> &'static str {
        match self {
            PayeeAccount::Settlement => "settlement",
            PayeeAccount::Payable => "payable",
            PayeeAccount::Owed => "owed",
            PayeeAccount::Draw => "draw",
        }
    }
}

impl SharedAccount {
    /// All of them, in order.
    pub const ALL: [SharedAccount; 4] = [
        SharedAccount::GuaranteeExpense,
        SharedAccount::WriteOffExpense,
        SharedAccount::PayrollClearing,
        SharedAccount::OpeningClearing,
    ];

    fn name(self) -> &'static str {
        match self {
            SharedAccount::GuaranteeExpense => "expense:guarantee",
            SharedAccount::WriteOffExpense => "expense:write-off",
            SharedAccount::PayrollClearing => "clearing:payroll",
            SharedAccount::OpeningClearing => "clearing:opening",
        }
    }
}

/// Its name, such as `expense:commission:land:new-logo` or `payable:ana`; ids are percent-encoded.
impl fmt::Display for LedgerAccount<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LedgerAccount::Commission { plan: Some(plan), component } => {
                let [plan, component] = [plan.as_str(), component.as_str()].map(percent_encoded);
                write!(f, "expense:commission:{plan}:{component}")
            }
            LedgerAccount::Commission { plan: None, component } => {
                write!(f, "expense:commission:{}", percent_encoded(component.as_str()))
            }
            LedgerAccount::Shared(account) => f.write_str(account.name()),
            LedgerAccount::OfPayee(account, payee) => {
                write!(f, "{}:{}", account.word(), percent_encoded(payee.as_str()))
            }
        }
    }
}

/// An amount that moves from one account to another.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct Movement<'r> {
    /// The account that is debited.
    pub debit: LedgerAccount<'r>,
    /// The account that is credited.
    pub credit: LedgerAccount<'r>,
    /// The amount, never negative.
    pub amount: Money,
}

/// Calls `each` with every movement of a record, none of which is of 0. `before` gives the balances of the settlement's payee
/// before its close: what the settlement begins with beyond them are opening balances.
pub fn movements<'r>(
    record: &'r Record,
    before: impl FnOnce(&Settlement) -> Balances,
    mut each: impl FnMut(Movement<'r>),
) {
    let mut some = |movement: Movement<'r>| {
        if !movement.amount.is_zero() {
            each(movement);
        }
    };
    match record {
        Record::Earning(earning) => some(of_line(&earning.line)),
        Record::Reversal(reversal) => some(of_line(&reversal.line)),
        Record::Draw(draw) => of_draw(draw).into_iter().for_each(some),
        Record::Settlement(settlement) => of_settlement(settlement, before(settlement)).into_iter().for_each(some),
        Record::Book(_) | Record::Plan(_) | Record::Mapping(_) | Record::PeriodClose(_) => {}
        Record::OpeningLine(opening) => {
            some(expense_against(LedgerAccount::Shared(SharedAccount::OpeningClearing), &opening.line));
        }
        Record::Payout(payout) => {
            some(paid(&payout.payee, money(payout.amount, payout.currency)));
        }
        Record::PayoutResult(result) => {
            let Movement { debit, credit, amount } = paid(&result.payee, money(result.returned, result.currency));
            some(Movement { debit: credit, credit: debit, amount });
        }
        Record::Repayment(repayment) => of_repayment(repayment).into_iter().for_each(some),
        Record::WriteOff(write_off) => some(of_write_off(write_off)),
        Record::Withheld(_) | Record::Freeze(_) | Record::Author(_) | Record::Policy(_) => {}
        Record::Approval(_) | Record::Rejection(_) | Record::Hold(_) | Record::Release(_) => {}
        Record::Checkpoint(_) | Record::LogKey(_) => {}
        Record::Dispute(_) | Record::DisputeAnswer(_) | Record::Resolution(_) => {}
    }
}

/// What is paid out to a payee.
fn paid(payee: &PayeeId, amount: Money) -> Movement<'_> {
    let payable = LedgerAccount::OfPayee(PayeeAccount::Payable, payee);
    Movement { debit: payable, credit: LedgerAccount::Shared(SharedAccount::PayrollClearing), amount }
}

fn of_repayment(repayment: &Repayment) -> [Movement<'_>; 2] {
    let clearing = LedgerAccount::Shared(SharedAccount::PayrollClearing);
    let of = |account, amount| {
        let credit = LedgerAccount::OfPayee(account, &repayment.payee);
        Movement { debit: clearing, credit, amount: money(amount, repayment.currency) }
    };
    [of(PayeeAccount::Owed, repayment.owed), of(PayeeAccount::Draw, repayment.draw)]
}

fn of_write_off(write_off: &WriteOff) -> Movement<'_> {
    let account = match write_off.of {
        OwedOrDraw::Owed => PayeeAccount::Owed,
        OwedOrDraw::Draw => PayeeAccount::Draw,
    };
    let debit = LedgerAccount::Shared(SharedAccount::WriteOffExpense);
    let credit = LedgerAccount::OfPayee(account, &write_off.payee);
    Movement { debit, credit, amount: money(write_off.amount, write_off.currency) }
}

fn of_line(line: &Posting) -> Movement<'_> {
    expense_against(LedgerAccount::OfPayee(PayeeAccount::Settlement, &line.payee), line)
}

/// The amount of a line as an expense, or as less of it, and the account on the other side.
fn expense_against<'r>(other: LedgerAccount<'r>, line: &'r Posting) -> Movement<'r> {
    let expense = LedgerAccount::Commission { plan: line.plan.as_ref(), component: &line.component };
    let amount = money(line.amount, line.currency);
    if amount.is_negative() {
        Movement { debit: other, credit: expense, amount: -amount }
    } else {
        Movement { debit: expense, credit: other, amount }
    }
}

fn of_draw(draw: &DrawRecord) -> [Movement<'_>; 2] {
    let of = |amount: Amount| money(amount, draw.currency);
    let [payable, drawn] =
        [PayeeAccount::Payable, PayeeAccount::Draw].map(|account| LedgerAccount::OfPayee(account, &draw.payee));
    let given = if draw.recoverable { drawn } else { LedgerAccount::Shared(SharedAccount::GuaranteeExpense) };
    [
        Movement { debit: given, credit: payable, amount: of(draw.given) },
        Movement { debit: payable, credit: drawn, amount: of(draw.recovered) },
    ]
}

fn of_settlement(settlement: &Settlement, before: Balances) -> [Movement<'_>; 6] {
    let of = |amount: Amount| money(amount, settlement.currency);
    let [through, payable, owed, drawn] =
        PayeeAccount::ALL.map(|account| LedgerAccount::OfPayee(account, &settlement.payee));
    let opening = LedgerAccount::Shared(SharedAccount::OpeningClearing);
    [
        Movement { debit: owed, credit: opening, amount: of(settlement.opening.owed) - before.owed },
        Movement { debit: drawn, credit: opening, amount: of(settlement.opening.draw) - before.draw },
        Movement { debit: through, credit: payable, amount: of(settlement.gross) },
        Movement { debit: owed, credit: through, amount: of(settlement.reversed) },
        Movement { debit: payable, credit: owed, amount: of(settlement.recovered) },
        Movement { debit: payable, credit: owed, amount: of(settlement.set_off) },
    ]
}

/// The balances of all accounts: debits less credits, in minor units.
#[derive(Clone, Debug, Default)]
pub struct LedgerAccounts {
    commission: BTreeMap<Option<PlanId>, BTreeMap<ComponentId, BTreeMap<Currency, i128>>>,
    shared: BTreeMap<(SharedAccount, Currency), i128>,
    /// In the order of [`PayeeAccount::ALL`].
    of_payees: BTreeMap<PayeeCurrency, [i128; 4]>,
}

/// A row of a trial balance: what the debits of an account exceed its credits by, or the other way round.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TrialRow {
    /// The account's name.
    pub account: String,
    /// The balance of an account with more debits than credits, else 0.
    pub debit: Money,
    /// The balance of an account with more credits than debits, else 0.
    pub credit: Money,
}

impl LedgerAccounts {
    /// Adds what a record moves. `before` as in [`movements`].
    pub fn apply(&mut self, record: &Record, before: impl FnOnce(&Settlement) -> Balances) {
        movements(record, before, |movement| {
            let Movement { debit, credit, amount: Money { minor, currency } } = movement;
            *self.balance_mut(debit, currency) += minor;
            *self.balance_mut(credit, currency) -= minor;
        });
    }

    fn balance_mut(&mut self, account: LedgerAccount<'_>, currency: Currency) -> &mut i128 {
        match account {
            LedgerAccount::Commission { plan, component } => {
                let components = self.commission.entry(plan.cloned()).or_default();
                // Nearly every component is known, and then nothing is copied.
                if !components.contains_key(component) {
                    components.insert(component.clone(), BTreeMap::new());
                }
                components.get_mut(component).expect("it was just put in").entry(currency).or_default()
            }
            LedgerAccount::Shared(account) => self.shared.entry((account, currency)).or_default(),
            LedgerAccount::OfPayee(account, payee) => {
                let balances = self.of_payees.entry((payee.clone(), currency)).or_default();
                &mut balances[account as usize]
            }
        }
    }

    /// Calls `each` with the balance of every account that ever moved.
    fn each<'s>(&'s self, mut each: impl FnMut(LedgerAccount<'s>, Currency, i128)) {
        for (plan, components) in &self.commission {
            for (component, balances) in components {
                let account = LedgerAccount::Commission { plan: plan.as_ref(), component };
                balances.iter().for_each(|(currency, balance)| each(account, *currency, *balance));
            }
        }
        for ((account, currency), balance) in &self.shared {
            each(LedgerAccount::Shared(*account), *currency, *balance);
        }
        for ((payee, currency), balances) in &self.of_payees {
            for (account, balance) in PayeeAccount::ALL.into_iter().zip(balances) {
                each(LedgerAccount::OfPayee(account, payee), *currency, *balance);
            }
        }
    }

    /// The names of all accounts that ever moved; of a payee that has one, all accounts.
    pub fn names(&self) -> BTreeSet<String> {
        let mut names = BTreeSet::new();
        self.each(|account, _, _| {
            names.insert(account.to_string());
        });
        names
    }

    /// The accounts whose balance is not 0, by name and currency code.
    pub fn trial_balance(&self) -> Vec<TrialRow> {
        let mut rows = Vec::new();
        self.each(|account, currency, minor| {
            let (debit, credit) = (Money { minor: minor.max(0), currency }, Money { minor: (-minor).max(0), currency });
            if minor != 0 {
                rows.push(TrialRow { account: account.to_string(), debit, credit });
            }
        });
        rows.sort_by(|one, other| {
            (&one.account, one.debit.currency.code()).cmp(&(&other.account, other.debit.currency.code()))
        });
        rows
    }

    /// The balances of a payee in a currency: what the credits of `payable` exceed its debits by, and the debits of `owed` and
    /// `draw` their credits.
    pub fn balances_of(&self, holder: &PayeeCurrency) -> Balances {
        let [_, payable, owed, draw] = self.of_payees.get(holder).copied().unwrap_or_default();
        let [payable, owed, draw] = [-payable, owed, draw].map(|minor| Money { minor, currency: holder.1 });
        Balances { payable, owed, draw }
    }
}
