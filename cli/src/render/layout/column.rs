//! The columns of a report, as they are published: name, unit and formula.

use serde::Serialize;

#[derive(Serialize)]
pub struct ColumnJson {
    name: &'static str,
    unit: &'static str,
    formula: &'static str,
}

/// A column of a report. Without a formula it is what its name says.
pub const fn column(name: &'static str, unit: &'static str, formula: &'static str) -> ColumnJson {
    ColumnJson { name, unit, formula }
}
