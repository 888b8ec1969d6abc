//! `--deal`: a booking as somebody asks about it before it is signed.

use std::str::FromStr;

use ledger::date::{Day, Month};
use ledger::fact::item_key::ItemKey;
use ledger::id::PayeeId;
use ledger::money::Currency;
use replay::bridge::whatif::Trial;
use replay::statements::pending::pending;

use crate::failure::Failure;
use crate::refusal::{CommandRefusal, CompareRefusal};
use crate::render::amount::amount;
use crate::render::bridge::words::line_words;
use crate::render::statement::explain::{EntryWords, steps_of, write_steps};
use crate::render::statement::item::BookView;
use crate::render::statement::page::waits;
use crate::session::state::Session;

/// The fields that a deal may have, as a `booking` fact names them.
const FIELDS: [&str; 10] =
    ["arr", "tcv", "motion", "at", "account", "months", "currency", "product", "start", "contract"];
/// Where no term is named.
const MONTHS: u32 = 12;

/// A deal that is tried out: the name of its booking, and who has the credit.
pub struct TriedDeal {
    pub booking: String,
    pub payee: PayeeId,
}

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

    /// The deal as a booking of this name, in a line of facts. Without a currency it is in that of the payee's plans.
    pub fn fact(&self, name: &str, payee: &PayeeId, trial: &Trial) -> Result<String, Failure> {
        let mut fact = serde_json::Map::new();
        let text = |value: &str| serde_json::Value::String(value.to_owned());
        fact.insert("fact".to_owned(), text("booking"));
        fact.insert("booking".to_owned(), text(name));
        fact.insert("account".to_owned(), text(name));
        fact.insert("months".to_owned(), MONTHS.into());
        for (name, value) in &self.fields {
            let value = match (name.as_str(), value.parse::<u32>()) {
                ("months", Ok(months)) => months.into(),
                _ => text(value),
            };
            fact.insert(name.clone(), value);
        }
        if !self.fields.iter().any(|(name, _)| name == "currency") {
            fact.insert("currency".to_owned(), text(&self.currency(payee, trial)?.to_string()));
        }
        let share = serde_json::json!({ "payee": payee.as_str(), "percent": "100%" });
        fact.insert("credit".to_owned(), serde_json::Value::Array(vec![share]));
        Ok(serde_json::Value::Object(fact).to_string() + "\n")
    }

    /// The currency of the payee's plans on the day of signing.
    fn currency(&self, payee: &PayeeId, trial: &Trial) -> Result<Currency, Failure> {
        let currencies = trial.currencies_on(payee, self.at);
        match currencies[..] {
            [currency] => Ok(currency),
            _ => {
                let refusal = CompareRefusal::DealCurrency { payee: payee.clone(), currencies, at: self.at };
                Err(Failure::refused(CommandRefusal::Compare(refusal)))
            }
        }
    }

    /// What the deal itself would bring the payee: what is due by the end of the month, by which rule, and what is pending then.
    pub fn write(&self, tried: &TriedDeal, trial: &Trial, to: Month, session: &mut Session) -> Result<(), Failure> {
        let TriedDeal { booking, payee } = tried;
        session.out.blank()?;
        let lines = trial.lines_of_booking(payee, to, booking);
        let pending: Vec<_> = pending(trial.state(), Some(payee), to)
            .into_iter()
            .filter(|one| matches!(&one.pending.item, ItemKey::Booking(id) if id.as_str() == booking))
            .collect();
        writeln!(session.out, "The deal itself, to {payee}:")?;
        if lines.is_empty() && pending.is_empty() {
            let nothing = if trial.currencies_on(payee, self.at).is_empty() {
                format!("nothing: {payee} is assigned to no plan on {}.", self.at)
            } else {
                format!("nothing: no component of a plan that {payee} is assigned to on {} measures it.", self.at)
            };
            writeln!(session.out, "  {nothing}")?;
        }
        for line in &lines {
            let (name, money) = (line_words(&line.name), line.amount);
            writeln!(session.out, "{name} due {}: {} {}", line.due, amount(money), money.currency)?;
            let view = BookView::new(trial.book(), trial.state().size());
            let steps = steps_of(&line.name, line.version, &line.why, view, &mut EntryWords::of(trial.book()))?;
            write_steps(&steps, &mut session.out)?;
        }
        for one in &pending {
            let (pending, money) = (&one.pending, one.pending.amount);
            let on = pending.on.map_or_else(|| "no date yet".to_owned(), |day| format!("expected {day}"));
            let waits = waits(&pending.waiting_for);
            let waits = if waits.is_empty() { String::new() } else { format!(", {waits}") };
            let name = line_words(&one.line());
            writeln!(session.out, "{name} pending: {} {}, {on}{waits}", amount(money), money.currency)?;
        }
        Ok(())
    }
}
