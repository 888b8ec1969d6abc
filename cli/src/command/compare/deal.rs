//! `--deal`: a booking as somebody asks about it before it is signed.

use std::str::FromStr;

use ledger::date::{Day, Month};
use ledger::fact::item_key::ItemKey;
use ledger::id::PayeeId;
use ledger::money::Currency;
use replay::bridge::whatif::Trial;
use replay::state::State;
use replay::statements::pending::pending;

use crate::failure::Failure;
use crate::refusal::CommandRefusal;
use crate::render::amount::amount;
use crate::render::statement::explain::{EntryWords, steps_of, write_steps};
use crate::render::statement::item::BookView;
use crate::render::statement::page::waits;
use crate::session::state::Session;

/// The fields that a deal may have, as a `booking` fact names them.
const FIELDS: [&str; 10] =
    ["arr", "tcv", "motion", "at", "account", "months", "currency", "product", "start", "contract"];
/// The id of the booking.
const BOOKING: &str = "whatif-deal";
/// Where no account is named.
const ACCOUNT: &str = "whatif-account";
/// Where no term is named.
const MONTHS: u32 = 12;

/// A deal that is not signed.
#[derive(Clone, Debug)]
pub struct Deal {
    fields: Vec<(String, String)>,
    at: Day,
}

impl FromStr for Deal {
    type Err = String;

    fn from_str(text: &str) -> Result<Deal, String> {
        let mut fields: Vec<(String, String)> = Vec::new();
        for part in text.split(',') {
            let (name, value) =
                part.split_once('=').ok_or_else(|| format!("`{part}` is not of the form NAME=VALUE"))?;
            let (name, value) = (name.trim(), value.trim());
            if !FIELDS.contains(&name) {
                return Err(format!("`{name}` is no field of a deal; there are {}", FIELDS.join(", ")));
            }
            if fields.iter().any(|(known, _)| known == name) {
                return Err(format!("`{name}` is there twice"));
            }
            fields.push((name.to_owned(), value.to_owned()));
        }
        let value = |name: &str| fields.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
        let at = value("at").ok_or("it needs the date of signing, `at=2027-05-10`")?;
        let at = Day::parse(at).ok_or_else(|| format!("`at={at}` is no date; write one like 2027-05-10"))?;
        if value("arr").is_none() {
            return Err("it needs what is committed in a year, `arr=120000`".to_owned());
        }
        Ok(Deal { fields, at })
    }
}

impl Deal {
    /// The day of signing.
    pub fn at(&self) -> Day {
        self.at
    }

    fn value(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The deal as a line of facts. Without a currency it is in that of the payee's plans.
    pub fn fact(&self, payee: &PayeeId, state: &State) -> Result<String, Failure> {
        let mut fact = serde_json::Map::new();
        let text = |value: &str| serde_json::Value::String(value.to_owned());
        fact.insert("fact".to_owned(), text("booking"));
        fact.insert("booking".to_owned(), text(BOOKING));
        fact.insert("account".to_owned(), text(ACCOUNT));
        fact.insert("months".to_owned(), MONTHS.into());
        for (name, value) in &self.fields {
            let value = match (name.as_str(), value.parse::<u32>()) {
                ("months", Ok(months)) => months.into(),
                _ => text(value),
            };
            fact.insert(name.clone(), value);
        }
        if self.value("currency").is_none() {
            fact.insert("currency".to_owned(), text(&self.currency(payee, state)?.to_string()));
        }
        let share = serde_json::json!({ "payee": payee.as_str(), "percent": "100%" });
        fact.insert("credit".to_owned(), serde_json::Value::Array(vec![share]));
        Ok(serde_json::Value::Object(fact).to_string() + "\n")
    }

    /// The currency of the payee's plans on the day of signing.
    fn currency(&self, payee: &PayeeId, state: &State) -> Result<Currency, Failure> {
        let view = projections::view::View::new(state.knowledge(), state.size());
        let mut currencies: Vec<Currency> = Vec::new();
        for assignment in view.assignments(payee.as_str()) {
            let plan = assignment.fact.plan.as_str();
            if let Some(published) = state.rules().in_force(plan, self.at, view.visibility)
                && !currencies.contains(&published.plan.currency)
            {
                currencies.push(published.plan.currency);
            }
        }
        match currencies[..] {
            [currency] => Ok(currency),
            _ => Err(Failure::refused(CommandRefusal::DealCurrency { payee: payee.clone(), currencies })),
        }
    }

    /// What the deal itself would bring the payee: what is due by the end of the month, by which rule, and what is pending then.
    pub fn write(&self, trial: &Trial, payees: &[PayeeId], to: Month, session: &mut Session) -> Result<(), Failure> {
        let Some(payee) = payees.first() else { return Ok(()) };
        session.out.blank()?;
        let lines = trial.lines_of_booking(payee, to, BOOKING);
        let pending: Vec<_> = pending(trial.state(), Some(payee), to)
            .into_iter()
            .filter(|one| matches!(&one.pending.item, ItemKey::Booking(id) if id.as_str() == BOOKING))
            .collect();
        writeln!(session.out, "The deal itself, to {payee}:")?;
        if lines.is_empty() && pending.is_empty() {
            writeln!(session.out, "  nothing: no component of a plan that the payee is assigned to measures it.")?;
        }
        for line in &lines {
            let money = line.amount;
            writeln!(session.out, "{} due {}: {} {}", line.name, line.due, amount(money), money.currency)?;
            let view = BookView::new(trial.book(), trial.state().size());
            let steps = steps_of(&line.name, line.version, &line.why, view, &mut EntryWords::of(trial.book()))?;
            write_steps(&steps, &mut session.out)?;
        }
        for one in &pending {
            let (pending, money) = (&one.pending, one.pending.amount);
            let on = pending.on.map_or_else(|| "no date yet".to_owned(), |day| format!("expected {day}"));
            let waits = waits(&pending.waiting_for);
            let waits = if waits.is_empty() { String::new() } else { format!(", {waits}") };
            writeln!(session.out, "{} pending: {} {}, {on}{waits}", one.line(), amount(money), money.currency)?;
        }
        Ok(())
    }
}
