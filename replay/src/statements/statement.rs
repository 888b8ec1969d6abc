//! A statement: the lines, draws and balances of one payee, in one currency, of one closed month; its published JSON; and the digest
//! of a close (calculation.md 9, 10). Amounts are [`Money`]: whole minor units of the statement's currency.

use std::collections::BTreeMap;

use data_encoding::BASE64;
use ledger::date::{Day, Month};
use ledger::exact::Exact;
use ledger::fact::{Nature, Reason};
use ledger::id::{AccountId, ComponentId, Name, PlanId};
use ledger::json::JsonWriter;
use ledger::money::Money;
use plans::entitlement::{Attainment, Pending};
use plans::payment::condition_result::ConditionResult;
use plans::payment::forfeited::{ForfeitCause, Forfeited, JudgedCondition};
use plans::payment::settle::SettlementSums;
use plans::plan::{Condition, LevelTest};
use plans::why::Step;
use projections::lines::{LineName, PayeeCurrency};
use projections::position::Position;
use projections::posted_state::Balances;
use projections::posted_state::draw_name::DrawName;

use crate::pay::status::StatementStatus;

/// The figures of a statement, which the digest of a close covers.
#[derive(Clone, PartialEq, Debug)]
pub struct Figures {
    /// The closed month.
    pub period: Month,
    /// The payee and the currency.
    pub holder: PayeeCurrency,
    /// The balances before the close.
    pub opening: Balances,
    /// The posted lines, ordered by name.
    pub lines: Vec<Line>,
    /// The draws that were given or recovered.
    pub draws: Vec<DrawLine>,
    /// The sums of settling the payee, and the balances after the close (calculation.md 10).
    pub settled: SettlementSums,
}

/// One posted amount (calculation.md 9).
#[derive(Clone, PartialEq, Debug)]
pub struct Line {
    /// The plan, component, item and installment.
    pub name: LineName,
    /// Whether it was earned, clawed back or adjusted by hand.
    pub nature: Nature,
    /// The version of the plan that it was computed by; `None` for an adjustment, and for a line that no version pays any more.
    pub version: Option<u32>,
    /// The date of the item.
    pub date: Day,
    /// The account of the item; `None` if it covers several accounts or none.
    pub account: Option<AccountId>,
    /// The day on which the line is due.
    pub due: Day,
    /// The posted amount: `entitled` less `before`.
    pub amount: Money,
    /// The amount that the payee is entitled to in all.
    pub entitled: Money,
    /// The amount that earlier closes posted in all.
    pub before: Money,
    /// Why the line is posted again; `None` the first time.
    pub reason: Option<Reason>,
}

/// A draw that a close gave or recovered (calculation.md 10).
#[derive(Clone, PartialEq, Debug)]
pub struct DrawLine {
    /// The plan; `None` for an opening balance.
    pub plan: Option<PlanId>,
    /// The draw in the plan.
    pub draw: Name,
    /// The booking or assignment that it was given for.
    pub trigger: Name,
    /// The date of the booking or assignment; `None` for an opening balance.
    pub triggered: Option<Day>,
    /// The month that it was given in.
    pub month: Month,
    /// The amount given in this close.
    pub given: Money,
    /// The amount recovered in this close.
    pub recovered: Money,
    /// The amount still to be recovered after this close.
    pub balance: Money,
    /// Whether it is recovered from later commission.
    pub recoverable: bool,
    /// The first day on which it can be recovered; `None` for an opening balance.
    pub begins: Option<Day>,
    /// The part of net pay that is recovered at most; 1 is 100%. `None` for an opening balance.
    pub rate: Option<Exact>,
}

/// A statement: the figures, and the explanations beside them.
pub struct Statement {
    /// The name of the book.
    pub book: String,
    /// The figures.
    pub figures: Figures,
    /// The part of the log that the close was computed from.
    pub known: LogPoint,
    /// The steps of computing each line, in the order of the lines.
    pub whys: Vec<Vec<Step>>,
    /// The causes of each line's difference, in the order of the lines; empty if the line is posted for the first time.
    pub causes: Vec<Vec<Cause>>,
    /// The steps of computing each draw, in the order of the draws.
    pub draw_whys: Vec<Vec<Step>>,
    /// The quota and attainment of each component (calculation.md 5).
    pub attainment: Vec<Attainment>,
    /// The pending installments (calculation.md 7).
    pub pending: Vec<Pending>,
    /// The installments that will not be paid, with their conditions (calculation.md 7). No figure depends on them.
    pub forfeited: Vec<Forfeited>,
    /// The sums of the fiscal quarter and year up to this close; `None` where they were not asked for.
    pub to_date: Option<ToDate>,
    /// What became of the statement since; `None` where it was not asked for. No figure depends on it.
    pub status: Option<Box<StatementStatus>>,
}

/// The sums of a payee, in one currency, of the closes of a fiscal quarter and of a fiscal year up to a close.
#[derive(Clone, Debug)]
pub struct ToDate {
    /// From the first month of the fiscal quarter.
    pub quarter: SumsToDate,
    /// From the first month of the fiscal year.
    pub year: SumsToDate,
}

/// The sums of a payee, in one currency, of some closes in a row.
#[derive(Clone, Debug)]
pub struct SumsToDate {
    /// The first month of the fiscal quarter or year.
    pub from: Month,
    /// The first closed month from then on. A book that begins later has closed nothing before it.
    pub first_closed: Month,
    /// The sums of the settlements; `closing` is that of the last close.
    pub settled: SettlementSums,
    /// The sum of the posted lines of each component.
    pub components: BTreeMap<(Option<PlanId>, ComponentId), Money>,
}

impl SumsToDate {
    /// The sum of the posted lines of a component; 0 if there is none.
    pub fn of_component(&self, plan: &PlanId, component: &ComponentId) -> Money {
        let key = (Some(plan.clone()), component.clone());
        self.components.get(&key).copied().unwrap_or(Money::zero(self.settled.pay.currency))
    }

    /// The sum of the adjustments.
    pub fn of_adjustments(&self) -> Money {
        let amounts = self.components.iter().filter(|((plan, _), _)| plan.is_none()).map(|(_, amount)| *amount);
        Money::sum(self.settled.pay.currency, amounts)
    }
}

/// A size of the log, and the root of its tree at that size.
#[derive(Copy, Clone)]
pub struct LogPoint {
    /// The number of entries.
    pub size: u64,
    /// The root of the tree.
    pub root: [u8; 32],
}

/// A part of a line's difference, and the entries that made it.
#[derive(Clone, Debug)]
pub struct Cause {
    /// The kind of the facts, or `plan`, `time`, `freeze` or `engine`.
    pub kind: String,
    /// The item that the entries are about; empty for `time`, `freeze` and `engine`.
    pub item: String,
    /// The positions of the entries.
    pub positions: Vec<Position>,
    /// The part of the difference.
    pub amount: Money,
}

/// The schema of the published JSON of a statement.
pub const SCHEMA: &str = "trueup/statement/1";

/// The digest of a close: BLAKE3 of the canonical JSON array of the figures of all statements (calculation.md 9).
pub fn digest<'f>(book: &str, statements: impl Iterator<Item = &'f Figures>) -> [u8; 32] {
    let mut out = JsonWriter::new();
    out.list(|out| statements.for_each(|figures| write(book, figures, None, out)));
    *blake3::hash(out.finish().as_bytes()).as_bytes()
}

impl Figures {
    /// Writes the figures as JSON, as the digest covers them.
    pub fn json(&self, book: &str, out: &mut JsonWriter) {
        write(book, self, None, out);
    }
}

impl Statement {
    /// Writes the whole statement as JSON.
    pub fn json(&self, out: &mut JsonWriter) {
        write(&self.book, &self.figures, Some(self), out);
    }
}

fn write(book: &str, figures: &Figures, all: Option<&Statement>, out: &mut JsonWriter) {
    let (payee, currency) = &figures.holder;
    out.object(|out| {
        out.name("schema").text(SCHEMA);
        out.name("book").text(book);
        out.name("period").text(figures.period);
        out.name("payee").text(payee);
        out.name("currency").text(currency);
        if let Some(all) = all {
            out.name("log").object(|out| {
                out.name("size").number(all.known.size);
                out.name("root").text(BASE64.encode(&all.known.root));
            });
        }
        balances(&figures.opening, out.name("opening"));
        out.name("lines").list(|out| {
            for (index, line) in figures.lines.iter().enumerate() {
                write_line(line, all.map(|all| (&all.causes[index][..], &all.whys[index][..])), out);
            }
        });
        out.name("draws").list(|out| {
            for (index, draw) in figures.draws.iter().enumerate() {
                write_draw(draw, all.map(|all| &all.draw_whys[index][..]), out);
            }
        });
        settlement(&figures.settled, out.name("settlement"));
        balances(&figures.settled.closing, out.name("closing"));
        if let Some(all) = all {
            out.name("attainment").list(|out| all.attainment.iter().for_each(|row| attainment(row, out)));
            out.name("pending").list(|out| all.pending.iter().for_each(|row| pending(row, out)));
            out.name("forfeited").list(|out| all.forfeited.iter().for_each(|row| forfeited(row, out)));
            if let Some(ToDate { quarter, year }) = &all.to_date {
                out.name("to_date").object(|out| {
                    to_date(quarter, out.name("quarter"));
                    to_date(year, out.name("year"));
                });
            }
            if let Some(status) = &all.status {
                status.json(out.name("status"));
            }
        }
    });
}

fn balances(balances: &Balances, out: &mut JsonWriter) {
    out.object(|out| {
        out.name("payable").text(balances.payable);
        out.name("owed").text(balances.owed);
        out.name("draw").text(balances.draw);
    });
}

impl Line {
    /// The word for the kind of posting: `earning`, `reversal` or `adjustment`.
    pub fn event(&self) -> &'static str {
        match self.nature {
            Nature::Adjustment => "adjustment",
            Nature::Earned | Nature::Clawback if self.amount.is_negative() => "reversal",
            Nature::Earned | Nature::Clawback => "earning",
        }
    }
}

impl DrawLine {
    /// The name of the draw.
    pub fn name(&self) -> DrawName<'_> {
        DrawName { plan: self.plan.as_ref(), draw: &self.draw, trigger: &self.trigger, month: self.month }
    }
}

fn write_line(line: &Line, details: Option<(&[Cause], &[Step])>, out: &mut JsonWriter) {
    let name = &line.name;
    out.object(|out| {
        out.name("event").text(line.event());
        out.name("plan").text(name.plan.as_ref().map_or("", |plan| plan.as_str()));
        match line.version {
            Some(version) => out.name("version").number(version),
            None => out.name("version").raw("null"),
        }
        out.name("component").text(&name.component);
        out.name("item").text(&name.item);
        out.name("part").text(name.part.as_ref().map_or("", |part| part.as_str()));
        out.name("due").text(line.due);
        out.name("amount").text(line.amount);
        out.name("entitled").text(line.entitled);
        out.name("before").text(line.before);
        out.name("reason").maybe(line.reason);
        out.name("of").text(Month::of(line.due));
        if let Some((causes, why)) = details {
            out.name("causes").list(|out| causes.iter().for_each(|cause| write_cause(cause, out)));
            steps(why, out.name("why"));
        }
    });
}

fn write_cause(cause: &Cause, out: &mut JsonWriter) {
    out.object(|out| {
        out.name("kind").text(&cause.kind);
        out.name("item").text(&cause.item);
        out.name("positions").list(|out| positions(&cause.positions).iter().for_each(|run| out.text(run)));
        out.name("amount").text(cause.amount);
    });
}

fn write_draw(draw: &DrawLine, why: Option<&[Step]>, out: &mut JsonWriter) {
    out.object(|out| {
        out.name("plan").text(draw.plan.as_ref().map_or("", PlanId::as_str));
        out.name("draw").text(&draw.draw);
        out.name("trigger").text(&draw.trigger);
        out.name("month").text(draw.month);
        out.name("given").text(draw.given);
        out.name("recovered").text(draw.recovered);
        out.name("balance").text(draw.balance);
        if let Some(why) = why {
            steps(why, out.name("why"));
        }
    });
}

fn settlement(settled: &SettlementSums, out: &mut JsonWriter) {
    out.object(|out| {
        out.name("gross").text(settled.gross);
        out.name("reversed").text(settled.reversed);
        out.name("set_off").text(settled.set_off);
        out.name("recovered").text(settled.recovered);
        out.name("top_up").text(settled.top_up);
        out.name("advance").text(settled.advance);
        out.name("draw_recovered").text(settled.draw_recovered);
        out.name("pay").text(settled.pay);
    });
}

fn to_date(sums: &SumsToDate, out: &mut JsonWriter) {
    out.object(|out| {
        out.name("from").text(sums.from);
        out.name("first_closed").text(sums.first_closed);
        settlement(&sums.settled, out.name("settlement"));
        out.name("components").list(|out| {
            for ((plan, component), amount) in &sums.components {
                out.object(|out| {
                    out.name("plan").text(plan.as_ref().map_or("", PlanId::as_str));
                    out.name("component").text(component);
                    out.name("amount").text(amount);
                });
            }
        });
    });
}

fn attainment(row: &Attainment, out: &mut JsonWriter) {
    out.object(|out| {
        out.name("plan").text(&row.plan);
        out.name("component").text(&row.component);
        out.name("period").text(&row.period);
        out.name("credited").text(two_decimals(&row.credited));
        out.name("quota").maybe(row.quota.as_ref().map(two_decimals));
        out.name("percent").maybe(row.quota.as_ref().map(|quota| percent_text(&(&row.credited / quota))));
        out.name("earned_to_date").text(row.earned_to_date);
    });
}

/// A value for display, rounded half up to two decimals.
pub fn two_decimals(value: &Exact) -> String {
    match value.round(2, ledger::exact::Rounding::HalfUp) {
        Some(hundredths) => ledger::exact::decimal_text(hundredths, 2),
        None => value.text(),
    }
}

/// A fraction as a percent for display: with two decimals, or with more where it would round up to a whole percent, or one of one
/// decimal, that it does not reach.
pub fn percent_text(fraction: &Exact) -> String {
    let value = fraction * &Exact::whole(100);
    for digits in 2..VALUE_DECIMALS {
        let Some(mantissa) = value.round(digits, ledger::exact::Rounding::HalfUp) else { break };
        let unit = 10i128.pow(digits);
        if mantissa % (unit / 10) != 0 || Exact::ratio(mantissa, unit) <= value {
            return ledger::exact::decimal_text(mantissa, digits);
        }
    }
    truncated(&value)
}

fn pending(row: &Pending, out: &mut JsonWriter) {
    out.object(|out| {
        out.name("plan").text(&row.plan);
        out.name("component").text(&row.component);
        out.name("item").text(&row.item);
        out.name("part").text(&row.part);
        out.name("amount").text(row.amount);
        out.name("on").maybe(row.on);
        out.name("waiting_for").list(|out| row.waiting_for.iter().for_each(|what| out.text(what)));
        if let Some(day) = row.judged_on {
            out.name("judged_on").text(day);
            out.name("conditions").list(|out| row.conditions.iter().for_each(|one| condition(one, out)));
        }
    });
}

fn forfeited(row: &Forfeited, out: &mut JsonWriter) {
    out.object(|out| {
        out.name("plan").text(&row.plan);
        out.name("component").text(&row.component);
        out.name("item").text(&row.item);
        out.name("part").text(&row.part);
        out.name("amount").text(row.amount);
        out.name("on").maybe(row.on);
        out.name("cause").text(match row.cause {
            ForfeitCause::Conditions => "conditions",
            ForfeitCause::Late => "late",
            ForfeitCause::Ended => "ended",
        });
        out.name("conditions").list(|out| row.conditions.iter().for_each(|one| condition(one, out)));
    });
}

/// The decimals of a value that a condition tests. No threshold has as many, so that what is cut off never makes it look met.
const VALUE_DECIMALS: u32 = 12;

/// A value as a decimal, cut off where it has no end.
fn truncated(value: &Exact) -> String {
    let text = value.text();
    match value.round(VALUE_DECIMALS, ledger::exact::Rounding::Down).filter(|_| text.contains('/')) {
        Some(cut) => ledger::exact::decimal_text(cut, VALUE_DECIMALS),
        None => text,
    }
}

fn condition(judged: &JudgedCondition, out: &mut JsonWriter) {
    let (what, test) = match &judged.condition {
        Condition::Burn { window, test } => (format!("burn {window}"), Some(test)),
        Condition::Metric { name, test } => (name.to_string(), Some(test)),
        Condition::Signal(name) => (format!("signal {name}"), None),
    };
    let (word, threshold) = match test {
        Some(LevelTest::AtLeast(bound)) => (Some("at-least"), Some(bound)),
        Some(LevelTest::Below(bound)) => (Some("below"), Some(bound)),
        None => (None, None),
    };
    out.object(|out| {
        out.name("what").text(what);
        out.name("value").maybe(judged.value.as_ref().map(truncated));
        if let Some((used, promised)) = &judged.used_of {
            out.name("used").text(two_decimals(used));
            out.name("promised").text(two_decimals(promised));
        }
        out.name("test").maybe(word);
        out.name("threshold").maybe(threshold);
        out.name("result").text(match judged.result {
            ConditionResult::Met => "met",
            ConditionResult::NotMet => "not met",
            ConditionResult::Undecided(_) => "undecided",
        });
    });
}

/// Writes the steps of computing a line, as a JSON array.
pub fn steps(steps: &[Step], out: &mut JsonWriter) {
    out.list(|out| {
        for step in steps {
            out.object(|out| {
                out.name("step").text(step.step);
                out.name("in").object(|out| {
                    for (name, value) in &step.inputs {
                        out.name(name).text(value);
                    }
                });
                out.name("how").text(&step.how);
                if let Some(day) = step.awaits_usage_through {
                    out.name("awaits_usage_through").text(day);
                }
                if let Some(rounding) = step.rounding {
                    out.name("rounding").text(rounding_word(rounding));
                }
                out.name("out").text(&step.out);
                out.name("from").list(|out| positions(&step.from).iter().for_each(|run| out.text(run)));
            });
        }
    });
}

/// The word for a rounding rule in published JSON.
pub fn rounding_word(rounding: ledger::exact::Rounding) -> &'static str {
    match rounding {
        ledger::exact::Rounding::HalfUp => "half-up",
        ledger::exact::Rounding::HalfEven => "half-even",
        ledger::exact::Rounding::Down => "down",
    }
}

/// Ascending positions as texts, with a range such as `812-901` for consecutive ones.
pub fn positions(sorted: &[Position]) -> Vec<String> {
    let mut runs: Vec<(Position, Position)> = Vec::new();
    for position in sorted {
        match runs.last_mut() {
            Some((_, last)) if *last + 1 == *position => *last = *position,
            _ => runs.push((*position, *position)),
        }
    }
    runs.into_iter()
        .map(|(first, last)| if first == last { first.to_string() } else { format!("{first}-{last}") })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_are_told_as_runs() {
        assert_eq!(positions(&[1, 2, 3, 7, 9, 10]), ["1-3", "7", "9-10"]);
        assert!(positions(&[]).is_empty());
    }
}
