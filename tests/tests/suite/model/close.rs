//! Closing a month: the entitlement compared, line by line, with what was posted (calculation.md 9), and settled.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::calendar::{Day, Month};
use super::entitlement::{Line, Name};
use super::known::Known;
use super::log::{Log, day, text};
use super::number::{Number, number, one, written, zero};
use super::pay::{Party, Payables};
use super::plan::Version;
use super::settle::{self, Balances, Settlement, settle};

/// A book as the model keeps it: the log, and what its closes posted.
#[derive(Default)]
pub struct Book {
    log: Log,
    /// The sum of a line's postings, and the line as it was last posted.
    posted: BTreeMap<Name, (Number, Line)>,
    balances: BTreeMap<(String, String), Balances>,
    pub payables: Payables,
    last_close: Option<Day>,
}

/// One posting of a close.
struct Difference {
    name: Name,
    entitled: Number,
    before: Number,
    line: Line,
    /// Its item and trigger are there.
    is_entitled: bool,
}

impl Difference {
    fn amount(&self) -> Number {
        &self.entitled - &self.before
    }
}

impl Book {
    pub fn record(&mut self, fact: &Value) {
        self.log.record(fact);
    }

    pub fn publish(&mut self, toml: &str) {
        self.log.versions.push(Version::read(toml));
    }

    /// A book with what is recorded and published now, and without closes.
    pub fn recorded(&self) -> Book {
        Book { log: self.log.clone(), ..Book::default() }
    }

    /// Each line that is due by the end of a month, and its amount.
    pub fn due(&self, period: &str) -> BTreeMap<Name, Number> {
        let entitlement = Known::at(&self.log, Month::parse(period).last()).entitlement();
        entitlement.into_iter().map(|(name, line)| (name, line.amount)).collect()
    }

    /// Each line that was posted, and the sum of its postings.
    pub fn posted(&self) -> BTreeMap<Name, Number> {
        self.posted.iter().map(|(name, (sum, _))| (name.clone(), sum.clone())).collect()
    }

    /// What a payee owes, or has drawn and not earned, becomes less.
    pub fn repay(&mut self, party: &Party, owed: &Number, draw: &Number) {
        let balance = self.balances.entry(party.clone()).or_default();
        balance.owed -= owed;
        balance.repay_draw(draw);
    }

    /// What a payee owes.
    pub fn owed(&self, party: &Party) -> Number {
        self.balances.get(party).map_or_else(zero, |balance| balance.owed.clone())
    }

    /// Closes a month and gives its statements, in the shape of the published ones as far as the model goes.
    pub fn close(&mut self, period: &str) -> Vec<Value> {
        let month = Month::parse(period);
        let Book { log, posted, balances, payables, last_close } = self;
        let known = Known::at(log, month.last());
        let differences = differences(&known, posted);
        let advances = known.advances(month);
        open_balances(&known, *last_close, balances);

        let mut parties: BTreeSet<(String, String)> = balances.keys().cloned().collect();
        parties.extend(differences.iter().map(|one| (one.name.payee.clone(), one.name.currency.clone())));
        parties.extend(advances.iter().map(|draw| (draw.payee.clone(), draw.currency.clone())));
        parties.extend(guaranteed(&known));
        let mut statements = Vec::new();
        for (payee, currency) in parties {
            let own: Vec<&Difference> =
                differences.iter().filter(|one| one.name.payee == payee && one.name.currency == currency).collect();
            let balance = balances.entry((payee.clone(), currency.clone())).or_default();
            let opening = balance.clone();
            let mine = |draw: &&super::draws::Draw| draw.payee == payee && draw.currency == currency;
            let sum = |class: Class| {
                let counted = own.iter().filter(|one| Class::of(one, *last_close) == class);
                counted.fold(zero(), |sum, one| sum + one.amount())
            };
            let settlement = settle(
                settle::Month {
                    end: month.last(),
                    currency: &currency,
                    current: sum(Class::Current),
                    prior: sum(Class::Prior),
                    clawbacks: sum(Class::Clawback),
                    held_or_rejected: payables.held_or_rejected(&(payee.clone(), currency.clone())),
                    recovery_cap: known
                        .field("payee", &payee, "recovery_cap", month.last())
                        .map(super::number::parse)
                        .unwrap_or_else(one),
                    guarantee: known.guarantee(&payee, &currency, month),
                    advances: advances.iter().filter(mine).cloned().collect(),
                },
                balance,
            );
            let party = (payee.clone(), currency.clone());
            payables.set_off(&party, &settlement.set_off);
            payables.add(&party, month, settlement.pay.clone());
            let payable = payables.payable(&party);
            let nothing_moves = own.is_empty() && settlement.advance == zero() && settlement.top_up == zero();
            if !(nothing_moves && opening.is_zero() && balance.is_zero()) {
                let lines: Vec<Value> = own.iter().map(|one| shown(one, &currency)).collect();
                statements.push(statement(period, &party, lines, &settlement, (balance, &payable)));
            }
        }
        for one in differences {
            posted.insert(one.name, (one.entitled, one.line));
        }
        self.last_close = Some(month.last());
        statements
    }
}

impl Balances {
    fn is_zero(&self) -> bool {
        self.owed == zero() && self.draw == zero()
    }
}

/// The three sums into which differences fall.
#[derive(PartialEq)]
enum Class {
    Current,
    Prior,
    Clawback,
}

impl Class {
    fn of(one: &Difference, last_close: Option<Day>) -> Class {
        match (one.line.takes_back, last_close) {
            (true, _) => Class::Clawback,
            (false, Some(last)) if one.line.due <= last => Class::Prior,
            (false, _) => Class::Current,
        }
    }
}

/// Where a line's item or trigger is gone, it keeps the due date with which it was last posted.
fn differences(known: &Known, posted: &BTreeMap<Name, (Number, Line)>) -> Vec<Difference> {
    let entitlement = known.entitlement();
    let names: BTreeSet<&Name> = entitlement.keys().chain(posted.keys()).collect();
    let difference = |name: &Name| {
        let (due, was) = (entitlement.get(name), posted.get(name));
        let line = due.or(was.map(|(_, line)| line)).expect("one of both").clone();
        let entitled = due.map(|line| line.amount.clone()).unwrap_or_else(zero);
        let before = was.map(|(sum, _)| sum.clone()).unwrap_or_else(zero);
        (entitled != before).then(|| Difference {
            name: name.clone(),
            entitled,
            before,
            line,
            is_entitled: due.is_some(),
        })
    };
    names.into_iter().filter_map(difference).collect()
}

/// Opening balances enter with the first close whose E reaches their `at` (docs/decisions.md).
fn open_balances(known: &Known, last_close: Option<Day>, balances: &mut BTreeMap<(String, String), Balances>) {
    for (_, fact) in known.ever("opening-balance") {
        let at = day(fact, "at").expect("a day");
        if at > known.end || last_close.is_some_and(|last| at <= last) {
            continue;
        }
        let of = |name: &str| text(fact, name).expect("a text").to_owned();
        let balance = balances.entry((of("payee"), of("currency"))).or_default();
        balance.owed += fact.get("owed").map(number).unwrap_or_else(zero);
        balance.draw += fact.get("draw").map(number).unwrap_or_else(zero);
    }
}

/// Whoever is assigned to a plan may have a guarantee in its currency.
fn guaranteed(known: &Known) -> Vec<(String, String)> {
    let assignments = known.assignments();
    let pairs = assignments.iter().flat_map(|assignment| {
        let of_plan = known.versions.iter().filter(|version| version.plan == assignment.plan);
        of_plan.map(|version| (assignment.payee.to_owned(), version.currency.clone()))
    });
    pairs.collect()
}

/// Which version a line tells that is summed from several, or that is gone, is not known: it is left out.
fn shown(one: &Difference, currency: &str) -> Value {
    let versions = &one.line.versions;
    let event = match (versions.is_empty(), one.amount() > zero()) {
        (true, _) => "adjustment",
        (false, true) => "earning",
        (false, false) => "reversal",
    };
    let mut line = json!({
        "event": event, "plan": one.name.plan, "component": one.name.component, "item": one.name.item, "part": one.name.part,
        "due": one.line.due.to_string(), "amount": written(&one.amount(), currency),
        "entitled": written(&one.entitled, currency), "before": written(&one.before, currency),
    });
    if versions.is_empty() || (one.is_entitled && versions.len() < 2) {
        line["version"] = json!(versions.first());
    }
    line
}

fn statement(
    period: &str,
    (payee, currency): &Party,
    lines: Vec<Value>,
    settled: &Settlement,
    (closing, payable): (&Balances, &Number),
) -> Value {
    let money = |amount: &Number| written(amount, currency);
    json!({
        "period": period, "payee": payee, "currency": currency, "lines": lines,
        "settlement": {
            "gross": money(&settled.gross), "reversed": money(&settled.reversed), "set_off": money(&settled.set_off), "recovered": money(&settled.recovered),
            "top_up": money(&settled.top_up), "advance": money(&settled.advance),
            "draw_recovered": money(&settled.draw_recovered), "pay": money(&settled.pay),
        },
        "closing": { "payable": money(payable), "owed": money(&closing.owed), "draw": money(&closing.draw) },
    })
}
