//! Histories of facts that mostly fit, drawn from the bytes: line by line or as files, they come to the same; a file fed
//! again changes nothing; and nobody is owed less than nothing.
#![no_main]

use ledger::date::Month;
use libfuzzer_sys::fuzz_target;
use replay::record::publish::publish;
use replay::record::Rejects;
use trueup_fuzz::{Desk, stamp};

const PLANS: [&str; 5] = [
    include_str!("../../tests/golden/land/land.toml"),
    include_str!("../../tests/golden/consumption/consumption.toml"),
    include_str!("../../tests/golden/guarantee/starter.toml"),
    include_str!("../../tests/golden/spiffs/spiff.toml"),
    LEVELS,
];
const LEVELS: &str = r#"
plan = "levels"
version = 1
edition = 1
currency = "USD"
effective = 2027-01-01

[[component]]
id = "growth"
measure = { growth = "30 days", against = "high-water" }
period = "month"
credit = "reports"
rate = "3%"

[[component]]
id = "health"
measure = { metric = "health", take = "average" }
period = "month"
target = "20%"
goal = "80"
curve = [{ at = "50%", pay = "20%" }, { at = "100%", pay = "100%" }]

[[component]]
id = "team"
measure = { usage = "quantity", per = "month" }
credit = "team"
rate = "assigned"
quota = "assigned"
tiers = [{ from = "100%", times = "2" }]
mode = "retroactive"
"#;
const MONTHS: [&str; 3] = ["2027-01", "2027-02", "2027-03"];

fuzz_target!(|data: &[u8]| {
    let mut drawer = Drawer { bytes: data.iter() };
    let (mut lines, mut files) = (Desk::empty(), Desk::empty());
    for plan in PLANS {
        for desk in [&mut lines, &mut files] {
            publish(&mut desk.book, "plan.toml", plan, &stamp()).expect("published");
        }
    }
    for month in MONTHS {
        let mut file = String::new();
        for _ in 0..24 {
            let Some(line) = drawer.fact() else { break };
            // Set aside, for after a refusal the whole log is read again.
            let recorded = lines.record(&line, Rejects::SetAside).expect("what does not fit is set aside");
            if recorded.new + recorded.restated == 1 {
                file.push_str(&line);
                file.push('\n');
            }
        }
        let recorded = files.record(&file, Rejects::Refuse);
        recorded.unwrap_or_else(|error| panic!("line by line it was taken, and as a file: {error:?}\n{file}"));
        assert_eq!(files.book.size(), lines.book.size(), "{file}");
        files.knows(file.as_bytes());
        let closed = [files.close(month), lines.close(month)].map(|closed| closed.is_ok());
        assert_eq!(closed[0], closed[1], "{file}");
        if !closed[0] {
            break;
        }
        let digest =
            |desk: &Desk| desk.book.state().closed(Month::parse(month).expect("a month")).map(|closed| closed.close.digest);
        assert_eq!(digest(&files), digest(&lines), "{file}");
        files.balances_are_sound();
    }
    files.opens_again();
});

/// Facts from bytes; none when the bytes are used up.
struct Drawer<'d> {
    bytes: std::slice::Iter<'d, u8>,
}

impl Drawer<'_> {
    fn of<'a>(&mut self, choices: &[&'a str]) -> &'a str {
        let byte = self.bytes.next().copied().unwrap_or_default();
        choices[usize::from(byte) % choices.len()]
    }

    fn day(&mut self) -> String {
        let month = self.of(&["2027-01", "2027-02", "2027-03", "2026-12", "2027-04"]);
        format!("{month}-{}", self.of(&["01", "15", "28", "05", "20"]))
    }

    fn amount(&mut self) -> &'static str {
        self.of(&["100", "33.33", "120000", "-50", "0", "7.005", "99999.99"])
    }

    fn payee(&mut self) -> &'static str {
        self.of(&["ana", "bo", "eve"])
    }

    fn account(&mut self) -> &'static str {
        self.of(&["globex", "initech"])
    }

    fn booking(&mut self) -> &'static str {
        self.of(&["B-1", "B-2", "B-3"])
    }

    fn plan(&mut self) -> &'static str {
        self.of(&["land", "consumption", "starter", "spiff", "levels"])
    }

    fn component(&mut self) -> &'static str {
        self.of(&["new-logo", "consumed", "deals", "workload", "team", "health"])
    }

    fn currency(&mut self) -> &'static str {
        self.of(&["USD", "USD", "USD", "EUR"])
    }

    fn percent(&mut self) -> &'static str {
        self.of(&["100%", "50%", "33.333%", "0.5%"])
    }

    fn id(&mut self) -> &'static str {
        self.of(&[
            "00000000-0000-4000-8000-000000000001",
            "00000000-0000-4000-8000-000000000002",
            "00000000-0000-4000-8000-000000000003",
            "00000000-0000-4000-8000-000000000004",
        ])
    }

    fn shares(&mut self) -> String {
        let one = format!("{{\"payee\": \"{}\", \"percent\": \"{}\"}}", self.payee(), self.percent());
        match self.of(&["one", "two", "none"]) {
            "one" => format!("[{one}]"),
            "two" => format!(
                "[{one}, {{\"payee\": \"{}\", \"percent\": \"{}\", \"role\": \"overlay\"}}]",
                self.payee(),
                self.percent()
            ),
            _ => "[]".to_owned(),
        }
    }

    fn fact(&mut self) -> Option<String> {
        let kind = *self.bytes.next()?;
        let body = match kind % 15 {
            0 => self.payee_fact(),
            1 => format!(
                r#""fact": "account", "at": "{}", "account": "{}", "segment": {}"#,
                self.day(),
                self.account(),
                self.of(&["null", "\"enterprise\"", "\"mid\""])
            ),
            2 | 3 => self.assignment(),
            4 => format!(
                r#""fact": "assignment-end", "at": "{}", "payee": "{}", "plan": "{}""#,
                self.day(),
                self.payee(),
                self.plan()
            ),
            5 => self.quota(),
            6 | 7 => self.booking_fact(),
            8 => format!(r#""fact": "cancellation", "at": "{}", "booking": "{}""#, self.day(), self.booking()),
            9 => self.usage(),
            10 => self.split(),
            11 => self.signal(),
            12 => self.money(),
            13 => self.retraction(),
            _ => format!(
                r#""fact": "credit-note", "at": "{}", "credit_note": "{}", "booking": "{}", "arr": "{}""#,
                self.day(),
                self.of(&["CN-1", "CN-2"]),
                self.booking(),
                self.of(&["1", "20", "90", "5000"])
            ),
        };
        let more = match self.of(&["", "", "", "id", "corrects", "by id", "by key"]) {
            "id" => format!(r#", "id": "{}""#, self.id()),
            "corrects" => r#", "corrects": true"#.to_owned(),
            "by id" => format!(r#", "corrects": "{}""#, self.id()),
            "by key" => format!(r#", "corrects": "{}""#, self.key()),
            _ => String::new(),
        };
        Some(format!("{{{body}{more}}}"))
    }

    fn key(&mut self) -> String {
        match self.of(&["booking", "assignment", "cancellation"]) {
            "assignment" => format!("assignment:{}/{}@{}", self.payee(), self.plan(), self.day()),
            kind => format!("{kind}:{}", self.booking()),
        }
    }

    fn payee_fact(&mut self) -> String {
        let (day, payee) = (self.day(), self.payee());
        let more = match self.of(&["", "manager", "team", "cap", "left", "nobody"]) {
            "manager" => format!(r#", "manager": "{}""#, self.payee()),
            "team" => r#", "team": "west""#.to_owned(),
            "cap" => format!(r#", "recovery_cap": "{}""#, self.percent()),
            "left" => r#", "status": "left""#.to_owned(),
            "nobody" => r#", "manager": null, "team": null, "status": null"#.to_owned(),
            _ => String::new(),
        };
        format!(r#""fact": "payee", "at": "{day}", "payee": "{payee}"{more}"#)
    }

    fn assignment(&mut self) -> String {
        let (day, payee, plan) = (self.day(), self.payee(), self.plan());
        let more = match self.of(&["", "until", "quota", "levels"]) {
            "until" => format!(r#", "until": "{}""#, self.day()),
            "quota" => format!(r#", "quota": {{"{}": "{}"}}"#, self.component(), self.amount()),
            "levels" => {
                format!(r#", "target": "60000", "rates": {{"team": "{}"}}, "quota": {{"team": "50"}}"#, self.percent())
            }
            _ => String::new(),
        };
        format!(r#""fact": "assignment", "at": "{day}", "payee": "{payee}", "plan": "{plan}"{more}"#)
    }

    fn quota(&mut self) -> String {
        let (day, payee, plan, component) = (self.day(), self.payee(), self.plan(), self.component());
        let amount = self.amount();
        format!(
            r#""fact": "quota", "at": "{day}", "payee": "{payee}", "plan": "{plan}", "component": "{component}", "amount": "{amount}""#
        )
    }

    fn booking_fact(&mut self) -> String {
        let (day, booking, account, arr) = (self.day(), self.booking(), self.account(), self.amount());
        let (motion, currency) = (self.of(&["new-logo", "expansion", "recommit"]), self.currency());
        let mut more = match self.of(&["", "contract", "start", "months"]) {
            "contract" => r#", "contract": "K""#.to_owned(),
            "start" => format!(r#", "start": "{}""#, self.day()),
            "months" => r#", "months": 3, "product": "vector""#.to_owned(),
            _ => String::new(),
        };
        if self.of(&["no", "yes"]) == "yes" {
            more.push_str(&format!(r#", "credit": {}"#, self.shares()));
        }
        format!(
            r#""fact": "booking", "at": "{day}", "booking": "{booking}", "account": "{account}", "motion": "{motion}", "arr": "{arr}", "currency": "{currency}"{more}"#
        )
    }

    fn usage(&mut self) -> String {
        let (account, from, to, amount) = (self.account(), self.day(), self.day(), self.amount());
        let currency = self.currency();
        let more = match self.of(&["", "contract", "meter", "replaces", "quantity"]) {
            "contract" => r#", "contract": "K""#.to_owned(),
            "meter" => r#", "meter": "messages", "quantity": "12""#.to_owned(),
            "replaces" => r#", "replaces": "overlapping""#.to_owned(),
            "quantity" => format!(r#", "quantity": "{}""#, self.amount()),
            _ => String::new(),
        };
        format!(
            r#""fact": "usage-snapshot", "account": "{account}", "from": "{from}", "to": "{to}", "amount": "{amount}", "currency": "{currency}"{more}"#
        )
    }

    fn split(&mut self) -> String {
        let on = match self.of(&["account", "booking", "contract"]) {
            "account" => format!(r#"{{"account": "{}"}}"#, self.account()),
            "booking" => format!(r#"{{"booking": "{}"}}"#, self.booking()),
            _ => r#"{"contract": "K"}"#.to_owned(),
        };
        format!(r#""fact": "credit-split", "at": "{}", "on": {on}, "shares": {}"#, self.day(), self.shares())
    }

    fn signal(&mut self) -> String {
        let (day, name) = (self.day(), self.of(&["activated", "health", "workload-live"]));
        let on = match self.of(&["booking", "account", "contract", "payee"]) {
            "booking" => format!(r#""booking": "{}""#, self.booking()),
            "account" => format!(r#""account": "{}""#, self.account()),
            "payee" => format!(r#""payee": "{}""#, self.payee()),
            _ => r#""contract": "K""#.to_owned(),
        };
        format!(r#""fact": "signal", "at": "{day}", "signal": "{name}", {on}, "value": "{}""#, self.amount())
    }

    fn money(&mut self) -> String {
        let (day, payee, currency) = (self.day(), self.payee(), self.currency());
        match self.of(&["rate", "adjustment", "opening"]) {
            "rate" => format!(
                r#""fact": "exchange-rate", "at": "{day}", "from": "{currency}", "to": "{}", "rate": "{}""#,
                self.of(&["EUR", "USD"]),
                self.of(&["1.1", "0.9"])
            ),
            "adjustment" => format!(
                r#""fact": "adjustment", "at": "{day}", "payee": "{payee}", "amount": "{}", "currency": "{currency}", "reason": "goodwill""#,
                self.of(&["75", "-75", "0.01"])
            ),
            _ => format!(
                r#""fact": "opening-balance", "at": "{day}", "payee": "{payee}", "currency": "{currency}", "owed": "40", "draw": "60""#
            ),
        }
    }

    fn retraction(&mut self) -> String {
        let named = if self.of(&["id", "key"]) == "id" { self.id().to_owned() } else { self.key() };
        format!(r#""fact": "retraction", "retracts": "{named}", "reason": "{}""#, self.of(&["wrong", "typo"]))
    }
}
