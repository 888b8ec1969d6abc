//! What a mapping says, read and checked: how the source is written, the lookups, and for each fact where its fields
//! come from (docs/mapping.md).

use std::collections::BTreeMap;

use chrono_tz::Tz;
use ledger::exact::Exact;
use plans::read::report::Spot;
use regex::Regex;
use replay::record::WhenKnown;

use crate::mapping::evaluate::date::DateRule;
use crate::mapping::kinds::{Kind, Shape};

#[derive(Debug)]
pub struct Mapping {
    pub source: SourceShape,
    pub tables: Vec<Lookup>,
    pub rules: Vec<Rule>,
}

/// A column that the mapping names. Its place in the list is its slot.
#[derive(Clone, Debug)]
pub struct Column {
    pub name: String,
    /// Where the mapping names it first.
    pub spot: Spot,
}

/// How the rows are written.
#[derive(Clone, Debug)]
pub struct SourceShape {
    /// By the file's name, where nothing is said.
    pub format: Option<SourceFormat>,
    /// By the file's name, where nothing is said.
    pub delimiter: Option<u8>,
    pub quote: Option<u8>,
    pub header: Header,
    /// Where the mapping says which row is the header.
    pub header_at: Spot,
    /// Of a spreadsheet; the first one, where nothing is said.
    pub sheet: Option<String>,
    /// As many rows at the end are no rows of the table.
    pub skip_last: usize,
    pub encoding: Encoding,
    /// Texts that mean: no value.
    pub nulls: Vec<String>,
    pub numbers: Numbers,
    /// On whose days instants are; the book's, where nothing is said.
    pub timezone: Option<Tz>,
}

#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum SourceFormat {
    Csv,
    JsonLines,
}

#[derive(Clone, Debug)]
pub enum Header {
    /// The first row names the columns.
    FirstRow,
    /// They are called `1`, `2`, `3`.
    Numbered,
    /// The row on this line names the columns, from 1.
    Line(usize),
    /// The first row of several cells names the columns of which one matches.
    Matches(Regex),
}

#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Encoding {
    Utf8,
    Latin1,
    Utf16,
}

/// How numbers are written.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct Numbers {
    pub decimal: char,
    /// Between groups of digits.
    pub thousands: Option<char>,
}

impl Default for SourceShape {
    fn default() -> SourceShape {
        SourceShape {
            format: None,
            delimiter: None,
            quote: Some(b'"'),
            header: Header::FirstRow,
            header_at: Spot::default(),
            sheet: None,
            skip_last: 0,
            encoding: Encoding::Utf8,
            nulls: vec![String::new()],
            numbers: Numbers { decimal: '.', thousands: Some(',') },
            timezone: None,
        }
    }
}

#[derive(Debug)]
pub struct Lookup {
    pub name: String,
    pub rows: BTreeMap<String, String>,
}

/// One `[[fact]]`.
#[derive(Debug)]
pub struct Rule {
    pub kind: &'static Kind,
    /// The line of the mapping on which it begins.
    pub line: usize,
    /// Where it is in the mapping.
    pub spot: Spot,
    pub when: Vec<RowCondition>,
    /// Slots of the columns whose values say that two rows are one.
    pub once: Vec<usize>,
    pub pick: Pick,
    pub when_known: Option<WhenKnown>,
    pub leaves: Vec<Leaf>,
    pub fields: Vec<(String, Node)>,
}

/// Which rows make a fact.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Pick {
    Each,
    /// The first row with the same values of these leaves.
    Distinct(Vec<usize>),
    /// All rows with the same values of these leaves make one fact.
    Group(Vec<usize>),
}

/// How values lie in each other.
#[derive(Clone, Debug)]
pub enum Node {
    Leaf(usize),
    List(Vec<Node>),
    /// One of these for each row of the group.
    Each(Box<Node>),
    Object(Vec<(String, Node)>),
}

/// One value of a fact.
#[derive(Debug)]
pub struct Leaf {
    /// As messages name it: `credit.payee`.
    pub name: String,
    pub shape: Shape,
    pub is_needed: bool,
    /// It has a value for each row of the group.
    pub is_each: bool,
    pub value: Value,
}

#[derive(Debug)]
pub enum Value {
    Constant(String),
    /// What another leaf of the fact is.
    Same(usize),
    Worked(Box<Worked>),
}

/// A value that comes from the row, in the order in which it is worked out.
#[derive(Debug)]
pub struct Worked {
    pub from: ValueSource,
    pub strip_prefix: Option<String>,
    pub strip_suffix: Option<String>,
    pub date: Option<DateRule>,
    pub percent: Option<PercentAs>,
    /// The index of a table.
    pub lookup: Option<usize>,
    pub otherwise: Option<String>,
    pub letters: Option<Letters>,
    pub times: Option<Exact>,
    pub divide: Option<Divisor>,
    pub negate: bool,
    /// To so many decimals, half away from zero.
    pub round: Option<u32>,
    pub prefix: Option<String>,
    pub suffix: Option<String>,
}

/// By what a number is divided.
#[derive(Debug)]
pub enum Divisor {
    Number(Exact),
    Value(Box<Worked>),
}

/// How letters are written.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Letters {
    Upper,
    Lower,
}

/// Slots of columns, or what they are put together to.
#[derive(Debug)]
pub enum ValueSource {
    Column(usize),
    Columns {
        slots: Vec<usize>,
        join: String,
    },
    Product(Vec<Worked>),
    /// Over the group.
    Sum(Box<Worked>),
}

/// What a percent without its sign means.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum PercentAs {
    /// 0.012 is 1.2 %.
    Fraction,
    /// 1.2 is 1.2 %.
    Points,
}

/// What must hold of a row.
#[derive(Debug)]
pub struct RowCondition {
    pub slot: usize,
    pub tests: Vec<Test>,
    /// As the mapping has it.
    pub text: String,
}

#[derive(Debug)]
pub enum Test {
    In(Vec<String>),
    NotIn(Vec<String>),
    Matches(Regex),
    Above(Exact),
    Below(Exact),
}

impl Worked {
    pub fn of(from: ValueSource) -> Worked {
        Worked {
            from,
            strip_prefix: None,
            strip_suffix: None,
            date: None,
            percent: None,
            lookup: None,
            otherwise: None,
            letters: None,
            times: None,
            divide: None,
            negate: false,
            round: None,
            prefix: None,
            suffix: None,
        }
    }

    /// The columns that it reads.
    pub fn slots(&self) -> Vec<usize> {
        let mut slots = match &self.from {
            ValueSource::Column(slot) => vec![*slot],
            ValueSource::Columns { slots, .. } => slots.clone(),
            ValueSource::Product(factors) => factors.iter().flat_map(Worked::slots).collect(),
            ValueSource::Sum(summand) => summand.slots(),
        };
        if let Some(Divisor::Value(value)) = &self.divide {
            slots.extend(value.slots());
        }
        slots
    }

    /// The columns that it reads as numbers, without those of a lookup.
    pub fn number_slots(&self) -> Vec<usize> {
        match &self.from {
            _ if self.lookup.is_some() => Vec::new(),
            ValueSource::Column(slot) => vec![*slot],
            ValueSource::Columns { .. } => Vec::new(),
            ValueSource::Product(factors) => factors.iter().flat_map(Worked::number_slots).collect(),
            ValueSource::Sum(summand) => summand.number_slots(),
        }
    }

    /// The columns whose texts it looks up.
    fn lookup_slots(&self) -> Vec<usize> {
        let mut slots = match &self.from {
            _ if self.lookup.is_some() => return self.slots(),
            ValueSource::Column(_) | ValueSource::Columns { .. } => Vec::new(),
            ValueSource::Product(factors) => factors.iter().flat_map(Worked::lookup_slots).collect(),
            ValueSource::Sum(summand) => summand.lookup_slots(),
        };
        if let Some(Divisor::Value(value)) = &self.divide {
            slots.extend(value.lookup_slots());
        }
        slots
    }

    /// The first column that it reads: where a problem with it is shown.
    pub fn slot(&self) -> usize {
        match &self.from {
            ValueSource::Column(slot) => *slot,
            ValueSource::Columns { slots, .. } => slots[0],
            ValueSource::Product(factors) => factors[0].slot(),
            ValueSource::Sum(summand) => summand.slot(),
        }
    }
}

impl Rule {
    /// The columns of which a fact is made, in their order; where it comes from is not what it says.
    pub fn content_slots(&self) -> Vec<usize> {
        let says = self.leaves.iter().filter(|leaf| !matches!(leaf.name.as_str(), "source" | "note"));
        let mut slots: Vec<usize> = says.flat_map(Leaf::slots).collect();
        slots.sort_unstable();
        slots.dedup();
        slots
    }

    /// The columns that are read as texts, in their order: names, what is looked up, and what says that two rows are one. A note
    /// tells nothing apart.
    pub fn text_slots(&self) -> Vec<usize> {
        let of_leaf = |leaf: &Leaf| match (&leaf.value, leaf.shape) {
            (Value::Worked(worked), Shape::Name | Shape::Text) => worked.slots(),
            (Value::Worked(worked), _) => worked.lookup_slots(),
            (Value::Constant(_) | Value::Same(_), _) => Vec::new(),
        };
        let leaves = self.leaves.iter().filter(|leaf| leaf.name != "note");
        let mut slots: Vec<usize> = leaves.flat_map(of_leaf).chain(self.once.iter().copied()).collect();
        slots.sort_unstable();
        slots.dedup();
        slots
    }

    /// The leaves that have a value for each row of a group, in their order.
    pub fn each(&self) -> impl Iterator<Item = (usize, &Leaf)> {
        self.leaves.iter().enumerate().filter(|(_, leaf)| leaf.is_each)
    }
}

impl Leaf {
    /// What is summed over a group.
    pub fn summand(&self) -> Option<&Worked> {
        let Value::Worked(worked) = &self.value else { return None };
        match &worked.from {
            ValueSource::Sum(summand) => Some(summand),
            ValueSource::Column(_) | ValueSource::Columns { .. } | ValueSource::Product(_) => None,
        }
    }

    /// How its dates are written, where the mapping says it.
    pub fn date(&self) -> Option<&DateRule> {
        match &self.value {
            Value::Worked(worked) => worked.date.as_ref(),
            Value::Constant(_) | Value::Same(_) => None,
        }
    }

    /// The columns that it reads.
    pub fn slots(&self) -> Vec<usize> {
        match &self.value {
            Value::Worked(worked) => worked.slots(),
            Value::Constant(_) | Value::Same(_) => Vec::new(),
        }
    }

    /// The column that it reads first, if it reads any.
    pub fn slot(&self) -> Option<usize> {
        match &self.value {
            Value::Worked(worked) => Some(worked.slot()),
            Value::Constant(_) | Value::Same(_) => None,
        }
    }
}
