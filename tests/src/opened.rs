//! A large book for `bench open`: years of daily usage, bookings, and closes with all that they post. Written straight
//! into the log, for only what opening does with it is measured.

use std::path::Path;

use ledger::date::{Day, Month};
use ledger::entry::Entry;
use ledger::fact::item_key::ItemKey;
use ledger::fact::{
    Account, Assignment, Body, Booking, CreditSplit, EarningRecord, Fact, Nature, Payee, PeriodClose, Posting, Record,
    Role, Settlement, Share, SplitTarget, StoredBalances, UsageSnapshot,
};
use ledger::field::{Amount, FieldChange, Percent};
use ledger::id::{AccountId, BookingId, ComponentId, ContractId, Name, PayeeId, PlanId};
use ledger::log::Log;
use ledger::money::Currency;
use ledger::store::Files;
use ledger::usage::UsageEntry;
use replay::book::Book;
use replay::derived::entry_names::NameQuery;
use replay::record::publish::publish;
use replay::stamp::{Scribe, Signers, Stamp};

const CONTRACTS: usize = 20_000;
const PAYEES: usize = 2_000;
const MONTHS: usize = 15;
/// Of a hundred entries, those that closes write.
const POSTED_PERCENT: usize = 5;
const FACTS_PERCENT: usize = 3;

const PLAN: &str = r#"plan = "land"
version = 1
edition = 1
title = "Commission on new bookings"
currency = "USD"
effective = 2024-01-01

[[component]]
id = "new"
title = "New bookings"
measure = { booking = "arr" }
period = "year"
rate = "10%"
"#;

/// Makes a book of about `count` entries.
pub fn build(folder: &Path, count: usize, stamp: impl Fn(u8) -> Stamp) {
    let mut book = Book::init(folder, Name::new("large").expect("a name"), &stamp(1)).expect("a book");
    if let Err(error) = publish(&mut book, "land.toml", PLAN, &stamp(2)) {
        panic!("{error:?}");
    }
    drop(book);
    let (mut log, _) = Log::open(Box::new(Files::at(folder.join("log")))).expect("a log");
    let mut made = Made { facts: 0, usage: 0, ids: 0 };
    let month = |index: usize| Month::new(2024, 1).expect("a month").plus(index as i32);
    for index in 0..MONTHS {
        let stamp = stamp(3 + index as u8);
        let mut scribe = Scribe::begin(&mut log, (&stamp, Signers::default()), stamp.now, None).expect("an append");
        made.facts(&mut scribe, count * FACTS_PERCENT / 100 / MONTHS, month(index));
        scribe.commit().expect("on disk");
        let usage = count * (100 - FACTS_PERCENT - POSTED_PERCENT) / 100 / MONTHS;
        for part in 0..usage.div_ceil(100_000) {
            let mut scribe = Scribe::begin(&mut log, (&stamp, Signers::default()), stamp.now, None).expect("an append");
            made.usage(&mut scribe, usage.saturating_sub(part * 100_000).min(100_000));
            scribe.commit().expect("on disk");
        }
        let (known, root) = (log.size(), log.root());
        let mut scribe = Scribe::begin(&mut log, (&stamp, Signers::default()), stamp.now, None).expect("an append");
        close(&mut scribe, count * POSTED_PERCENT / 100 / MONTHS, month(index), (known, root));
        scribe.commit().expect("on disk");
    }
}

/// Positions of the entries whose bytes are wanted.
pub fn scan(book: &Book, mut wants: impl FnMut(&[u8]) -> bool) -> Vec<u64> {
    let (mut frames, mut found) = (book.log().frames(0), Vec::new());
    while let Some(frame) = frames.next().expect("a frame") {
        found.extend(frame.entries().filter(|(_, bytes)| wants(bytes)).map(|(position, _)| position));
    }
    found
}

/// As `log --item` asks where there is no index.
pub fn is_about(item: &mut NameQuery, bytes: &[u8]) -> bool {
    let usage = UsageEntry::get(bytes).expect("an entry");
    let may_be = usage.is_none_or(|usage| item.may_mean(&usage));
    may_be && item.is_meant_by(&Entry::get(bytes).expect("an entry"))
}

struct Made {
    facts: usize,
    usage: usize,
    ids: u128,
}

impl Made {
    fn put(&mut self, scribe: &mut Scribe<'_>, body: Body) {
        self.ids += 1;
        let id = uuid::Builder::from_custom_bytes(self.ids.wrapping_mul(0x9E37_79B9_7F4A_7C15).to_be_bytes());
        let fact = Fact { body, source: None, note: None };
        assert!(scribe.fact(fact, id.into_uuid(), Vec::new()).expect("written").is_some());
    }

    /// Payees and accounts first, then bookings and splits.
    fn facts(&mut self, scribe: &mut Scribe<'_>, count: usize, month: Month) {
        for _ in 0..count {
            let index = self.facts;
            self.facts += 1;
            let body = match index {
                _ if index < PAYEES => payee(index),
                _ if index < 2 * PAYEES => assignment(index - PAYEES),
                _ if index < 2 * PAYEES + CONTRACTS => account(index - 2 * PAYEES),
                _ if index.is_multiple_of(3) => split(index, month.first()),
                _ => booking(index, month.first()),
            };
            self.put(scribe, body);
        }
    }

    fn usage(&mut self, scribe: &mut Scribe<'_>, count: usize) {
        for _ in 0..count {
            let day = first_day().plus_days((self.usage / CONTRACTS) as i32);
            let body = Body::UsageSnapshot(UsageSnapshot {
                account: account_id(self.usage % CONTRACTS),
                contract: None,
                meter: None,
                from: day,
                to: day,
                amount: cents(self.usage),
                quantity: None,
                currency: usd(),
                replaces: None,
            });
            self.usage += 1;
            self.put(scribe, body);
        }
    }
}

fn first_day() -> Day {
    Day::new(2024, 1, 1).expect("a day")
}

fn usd() -> Currency {
    Currency::parse("USD").expect("a currency")
}

fn cents(index: usize) -> Amount {
    let cents = (index as i64).wrapping_mul(2_654_435_761).rem_euclid(1_000_000);
    Amount::parse(&format!("{}.{:02}", cents / 100, cents % 100)).expect("an amount")
}

fn account_id(index: usize) -> AccountId {
    AccountId::new(&format!("account-{index:05}")).expect("a name")
}

pub fn payee_id(index: usize) -> PayeeId {
    PayeeId::new(&format!("payee-{:04}", index % PAYEES)).expect("a name")
}

fn land() -> PlanId {
    PlanId::new("land").expect("a name")
}

fn payee(index: usize) -> Body {
    Body::Payee(Payee {
        at: first_day(),
        payee: payee_id(index),
        name: FieldChange::Keep,
        email: FieldChange::Keep,
        title: FieldChange::Keep,
        role: FieldChange::Set(Name::new("ae").expect("a name")),
        manager: FieldChange::Set(payee_id(index / 10)),
        team: FieldChange::Keep,
        region: FieldChange::Set(Name::new("emea").expect("a name")),
        currency: FieldChange::Set(usd()),
        recovery_cap: FieldChange::Keep,
        status: FieldChange::Keep,
        attributes: Default::default(),
    })
}

fn assignment(index: usize) -> Body {
    Body::Assignment(Assignment {
        at: first_day(),
        payee: payee_id(index),
        plan: land(),
        until: None,
        quota: Default::default(),
        rates: Default::default(),
        target: None,
        ramp_from: None,
    })
}

fn account(index: usize) -> Body {
    Body::Account(Account {
        at: first_day(),
        account: account_id(index),
        name: FieldChange::Keep,
        segment: FieldChange::Set(Name::new("enterprise").expect("a name")),
        region: FieldChange::Keep,
        attributes: Default::default(),
    })
}

fn booking(index: usize, at: Day) -> Body {
    Body::Booking(Booking {
        at,
        booking: BookingId::new(&format!("B-{index:06}")).expect("a name"),
        account: account_id(index % CONTRACTS),
        contract: None,
        motion: Name::new("new"),
        product: None,
        start: None,
        months: Some(36),
        arr: cents(index),
        tcv: None,
        amounts: Default::default(),
        currency: usd(),
        credit: None,
        attributes: Default::default(),
    })
}

fn split(index: usize, at: Day) -> Body {
    let share =
        Share { payee: payee_id(index), role: Role::Primary, percent: Percent::parse("100%").expect("a percent") };
    Body::CreditSplit(CreditSplit { at, on: SplitTarget::Account(account_id(index % CONTRACTS)), shares: vec![share] })
}

fn close(scribe: &mut Scribe<'_>, count: usize, period: Month, (known, root): (u64, [u8; 32])) {
    let zero = Amount::parse("0").expect("an amount");
    for index in 0..count {
        let line = Posting {
            period,
            payee: payee_id(index),
            currency: usd(),
            plan: Some(land()),
            version: Some(1),
            component: ComponentId::new("new").expect("a name"),
            item: ItemKey::ContractMonth { contract: ContractId(account_id(index % CONTRACTS).0), month: period },
            part: Name::new("whole"),
            date: period.last(),
            account: Some(account_id(index % CONTRACTS)),
            nature: Nature::Earned,
            due: period.last(),
            amount: cents(index),
            entitled: cents(index),
            before: zero,
            reason: None,
        };
        scribe.record(Record::Earning(EarningRecord { line })).expect("written");
    }
    let nothing = StoredBalances { payable: zero, owed: zero, draw: zero };
    for index in 0..PAYEES.min(count) {
        let settlement = Settlement {
            period,
            payee: payee_id(index),
            currency: usd(),
            opening: nothing.clone(),
            gross: cents(index),
            reversed: zero,
            set_off: zero,
            recovered: zero,
            top_up: zero,
            advance: zero,
            draw_recovered: zero,
            pay: cents(index),
            closing: nothing.clone(),
        };
        scribe.record(Record::Settlement(settlement)).expect("written");
    }
    let close = PeriodClose {
        period,
        known,
        root,
        edition: 1,
        engine: 1,
        plans: Vec::new(),
        totals: Vec::new(),
        statements: PAYEES as u64,
        lines: count as u64,
        digest: [0; 32],
        manner: None,
        trial_balance: None,
    };
    scribe.record(Record::PeriodClose(close)).expect("written");
}
