//! `docs/format.md`, "Entries", and the code say the same: its tables and its schema are made again from the code's own
//! lists, and its vectors are decoded, written again and hashed.

use std::fmt::Write;

use ledger::date::{Day, Month};
use ledger::entry::Entry;
use ledger::fact::item_key::ItemKey;
use ledger::fact::{
    Body, CloseTotal, Fact, Incoming, Nature, Payload, PeriodClose, PlanEdition, Posting, Record, derived_id,
};
use ledger::field::{Amount, FreeText};
use ledger::hash::{EntryHash, hash_entry};
use ledger::id::{AccountId, ComponentId, ContractId, Name, PayeeId, PlanId};
use ledger::json;
use ledger::key::natural_key;
use ledger::line::FactLine;
use ledger::money::Currency;
use ledger::seal::{PersonKey, Personal};
use ledger::signing::note::signed_checkpoint;
use ledger::signing::{PrivateKey, vkey};
use ledger::tree::{leaf, root};
use uuid::Uuid;

const PAGE: &str = include_str!("../../docs/format.md");
const FACTS: &str = include_str!("../src/fact.rs");

/// A part of the page, known by how it begins and ends. `TRUEUP_WRITE=1` writes it there.
fn assert_shown(expected: &str) {
    let is_written = std::env::var_os("TRUEUP_WRITE").is_some();
    if PAGE.contains(expected) {
        return;
    }
    assert!(is_written, "docs/format.md should show:\n{expected}");
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/format.md");
    // Tests write one after the other: each part is looked up in the page as it is then.
    static WRITING: std::sync::Mutex<()> = std::sync::Mutex::new(());
    let _one = WRITING.lock().expect("no test panics while it writes");
    let page = std::fs::read_to_string(path).expect("the page");
    let (start, end) = place_of(&page, expected);
    std::fs::write(path, format!("{}{expected}{}", &page[..start], &page[end..])).expect("the page is written");
}

/// Where the page has the older form of a part: from its first line that is the same as far as it names the part, to the
/// end of the table or block.
fn place_of(page: &str, expected: &str) -> (usize, usize) {
    let starts = |start: &str| page.find(start).unwrap_or_else(|| panic!("docs/format.md has no {start:?}"));
    if let Some(vector) = expected.strip_prefix("```vector\nshown {\"position\":") {
        let (number, _) = vector.split_once(',').expect("a position");
        let start = starts(&format!("```vector\nshown {{\"position\":{number},"));
        (start, start + page[start..].find("\n```\n").expect("a block ends") + 5)
    } else if expected.starts_with("```cddl") {
        let start = starts("```cddl\n");
        (start, start + page[start..].find("\n```\n").expect("a block ends") + 5)
    } else if let Some(rest) = expected.strip_prefix("The root of the tree over these ") {
        let start = starts("The root of the tree over these ");
        assert!(!rest.contains('\n'));
        (start, start + page[start..].find('\n').expect("a line ends"))
    } else {
        let head = expected.lines().take(3).collect::<Vec<_>>().join("\n");
        let start = starts(&head);
        (start, start + page[start + 1..].find("\n\n").expect("a table ends") + 3)
    }
}

// The lists of fact.rs, read from its text ----------------------------------------------------------------------------

/// A kind with its fields, each a key, a name and a type.
struct Kind {
    code: u64,
    word: String,
    is_fact: bool,
    fields: Vec<(u64, String, Type)>,
}

/// A type as the page writes it, and whether it may be absent.
struct Type {
    page: String,
    optional: bool,
}

/// The bodies of a macro's uses, without comments, in one line each.
fn uses_of(name: &str) -> Vec<String> {
    let head = format!("\n{name}! {{\n");
    let parts = FACTS.split(&head).skip(1);
    let body = |part: &str| part.split("\n}\n").next().expect("a macro's use ends").to_owned();
    let code = |body: String| {
        let lines = body.lines().map(str::trim).filter(|line| !line.starts_with("//")).map(str::to_owned);
        lines.collect::<Vec<_>>().join(" ")
    };
    parts.map(body).map(code).collect()
}

/// `Name { inside } Name { inside }`, taken apart.
fn braced(text: &str) -> Vec<(&str, &str)> {
    let parts = text.split('}').filter(|part| part.contains('{'));
    parts
        .map(|part| part.split_once('{').map(|(name, inside)| (name.trim(), inside.trim())).expect("a brace"))
        .collect()
}

/// Split at the commas that are outside of brackets.
fn listed(text: &str) -> Vec<&str> {
    let mut depth = 0;
    let commas = |c: char| {
        depth += i32::from(c == '<') - i32::from(c == '>');
        c == ',' && depth == 0
    };
    text.split(commas).map(str::trim).filter(|item| !item.is_empty()).collect()
}

fn inside<'t>(text: &'t str, outer: &str) -> Option<&'t str> {
    text.strip_prefix(outer)?.strip_prefix('<')?.strip_suffix('>')
}

fn type_of(rust: &str) -> Type {
    let required = |page: &str| Type { page: page.to_owned(), optional: false };
    if let Some(inner) = inside(rust, "Option") {
        return Type { optional: true, ..type_of(inner) };
    }
    if let Some(inner) = inside(rust, "FieldChange") {
        return Type { page: format!("{} / null", type_of(inner).page), optional: true };
    }
    if let Some(inner) = inside(rust, "BTreeMap") {
        let (_, value) = inner.split_once(", ").expect("a map has keys and values");
        return Type { page: format!("{{+ text => {}}}", type_of(value).page), optional: true };
    }
    if let Some(inner) = inside(rust, "Vec") {
        return required(&format!("[* {}]", type_of(inner).page));
    }
    required(match rust {
        "Name" | "PayeeId" | "AccountId" | "ContractId" | "BookingId" | "CreditNoteId" | "AdjustmentId" | "PlanId"
        | "ComponentId" => "name",
        "Amount" => "decimal",
        "FreeText" | "Attribute" => "text",
        "Reference" => "uuid",
        "PublicKey" => "text",
        "AccountName" => "label",
        "ByteString" => "bytes",
        "SplitTarget" => "target",
        "[u8; 32]" => "hash",
        "u16" | "u32" | "u64" | "bool" => rust,
        "Day" | "Month" | "Percent" | "Currency" | "Personal" | "Uuid" | "Share" => {
            return required(&rust.to_lowercase());
        }
        other => return required(&dashed(other)),
    })
}

/// `PlanEdition` is `plan-edition` on the page.
fn dashed(rust: &str) -> String {
    let mut out = String::new();
    for c in rust.chars() {
        if c.is_uppercase() && !out.is_empty() {
            out.push('-');
        }
        out.push(c.to_ascii_lowercase());
    }
    out
}

fn kinds() -> Vec<Kind> {
    let mut kinds = Vec::new();
    for (is_fact, used) in [true, false].into_iter().zip(uses_of("kinds")) {
        let (_, list) = used.split_once('{').expect("the list of kinds");
        for (head, fields) in braced(list) {
            let (code, word) = head.split_once(' ').expect("a code and a word");
            let field = |field: &str| {
                let (key, rest) = field.split_once(' ').expect("a key");
                let (name, rust) = rest.split_once(": ").expect("a type");
                (key.parse().expect("a key"), name.to_owned(), type_of(rust))
            };
            kinds.push(Kind {
                code: code.parse().expect("a code"),
                word: word.split('"').nth(1).expect("a word").to_owned(),
                is_fact,
                fields: listed(fields).into_iter().map(field).collect(),
            });
        }
    }
    kinds
}

/// The arrays inside of facts: their names, and for each part its name and type.
fn arrays() -> Vec<(String, Vec<(String, Type)>)> {
    let used = uses_of("parts").remove(0);
    let part = |part: &str| part.split_once(": ").map(|(name, rust)| (name.to_owned(), type_of(rust))).expect("a type");
    let array = |(name, parts): (&str, &str)| (dashed(name), listed(parts).into_iter().map(part).collect());
    braced(&used).into_iter().map(array).collect()
}

/// The sets of words: their names, and for each word its number.
fn sets() -> Vec<(String, Vec<(String, String)>)> {
    let word = |word: &str| {
        let (number, text) = word.split_once(" = ").and_then(|(_, rest)| rest.split_once(' ')).expect("a number");
        (text.trim_matches('"').to_owned(), number.to_owned())
    };
    let sets = uses_of("text_enum");
    let set = |used: &String| {
        let (name, words) = braced(used)[0];
        (dashed(name), listed(words).into_iter().map(word).collect())
    };
    sets.iter().map(|used| used.clone() + "}").map(|used| set(&used)).collect()
}

#[test]
fn the_lists_read_from_the_text_are_those_of_the_code() {
    let kinds = kinds();
    let words =
        |is_fact| kinds.iter().filter(|kind| kind.is_fact == is_fact).map(|kind| &kind.word).collect::<Vec<_>>();
    assert_eq!(words(true), Body::WORDS);
    assert_eq!(words(false), Record::WORDS);
    assert!(kinds.is_sorted_by_key(|kind| kind.code));
    for kind in &kinds {
        assert_eq!(kind.is_fact, kind.code < 32, "{}: facts lie below 32, records from there on", kind.word);
        assert!(kind.fields.is_sorted_by_key(|(key, ..)| *key), "{}", kind.word);
        assert!(kind.fields.last().is_some_and(|(key, ..)| *key < 20), "{}: 20 and above are of every fact", kind.word);
    }
}

// The tables and the schema -------------------------------------------------------------------------------------------

#[test]
fn every_kind_and_key_is_in_the_table_and_no_other() {
    let mut table = "\n| code | kind | fields |\n|---|---|---|\n".to_owned();
    for kind in kinds() {
        let field = |(key, name, held): &(u64, String, Type)| {
            format!("{key} `{name}`{} {}", if held.optional { "?" } else { "" }, held.page)
        };
        let fields: Vec<_> = kind.fields.iter().map(field).collect();
        writeln!(table, "| {} | `{}` | {} |", kind.code, kind.word, fields.join("; ")).expect("memory");
    }
    assert_shown(&(table + "\n"));
}

#[test]
fn every_array_is_in_the_table_and_no_other() {
    let mut table = "\n| array | parts |\n|---|---|\n".to_owned();
    for (name, parts) in arrays() {
        let part = |(name, held): &(String, Type)| {
            format!("`{name}` {}{}", held.page, if held.optional { " / null" } else { "" })
        };
        let parts: Vec<_> = parts.iter().map(part).collect();
        writeln!(table, "| {name} | {} |", parts.join("; ")).expect("memory");
    }
    table += "| target | `on` 1 / 2 / 3; `id` name |\n";
    table += ITEM_KEYS;
    assert_shown(&(table + "\n"));
}

#[test]
fn every_word_is_in_the_table_and_no_other() {
    let mut table = "\n| set | words |\n|---|---|\n".to_owned();
    for (name, words) in sets() {
        let words: Vec<_> = words.iter().map(|(word, number)| format!("{number} `{word}`")).collect();
        writeln!(table, "| {name} | {} |", words.join("; ")).expect("memory");
    }
    let targets = ["booking", "contract", "account"].iter().zip(1..).map(|(word, code)| {
        let fact = fact(&format!(r#"{{"fact":"credit-split","at":"2027-01-01","on":{{"{word}":"x"}},"shares":[]}}"#));
        let mut content = Vec::new();
        fact.content(&mut content);
        assert!(content.windows(5).any(|part| part == [0x01, 0x82, code, 0x61, b'x']), "{word}: {content:x?}");
        format!("{code} `{word}`")
    });
    writeln!(table, "| `on` of target | {} |", targets.collect::<Vec<_>>().join("; ")).expect("memory");
    assert_shown(&(table + "\n"));
}

#[test]
fn the_schema_is_that_of_the_code() {
    let kinds = kinds();
    let mut schema =
        "```cddl\nentry = [\n  position: position, recorded: uint, behind: bool, author: text, user: text, id: uuid,\n"
            .to_owned();
    let choice = |kind: &Kind| format!("kind: {}, fact: {}", kind.code, kind.word);
    let choices: Vec<_> = kinds.iter().map(choice).collect();
    let (first, others) = choices.split_first().expect("there are kinds");
    writeln!(schema, "  (  {first}").expect("memory");
    others.iter().for_each(|choice| writeln!(schema, "  // {choice}").expect("memory"));
    schema += "  ),\n  replaces: [* position], request: name / null, signatures: [* signature], salt: bytes .size (16..87)\n]\n";
    for kind in &kinds {
        writeln!(schema, "\n{} = {{", kind.word).expect("memory");
        for (key, name, held) in &kind.fields {
            let mark = if held.optional { "? " } else { "" };
            writeln!(schema, "  {mark}{key} => {}, ; {name}", held.page).expect("memory");
        }
        schema += if kind.is_fact { "  of-every-fact\n}\n" } else { "}\n" };
    }
    schema += "\nof-every-fact = (\n  ? 20 => text, ; source\n  ? 21 => personal, ; note\n)\n\n";
    for (name, parts) in arrays() {
        let part = |(name, held): &(String, Type)| {
            format!("{}: {}{}", name.replace('_', "-"), held.page, if held.optional { " / null" } else { "" })
        };
        let parts: Vec<_> = parts.iter().map(part).collect();
        writeln!(schema, "{name} = [{}]", parts.join(", ")).expect("memory");
    }
    schema += "target = [on: &(booking: 1, contract: 2, account: 3), id: name]\n";
    schema += ITEM_KEY_SCHEMA;
    for (name, words) in sets() {
        let words: Vec<_> = words.iter().map(|(word, number)| format!("{word}: {number}")).collect();
        writeln!(schema, "{name} = &({})", words.join(", ")).expect("memory");
    }
    schema += SIMPLE_TYPES;
    assert_shown(&(schema + "```\n"));
}

const SIMPLE_TYPES: &str = r#"
position = 0..72057594037927935
name = text .size (1..128)
label = text
personal = text / [key: bytes .size 16, nonce: bytes .size 24, ciphertext: bytes]
decimal = #6.4([exponent: -28..0, mantissa: integer])
percent = decimal
currency = text .size 3
day = #6.100(-25567..2932896)
month = 0..119999
uuid = #6.37(bytes .size 16)
hash = bytes .size 32
u16 = 0..65535
u32 = 0..4294967295
u64 = uint
"#;

/// An item's key is one of these; the vectors in ledger/src/fact/item_key.rs hold that they are what is written.
const ITEM_KEYS: &str = "\
| item-key of a booking | `kind` 1; `booking` name |
| item-key of what a contract used in a month | `kind` 2; `contract` name; `month` month |
| item-key of a calendar month | `kind` 3; `month` month |
| item-key of a quarter, half or year | `kind` 4; `first` month; `months` 3 / 6 / 12; `year_start` 1..12 |
| item-key of a fact | `kind` 5; `id` uuid |
";

const ITEM_KEY_SCHEMA: &str = "\
item-key = [kind: 1, booking: name] / [kind: 2, contract: name, month: month] / [kind: 3, month: month] /
  [kind: 4, first: month, months: 3 / 6 / 12, year-start: 1..12] / [kind: 5, id: uuid]

";

// Natural keys --------------------------------------------------------------------------------------------------------

const KEYED: [(&str, &str); 14] = [
    ("PAYEE@AT", r#"{"fact":"payee","at":"2027-01-01","payee":"ana b"}"#),
    ("ACCOUNT@AT", r#"{"fact":"account","at":"2027-01-01","account":"acme"}"#),
    ("PAYEE/PLAN@AT", r#"{"fact":"assignment","at":"2027-01-01","payee":"ana","plan":"land"}"#),
    ("PAYEE/PLAN@AT", r#"{"fact":"assignment-end","at":"2027-01-31","payee":"ana","plan":"land"}"#),
    (
        "PAYEE/PLAN/COMPONENT@AT",
        r#"{"fact":"quota","at":"2027-01-01","payee":"ana","plan":"land","component":"new","amount":"5"}"#,
    ),
    ("BOOKING", r#"{"fact":"booking","at":"2027-01-01","booking":"B/1","account":"acme","arr":"1","currency":"USD"}"#),
    ("BOOKING", r#"{"fact":"cancellation","at":"2027-01-01","booking":"B-1"}"#),
    ("CREDIT_NOTE", r#"{"fact":"credit-note","at":"2027-01-01","credit_note":"CN-1","booking":"B-1","arr":"5"}"#),
    (
        "ACCOUNT/CONTRACT/METER@FROM..TO",
        r#"{"fact":"usage-snapshot","account":"acme","contract":"c-1","meter":"api","from":"2027-01-01","to":"2027-01-31","amount":"1","currency":"USD"}"#,
    ),
    ("ON/ID@AT", r#"{"fact":"credit-split","at":"2027-01-01","on":{"contract":"c-1"},"shares":[]}"#),
    ("FROM/TO@AT", r#"{"fact":"exchange-rate","at":"2027-01-01","from":"EUR","to":"USD","rate":"1.1"}"#),
    ("PAYEE/CURRENCY@AT", r#"{"fact":"opening-balance","at":"2027-01-01","payee":"ana","currency":"USD"}"#),
    (
        "ADJUSTMENT",
        r#"{"fact":"adjustment","at":"2027-01-01","payee":"ana","amount":"1","currency":"USD","reason":"goodwill","adjustment":"A-1"}"#,
    ),
    ("ACCOUNT@AT", r#"{"fact":"usage-complete","at":"2027-12-31"}"#),
];

const UNKEYED: [&str; 3] = [
    r#"{"fact":"signal","at":"2027-01-01","signal":"live","account":"acme"}"#,
    r#"{"fact":"adjustment","at":"2027-01-01","payee":"ana","amount":"1","currency":"USD","reason":"goodwill"}"#,
    r#"{"fact":"retraction","retracts":"00000000-0000-4000-8000-00000000aaaa","reason":"meter fault"}"#,
];

#[test]
fn every_natural_key_is_in_the_table_and_no_other() {
    let mut table = "\n| kind | key | for example |\n|---|---|---|\n".to_owned();
    let mut words = Vec::new();
    for (form, text) in KEYED {
        let body = fact(text).body;
        let key = natural_key(&body).expect("it has a key");
        writeln!(table, "| `{0}` | `{0}:{form}` | `{key}` |", body.word()).expect("memory");
        words.push(body.word());
    }
    assert_shown(&(table + "\n"));
    for text in UNKEYED {
        let body = fact(text).body;
        assert_eq!(natural_key(&body), None);
        // An adjustment may have a key.
        if !words.contains(&body.word()) {
            words.push(body.word());
        }
    }
    words.sort_unstable();
    let mut expected = Body::WORDS.to_vec();
    expected.sort_unstable();
    assert_eq!(words, expected, "every kind is here");
}

// Vectors -------------------------------------------------------------------------------------------------------------

fn fact(text: &str) -> Fact {
    Incoming::read(FactLine { file: "test", number: 1, text }).expect("a fact").fact
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.chars().map(|c| c.to_digit(16).expect("a hex digit") as u8).collect();
    digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}

fn content_of(payload: &Payload) -> Vec<u8> {
    let mut content = Vec::new();
    match payload {
        Payload::Fact(fact) => fact.content(&mut content),
        Payload::Record(record) => record.content(&mut content),
    }
    content
}

fn salted(entry: &Entry) -> Vec<u8> {
    let mut bytes = Vec::new();
    entry.put(&mut bytes, |salt| salt.iter_mut().zip(0..).for_each(|(byte, number)| *byte = number));
    bytes
}

fn shown(entry: &Entry, hash: &EntryHash) -> String {
    let mut out = json::JsonWriter::new();
    entry.show(&mut out, &hash.0);
    out.finish()
}

fn person_key() -> PersonKey {
    PersonKey { id: std::array::from_fn(|i| 0xa0 + i as u8), secret: std::array::from_fn(|i| i as u8) }
}

fn decimal(text: &str) -> Amount {
    Amount::parse(text).expect("a decimal")
}

fn usd() -> Currency {
    Currency::parse("USD").expect("a currency")
}

fn period() -> Month {
    Month::parse("2027-01").expect("a month")
}

fn earning() -> Payload {
    let line = Posting {
        period: period(),
        payee: PayeeId::new("p-17").expect("a name"),
        currency: usd(),
        plan: PlanId::new("land"),
        version: Some(1),
        component: ComponentId::new("usage").expect("a name"),
        item: ItemKey::ContractMonth { contract: ContractId::new("acme").expect("a name"), month: period() },
        part: Name::new("whole"),
        date: Day::parse("2027-01-31").expect("a date"),
        account: AccountId::new("acme"),
        nature: Nature::Earned,
        due: Day::parse("2027-01-31").expect("a date"),
        amount: decimal("400"),
        entitled: decimal("400"),
        before: decimal("0"),
        reason: None,
    };
    Payload::Record(Record::Earning(ledger::fact::EarningRecord { line }))
}

fn period_close(root: [u8; 32]) -> Payload {
    let close = PeriodClose {
        period: period(),
        known: 7,
        root,
        edition: 1,
        engine: 1,
        plans: vec![PlanEdition { plan: PlanId::new("land").expect("a name"), version: 1, edition: 1 }],
        totals: vec![CloseTotal {
            currency: usd(),
            gross: decimal("400"),
            reversed: decimal("0"),
            pay: decimal("400"),
        }],
        statements: 1,
        lines: 1,
        digest: [0xd1; 32],
        manner: None,
        trial_balance: None,
    };
    Payload::Record(Record::PeriodClose(close))
}

/// A small book: each entry with its occurrence number.
fn vectors() -> Vec<(Entry, u64)> {
    let mut book: Vec<(Entry, u64)> = Vec::new();
    let mut add = |payload: Payload, replaces: Vec<u64>, occurrence: u64| {
        let position = book.len() as u64;
        let id = derived_id(&content_of(&payload), &replaces, occurrence, &mut Vec::new());
        let recorded = 1_800_000_000_000_000 + position.min(7) * 1_000_000;
        let (author, user) = ("ana@example.com".to_owned(), "ana".to_owned());
        let behind = position == 8;
        let entry = Entry {
            position,
            recorded,
            behind,
            author,
            user,
            id,
            payload,
            replaces,
            request: None,
            signatures: Vec::new(),
        };
        book.push((entry, occurrence));
        let leaves: Vec<_> = book.iter().map(|(entry, _)| leaf(&hash_entry(&salted(entry)))).collect();
        (id, root(&leaves))
    };
    let name = |text: &str| Name::new(text).expect("a name");
    let usage = |amount: &str, rest: &str| {
        Payload::Fact(fact(&format!(
            r#"{{"fact":"usage-snapshot","account":"acme","from":"2027-01-01","to":"2027-01-31","amount":"{amount}","currency":"USD"{rest}}}"#
        )))
    };
    let origin = FreeText("trueup.example/acme/00000000-0000-4000-8000-000000000001".to_owned());
    let record = ledger::fact::BookRecord {
        name: name("acme"),
        book: Uuid::from_u128(0x4000_8000_0000_0000_0001),
        origin,
        format: 2,
        timezone: None,
    };
    add(Payload::Record(Record::Book(record)), vec![], 0);
    let mut payee = fact(
        r#"{"fact":"payee","at":"2027-01-01","payee":"p-17","name":"Zoë","manager":null,"recovery_cap":"50%","status":"active","attributes":{"site":"Köln","x":null,"a":"b"}}"#,
    );
    for field in payee.personal_fields() {
        let Personal::Clear(text) = &*field else { panic!("nothing is sealed yet") };
        *field = Personal::seal(text, &person_key(), std::array::from_fn(|i| 0x40 + i as u8));
    }
    add(Payload::Fact(payee), vec![], 0);
    add(
        Payload::Fact(fact(
            r#"{"fact":"booking","at":"2026-12-31","booking":"B-1","account":"acme","contract":"c-1","motion":"new","start":"2027-01-01","months":36,"arr":"120000.00","tcv":"999999999999999.999999999999","amounts":{"services":"-0.50"},"currency":"EUR","credit":[{"payee":"p-17","role":"overlay","percent":"33.3%"}],"source":"crm:006"}"#,
        )),
        vec![],
        0,
    );
    add(usage("20000", ""), vec![], 0);
    let (id, _) = add(usage("21500.25", r#","meter":null,"quantity":"1e3","source":"meter""#), vec![3], 0);
    add(
        Payload::Fact(fact(&format!(r#"{{"fact":"retraction","retracts":"{id}","reason":"meter fault"}}"#))),
        vec![4],
        0,
    );
    // Two snapshots of this interval were ended before.
    let (_, known_root) = add(usage("20000", ""), vec![], 2);
    add(earning(), vec![], 7);
    add(period_close(known_root), vec![], 8);
    book
}

#[test]
fn the_vectors_on_the_page_are_what_is_written() {
    for (entry, occurrence) in vectors() {
        let bytes = salted(&entry);
        let hash = hash_entry(&bytes);
        let lines: Vec<_> = bytes.chunks(32).map(hex).collect();
        assert_shown(&format!(
            "```vector\nshown {}\ncontent {}\noccurrence {occurrence}\nid {}\nhash {}\n{}\n```\n",
            shown(&entry, &hash),
            hex(&content_of(&entry.payload)),
            entry.id,
            hex(&hash.0),
            lines.join("\n")
        ));
    }
}

/// Nothing but the page: what is there decodes, and means and hashes what is said.
/// The note of "Checkpoints", and the public key under the name of the origin.
#[test]
fn the_checkpoint_on_the_page_is_what_is_signed() {
    let key = PrivateKey::new(Name::new("log").expect("a name"), [7; 32]);
    let origin = "trueup.example/acme/0f8fad5b-d9cb-469f-a165-70867728950e";
    let note = signed_checkpoint(origin, 12, &[9; 32], &key);
    let shown = format!("```text\n{}\n\n{note}```\n", vkey(origin, key.public().bytes()));
    assert!(PAGE.contains(&shown), "docs/format.md should show:\n{shown}");
}

#[test]
fn the_vectors_on_the_page_can_be_read_back() {
    let blocks: Vec<_> = PAGE.split("```vector\n").skip(1).collect();
    assert_eq!(blocks.len(), vectors().len());
    let mut leaves = Vec::new();
    for block in blocks {
        let (block, _) = block.split_once("\n```").expect("a block ends");
        let lines: Vec<_> = block.lines().collect();
        let labels = ["shown ", "content ", "occurrence ", "id ", "hash "];
        let said = labels.iter().zip(&lines).map(|(label, line)| line.strip_prefix(label).expect("its label"));
        let said: Vec<_> = said.collect();
        let bytes = unhex(&lines[labels.len()..].concat());
        let entry = Entry::get(&bytes).expect("a vector decodes");
        assert_eq!(salted(&entry), bytes);
        let hash = hash_entry(&bytes);
        let content = content_of(&entry.payload);
        assert_eq!(said[0], shown(&entry, &hash));
        assert_eq!(unhex(said[1]), content);
        let occurrence = said[2].parse().expect("a number");
        assert_eq!(derived_id(&content, &entry.replaces, occurrence, &mut Vec::new()).to_string(), said[3]);
        assert_eq!(hex(&hash.0), said[4]);
        leaves.push(leaf(&hash));
    }
    assert_shown(&format!("The root of the tree over these {} entries is `{}`.", leaves.len(), hex(&root(&leaves))));
}

#[test]
fn the_sealed_name_on_the_page_opens_with_the_key_on_the_page() {
    let key = person_key();
    let (entry, _) = &vectors()[1];
    let Payload::Fact(mut sealed) = entry.payload.clone() else { panic!("a fact") };
    let Personal::Sealed { key: id, nonce, ciphertext } = sealed.personal_fields()[0].clone() else {
        panic!("it is sealed")
    };
    assert_shown(&format!(
        "| key id | `{}` |\n| secret | `{}` |\n| nonce | `{}` |\n| ciphertext and tag | `{}` |\n| text | `Zoë` |\n",
        hex(&id),
        hex(&key.secret),
        hex(&nonce),
        hex(&ciphertext)
    ));
    assert_eq!(Personal::Sealed { key: id, nonce, ciphertext }.open(&key).as_deref(), Some("Zoë"));
}
