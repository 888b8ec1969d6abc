//! Unusual things that people do to a book: contracts that change their account, signals about bookings that do not exist,
//! corrections of anything, retractions of retractions, freezes, closes at an earlier size, future dates.

use serde_json::{Value, json};

use super::choices::{Choices, Chooser};
use super::plans::clashes;
use super::steps::{Step, day_near};
use crate::model::calendar::{Day, Month};

pub enum DisturbedStep {
    Publish(String),
    Record(Vec<Value>),
    /// With so many of the last entries left out.
    Close(String, u64),
    /// Up to a day, or lifted.
    Freeze(String),
    /// The result of closing a month that is some months ahead.
    Preview(String),
}

/// The steps of a case with something more done in between.
pub fn disturbed(steps: Vec<Step>, seeds: &[Choices]) -> Vec<DisturbedStep> {
    let closes: Vec<Month> = steps
        .iter()
        .filter_map(|step| if let Step::Close(name) = step { Some(Month::parse(name)) } else { None })
        .collect();
    let mut recorded: Vec<Value> = Vec::new();
    let mut out = Vec::new();
    let (mut passed, mut next_id) = (0, 0);
    let currency = steps
        .iter()
        .find_map(|step| match step {
            Step::Record(facts) => {
                facts.iter().find_map(|fact| fact["currency"].as_str().filter(|_| fact["fact"] == "payee"))
            }
            _ => None,
        })
        .map(str::to_owned);
    let text = plan(&mut Chooser::of(&seeds[0]), currency.as_deref().unwrap_or("USD"), 1, "2025-01-01");
    let mut versions = vec![components_of(&text, "2025-01-01")];
    out.push(DisturbedStep::Publish(text));
    for step in steps {
        match step {
            Step::Publish(text) => out.push(DisturbedStep::Publish(text)),
            Step::Record(facts) => {
                recorded.extend(facts.iter().cloned());
                out.push(DisturbedStep::Record(facts));
                let month = closes[passed];
                if passed == 0 {
                    let mut disturber = Disturber::new(&mut recorded, &mut next_id, month);
                    for payee in disturber.of("payee") {
                        disturber.tell(json!({"fact": "assignment", "at": "2025-01-01", "payee": payee["payee"], "plan": "plan-z"}));
                    }
                    out.push(DisturbedStep::Record(std::mem::take(&mut disturber.pending)));
                }
                for seed in seeds {
                    let c = &mut Chooser::of(seed);
                    if c.below(closes.len()) != passed {
                        continue;
                    }
                    let mut disturber = Disturber::new(&mut recorded, &mut next_id, month);
                    if passed > 0 && c.one_in(12) {
                        let effective = day_near(c, month, &[0, 1, -1, -2]).to_string();
                        let currency = currency.as_deref().unwrap_or("USD");
                        let text = plan(c, currency, versions.len() as u32 + 1, &effective);
                        let next = components_of(&text, &effective);
                        if !clashes(&versions, &next) {
                            versions.push(next);
                            out.push(DisturbedStep::Publish(text));
                        }
                        continue;
                    }
                    let other = disturber.disturbed(c, passed);
                    let pending = std::mem::take(&mut disturber.pending);
                    if !pending.is_empty() {
                        out.push(DisturbedStep::Record(pending));
                    }
                    out.extend(other);
                }
            }
            Step::Close(name) => {
                let mine = seeds.iter().map(|seed| Chooser::of(&seed[30..])).nth(passed);
                let back = mine.map_or(0, |mut c| if c.one_in(4) { c.below(6) as u64 } else { 0 });
                passed += 1;
                out.push(DisturbedStep::Close(name, back));
            }
        }
    }
    out
}

/// What decides whether versions can be in force in one month.
fn components_of(text: &str, effective: &str) -> Value {
    let table: toml::Table = text.parse().expect("TOML");
    json!({"effective": effective, "component": serde_json::to_value(&table["component"]).expect("JSON")})
}

/// A plan of what goes from one account to another most.
fn plan(c: &mut Chooser, currency: &str, version: u32, effective: &str) -> String {
    let mut text = format!(
        "plan = \"plan-z\"\nversion = {version}\nedition = 1\ntitle = \"z\"\ncurrency = \"{currency}\"\neffective = {effective}\n"
    );
    let measures = [
        "{ signal = \"go-live\", value = \"value\" }",
        "{ usage = \"amount\" }",
        "{ booking = \"arr\" }",
        "{ signal = \"go-live\", value = \"count\" }",
        "{ usage = \"amount\", per = \"month\" }",
        "{ growth = \"30 days\" }",
    ];
    for place in 0..3 + c.below(3) {
        let at = (place + c.below(2)) % measures.len();
        text += &format!("\n[[component]]\nid = \"z{place}\"\nmeasure = {}\nrate = \"10%\"\n", measures[at]);
        text += c.pick(&["", "", "", "credit = \"team\"\n", "credit = \"reports\"\n"]);
        text += c.pick(&["", "", "where = { segment = [\"enterprise\"] }\n", "where = { tier = [\"gold\"] }\n"]);
        text += c.pick(&[
            "",
            "",
            "",
            "tiers = [{ from = \"1000\", rate = \"15%\" }]\nmode = \"retroactive\"\n",
            "tiers = [{ from = \"1000\", rate = \"15%\" }]\n",
        ]);
        text += c.pick(&["", "", "", "period = \"month\"\ncap = \"5000\"\n", "cap = \"2000\"\n"]);
        if at >= 4 {
            continue;
        }
        let part =
            |id: &str, rest: &str| format!("\n[[component.installment]]\nid = \"{id}\"\nshare = \"50%\"\n{rest}");
        text += &c.pick(&[
            String::new(),
            part("a", "signal = \"activated\"\n") + &part("b", ""),
            part("a", "after = \"1 month\"\nwhen = { metric = \"csat\", at-least = \"40\" }\notherwise = \"wait\"\n")
                + &part("b", "when = { signal = \"approved\" }\n"),
            match at {
                2 => {
                    let waits = "when = { burn = \"30 days\", at-least = \"25%\" }\notherwise = \"wait\"\n";
                    part("a", "consumed = \"10%\"\n") + &part("b", waits)
                }
                _ => part("a", "after = \"45 days\"\n") + &part("b", ""),
            },
        ]);
        text += c.pick(&["", "", "\n[[component.clawback]]\nid = \"back\"\nsignal = \"unpaid\"\n"]);
    }
    text
}

struct Disturber<'t> {
    recorded: &'t mut Vec<Value>,
    pending: Vec<Value>,
    next_id: &'t mut u32,
    month: Month,
}

const NEAR: [i64; 6] = [-1, 0, -2, -1, 1, -3];
const CONTRACTS: [&str; 6] = ["K9", "K9", "K9", "K1-acme", "acme", "bolt"];

impl<'t> Disturber<'t> {
    fn new(recorded: &'t mut Vec<Value>, next_id: &'t mut u32, month: Month) -> Disturber<'t> {
        Disturber { recorded, pending: Vec::new(), next_id, month }
    }

    fn tell(&mut self, mut fact: Value) {
        *self.next_id += 1;
        let id = self.next_id.wrapping_mul(2_654_435_761);
        fact["id"] = json!(format!("{id:08x}-0000-4000-8000-000000000001"));
        self.recorded.push(fact.clone());
        self.pending.push(fact);
    }

    fn of(&self, kind: &str) -> Vec<Value> {
        self.recorded.iter().filter(|fact| fact["fact"] == kind).cloned().collect()
    }

    fn one(&self, c: &mut Chooser, kind: &str) -> Option<Value> {
        let all = self.of(kind);
        (!all.is_empty()).then(|| all[all.len() - 1 - c.below(all.len())].clone())
    }

    fn name(&self, c: &mut Chooser, kind: &str) -> Value {
        self.one(c, kind).map_or(Value::Null, |fact| fact[kind].clone())
    }

    fn day(&self, c: &mut Chooser) -> Value {
        json!(day_near(c, self.month, &NEAR).to_string())
    }

    fn shares(&self, c: &mut Chooser) -> Value {
        let (first, second) = (self.name(c, "payee"), self.name(c, "payee"));
        match c.below(4) {
            0 | 1 => json!([{"payee": first, "percent": "100%"}]),
            2 => json!([{"payee": first, "percent": "70%"}, {"payee": second, "percent": "50%", "role": "overlay"}]),
            _ => json!([{"payee": first, "percent": "60%"}, {"payee": second, "percent": "40%"}]),
        }
    }

    fn currency(&self) -> Value {
        self.of("payee")[0]["currency"].clone()
    }

    fn disturbed(&mut self, c: &mut Chooser, passed: usize) -> Vec<DisturbedStep> {
        match c.below(23) {
            0..=2 => self.signal(c),
            3 | 4 => self.split(c),
            5 | 6 => self.moved_booking(c),
            7 | 8 => self.moved_contract(c),
            9 | 10 => self.retraction(c),
            11..=13 => self.correction(c),
            14 => self.booking(c),
            15 => self.usage(c),
            16 => self.account(c),
            20 => self.retraction_of(c, "usage-complete"),
            21 | 22 => self.usage_complete(c),
            17 | 18 if passed > 0 => {
                let until = Month(self.month.0 - 1 - c.below(2) as i64).last().to_string();
                let until = if c.one_in(2) { "lifted".to_owned() } else { until };
                return vec![DisturbedStep::Freeze(until)];
            }
            _ if passed > 0 => return vec![DisturbedStep::Preview(Month(self.month.0 + c.below(3) as i64).name())],
            _ => self.signal(c),
        }
        Vec::new()
    }

    fn things(&self, c: &mut Chooser, fact: &mut Value) {
        if c.one_in(3) {
            fact["booking"] = if c.one_in(6) { json!("B-99") } else { self.name(c, "booking") };
        }
        if c.one_in(2) {
            fact["contract"] = json!(c.pick(&CONTRACTS));
        }
        if c.one_in(2) {
            fact["account"] = self.name(c, "account");
        }
        if c.one_in(4) {
            fact["payee"] = self.name(c, "payee");
        }
        if fact.get("booking").is_none() && fact.get("contract").is_none() && fact.get("payee").is_none() {
            fact["account"] = self.name(c, "account");
        }
        let fields = fact.as_object_mut().expect("a table");
        fields.retain(|_, value| !value.is_null());
    }

    fn signal(&mut self, c: &mut Chooser) {
        let name = c.pick(&["go-live", "go-live", "go-live", "csat", "activated", "approved", "unpaid"]);
        let mut fact = json!({"fact": "signal", "at": self.day(c), "signal": name});
        self.things(c, &mut fact);
        match name {
            "go-live" => fact["value"] = json!(c.pick(&["1000", "250", "7777"])),
            "csat" => fact["value"] = json!(c.pick(&["30", "45", "62"])),
            _ => {}
        }
        self.tell(fact);
    }

    fn split(&mut self, c: &mut Chooser) {
        let on = match c.below(4) {
            0 | 1 => json!({"contract": c.pick(&CONTRACTS)}),
            2 => json!({"account": self.name(c, "account")}),
            _ => json!({"booking": if c.one_in(4) { json!("B-99") } else { self.name(c, "booking") }}),
        };
        let fact = json!({"fact": "credit-split", "at": self.day(c), "on": on, "shares": self.shares(c)});
        self.tell(fact);
    }

    fn booking(&mut self, c: &mut Chooser) {
        let id = c.pick(&["B-99", "B-98", "B-97"]);
        let mut fact =
            json!({"fact": "booking", "at": self.day(c), "booking": id, "arr": "36000", "currency": self.currency()});
        fact["account"] = self.name(c, "account");
        fact["contract"] = json!(c.pick(&CONTRACTS));
        if c.one_in(3) {
            fact["start"] = self.day(c);
        }
        if c.one_in(3) {
            fact["credit"] = self.shares(c);
        }
        self.tell(fact);
    }

    fn usage(&mut self, c: &mut Chooser) {
        let from = day_near(c, self.month, &NEAR);
        let to = from.plus(c.pick(&[0, 9, 27, 60]));
        let amount = c.pick(&["310", "9000", "33333.33"]);
        let mut fact = json!({"fact": "usage-snapshot", "from": from.to_string(), "to": to.to_string(), "amount": amount, "currency": self.currency()});
        fact["account"] = self.name(c, "account");
        fact["contract"] = json!(c.pick(&CONTRACTS));
        self.tell(fact);
    }

    fn usage_complete(&mut self, c: &mut Chooser) {
        let mut fact = json!({"fact": "usage-complete", "at": self.day(c)});
        if c.one_in(2) {
            fact["account"] = self.name(c, "account");
        }
        self.tell(fact);
    }

    fn account(&mut self, c: &mut Chooser) {
        let mut fact = json!({"fact": "account", "at": self.day(c), "account": self.name(c, "account")});
        match c.below(3) {
            0 => fact["segment"] = c.pick(&[json!("enterprise"), json!("mid"), Value::Null]),
            1 => fact["region"] = c.pick(&[json!("emea"), Value::Null]),
            _ => fact["attributes"] = json!({"tier": c.pick(&[json!("gold"), Value::Null])}),
        }
        self.tell(fact);
    }

    /// A booking that becomes another's, of another contract, or both.
    fn moved_booking(&mut self, c: &mut Chooser) {
        let Some(mut fact) = self.one(c, "booking") else { return };
        if !c.one_in(3) {
            fact["account"] = self.name(c, "account");
        }
        match c.below(4) {
            0 | 1 => drop(fact.as_object_mut().expect("a table").remove("contract")),
            2 => fact["contract"] = json!(c.pick(&CONTRACTS)),
            _ => {}
        }
        if c.one_in(3) {
            let at = Day::parse(fact["at"].as_str().expect("a day"));
            fact["at"] = json!(at.plus(c.below(81) as i64 - 40).to_string());
        }
        fact["corrects"] = json!(true);
        self.tell(fact);
    }

    /// Everything on a contract is retracted, and recorded again for another account; sometimes only some of it, or later.
    fn moved_contract(&mut self, c: &mut Chooser) {
        let kind = c.pick(&["usage-snapshot", "booking"]);
        let Some(one) = self.one(c, kind) else { return };
        let named =
            |fact: &Value| fact.get("contract").filter(|name| !name.is_null()).unwrap_or(&fact["account"]).clone();
        let contract = named(&one);
        let account = self.name(c, "account");
        let (usage, bookings) = (self.of("usage-snapshot"), self.of("booking"));
        let on = |facts: Vec<Value>| facts.into_iter().filter(|fact| named(fact) == contract).collect::<Vec<_>>();
        let (usage, bookings) = (on(usage), on(bookings));
        for fact in usage.iter().chain(&bookings) {
            self.tell(json!({"fact": "retraction", "retracts": fact["id"], "reason": "another's"}));
        }
        if c.one_in(3) {
            return;
        }
        for mut fact in usage.into_iter().chain(bookings).rev() {
            if c.one_in(4) {
                continue;
            }
            fact["contract"] = contract.clone();
            fact["account"] = account.clone();
            let fields = fact.as_object_mut().expect("a table");
            fields.remove("corrects");
            fields.remove("replaces");
            self.tell(fact);
        }
    }

    fn retraction(&mut self, c: &mut Chooser) {
        let kind = c.pick(&[
            "retraction",
            "retraction",
            "signal",
            "credit-split",
            "booking",
            "usage-snapshot",
            "cancellation",
            "credit-note",
            "credit-note",
            "account",
            "assignment",
            "assignment-end",
            "quota",
            "payee",
            "exchange-rate",
            "usage-complete",
        ]);
        self.retraction_of(c, kind);
    }

    fn retraction_of(&mut self, c: &mut Chooser, kind: &str) {
        let Some(fact) = self.one(c, kind) else { return };
        self.tell(json!({"fact": "retraction", "retracts": fact["id"], "reason": "a mistake"}));
    }

    fn correction(&mut self, c: &mut Chooser) {
        let kind = c.pick(&[
            "signal",
            "signal",
            "credit-split",
            "credit-split",
            "assignment",
            "cancellation",
            "credit-note",
            "credit-note",
            "account",
            "payee",
            "booking",
            "usage-snapshot",
            "quota",
            "assignment-end",
            "usage-complete",
        ]);
        let Some(mut fact) = self.one(c, kind) else { return };
        fact["corrects"] = fact["id"].clone();
        if c.one_in(2) && kind != "usage-snapshot" {
            fact["at"] = self.day(c);
        }
        match kind {
            "signal" if c.one_in(2) => {
                for member in ["booking", "contract", "account", "payee"] {
                    fact.as_object_mut().expect("a table").remove(member);
                }
                self.things(c, &mut fact);
            }
            "signal" if c.one_in(2) => fact["signal"] = json!(c.pick(&["go-live", "activated", "approved", "csat"])),
            "credit-split" if c.one_in(2) => fact["shares"] = self.shares(c),
            "credit-split" => fact["on"] = json!({"contract": c.pick(&CONTRACTS)}),
            "assignment" if c.one_in(2) => fact["until"] = json!(day_near(c, self.month, &[0, 1, 2]).to_string()),
            "account" => fact["segment"] = c.pick(&[json!("enterprise"), json!("mid"), Value::Null]),
            "payee" => fact["team"] = c.pick(&[json!("west"), json!("east"), Value::Null]),
            "booking" => fact["credit"] = self.shares(c),
            "credit-note" if c.one_in(3) => fact["booking"] = self.name(c, "booking"),
            "credit-note" => fact["arr"] = json!(c.pick(&["1", "400", "2500"])),
            "usage-snapshot" => {
                let from = Day::parse(fact["from"].as_str().expect("a day"));
                fact["from"] = json!(from.plus(c.below(60) as i64 - 20).to_string());
                fact["amount"] = json!(c.pick(&["310", "9000", "1"]));
                if c.one_in(3) {
                    fact["contract"] = json!(c.pick(&CONTRACTS));
                }
            }
            _ => {}
        }
        self.tell(fact);
    }
}
