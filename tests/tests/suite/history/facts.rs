//! Generates random facts that are valid after the ones before them (docs/facts.md).

use serde_json::{Value, json};

use super::choices::{Choices, Chooser};
use super::steps::day_near;
use super::terms::THIRD;
use crate::model::calendar::{Day, Month};

const PAYEES: [&str; 4] = ["ana", "bea", "cam", "dee"];
const ACCOUNTS: [&str; 3] = ["acme", "bolt", "corp"];
const EARLY: &str = "2025-01-01";
const LATE_TOO: [i64; 8] = [0, 0, 0, 0, -1, -1, -2, 1];

pub struct FactGenerator {
    start: Month,
    currencies: Vec<String>,
    /// The latest version of each plan.
    pub plans: Vec<Value>,
    payees: Vec<&'static str>,
    accounts: Vec<&'static str>,
    /// What was recorded and may be named again.
    recorded: Vec<Value>,
    pending: Vec<Value>,
    next_id: u32,
}

impl FactGenerator {
    pub fn new(start: Month, currencies: Vec<String>, plans: Vec<Value>) -> FactGenerator {
        let mut generator = FactGenerator {
            start,
            currencies,
            plans,
            payees: Vec::new(),
            accounts: Vec::new(),
            recorded: Vec::new(),
            pending: Vec::new(),
            next_id: 0,
        };
        for (from, to) in generator.pairs() {
            let rate = if from == "JPY" { "0.0068" } else { "1.0842" };
            generator.tell(json!({"fact": "exchange-rate", "at": EARLY, "from": from, "to": to, "rate": rate}));
        }
        generator
    }

    /// The facts since the last time.
    pub fn take(&mut self) -> Vec<Value> {
        std::mem::take(&mut self.pending)
    }

    fn tell(&mut self, mut fact: Value) {
        self.next_id += 1;
        fact["id"] = json!(format!("{:08x}-0000-4000-8000-000000000000", self.next_id.wrapping_mul(2_654_435_761)));
        self.recorded.push(fact.clone());
        self.pending.push(fact);
    }

    fn pairs(&self) -> Vec<(String, String)> {
        let each = |from: &String| {
            let others = self.currencies.iter().filter(move |to| *to != from).cloned().collect::<Vec<_>>();
            others.into_iter().map(|to| (from.clone(), to)).collect::<Vec<_>>()
        };
        self.currencies.iter().flat_map(each).collect()
    }

    /// The last recorded fact of one of the kinds, by choice.
    fn one_recorded(&self, c: &mut Chooser, kind: &str) -> Option<Value> {
        let all: Vec<&Value> = self.recorded.iter().filter(|fact| fact["fact"] == kind).collect();
        (!all.is_empty()).then(|| all[all.len() - 1 - c.below(all.len())].clone())
    }

    pub fn people(&mut self, seeds: &[Choices]) {
        for (place, seed) in seeds.iter().enumerate() {
            let c = &mut Chooser::of(seed);
            let mut fact =
                json!({"fact": "payee", "at": EARLY, "payee": PAYEES[place], "currency": self.currencies[0]});
            if let Some(cap) = c.pick(&[None, None, Some("50%"), Some(THIRD), Some("0%")]) {
                fact["recovery_cap"] = json!(cap);
            }
            if let Some(team) = c.pick(&[None, Some("west"), Some("west"), Some("east")]) {
                fact["team"] = json!(team);
            }
            if place > 0 && c.one_in(2) {
                fact["manager"] = json!(PAYEES[c.below(place)]);
            }
            self.payees.push(PAYEES[place]);
            self.tell(fact);
        }
    }

    pub fn accounts(&mut self, seeds: &[Choices]) {
        for (place, seed) in seeds.iter().enumerate() {
            let c = &mut Chooser::of(seed);
            let mut fact = json!({"fact": "account", "at": EARLY, "account": ACCOUNTS[place]});
            if let Some(segment) = c.pick(&[None, Some("enterprise"), Some("enterprise"), Some("mid")]) {
                fact["segment"] = json!(segment);
            }
            if let Some(region) = c.pick(&[None, Some("emea"), Some("amer")]) {
                fact["region"] = json!(region);
            }
            if c.one_in(2) {
                fact["attributes"] = json!({"tier": c.pick(&["gold", "silver"])});
            }
            self.accounts.push(ACCOUNTS[place]);
            self.tell(fact);
            let at = c.pick(&[EARLY.to_owned(), self.start.first().to_string()]);
            let shares = self.shares(c);
            self.tell(json!({"fact": "credit-split", "at": at, "on": {"account": ACCOUNTS[place]}, "shares": shares}));
        }
    }

    fn shares(&self, c: &mut Chooser) -> Value {
        let first = c.below(self.payees.len());
        let payee = |away: usize| self.payees[(first + away) % self.payees.len()];
        let mut shares = match (c.below(5), self.payees.len()) {
            (2 | 4, 2..) => vec![
                json!({"payee": payee(0), "percent": "60%"}),
                json!({"payee": payee(1), "percent": "40%", "role": "primary"}),
            ],
            (3, 3..) => (0..3).map(|away| json!({"payee": payee(away), "percent": THIRD})).collect(),
            (1, _) => vec![json!({"payee": payee(0), "percent": c.pick(&["60%", THIRD])})],
            _ => vec![json!({"payee": payee(0), "percent": "100%"})],
        };
        if c.one_in(3) {
            shares.push(json!({"payee": payee(1), "percent": c.pick(&["100%", "50%", "12.5%"]), "role": c.pick(&["overlay", "partner"])}));
        }
        Value::Array(shares)
    }

    pub fn assignment(&mut self, c: &mut Chooser, around: Month) {
        // One after the other, so that everybody is assigned sooner than somebody twice.
        let so_far = self.recorded.iter().filter(|fact| fact["fact"] == "assignment").count();
        let payee = self.payees[(so_far + c.pick(&[0, 0, 0, 1])) % self.payees.len()];
        let plan = c.pick(&self.plans);
        let at = if c.one_in(2) { day_near(c, around, &[0, -1, 1, -2]) } else { around.first() };
        let mut fact = json!({"fact": "assignment", "at": at.to_string(), "payee": payee, "plan": plan["plan"]});
        match c.below(4) {
            2 => fact["until"] = json!(day_near(c, Month(at.month().0 + 3), &[0, 1, 2, -1]).to_string()),
            3 => fact["until"] = json!(at.plus_months(14).to_string()),
            _ => {}
        }
        for component in plan["component"].as_array().expect("a list") {
            let id = component["id"].as_str().expect("an id");
            if component["rate"] == "assigned" {
                fact["rates"][id] = json!(c.pick(&["10%", "5%", "3.333333333%"]));
            }
            if component["quota"] == "assigned" && !c.one_in(8) {
                fact["quota"][id] = json!(self.quota(c, component));
            }
            if component.get("target").is_some() {
                fact["target"] = json!(c.amount(60_000, &self.currencies[0]));
            }
            if component.get("ramp").is_some() && c.one_in(3) {
                fact["ramp_from"] = json!(day_near(c, at.month(), &[0, -1, -2, 1]).to_string());
            }
        }
        self.tell(fact);
    }

    fn quota(&self, c: &mut Chooser, component: &Value) -> String {
        let measure = &component["measure"];
        let counts = measure["booking"] == "count" || measure["value"] == "count";
        let most = if counts {
            6
        } else if measure.get("booking").is_some() {
            90_000
        } else {
            20_000
        };
        c.amount(most, if counts { "JPY" } else { &self.currencies[0] })
    }

    /// One fact, or a pair that belongs together.
    pub fn fact(&mut self, c: &mut Chooser, month: Month, first: bool) {
        match c.below(44) {
            0..=8 => self.usage(c, month),
            9..=15 => self.booking(c, month),
            16..=21 => self.signal(c, month),
            22 | 23 => self.split(c, month),
            24 => self.cancellation(c, month),
            25 => self.credit_note(c, month),
            26 | 27 => self.usage_again(c),
            28 | 29 => self.booking_corrected(c),
            30 if c.one_in(2) => self.credit_note(c, month),
            30 | 31 => self.retraction(c),
            32 => self.quota_fact(c, month),
            33 => self.assignment(c, month),
            34 => self.end(c, month),
            35 | 36 => self.payee_changed(c, month),
            37 => self.account_or_rate(c, month),
            38 if first => self.opening(c),
            38 => self.signal_corrected(c),
            39 => self.adjustment(c, month),
            40..=42 => self.usage_complete(c, month),
            _ => self.complete_corrected(c),
        }
    }

    fn contract(&self, c: &mut Chooser) -> (&'static str, Option<String>) {
        let account = c.pick(&self.accounts);
        (account, c.pick(&[None, None, Some(format!("K1-{account}")), Some(format!("K2-{account}"))]))
    }

    /// A contract has one currency for its bookings and one for its usage: by its name.
    fn currency_of(&self, account: &str, contract: &Option<String>, of_usage: bool) -> String {
        let other = match contract {
            None => account == "bolt",
            Some(contract) => contract.starts_with("K1") != of_usage,
        };
        self.currencies[if other { self.currencies.len() - 1 } else { 0 }].clone()
    }

    /// After what was recorded of the contract and meter: intervals never overlap by themselves.
    fn usage(&mut self, c: &mut Chooser, month: Month) {
        let (account, contract) = self.contract(c);
        let meter = c.pick(&[None, None, Some("api"), Some("store")]);
        let same = |fact: &&Value| {
            fact["fact"] == "usage-snapshot"
                && fact["account"] == account
                && fact["contract"] == json!(contract)
                && fact["meter"] == json!(meter)
        };
        let last = self.recorded.iter().filter(same).filter_map(|fact| fact["to"].as_str()).map(Day::parse).max();
        let away = c.pick(&[0, -1, -3, -6]);
        let from = last.map(|day| day.plus(1 + c.pick(&[0, 0, 0, 5]))).unwrap_or(Month(self.start.0 + away).first());
        if from > month.last().plus(60) {
            return;
        }
        let to = match c.below(3) {
            0 => from.month().last(),
            1 => from.plus(c.below(80) as i64),
            _ => from.plus_months(3).plus(-1),
        };
        let currency = self.currency_of(account, &contract, true);
        let amount = c.amount(60_000, &currency);
        let sign = if c.one_in(14) { "-" } else { "" };
        let mut fact = json!({"fact": "usage-snapshot", "account": account, "from": from.to_string(), "to": to.to_string(), "amount": format!("{sign}{amount}"), "currency": currency});
        if c.one_in(2) {
            fact["quantity"] = json!(c.amount(20_000, "USD"));
        }
        insert(&mut fact, "contract", contract);
        insert(&mut fact, "meter", meter.map(str::to_owned));
        self.tell(fact);
    }

    /// Sent again with other content, or a longer interval in place of those inside it.
    fn usage_again(&mut self, c: &mut Chooser) {
        let Some(mut fact) = self.one_recorded(c, "usage-snapshot") else { return };
        let currency = fact["currency"].as_str().expect("a currency").to_owned();
        fact["amount"] = json!(c.amount(60_000, &currency));
        let day = |name: &str| Day::parse(fact[name].as_str().expect("a day"));
        let (from, to) = (day("from"), day("to"));
        if c.one_in(4) {
            fact["from"] = json!(from.plus(-(c.below(4) as i64)).to_string());
            fact["to"] = json!(to.plus(c.below(9) as i64).to_string());
            fact["replaces"] = json!("overlapping");
        }
        self.tell(fact);
    }

    fn booking(&mut self, c: &mut Chooser, month: Month) {
        let (account, contract) = self.contract(c);
        let at = day_near(c, month, &LATE_TOO);
        let currency = self.currency_of(account, &contract, false);
        let id = format!("B-{}", self.recorded.iter().filter(|fact| fact["fact"] == "booking").count() + 1);
        let sign = if c.one_in(10) { "-" } else { "" };
        let arr = format!("{sign}{}", c.amount(120_000, &currency));
        let motion = c.pick(&["new-logo", "new-logo", "expansion"]);
        let mut fact = json!({"fact": "booking", "at": at.to_string(), "booking": id, "account": account, "motion": motion, "arr": arr, "currency": currency});
        insert(&mut fact, "contract", contract);
        if c.one_in(3) {
            fact["product"] = json!(c.pick(&["core", "extra"]));
        }
        if c.one_in(2) {
            fact["start"] = json!(at.plus(c.pick(&[15, 30, -20, 0])).to_string());
        }
        if let Some(months) = c.pick(&[None, None, Some(1), Some(3), Some(7), Some(36)]) {
            fact["months"] = json!(months);
        }
        if c.one_in(6) {
            fact["tcv"] = json!(c.pick(&["5000", "0", "90000"]));
        }
        if c.one_in(2) {
            fact["amounts"] = json!({"services": c.amount(30_000, &currency)});
        }
        if c.one_in(2) {
            fact["credit"] = self.shares(c);
        }
        if c.one_in(4) {
            fact["attributes"] = json!({"tier": c.pick(&["gold", "tin"])});
        }
        self.tell(fact);
    }

    fn booking_corrected(&mut self, c: &mut Chooser) {
        let Some(mut fact) = self.one_recorded(c, "booking") else { return };
        let id = fact["booking"].as_str().expect("an id").to_owned();
        let currency = fact["currency"].as_str().expect("a currency").to_owned();
        let at = Day::parse(fact["at"].as_str().expect("a day"));
        match c.below(6) {
            0 | 1 => fact["arr"] = json!(c.amount(120_000, &currency)),
            2 => fact["credit"] = self.shares(c),
            3 => fact["motion"] = json!(c.pick(&["expansion", "new-logo"])),
            4 => fact["months"] = json!(c.pick(&[6, 24, 1])),
            _ => fact["at"] = json!(at.plus(c.below(41) as i64 - 20).to_string()),
        }
        fact["corrects"] = c.pick(&[json!(true), json!(format!("booking:{id}"))]);
        self.tell(fact);
    }

    fn cancellation(&mut self, c: &mut Chooser, month: Month) {
        let Some(booking) = self.one_recorded(c, "booking") else { return };
        let signed = Day::parse(booking["at"].as_str().expect("a day"));
        let start = Day::parse(booking["start"].as_str().or(booking["at"].as_str()).expect("a day"));
        let at = match c.below(4) {
            3 => start.plus_months(c.below(3) as i64).max(signed),
            _ => day_near(c, month, &LATE_TOO).max(signed),
        };
        self.tell(json!({"fact": "cancellation", "at": at.to_string(), "booking": booking["booking"]}));
    }

    /// A part of what was booked, or a correction of such a note. A few notes take too much and are refused.
    fn credit_note(&mut self, c: &mut Chooser, month: Month) {
        let Some(booking) = self.one_recorded(c, "booking") else { return };
        let signed = Day::parse(booking["at"].as_str().expect("a day"));
        let at = day_near(c, month, &LATE_TOO).max(signed);
        let mut fact = match self.one_recorded(c, "credit-note") {
            Some(mut known) if c.one_in(3) => {
                known["corrects"] = json!(true);
                known
            }
            _ => {
                let id =
                    format!("CN-{}", self.recorded.iter().filter(|fact| fact["fact"] == "credit-note").count() + 1);
                json!({"fact": "credit-note", "credit_note": id, "booking": booking["booking"]})
            }
        };
        fact["at"] = json!(at.to_string());
        for name in ["arr", "tcv", "amounts"] {
            fact.as_object_mut().expect("an object").remove(name);
        }
        let whole = |text: &Value| text.as_str().and_then(|text| text.split('.').next()?.parse::<u64>().ok());
        let arr = whole(&booking["arr"]).unwrap_or(7).max(1);
        let part = |c: &mut Chooser, of: u64| (of * c.pick(&[1, 2, 3, 5, 10]) / 10).max(1).to_string();
        match c.below(6) {
            0..=2 => fact["arr"] = json!(part(c, arr)),
            3 => fact["tcv"] = json!(part(c, whole(&booking["tcv"]).unwrap_or(arr))),
            4 => {
                fact["arr"] = json!(part(c, arr));
                fact["tcv"] = json!(part(c, whole(&booking["tcv"]).unwrap_or(arr)));
            }
            _ => {
                let services = whole(&booking["amounts"]["services"]);
                fact["amounts"] = json!({"services": part(c, services.unwrap_or(9))});
                if services.is_none() || c.one_in(3) {
                    fact["arr"] = json!(part(c, arr));
                    fact["amounts"] = services.map_or(json!({}), |services| json!({"services": part(c, services)}));
                }
            }
        }
        if fact["amounts"] == json!({}) {
            fact.as_object_mut().expect("an object").remove("amounts");
        }
        if c.one_in(3) {
            fact["reason"] = json!("seats returned");
        }
        self.tell(fact);
    }

    /// On a booking, a contract, an account, or for a payee alone.
    fn thing(&self, c: &mut Chooser) -> Value {
        let (account, contract) = self.contract(c);
        match (c.below(8), self.one_recorded(c, "booking"), contract) {
            (0..=3, Some(booking), _) => json!({"booking": booking["booking"]}),
            (4, _, Some(contract)) => json!({"contract": contract, "account": account}),
            (5, _, _) => json!({"payee": c.pick(&self.payees)}),
            _ => json!({"account": account}),
        }
    }

    fn signal(&mut self, c: &mut Chooser, month: Month) {
        let name = c.pick(&["go-live", "go-live", "csat", "csat", "activated", "activated", "approved", "unpaid"]);
        let at = day_near(c, month, &LATE_TOO);
        let mut fact = json!({"fact": "signal", "at": at.to_string(), "signal": name});
        for (member, value) in self.thing(c).as_object().expect("members") {
            fact[member] = value.clone();
        }
        if name == "csat" {
            fact["value"] = json!(c.pick(&["30", "45", "50", "35.5", "62"]));
        } else if name == "go-live" && !c.one_in(8) {
            let currency = c.pick(&self.currencies);
            fact["value"] = json!(c.amount(40_000, &currency));
            insert(&mut fact, "currency", c.one_in(2).then_some(currency));
        }
        self.tell(fact);
    }

    fn signal_corrected(&mut self, c: &mut Chooser) {
        let Some(mut fact) = self.one_recorded(c, "signal") else { return };
        fact["corrects"] = fact["id"].clone();
        match c.below(3) {
            0 => fact["note"] = json!("a typo"),
            1 if fact.get("value").is_some() => fact["value"] = json!(c.pick(&["40", "20", "1234"])),
            _ => {
                fact["at"] =
                    json!(Day::parse(fact["at"].as_str().expect("a day")).plus(c.below(31) as i64 - 15).to_string())
            }
        }
        self.tell(fact);
    }

    fn split(&mut self, c: &mut Chooser, month: Month) {
        let thing = self.thing(c);
        let (account, _) = self.contract(c);
        let on = match (thing.get("booking"), thing.get("contract")) {
            (Some(booking), _) => json!({"booking": booking}),
            (_, Some(contract)) => json!({"contract": contract}),
            _ => json!({"account": account}),
        };
        let at = day_near(c, month, &LATE_TOO);
        let shares = self.shares(c);
        self.tell(json!({"fact": "credit-split", "at": at.to_string(), "on": on, "shares": shares}));
    }

    /// Of everybody or of one account, mostly of the month before.
    fn usage_complete(&mut self, c: &mut Chooser, month: Month) {
        let at = match c.below(3) {
            0 => day_near(c, month, &[0, -1, -2, 1]),
            away => Month(month.0 - away as i64).last(),
        };
        let account = c.one_in(2).then(|| c.pick(&self.accounts).to_owned());
        let mut fact = json!({"fact": "usage-complete", "at": at.to_string()});
        insert(&mut fact, "account", account);
        let is_recorded = |recorded: &&Value| {
            recorded["fact"] == "usage-complete"
                && recorded["at"] == fact["at"]
                && recorded["account"] == fact["account"]
        };
        if self.recorded.iter().find(is_recorded).is_none() {
            self.tell(fact);
        }
    }

    /// It reaches less far, or farther, or it is another account's.
    fn complete_corrected(&mut self, c: &mut Chooser) {
        let Some(mut fact) = self.one_recorded(c, "usage-complete") else { return };
        fact["corrects"] = fact["id"].clone();
        if c.one_in(4) {
            fact["account"] = json!(c.pick(&self.accounts));
        } else {
            let at = Day::parse(fact["at"].as_str().expect("a day"));
            fact["at"] = json!(at.plus(c.below(61) as i64 - 40).to_string());
        }
        self.tell(fact);
    }

    /// Facts that no other fact depends on.
    fn retraction(&mut self, c: &mut Chooser) {
        let kind = c.pick(&[
            "usage-snapshot",
            "signal",
            "booking",
            "credit-split",
            "cancellation",
            "credit-note",
            "adjustment",
            "quota",
            "payee",
            "usage-complete",
            "usage-complete",
        ]);
        let Some(fact) = self.one_recorded(c, kind).filter(|fact| fact["at"] != EARLY) else { return };
        self.tell(json!({"fact": "retraction", "retracts": fact["id"], "reason": "a mistake"}));
    }

    fn quota_fact(&mut self, c: &mut Chooser, month: Month) {
        let Some(assignment) = self.one_recorded(c, "assignment") else { return };
        let Some(plan) = self.plans.iter().find(|plan| plan["plan"] == assignment["plan"]) else { return };
        let components = plan["component"].as_array().expect("a list");
        let Some(component) = components.iter().find(|component| component["quota"] == "assigned") else { return };
        let amount = self.quota(c, component);
        let at = day_near(c, month, &LATE_TOO).max(Day::parse(assignment["at"].as_str().expect("a day")));
        self.tell(json!({"fact": "quota", "at": at.to_string(), "payee": assignment["payee"], "plan": assignment["plan"], "component": component["id"], "amount": amount}));
    }

    fn end(&mut self, c: &mut Chooser, month: Month) {
        let Some(assignment) = self.one_recorded(c, "assignment") else { return };
        let at = day_near(c, month, &LATE_TOO).max(Day::parse(assignment["at"].as_str().expect("a day")));
        self.tell(json!({"fact": "assignment-end", "at": at.to_string(), "payee": assignment["payee"], "plan": assignment["plan"]}));
    }

    fn payee_changed(&mut self, c: &mut Chooser, month: Month) {
        let place = c.below(self.payees.len());
        let at = day_near(c, month, &LATE_TOO);
        let mut fact = json!({"fact": "payee", "at": at.to_string(), "payee": self.payees[place]});
        match c.below(4) {
            0 => fact["team"] = c.pick(&[json!("west"), json!("east"), Value::Null]),
            1 if place > 0 => fact["manager"] = c.pick(&[json!(self.payees[0]), Value::Null]),
            2 => fact["status"] = json!(c.pick(&["left", "left", "active"])),
            _ => fact["recovery_cap"] = c.pick(&[json!("25%"), Value::Null]),
        }
        self.tell(fact);
    }

    fn account_or_rate(&mut self, c: &mut Chooser, month: Month) {
        let at = day_near(c, month, &LATE_TOO).to_string();
        if let Some((from, to)) = self.pairs().into_iter().next().filter(|_| c.one_in(2)) {
            let rate = c.pick(&["1.25", "0.735765", "0.9"]);
            return self.tell(json!({"fact": "exchange-rate", "at": at, "from": from, "to": to, "rate": rate}));
        }
        let mut fact = json!({"fact": "account", "at": at, "account": c.pick(&self.accounts)});
        match c.below(3) {
            0 => fact["segment"] = c.pick(&[json!("enterprise"), json!("mid"), Value::Null]),
            1 => fact["region"] = c.pick(&[json!("emea"), Value::Null]),
            _ => fact["attributes"] = json!({"tier": c.pick(&[json!("gold"), Value::Null])}),
        }
        self.tell(fact);
    }

    fn opening(&mut self, c: &mut Chooser) {
        let currency = self.currencies[0].clone();
        let member = c.pick(&["draw", "owed"]);
        let amount = c.amount(3000, &currency);
        let at = self.start.first().to_string();
        self.tell(json!({"fact": "opening-balance", "at": at, "payee": c.pick(&self.payees), "currency": currency, member: amount}));
    }

    fn adjustment(&mut self, c: &mut Chooser, month: Month) {
        let currency = c.pick(&self.currencies);
        let sign = c.pick(&["", "-"]);
        let amount = format!("{sign}{}", c.amount(900, &currency));
        let at = day_near(c, month, &LATE_TOO).to_string();
        self.tell(json!({"fact": "adjustment", "at": at, "payee": c.pick(&self.payees), "amount": amount, "currency": currency, "reason": "goodwill"}));
    }
}

fn insert(fact: &mut Value, member: &str, value: Option<String>) {
    if let Some(value) = value {
        fact[member] = json!(value);
    }
}
