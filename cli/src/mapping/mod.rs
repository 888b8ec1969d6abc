//! `record --map`: other people's exports to facts (docs/mapping.md). A mapping selects, renames, cleans and groups; it
//! does not work out pay.

pub mod dry_run;
pub mod evaluate;
pub mod kinds;
pub mod mapped;
pub mod passed_over;
pub mod read;
pub mod refusal;
pub mod rejects;
pub mod rules;
pub mod source;
pub mod transform;

#[cfg(test)]
mod example;
