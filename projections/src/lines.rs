//! Posted lines: what earlier closes posted, line by line (calculation.md 9).

pub(crate) mod encoding;

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use ledger::date::{Day, Month};
use ledger::fact::item_key::ItemKey;
use ledger::fact::{DisputedLine, Nature, Posting};
use ledger::field::Amount;
use ledger::id::{AccountId, ComponentId, Name, PayeeId, PlanId, percent_decoded, percent_encoded};
use ledger::money::{Currency, Money};

use crate::position::Position;

/// A payee and a currency: the subject of a statement.
pub type PayeeCurrency = (PayeeId, Currency);

/// The name of a line of one payee and currency (calculation.md 9). Ordered as on statements.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct LineName {
    /// The plan; `None` for an adjustment.
    pub plan: Option<PlanId>,
    /// The component; `adjustment` for an adjustment.
    pub component: ComponentId,
    /// The key of the item; the fact's id for an adjustment.
    pub item: ItemKey,
    /// The installment's or clawback's id, or `whole`; `None` for an adjustment.
    pub part: Option<Name>,
}

/// `plan/component/part/item`, percent-encoded, as commands take it.
impl std::fmt::Display for LineName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        WrittenLine::from(self).fmt(f)
    }
}

/// The name of a line as somebody wrote it. What its item is follows from the line that it names.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct WrittenLine {
    /// `None` for an adjustment.
    pub plan: Option<PlanId>,
    /// The component.
    pub component: ComponentId,
    /// The text of the item's key.
    pub item: String,
    /// The installment's or clawback's id, or `whole`; `None` for an adjustment.
    pub part: Option<Name>,
}

impl std::fmt::Display for WrittenLine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let plan = self.plan.as_ref().map_or("", PlanId::as_str);
        let part = self.part.as_ref().map_or("", Name::as_str);
        let parts = [plan, self.component.as_str(), part, &self.item].map(percent_encoded);
        f.write_str(&parts.join("/"))
    }
}

impl WrittenLine {
    /// Reads what a line's name is written as.
    pub fn parse(text: &str) -> Option<WrittenLine> {
        let mut parts = text.split('/').map(percent_decoded);
        let (plan, component, part, item) = (parts.next()??, parts.next()??, parts.next()??, parts.next()??);
        let is_adjustment = plan.is_empty() && part.is_empty();
        let plan = if is_adjustment { None } else { Some(PlanId::new(&plan)?) };
        let part = if is_adjustment { None } else { Some(Name::new(&part)?) };
        let name = WrittenLine { plan, component: ComponentId::new(&component)?, item, part };
        parts.next().is_none().then_some(name)
    }
}

impl From<&LineName> for WrittenLine {
    fn from(name: &LineName) -> WrittenLine {
        let LineName { plan, component, item, part } = name.clone();
        WrittenLine { plan, component, item: item.to_string(), part }
    }
}

impl From<&DisputedLine> for LineName {
    fn from(line: &DisputedLine) -> LineName {
        let DisputedLine { plan, component, item, part, .. } = line.clone();
        LineName { plan, component, item, part }
    }
}

/// What all closes together posted of a line.
#[derive(Clone, Debug)]
pub struct PostedLine {
    /// The amount: the sum of its postings.
    pub entitled: Money,
    /// The date of the item.
    pub date: Day,
    /// The account of the item; `None` where it is over several accounts, or of none.
    pub account: Option<AccountId>,
    /// The day on which it was due by the last posting.
    pub due: Day,
    /// Whether it is earned, clawed back or adjusted.
    pub nature: Nature,
    /// The version of the plan by the last posting; `None` for an adjustment.
    pub version: Option<u32>,
    /// The month of the last posting.
    pub last: Month,
    /// The positions of its postings.
    pub positions: Vec<Position>,
}

/// All posted lines.
#[derive(Clone, Debug, Default)]
pub struct PostedLines {
    /// The lines of each payee and currency, by name.
    pub posted: BTreeMap<PayeeCurrency, BTreeMap<LineName, PostedLine>>,
}

impl PostedLines {
    /// Adds a posting, which is at a position of the log.
    pub fn apply(&mut self, posting: Posting, position: Position) {
        let Posting { payee, currency, plan, component, item, part, .. } = posting;
        let Posting { date, account, entitled, due, nature, version, period, .. } = posting;
        let lines = self.posted.entry((payee, currency)).or_default();
        let posted = PostedLine {
            entitled: money(entitled, currency),
            date,
            account,
            due,
            nature,
            version,
            last: period,
            positions: Vec::new(),
        };
        match lines.entry(LineName { plan, component, item, part }) {
            Entry::Vacant(vacant) => _ = vacant.insert(PostedLine { positions: vec![position], ..posted }),
            Entry::Occupied(known) => {
                let known = known.into_mut();
                let mut positions = std::mem::take(&mut known.positions);
                assert!(positions.last() < Some(&position), "BUG: postings of a line do not ascend");
                positions.push(position);
                *known = PostedLine { positions, ..posted };
            }
        }
    }
}

/// The name of the line that a posting belongs to.
pub fn name_of(posting: &Posting) -> LineName {
    LineName {
        plan: posting.plan.clone(),
        component: posting.component.clone(),
        item: posting.item.clone(),
        part: posting.part.clone(),
    }
}

/// A stored amount as money. Closes write whole minor units only.
pub fn money(amount: Amount, currency: Currency) -> Money {
    let scale = amount.decimals();
    assert!(scale <= currency.digits(), "BUG: {amount} is finer than {currency}");
    Money { minor: amount.0.mantissa() * 10i128.pow(currency.digits() - scale), currency }
}
