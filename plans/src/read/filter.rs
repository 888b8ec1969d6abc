//! `where`: what an item must be to count.

use std::collections::BTreeMap;

use ledger::id::Name;

use crate::plan::Filter;
use crate::read::report::Spot;
use crate::read::table::{TextField, TomlTable};
use crate::read::toml_fault::TableKind;
use crate::read::value::{self, TomlValue};
use crate::refusal::{PlanRefusal, PlanReport};

/// The most attributes that one `where` may name.
pub const ATTRIBUTES_MAX: usize = 64;

#[derive(Clone, Debug)]
pub struct FilterText {
    pub motion: TextField<Vec<Name>>,
    pub product: TextField<Vec<Name>>,
    pub segment: TextField<Vec<Name>>,
    pub region: TextField<Vec<Name>>,
    pub attributes: Vec<AttributeText>,
}

#[derive(Clone, Debug)]
pub struct AttributeText {
    pub key: Spot,
    pub name: Name,
    pub values: Vec<Name>,
}

pub fn filter<'t>(value: &'t TomlValue<'t>, report: &mut PlanReport<'_>) -> Option<FilterText> {
    let mut table = TomlTable::of(value, TableKind::Filter, report)?;
    let [motion, product, segment, region] =
        ["motion", "product", "segment", "region"].map(|name| table.take(name, value::names, report));
    let attributes = attributes(&table, report)?;
    if table.is_empty() {
        return report.wrong(table.spot, PlanRefusal::EmptyFilter);
    }
    Some(FilterText { motion, product, segment, region, attributes })
}

/// Every name that is not one of the four keys is the name of an attribute.
fn attributes(table: &TomlTable<'_>, report: &mut PlanReport<'_>) -> Option<Vec<AttributeText>> {
    let count = table.rest().count();
    if count > ATTRIBUTES_MAX {
        return report.wrong(table.spot, PlanRefusal::TooManyAttributes { count, most: ATTRIBUTES_MAX });
    }
    let read: Vec<Option<AttributeText>> = table.rest().map(|entry| attribute(entry, report)).collect();
    read.into_iter().collect()
}

fn attribute((name, key, value): (&str, Spot, &TomlValue<'_>), report: &mut PlanReport<'_>) -> Option<AttributeText> {
    let values = value::names(value, report);
    match value::of_name(name, report.origin) {
        Ok(name) => Some(AttributeText { key, name, values: values? }),
        Err(fault) => value::no_name(key, name, fault, report),
    }
}

impl FilterText {
    pub fn filter(&self) -> Filter {
        let attributes: BTreeMap<Name, Vec<Name>> =
            self.attributes.iter().map(|text| (text.name.clone(), text.values.clone())).collect();
        Filter {
            motion: self.motion.or(Vec::new()),
            product: self.product.or(Vec::new()),
            segment: self.segment.or(Vec::new()),
            region: self.region.or(Vec::new()),
            attributes,
        }
    }
}
