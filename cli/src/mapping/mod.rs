//! `record --map`: other people's exports to facts (docs/mapping.md). A mapping selects, renames, cleans and groups; it
//! does not work out pay.

pub mod csv;
pub mod date;
pub mod dry_run;
pub mod evaluate;
pub mod fact;
pub mod json;
pub mod keys;
pub mod kinds;
pub mod make;
pub mod mapped;
pub mod number;
pub mod order;
pub mod place;
pub mod read;
pub mod report;
pub mod rows;
pub mod rules;
pub mod spill;
pub mod unpack;

#[cfg(test)]
mod example;
