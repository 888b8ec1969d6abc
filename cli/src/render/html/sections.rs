//! The sections of a statement's page, in the words of the statement in text.

use ledger::money::Money;
use plans::entitlement::Pending;
use plans::payment::forfeited::Forfeited;
use replay::book::BookError;
use replay::statements::pending::{line_of_forfeited, line_of_pending};
use replay::statements::statement::{DrawLine, Statement};

use crate::render::amount::amount;
use crate::render::html::bar::AttainmentBar;
use crate::render::statement::draws::{given, terms, what};
use crate::render::statement::explain::{EntryWords, ExplainedStep, draw_steps, line_steps};
use crate::render::statement::forfeited::{forfeited_on, judged_words, reasons};
use crate::render::statement::item::BookView;
use crate::render::statement::lines::{AmountsToDate, ComponentLines, LineWithReasons, LineWords};
use crate::render::statement::page::{expected, waits};
use crate::render::statement::settlement::{SettlementPart, TO_PAY};

/// A balance before and after the close.
pub struct BalanceChange {
    pub name: &'static str,
    pub opening: String,
    pub closing: String,
}

impl BalanceChange {
    pub fn of(statement: &Statement) -> [BalanceChange; 3] {
        let (opening, closing) = (&statement.figures.opening, &statement.figures.settled.closing);
        let change =
            |name, opening, closing| BalanceChange { name, opening: amount(opening), closing: amount(closing) };
        [
            change("Payable balance", opening.payable, closing.payable),
            change("Clawback balance", opening.owed, closing.owed),
            change("Draw balance", opening.draw, closing.draw),
        ]
    }
}

// Lines ----------------------------------------------------------------------------------------------------------------

/// A plan and its components.
pub struct PlanSection {
    pub title: String,
    pub components: Vec<ComponentSection>,
}

/// A component: how far the payee is, and its lines.
pub struct ComponentSection {
    pub title: String,
    pub attainment: Vec<ShownAttainment>,
    pub table: LineTable,
}

/// How far a payee is: a sentence, and a bar where there is a quota.
pub struct ShownAttainment {
    pub words: String,
    pub bar: Option<AttainmentBar>,
}

/// Lines that are added up.
pub struct LineTable {
    pub caption: String,
    pub lines: Vec<ShownLine>,
    pub sum: String,
    pub to_date: Option<ShownToDate>,
}

/// Sums of the quarter and the year to date.
pub struct ShownToDate {
    pub quarter: String,
    pub year: String,
}

impl From<AmountsToDate> for ShownToDate {
    fn from(AmountsToDate { quarter, year }: AmountsToDate) -> ShownToDate {
        ShownToDate { quarter: amount(quarter), year: amount(year) }
    }
}

/// A line of a statement.
pub struct ShownLine {
    /// From 1 on; links name it.
    pub number: usize,
    pub item: String,
    pub notes: Vec<String>,
    pub due: String,
    pub amount: String,
    pub name: String,
    pub causes: Vec<String>,
    pub steps: Vec<ExplainedStep>,
}

/// A line that was posted before, and differs now.
pub struct ChangedLine {
    /// The number of the line.
    pub number: usize,
    pub what: String,
    pub why: String,
    pub causes: Vec<String>,
    pub was: String,
    pub now: String,
    pub difference: String,
}

/// Lines on their way to a page: what changed is gathered beside them.
pub struct LineWriter<'s, 'b> {
    pub statement: &'s Statement,
    pub view: BookView<'b>,
    pub entries: EntryWords<'b>,
    pub changes: Vec<ChangedLine>,
}

impl LineWriter<'_, '_> {
    /// A component and its lines.
    pub fn component(&mut self, group: &ComponentLines<'_>) -> Result<ComponentSection, BookError> {
        let sentences = group.attainment(self.view);
        let bars = group.attainment.iter().map(|row| AttainmentBar::of(row));
        let attainment = sentences.into_iter().zip(bars).map(|(words, bar)| ShownAttainment { words, bar });
        let title = group.title(self.view);
        let caption = format!("Lines of {title}");
        let table = self.table(caption, &group.lines, group.to_date(self.statement))?;
        Ok(ComponentSection { attainment: attainment.collect(), title, table })
    }

    /// Lines that are added up.
    pub fn table(
        &mut self,
        caption: String,
        lines: &[LineWithReasons<'_>],
        to_date: Option<AmountsToDate>,
    ) -> Result<LineTable, BookError> {
        let currency = self.statement.figures.holder.1;
        let sum = amount(Money::sum(currency, lines.iter().map(|told| told.line.amount)));
        let lines: Result<Vec<ShownLine>, BookError> = lines.iter().map(|told| self.line(*told)).collect();
        Ok(LineTable { caption, lines: lines?, sum, to_date: to_date.map(ShownToDate::from) })
    }

    fn line(&mut self, told: LineWithReasons<'_>) -> Result<ShownLine, BookError> {
        let LineWords { item, mut notes, again, settled } = LineWords::of(self.statement, told, self.view);
        let (line, number) = (told.line, told.index + 1);
        notes.extend(settled);
        let mut causes = Vec::new();
        if let Some(again) = again {
            notes.push(again.words());
            causes.clone_from(&again.causes);
            let (why, [was, now, difference]) = (again.why(), [again.was, again.now, line.amount].map(amount));
            let (what, causes) = (self.view.part_of(&line.name), again.causes);
            self.changes.push(ChangedLine { number, what, why, causes, was, now, difference });
        }
        Ok(ShownLine {
            number,
            item,
            notes,
            due: line.due.to_string(),
            amount: amount(line.amount),
            name: line.name.to_string(),
            causes,
            steps: line_steps(line, told.why, self.view, &mut self.entries)?,
        })
    }

    /// A draw, and how its amount was calculated.
    pub fn draw(&mut self, draw: &DrawLine, why: &[plans::why::Step]) -> Result<ShownDraw, BookError> {
        let how = (!draw.given.is_zero()).then(|| format!("{}; {}", given(draw, self.view), terms(draw)));
        Ok(ShownDraw {
            what: what(draw, self.view),
            how,
            given: amount(draw.given),
            recovered: amount(draw.recovered),
            balance: amount(draw.balance),
            name: draw.name().to_string(),
            steps: draw_steps(why, &mut self.entries)?,
        })
    }
}

// Draws and settlement -------------------------------------------------------------------------------------------------

/// A draw that was given or recovered.
pub struct ShownDraw {
    pub what: String,
    /// How it was given, and how it will be recovered.
    pub how: Option<String>,
    pub given: String,
    pub recovered: String,
    pub balance: String,
    pub name: String,
    pub steps: Vec<ExplainedStep>,
}

/// A row of the settlement.
pub struct ShownSettlement {
    pub words: &'static str,
    pub month: String,
    pub to_date: Option<ShownToDate>,
    /// Whether it is the sum of the rows above it.
    pub is_sum: bool,
}

impl From<SettlementPart> for ShownSettlement {
    fn from(SettlementPart { words, month, to_date }: SettlementPart) -> ShownSettlement {
        let to_date = to_date.map(|[quarter, year]| AmountsToDate { quarter, year }.into());
        ShownSettlement { words, month: amount(month), to_date, is_sum: words == TO_PAY }
    }
}

// Forfeited and pending ------------------------------------------------------------------------------------------------

/// An amount that is not paid now: forfeited, or pending.
pub struct NotPaid {
    pub what: String,
    /// When it was forfeited, or is expected.
    pub on: String,
    pub amount: String,
    pub reasons: Vec<String>,
}

impl NotPaid {
    pub fn forfeited(row: &Forfeited, view: BookView<'_>) -> NotPaid {
        let what = view.part_of(&line_of_forfeited(row));
        NotPaid { what, on: forfeited_on(row), amount: amount(row.amount), reasons: reasons(row, view) }
    }

    pub fn pending(row: &Pending, view: BookView<'_>) -> NotPaid {
        let waits = Some(waits(&row.waiting_for)).filter(|words| !words.is_empty());
        NotPaid {
            what: view.part_of(&line_of_pending(row)),
            on: expected(row),
            amount: amount(row.amount),
            reasons: waits.into_iter().chain(judged_words(row)).collect(),
        }
    }

    /// What was pending, and is not any more.
    pub fn gone(was: &Pending, view: BookView<'_>) -> NotPaid {
        let what = view.part_of(&line_of_pending(was));
        NotPaid { what, on: String::new(), amount: amount(was.amount), reasons: Vec::new() }
    }
}
