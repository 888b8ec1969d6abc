//! The lines of a statement in words: what each rests on, which part of it this is, and why it was posted again.

use std::collections::BTreeSet;

use ledger::date::Month;
use ledger::fact::Reason;
use ledger::id::{ComponentId, PlanId};
use ledger::money::Money;
use plans::entitlement::Attainment;
use plans::plan::Component;
use plans::why::Step;
use replay::statements::statement::{Cause, Line, Statement, SumsToDate, ToDate, positions};

use crate::payee_name::name_of;
use crate::render::amount::amount;
use crate::render::layout::shorten;
use crate::render::statement::credit;
use crate::render::statement::item::{BookView, month_words};

/// `Statement of Ana Brandt (ana) for April 2027 in USD`.
pub fn heading(statement: &Statement, view: BookView<'_>) -> String {
    let currency = statement.figures.holder.1;
    format!("Statement of {} for {} in {currency}", payee_words(statement, view), month_words(statement.figures.period))
}

/// `Ana Brandt (ana)`, or the id alone.
pub fn payee_words(statement: &Statement, view: BookView<'_>) -> String {
    let payee = &statement.figures.holder.0;
    name_of(payee, view.book).map_or_else(|| payee.to_string(), |name| format!("{} ({payee})", shorten::name(&name)))
}

/// Said of a statement that posts nothing.
pub const NOTHING_DUE: &str = "Nothing was due, and the close changed no balance.";

/// Whether nothing was due and no balance changed.
pub fn is_nothing_due(statement: &Statement) -> bool {
    let figures = &statement.figures;
    figures.lines.is_empty() && figures.draws.is_empty() && figures.settled.is_empty(figures.holder.1)
}

// Groups ---------------------------------------------------------------------------------------------------------------

/// A line and its reasons.
#[derive(Copy, Clone)]
pub struct LineWithReasons<'s> {
    /// Its place among the lines of the statement.
    pub index: usize,
    pub line: &'s Line,
    pub why: &'s [Step],
    pub causes: &'s [Cause],
}

/// Everything of one component: lines of this month, and how far the payee is.
pub struct ComponentLines<'s> {
    pub plan: &'s PlanId,
    pub component: &'s ComponentId,
    pub lines: Vec<LineWithReasons<'s>>,
    pub attainment: Vec<&'s Attainment>,
}

impl<'s> ComponentLines<'s> {
    /// The plan of the first line; the last version, where there is no line.
    pub fn plan<'b>(&self, view: BookView<'b>) -> Option<&'b plans::plan::Plan> {
        let version = self.lines.first().and_then(|told| told.line.version);
        view.plan(self.plan.as_str(), version)
    }

    /// The title and id of the component.
    pub fn title(&self, view: BookView<'_>) -> String {
        let id = self.component.as_str();
        let component = self.plan(view).and_then(|plan| plan.component(id));
        titled(component.and_then(|component| component.title.as_deref()), id)
    }

    /// The title and id of the plan, by its last version.
    pub fn plan_title(&self, view: BookView<'_>) -> String {
        let plan = view.plan(self.plan.as_str(), None);
        titled(plan.and_then(|plan| plan.title.as_deref()), self.plan.as_str())
    }

    /// What its lines amount to.
    pub fn sum(&self, statement: &Statement) -> Money {
        Money::sum(statement.figures.holder.1, self.lines.iter().map(|told| told.line.amount))
    }

    /// What was posted in the quarter and the year to date.
    pub fn to_date(&self, statement: &Statement) -> Option<AmountsToDate> {
        AmountsToDate::of(statement, self.sum(statement), |sums| sums.of_component(self.plan, self.component))
    }

    /// How far the payee is, a sentence for each row of the attainment.
    pub fn attainment(&self, view: BookView<'_>) -> Vec<String> {
        let rows = &self.attainment;
        rows.iter().map(|row| credit::attainment(row, rows, self.plan(view))).collect()
    }
}

/// Components that have a line, an attainment, or an amount of the year to date, in the order of statements.
pub fn groups(statement: &Statement) -> Vec<ComponentLines<'_>> {
    let lines = &statement.figures.lines;
    let of_line = |line: &'_ Line| line.name.plan.clone().map(|plan| (plan, line.name.component.clone()));
    let named = lines.iter().filter_map(|line| Some((line.name.plan.as_ref()?, &line.name.component)));
    let rows = statement.attainment.iter().map(|row| (&row.plan, &row.component));
    let year = statement.to_date.iter().flat_map(|to_date| to_date.year.components.keys());
    let earlier = year.filter_map(|(plan, component)| Some((plan.as_ref()?, component)));
    let names: BTreeSet<(&PlanId, &ComponentId)> = named.chain(rows).chain(earlier).collect();
    let group = |(plan, component): (&'_ PlanId, &'_ ComponentId)| (plan.clone(), component.clone());
    names
        .into_iter()
        .map(|name| ComponentLines {
            plan: name.0,
            component: name.1,
            lines: told(statement).filter(|told| of_line(told.line) == Some(group(name))).collect(),
            attainment: statement.attainment.iter().filter(|row| (&row.plan, &row.component) == name).collect(),
        })
        .collect()
}

/// The lines of adjustments, which belong to no plan.
pub fn adjustments(statement: &Statement) -> Vec<LineWithReasons<'_>> {
    told(statement).filter(|told| told.line.name.plan.is_none()).collect()
}

/// All lines, in the order of the statement.
pub fn told(statement: &Statement) -> impl Iterator<Item = LineWithReasons<'_>> {
    let lines = statement.figures.lines.iter().enumerate();
    lines.map(|(index, line)| LineWithReasons {
        index,
        line,
        why: &statement.whys[index],
        causes: &statement.causes[index],
    })
}

/// Amounts of the quarter and the year to date.
pub struct AmountsToDate {
    pub quarter: Money,
    pub year: Money,
}

impl AmountsToDate {
    /// Nothing where both are what this month posted.
    pub fn of(statement: &Statement, month: Money, sum: impl Fn(&SumsToDate) -> Money) -> Option<AmountsToDate> {
        let ToDate { quarter, year } = statement.to_date.as_ref()?;
        let (quarter, year) = (sum(quarter), sum(year));
        (quarter != month || year != month).then_some(AmountsToDate { quarter, year })
    }

    /// `quarter to date 1,000.00, year to date 3,000.00`.
    pub fn words(&self) -> String {
        format!("quarter to date {}, year to date {}", amount(self.quarter), amount(self.year))
    }
}

/// `Title (id)`, or the id alone.
fn titled(title: Option<&str>, id: &str) -> String {
    title.map_or_else(|| id.to_owned(), |title| format!("{} ({id})", shorten::name(title)))
}

// Lines ----------------------------------------------------------------------------------------------------------------

/// What is said of a line beside its amount and date.
pub struct LineWords {
    /// What it rests on.
    pub item: String,
    /// What a cap left of it, and which part of it this is.
    pub notes: Vec<String>,
    /// Why it was posted again.
    pub again: Option<PostedAgain>,
    /// What of it was settled before the book began.
    pub settled: Option<String>,
}

/// Why a line was posted again: what it was, what it is now, and what made the difference.
pub struct PostedAgain {
    /// The month in which it was due, if that is an earlier one.
    pub month: Option<Month>,
    /// As people call it.
    pub reason: &'static str,
    pub was: Money,
    pub now: Money,
    /// What made the difference; how much of it, where there are several causes.
    pub causes: Vec<String>,
}

impl PostedAgain {
    /// `Retroactive adjustment for March 2027 (correction)`.
    pub fn why(&self) -> String {
        let of = self.month.map(|month| format!(" for {}", month_words(month))).unwrap_or_default();
        format!("Retroactive adjustment{of} ({})", self.reason)
    }

    /// `Retroactive adjustment for March 2027 (correction): was 10.00, now 12.00`.
    pub fn words(&self) -> String {
        format!("{}: was {}, now {}", self.why(), amount(self.was), amount(self.now))
    }
}

impl LineWords {
    pub fn of(statement: &Statement, told: LineWithReasons<'_>, view: BookView<'_>) -> LineWords {
        let line = told.line;
        let component = component_of(line, view);
        let item = view.item(&line.name.item, component.map(|component| &component.measure));
        let capped = credit::capped(told.why, line.amount.currency);
        LineWords {
            item: format!("{item}{}", credit::words(line, told.why, component, view)),
            notes: capped.into_iter().chain(view.part(&line.name, line.version, told.why)).collect(),
            again: line.reason.map(|reason| PostedAgain {
                month: Some(Month::of(line.due)).filter(|month| *month != statement.figures.period),
                reason: reason_words(reason),
                was: line.before,
                now: line.entitled,
                causes: told.causes.iter().map(|one| cause(one, told.causes.len(), view)).collect(),
            }),
            settled: settled_before(line),
        }
    }
}

/// Of a line that the book took over: what another system settled of it.
pub fn settled_before(line: &Line) -> Option<String> {
    (line.reason.is_none() && !line.before.is_zero()).then(|| {
        let (before, entitled) = (amount(line.before), amount(line.entitled));
        format!("{before} was settled before the book began, of {entitled}")
    })
}

/// Why a closed month was adjusted, as people call it.
pub fn reason_words(reason: Reason) -> &'static str {
    match reason {
        Reason::Clawback => "clawback",
        Reason::Cancellation => "cancellation",
        Reason::CreditNote => "credit note",
        Reason::PlanChange => "plan change",
        Reason::Calculation => "calculation change",
        Reason::Correction => "correction",
        Reason::TrueUp => "true-up",
    }
}

/// The component as the version that the line was worked out under has it; an adjustment has none.
pub fn component_of<'b>(line: &Line, view: BookView<'b>) -> Option<&'b Component> {
    view.plan(line.name.plan.as_ref()?.as_str(), line.version)?.component(line.name.component.as_str())
}

/// What made the difference; how much of it, where there are several.
fn cause(cause: &Cause, count: usize, view: BookView<'_>) -> String {
    match count {
        1 => cause_with_entries(cause, view),
        _ => format!("{} {}", amount(cause.amount), cause_with_entries(cause, view)),
    }
}

/// `because of usage of Globex (entries 12-40)`.
pub fn cause_with_entries(cause: &Cause, view: BookView<'_>) -> String {
    let entries = match cause.positions.as_slice() {
        [] => String::new(),
        [one] => format!(" (entry {one})"),
        list => format!(" (entries {})", positions(list).join(", ")),
    };
    format!("because of {}{entries}", cause_words(&cause.kind, &cause.item, view))
}

/// News as people call it.
fn cause_words(kind: &str, item: &str, view: BookView<'_>) -> String {
    match kind {
        "time" => "what took effect since the last close".to_owned(),
        "usage-snapshot" => format!("usage of {}", view.contract(item)),
        "cancellation" => format!("the cancellation of {item}"),
        "retraction" => format!("the retraction of {}", view.thing(item)),
        "signal" | "adjustment" => view.thing(item),
        "credit-split" => format!("credit split on {}", item.replacen('/', " ", 1).replacen('@', " from ", 1)),
        "plan" => match item.rsplit_once(' ') {
            Some((plan, version)) => format!("version {version} of plan {plan}"),
            None => format!("plan {item}"),
        },
        _ if item.is_empty() => kind.to_owned(),
        _ => format!("{} {}", kind.replace('-', " "), item.replacen('@', " from ", 1)),
    }
}
