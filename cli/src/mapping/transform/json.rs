//! A fact as one line of JSON, with the place of every value in it.

use ledger::json::quote;

use crate::mapping::kinds::Shape;
use crate::mapping::rules::{Node, Rule};
use crate::mapping::transform::fact::{FieldValue, ShareRow, ValueCell};

/// `origin` is its source, unless the mapping says another.
/// `shares` are the rows of a group of which each has a share.
pub fn json(rule: &Rule, made: &[FieldValue], shares: &[ShareRow], origin: &str) -> (String, Vec<ValueCell>) {
    let mut writer = Writer { rule, made, shares, share: 0, out: String::with_capacity(256), cells: Vec::new() };
    writer.out.push_str("{\"fact\":");
    quote(rule.kind.word, &mut writer.out);
    for (name, node) in &rule.fields {
        if writer.is_there(node) {
            writer.member(name, node);
        }
    }
    if !rule.fields.iter().any(|(name, node)| name == "source" && writer.is_there(node)) {
        writer.out.push_str(",\"source\":");
        quote(origin, &mut writer.out);
    }
    writer.out.push('}');
    (writer.out, writer.cells)
}

struct Writer<'w> {
    rule: &'w Rule,
    made: &'w [FieldValue],
    shares: &'w [ShareRow],
    /// The share that is being written.
    share: usize,
    out: String,
    cells: Vec<ValueCell>,
}

impl Writer<'_> {
    /// A share whose payee has no value is none; a list or a table of nothing is left out.
    fn is_there(&self, node: &Node) -> bool {
        match node {
            Node::Leaf(index) => self.value(*index).text.is_some(),
            Node::List(items) => items.iter().any(|item| self.is_share(item)),
            Node::Each(_) => !self.shares.is_empty(),
            Node::Object(members) => members.iter().any(|(_, member)| self.is_there(member)),
        }
    }

    fn is_share(&self, node: &Node) -> bool {
        match node {
            Node::Object(members) => members.first().is_some_and(|(_, payee)| self.is_there(payee)),
            Node::Leaf(_) | Node::List(_) | Node::Each(_) => self.is_there(node),
        }
    }

    fn member(&mut self, name: &str, node: &Node) {
        if !self.out.ends_with('{') {
            self.out.push(',');
        }
        quote(name, &mut self.out);
        self.out.push(':');
        self.node(node);
    }

    fn node(&mut self, node: &Node) {
        match node {
            Node::Leaf(index) => self.leaf(*index),
            Node::List(items) => {
                self.out.push('[');
                for item in items.iter().filter(|item| self.is_share(item)).collect::<Vec<_>>() {
                    if !self.out.ends_with('[') {
                        self.out.push(',');
                    }
                    self.node(item);
                }
                self.out.push(']');
            }
            Node::Each(share) => {
                self.out.push('[');
                for number in 0..self.shares.len() {
                    if number > 0 {
                        self.out.push(',');
                    }
                    self.share = number;
                    self.node(share);
                }
                self.out.push(']');
            }
            Node::Object(members) => {
                self.out.push('{');
                for (name, member) in members {
                    if self.is_there(member) {
                        self.member(name, member);
                    }
                }
                self.out.push('}');
            }
        }
    }

    /// What a leaf is: of one that each row has, in the share that is being written.
    fn value(&self, index: usize) -> &FieldValue {
        let place = self.rule.each().position(|(each, _)| each == index);
        match place {
            Some(place) => &self.shares[self.share].values[place],
            None => &self.made[index],
        }
    }

    fn leaf(&mut self, index: usize) {
        let (leaf, made) = (&self.rule.leaves[index], self.value(index).clone());
        let row = if leaf.is_each { self.share as u32 + 1 } else { 0 };
        let text = made.text.as_deref().expect("only what is there is written");
        let start = self.out.len() as u32;
        match (leaf.shape, text) {
            (Shape::Corrects, "true") => self.out.push_str("true"),
            _ => quote(text, &mut self.out),
        }
        let end = self.out.len() as u32;
        self.cells.extend(made.cell.map(|(slot, at)| ValueCell { start, end, slot: slot as u32, row, at }));
    }
}
