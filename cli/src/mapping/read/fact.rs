//! `[[fact]]`: a kind, which rows make one, and where each of its fields comes from.

use ledger::nearest::nearest;
use plans::read::report::Spot;
use plans::read::table::{TextField, TomlTable};
use plans::read::value::{self, TomlValue};
use replay::record::WhenKnown;
use toml::de::DeValue;

use crate::mapping::kinds::{COMMON, Field, Form, KINDS, Kind, SHARE, Shape, TARGET};
use crate::mapping::read::gathered::Gathered;
use crate::mapping::read::text::text;
use crate::mapping::read::value::{Written, column, field as read_value};
use crate::mapping::read::when::when;
use crate::mapping::refusal::{MappingRefusal, MappingReport, MappingValue, MappingWarning};
use crate::mapping::rules::{Leaf, Node, Pick, Rule, Value as Filled, ValueSource};

const SHARES_MAX: usize = 50;
const NAMED_MAX: usize = 200;
const KEYS_MAX: usize = 20;

const WHEN_KNOWN: [(&str, WhenKnown); 3] =
    [("correct", WhenKnown::Correct), ("skip", WhenKnown::Skip), ("refuse", WhenKnown::Refuse)];

pub fn rule<'t>(value: &'t TomlValue<'t>, gathered: &mut Gathered, report: &mut MappingReport<'_>) -> Option<Rule> {
    let known = kind_of(value);
    let mut table = TomlTable::of(value, known.map_or("a fact", |kind| kind.called), report)?;
    let kind = table.need("fact", kind, report);
    let conditions = table.take("when", |value, report| when(value, gathered, report), report);
    let once = table.take("once", |value, report| once(value, gathered, report), report);
    let distinct = table.take("distinct", keys, report);
    let group = table.take("group", keys, report);
    let when_known = table.take("when-known", |value, report| value::word(value, &WHEN_KNOWN, report), report);
    // What the fields are follows from the kind: without it, nothing else can be said.
    let kind = kind.value?;
    let mut draft = Draft { gathered, leaves: Vec::new(), is_each: false };
    let mut fields = Vec::new();
    for field in kind.fields.iter().chain(&COMMON) {
        let read = |value: &'t TomlValue<'t>, report: &mut MappingReport<'_>| draft.node(field, "", value, report);
        let said = take(&mut table, field, read, report);
        fields.extend(said.value.map(|node| (field.name.to_owned(), node)));
    }
    let spot = table.spot;
    table.finish(report);
    let leaves = draft.leaves;
    key_is_known(kind, &fields, &when_known, report);
    stays_the_same(kind, &fields, spot, report);
    let pick = pick(&distinct, &group, kind, &leaves, report);
    if !group.is_written() {
        sums_need_groups(&leaves, report);
        each_needs_a_group(&leaves, report);
    }
    each_is_of_its_row(&leaves, report);
    let leaves = filled(leaves, kind, report);
    Some(Rule {
        kind,
        line: 1 + report.text[..spot.start].matches('\n').count(),
        spot,
        when: conditions.value.unwrap_or_default(),
        once: once.value.unwrap_or_default(),
        pick: pick?,
        when_known: when_known.value.or((kind.word == "booking").then_some(WhenKnown::Refuse)),
        leaves: leaves?,
        fields,
    })
}

/// Whether a value is `{ each = … }`.
fn has_each(value: &TomlValue<'_>) -> bool {
    matches!(value.get_ref(), DeValue::Table(entries) if entries.iter().any(|(key, _)| key.get_ref() == "each"))
}

/// What the table says about a field, which a fact may need.
fn take<'t, T>(
    table: &mut TomlTable<'t>,
    field: &Field,
    read: impl FnOnce(&'t TomlValue<'t>, &mut MappingReport<'_>) -> Option<T>,
    report: &mut MappingReport<'_>,
) -> TextField<T> {
    if field.is_needed { table.need(field.name, read, report) } else { table.take(field.name, read, report) }
}

/// The kind, before anything is told about it.
fn kind_of(value: &TomlValue<'_>) -> Option<&'static Kind> {
    let DeValue::Table(entries) = value.get_ref() else { return None };
    let (_, word) = entries.iter().find(|(key, _)| key.get_ref() == "fact")?;
    KINDS.iter().find(|kind| Some(kind.word) == word.get_ref().as_str())
}

fn kind(value: &TomlValue<'_>, report: &mut MappingReport<'_>) -> Option<&'static Kind> {
    let words: Vec<(&str, &'static Kind)> = KINDS.iter().map(|kind| (kind.word, kind)).collect();
    value::word(value, &words, report)
}

/// Columns whose values say that two rows are one: one, or a list.
fn once<'t>(written: &'t TomlValue<'t>, gathered: &mut Gathered, report: &mut MappingReport<'_>) -> Option<Vec<usize>> {
    if !matches!(written.get_ref(), DeValue::Array(_)) {
        return column(written, gathered, report).map(|slot| vec![slot]);
    }
    let read = |written, report: &mut MappingReport<'_>| column(written, gathered, report);
    value::list(written, MappingValue::ColumnNames, KEYS_MAX, read, report)
}

/// Names of fields: one, or a list.
fn keys<'t>(value: &'t TomlValue<'t>, report: &mut MappingReport<'_>) -> Option<Vec<(String, Spot)>> {
    let key = |value: &'t TomlValue<'t>, report: &mut MappingReport<'_>| {
        Some((text(value, report)?, Spot::from(value.span())))
    };
    if value.get_ref().is_str() {
        return key(value, report).map(|one| vec![one]);
    }
    value::list(value, MappingValue::FieldNames, KEYS_MAX, key, report)
}

/// A leaf as it is read: what it is the same as is looked for when all fields are known.
struct LeafText {
    name: String,
    shape: Shape,
    is_needed: bool,
    is_each: bool,
    written: Written,
    spot: Spot,
}

struct Draft<'g> {
    gathered: &'g mut Gathered,
    leaves: Vec<LeafText>,
    /// Whether what is read now has a value for each row of the group.
    is_each: bool,
}

impl Draft<'_> {
    fn node<'t>(
        &mut self,
        field: &Field,
        inside: &str,
        value: &'t TomlValue<'t>,
        report: &mut MappingReport<'_>,
    ) -> Option<Node> {
        let name = format!("{inside}{}", field.name);
        match field.form {
            Form::One(shape) => self.leaf(name, shape, field.is_needed && inside.is_empty(), value, report),
            Form::Named(shape) => self.named(&name, shape, value, report),
            Form::Shares if has_each(value) => self.each_share(&name, value, report),
            Form::Shares => {
                let inside = format!("{name}.");
                let read =
                    |value, report: &mut MappingReport<'_>| self.members(&SHARE, "a share", &inside, value, report);
                value::list(value, MappingValue::Shares, SHARES_MAX, read, report).map(Node::List)
            }
            Form::Target => self.members(&TARGET, "`on`", &format!("{name}."), value, report),
        }
    }

    /// `{ each = { payee = …, percent = … } }`: the rows of a group are the shares.
    fn each_share<'t>(&mut self, name: &str, value: &'t TomlValue<'t>, report: &mut MappingReport<'_>) -> Option<Node> {
        let mut table = TomlTable::of(value, "a table of shares", report)?;
        let inside = format!("{name}.");
        self.is_each = true;
        let read = |value: &'t TomlValue<'t>, report: &mut MappingReport<'_>| {
            self.members(&SHARE, "a share", &inside, value, report)
        };
        let each = table.need("each", read, report);
        self.is_each = false;
        table.finish(report)?;
        each.value.map(|share| Node::Each(Box::new(share)))
    }

    fn leaf<'t>(
        &mut self,
        name: String,
        shape: Shape,
        is_needed: bool,
        value: &'t TomlValue<'t>,
        report: &mut MappingReport<'_>,
    ) -> Option<Node> {
        let written = read_value(value, shape, self.gathered, report)?;
        let (is_each, spot) = (self.is_each, Spot::from(value.span()));
        self.leaves.push(LeafText { name, shape, is_needed, is_each, written, spot });
        Some(Node::Leaf(self.leaves.len() - 1))
    }

    fn members<'t>(
        &mut self,
        fields: &[Field],
        what: &'static str,
        inside: &str,
        value: &'t TomlValue<'t>,
        report: &mut MappingReport<'_>,
    ) -> Option<Node> {
        let mut table = TomlTable::of(value, what, report)?;
        let mut members = Vec::new();
        let mut fine = Some(());
        for field in fields {
            let read =
                |value: &'t TomlValue<'t>, report: &mut MappingReport<'_>| self.node(field, inside, value, report);
            let said = take(&mut table, field, read, report);
            if said.value.is_none() && (said.is_written() || field.is_needed) {
                fine = None;
            }
            members.extend(said.value.map(|node| (field.name.to_owned(), node)));
        }
        let spot = table.spot;
        table.finish(report)?;
        fine?;
        if members.is_empty() {
            let fields = fields.iter().map(|field| field.name).collect();
            return report.wrong(spot, MappingRefusal::ObjectEmpty { object: what, fields });
        }
        Some(Node::Object(members))
    }

    fn named<'t>(
        &mut self,
        name: &str,
        shape: Shape,
        value: &'t TomlValue<'t>,
        report: &mut MappingReport<'_>,
    ) -> Option<Node> {
        let table = TomlTable::of(value, "a table of names", report)?;
        if table.is_empty() || table.rest().count() > NAMED_MAX {
            return value::not(value, MappingValue::NamedValues(NAMED_MAX), report);
        }
        let mut members = Vec::new();
        let mut fine = Some(());
        for (key, _, value) in table.rest() {
            match self.leaf(format!("{name}.{key}"), shape, false, value, report) {
                Some(node) => members.push((key.to_owned(), node)),
                None => fine = None,
            }
        }
        fine.map(|()| Node::Object(members))
    }
}

/// Only what has a natural key can be known under it.
fn key_is_known(
    kind: &Kind,
    fields: &[(String, Node)],
    when_known: &TextField<WhenKnown>,
    report: &mut MappingReport<'_>,
) {
    if let (Some(key), false) = (when_known.key, is_keyed(kind, fields)) {
        report.refuse(key, MappingRefusal::WhenKnownUnused { kind: kind.word });
    }
}

fn is_keyed(kind: &Kind, fields: &[(String, Node)]) -> bool {
    kind.is_keyed(fields.iter().map(|(field, _)| field.as_str()))
}

/// Facts without a natural key are told apart by their source, and a line of a file is not the same in the next export.
fn stays_the_same(kind: &Kind, fields: &[(String, Node)], spot: Spot, report: &mut MappingReport<'_>) {
    let says = |name: &str| fields.iter().any(|(field, _)| field == name);
    if !is_keyed(kind, fields) && kind.word != "retraction" && !says("source") && !says("id") {
        report.warn(spot, MappingWarning::SourceMissing { kind: kind.word });
    }
}

fn pick(
    distinct: &TextField<Vec<(String, Spot)>>,
    group: &TextField<Vec<(String, Spot)>>,
    kind: &Kind,
    leaves: &[LeafText],
    report: &mut MappingReport<'_>,
) -> Option<Pick> {
    if let (Some(_), Some(second)) = (distinct.key, group.key) {
        return report.wrong(second, MappingRefusal::GroupBesideDistinct);
    }
    let (said, of): (_, fn(Vec<usize>) -> Pick) =
        if group.is_written() { (group, Pick::Group) } else { (distinct, Pick::Distinct) };
    if !said.is_written() {
        return Some(Pick::Each);
    }
    let found: Vec<Option<usize>> =
        said.items().iter().map(|(name, at)| key(name, *at, kind, leaves, report)).collect();
    let indices: Option<Vec<usize>> = found.into_iter().collect();
    said.value.as_ref().and(indices).map(of)
}

/// The leaf of a field that tells groups apart.
fn key(name: &str, at: Spot, kind: &Kind, leaves: &[LeafText], report: &mut MappingReport<'_>) -> Option<usize> {
    match leaves.iter().position(|leaf| leaf.name == name && !leaf.is_each) {
        Some(index) if is_sum(&leaves[index].written) => {
            report.wrong(at, MappingRefusal::GroupBySum { field: name.to_owned() })
        }
        Some(index) => Some(index),
        None => {
            let names = leaves.iter().filter(|leaf| !leaf.name.contains('.')).map(|leaf| leaf.name.as_str());
            let (nearest, known) = nearest_and_all(name, names);
            let field = name.to_owned();
            report.wrong(at, MappingRefusal::GroupFieldUnknown { field, kind: kind.word, nearest, known })
        }
    }
}

/// The name that is nearest to what was written, and all of them.
fn nearest_and_all<'n>(written: &str, names: impl Iterator<Item = &'n str> + Clone) -> (Option<String>, Vec<String>) {
    (nearest(written, names.clone()).map(str::to_owned), names.map(str::to_owned).collect())
}

fn is_sum(written: &Written) -> bool {
    matches!(written, Written::Worked(worked) if matches!(worked.from, ValueSource::Sum(_)))
}

fn sums_need_groups(leaves: &[LeafText], report: &mut MappingReport<'_>) {
    for leaf in leaves.iter().filter(|leaf| is_sum(&leaf.written)) {
        report.refuse(leaf.spot, MappingRefusal::SumWithoutGroup { field: leaf.name.clone() });
    }
}

fn each_needs_a_group(leaves: &[LeafText], report: &mut MappingReport<'_>) {
    if let Some(leaf) = leaves.iter().find(|leaf| leaf.is_each) {
        report.refuse(leaf.spot, MappingRefusal::EachWithoutGroup { field: leaf.name.clone() });
    }
}

/// What each row has comes from the row.
fn each_is_of_its_row(leaves: &[LeafText], report: &mut MappingReport<'_>) {
    let allowed = &["column", "columns", "product"];
    for leaf in leaves.iter().filter(|leaf| leaf.is_each) {
        match &leaf.written {
            written if is_sum(written) => {
                report.refuse(leaf.spot, MappingRefusal::OriginNotAllowed { key: "sum", allowed });
            }
            Written::Same { .. } => {
                report.refuse(leaf.spot, MappingRefusal::OriginNotAllowed { key: "same", allowed });
            }
            Written::Constant(_) | Written::Worked(_) => {}
        }
    }
}

/// The leaves with what they are the same as.
fn filled(leaves: Vec<LeafText>, kind: &Kind, report: &mut MappingReport<'_>) -> Option<Vec<Leaf>> {
    let others: Vec<(String, Shape, bool)> = leaves
        .iter()
        .map(|leaf| (leaf.name.clone(), leaf.shape, matches!(leaf.written, Written::Same { .. })))
        .collect();
    let mut fine = Some(());
    let mut filled = Vec::new();
    for LeafText { name, shape, is_needed, is_each, written, .. } in leaves {
        let value = match written {
            Written::Constant(text) => Some(Filled::Constant(text)),
            Written::Worked(worked) => Some(Filled::Worked(worked)),
            Written::Same { field, at } => same(&field, at, shape, &others, kind, report).map(Filled::Same),
        };
        match value {
            Some(value) => filled.push(Leaf { name, shape, is_needed, is_each, value }),
            None => fine = None,
        }
    }
    fine.map(|()| filled)
}

fn same(
    field: &str,
    at: Spot,
    shape: Shape,
    others: &[(String, Shape, bool)],
    kind: &Kind,
    report: &mut MappingReport<'_>,
) -> Option<usize> {
    let Some(index) = others.iter().position(|(name, _, _)| name == field) else {
        let names = others.iter().filter(|(_, _, copies)| !copies).map(|(name, _, _)| name.as_str());
        let (nearest, known) = nearest_and_all(field, names);
        let field = field.to_owned();
        return report.wrong(at, MappingRefusal::SameFieldUnknown { field, kind: kind.word, nearest, known });
    };
    let (_, theirs, copies) = &others[index];
    let are_texts = [shape, *theirs].iter().all(|shape| matches!(shape, Shape::Name | Shape::Text));
    if *copies {
        return report.wrong(at, MappingRefusal::SameOfCopy { field: field.to_owned() });
    }
    if shape != *theirs && !are_texts {
        return report.wrong(at, MappingRefusal::SameOfOtherKind { field: field.to_owned() });
    }
    Some(index)
}

#[cfg(test)]
mod tests {
    use crate::mapping::example::{BOOKING, SIGNAL, mapped, refused, refuses};

    #[test]
    fn kinds_and_their_fields_are_those_of_facts() {
        assert_eq!(refused("[[fact]]\nfact = \"boking\"\nat = 5", "a\n"), [("map-value", "\"boking\"".to_owned())]);
        assert_eq!(refused("[[fact]]\nat = 2027-01-01", "a\n"), [("map-missing", "[[fact]]".to_owned())]);
        assert_eq!(refused("", "a\n"), [("map-missing", String::new())]);
        refuses(&[
            ("motoin = \"new\"", "map-unknown-key", "motoin"),
            ("credit = [{ payee = \"ana\", percent = \"1%\", rate = 1 }]", "map-unknown-key", "rate"),
            ("credit = [{ payee = \"ana\" }]", "map-missing", "{ payee = \"ana\" }"),
            ("credit = []", "map-empty", "[]"),
            ("credit = { payee = \"ana\", percent = \"1%\" }", "map-value", "{ payee = \"ana\", percent = \"1%\" }"),
            ("attributes = {}", "map-value", "{}"),
            ("amounts = { services = \"x\" }", "map-value", "\"x\""),
        ]);
        let split = "[[fact]]\nfact = \"credit-split\"\nat = 2027-01-01\nshares = [{ payee = \"ana\", percent = \"1%\" }]\non = ";
        for (on, code, meant) in [
            ("{}", "map-empty", "{}"),
            ("{ deal = \"x\" }", "map-unknown-key", "deal"),
            ("\"x\"", "map-value", "\"x\""),
        ] {
            assert_eq!(refused(&format!("{split}{on}"), "a\n"), [(code, meant.to_owned())]);
        }
    }

    #[test]
    fn every_mistake_is_told_at_once() {
        let map = "[source]\ndelimiter = \"ab\"\n[[table]]\nname = \"t\"\n[[fact]]\nfact = \"booking\"\nat = \"x\"\nbookin = 1\n[[fact]]\nfact = \"payee\"\nat = 2027-01-01\npayee = {}\n";
        let mut codes: Vec<&str> = refused(map, "a\n").into_iter().map(|(code, _)| code).collect();
        codes.sort_unstable();
        let missing = ["map-missing"; 5];
        assert_eq!(codes, [&["map-from"], &missing[..], &["map-unknown-key", "map-value", "map-value"]].concat());
    }

    #[test]
    fn keys_of_groups_are_fields_of_the_fact() {
        refuses(&[
            ("distinct = [\"bookin\"]", "map-group", "\"bookin\""),
            ("distinct = [\"tcv\"]", "map-group", "\"tcv\""),
            ("distinct = []", "map-empty", "[]"),
            ("distinct = [\"booking\"]\ngroup = [\"booking\"]", "map-group", "group"),
            ("group = [\"arr\"]\narr = { sum = \"a\" }", "map-group", "\"arr\""),
            ("arr = { sum = \"a\" }", "map-group", "{ sum = \"a\" }"),
        ]);
    }

    #[test]
    fn what_is_the_same_is_there_and_of_the_same_kind() {
        refuses(&[
            ("contract = { same = \"boking\" }", "map-same", "\"boking\""),
            ("contract = { same = \"product\" }\nproduct = { same = \"booking\" }", "map-same", "\"product\""),
            ("start = { same = \"booking\" }", "map-same", "\"booking\""),
        ]);
    }

    #[test]
    fn what_is_known_by_no_key_has_no_when_known() {
        let map = format!("{SIGNAL}signal = \"s\"\nwhen-known = \"skip\"");
        assert_eq!(refused(&map, "a\n"), [("map-no-effect", "when-known".to_owned())]);
        refuses(&[("when-known = \"replace\"", "map-value", "\"replace\"")]);
        assert_eq!(refused(&format!("{BOOKING}arr = 1\nwhen-known = \"correct\""), "id\n"), []);
    }

    #[test]
    fn facts_without_a_key_and_without_a_source_are_doubted() {
        let warned = |map: &str| {
            let mapped = mapped(map, "rows.csv", "a\n").unwrap_or_else(|problems| panic!("{problems:?}"));
            mapped.warnings.iter().map(|warning| warning.code).collect::<Vec<_>>()
        };
        let map = format!("{SIGNAL}signal = \"s\"\n");
        assert_eq!(warned(&map.replace("source = \"s\"\n", "")), ["map-source"]);
        assert_eq!(warned(&map), [""; 0]);
    }
}
