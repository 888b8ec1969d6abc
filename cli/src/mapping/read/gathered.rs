//! What is gathered while a mapping's text is read: the columns and tables that it names.

use std::path::PathBuf;

use plans::read::report::Spot;

use crate::mapping::rules::Column;

/// What is gathered while the text is read.
pub struct Gathered {
    /// Where files that the mapping names are looked for.
    pub folder: PathBuf,
    /// Columns by slot.
    pub columns: Vec<Column>,
    pub tables: Vec<String>,
}

impl Gathered {
    pub fn slot(&mut self, name: &str, spot: Spot) -> usize {
        if let Some(slot) = self.columns.iter().position(|column| column.name == name) {
            return slot;
        }
        self.columns.push(Column { name: name.to_owned(), spot });
        self.columns.len() - 1
    }
}
