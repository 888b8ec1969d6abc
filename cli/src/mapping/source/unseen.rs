//! Columns that a source lacks, and what it has instead.

use ledger::json::{JsonNode, JsonValue};
use ledger::nearest::nearest;

use crate::mapping::refusal::{ColumnNames, MappingReport, MappingWarning};
use crate::mapping::rules::Column;
use crate::mapping::source::row::SourceName;

/// At most so many columns of a header are listed.
const LISTED_MAX: usize = 20;

/// Columns that no row has had yet, and the names that rows have instead.
#[derive(Default)]
pub struct Unseen<'c> {
    pub(super) columns: Vec<&'c Column>,
    pub(super) names: Vec<String>,
}

impl Unseen<'_> {
    pub(super) fn look_at(&mut self, node: &JsonNode<'_>) {
        if self.columns.is_empty() {
            return;
        }
        self.columns.retain(|column| member(node, &column.name).is_none());
        if let JsonValue::Object(members) = &node.value
            && self.names.len() < LISTED_MAX
        {
            let new = members.iter().map(|member| member.name.to_string()).filter(|name| !self.names.contains(name));
            let new: Vec<String> = new.take(LISTED_MAX).collect();
            self.names.extend(new);
        }
    }

    /// Warns of columns that no row had.
    pub fn tell(&self, source: &SourceName, report: &mut MappingReport<'_>) {
        for column in &self.columns {
            let columns = column_names(column, &self.names);
            let (name, source) = (column.name.clone(), source.name.clone());
            report.warn(column.spot, MappingWarning::ColumnUnseen { column: name, source, columns });
        }
    }
}

/// The columns that there are instead of one.
pub(super) fn column_names(missing: &Column, names: &[String]) -> ColumnNames {
    ColumnNames {
        nearest: nearest(&missing.name, names.iter().map(String::as_str)).map(str::to_owned),
        listed: names.iter().take(LISTED_MAX).cloned().collect(),
        has_more: names.len() > LISTED_MAX,
    }
}

/// A member by its name, or by the names on the way to it: `customer.id`, `lines.0.sku`.
pub(super) fn member<'n, 's>(node: &'n JsonNode<'s>, name: &str) -> Option<&'n JsonNode<'s>> {
    let child = |name: &str| match &node.value {
        JsonValue::Object(members) => members.iter().find(|member| member.name == name).map(|member| &member.node),
        JsonValue::List(items) => items.get(name.parse::<usize>().ok()?),
        JsonValue::Null | JsonValue::Bool(_) | JsonValue::Number(_) | JsonValue::Text(_) => None,
    };
    child(name).or_else(|| {
        name.match_indices('.')
            .find_map(|(dot, _)| child(&name[..dot]).and_then(|inner| member(inner, &name[dot + 1..])))
    })
}
