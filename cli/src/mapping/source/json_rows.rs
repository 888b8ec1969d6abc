//! The rows of JSON Lines: each line is an object, and its members are the cells.

use std::borrow::Cow;
use std::io;
use std::ops::ControlFlow;

use ledger::json::{self, JsonNode, JsonValue};
use replay::refusal::rows::RowRefusal;

use crate::mapping::rules::{Column, SourceShape};
use crate::mapping::source::row::{BadRow, CellKind, CellRange, Each, Row, RowText, RowWidth, SourceCell};
use crate::mapping::source::rows::{LINE_END, SourceRows};
use crate::mapping::source::unseen::{Unseen, member};

impl SourceRows<'_> {
    /// A member that no row has may be one that is left out today.
    pub(super) fn each_json<'c>(
        &self,
        source: u32,
        columns: &'c [Column],
        each: &mut Each<'_>,
    ) -> io::Result<Unseen<'c>> {
        let mut unseen = Unseen { columns: columns.iter().collect(), names: Vec::new() };
        let mut text = self.text()?;
        let mut line = 0;
        loop {
            let part = text.part();
            let mut taken = 0;
            while taken < part.len() {
                let rest = &part[taken..];
                let length = match rest.find('\n') {
                    Some(end) => end + 1,
                    None if text.is_ended() => rest.len(),
                    None => break,
                };
                taken += length;
                line += 1;
                let row = rest[..length].trim_end_matches(LINE_END);
                self.check_row(line as u64, line, row)?;
                if row.trim().is_empty() {
                    continue;
                }
                let whole = RowText { source, text: row, line: line as u32 };
                if self.json_row(whole, columns, &mut unseen, each).is_break() {
                    return Ok(unseen);
                }
            }
            if text.is_ended() {
                return Ok(unseen);
            }
            self.check_row(line as u64, line + 1, part[taken..].trim_end_matches(LINE_END))?;
            text.take(taken);
            text.read_on()?;
        }
    }

    fn json_row(
        &self,
        whole: RowText<'_>,
        columns: &[Column],
        unseen: &mut Unseen<'_>,
        each: &mut Each<'_>,
    ) -> ControlFlow<()> {
        let line = whole.text;
        let at = |start: usize, end: usize| CellRange { start: start as u32, end: end as u32, line: whole.line };
        let bad = |from: usize, refusal: RowRefusal| {
            let to = from + line[from..].chars().next().map_or(0, char::len_utf8);
            BadRow { whole, at: at(from, to), refusal }
        };
        match json::read(line) {
            Err(error) => {
                let from = (0..=error.at.min(line.len())).rev().find(|from| line.is_char_boundary(*from));
                each(Err(bad(from.unwrap_or(0), RowRefusal::NotJson(error.fault))))
            }
            Ok(node) if !matches!(node.value, JsonValue::Object(_)) => {
                unseen.look_at(&node);
                each(Err(bad(node.start, RowRefusal::NotAnObject)))
            }
            Ok(node) => {
                unseen.look_at(&node);
                let cells = columns.iter().map(|column| match member(&node, &column.name) {
                    Some(found) => cell(found, line, at(found.start, found.end), &self.shape),
                    None => SourceCell {
                        text: Cow::Borrowed(""),
                        is_null: true,
                        is_nested: false,
                        kind: CellKind::Text,
                        at: whole.at(),
                    },
                });
                each(Ok(&Row { whole, cells: cells.collect(), width: RowWidth::Whole }))
            }
        }
    }
}

fn cell<'s>(node: &JsonNode<'s>, line: &'s str, at: CellRange, shape: &SourceShape) -> SourceCell<'s> {
    let kind = if matches!(node.value, JsonValue::Number(_)) { CellKind::Number } else { CellKind::Text };
    let (text, is_nested) = match &node.value {
        JsonValue::Null => return SourceCell { text: Cow::Borrowed(""), is_null: true, is_nested: false, kind, at },
        JsonValue::Bool(value) => (Cow::Borrowed(if *value { "true" } else { "false" }), false),
        JsonValue::Number(number) => (Cow::Borrowed(*number), false),
        JsonValue::Text(Cow::Borrowed(text)) => (Cow::Borrowed(text.trim()), false),
        JsonValue::Text(Cow::Owned(text)) => (Cow::Owned(text.trim().to_owned()), false),
        JsonValue::List(_) | JsonValue::Object(_) => (Cow::Borrowed(&line[node.start..node.end]), true),
    };
    let is_null = !is_nested && shape.nulls.iter().any(|null| *null == text);
    SourceCell { text, is_null, is_nested, kind, at }
}
