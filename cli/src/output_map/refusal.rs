//! Why the mapping of an output is refused, as data. The words are in `wording/export.rs`.

use crate::output_map::template::TemplateFault;

/// What is wrong with a mapping of an output, beyond what any mapping can have.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum OutputMapRefusal {
    /// The template of a column cannot be read.
    TemplateWrong { written: String, fault: TemplateFault },
    /// Rows are sums, and a sum has no such field.
    FieldOfEntry { field: &'static str },
    /// Neither or both of the keys say which accounts are meant.
    AccountUnclear,
    /// A plan or a component, where the accounts are not those of commission by kind.
    AccountOfPlan { key: String },
}
