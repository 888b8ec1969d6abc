//! Why nothing is exported, and why the mapping of an output is refused, in words.

use ledger::id::Name;

use crate::output_map::refusal::OutputMapRefusal;
use crate::output_map::template::TemplateFault;
use crate::refusal::{ExportRefusal, MissingWhy, ValueMissing};
use crate::wording::Wording;
use crate::wording::problem::one_of;

fn say(code: &'static str, message: impl Into<String>, help: impl Into<String>) -> Wording {
    Wording::new(code, message, help)
}

/// Why nothing is exported.
pub fn export(refusal: &ExportRefusal) -> Wording {
    match refusal {
        ExportRefusal::ProgramUnknown { written } => program_unknown(written.as_ref()),
        ExportRefusal::OptionUnused { option, programs } => {
            let message = format!("`{option}` has no effect with what `--as` names");
            say("export-option", message, format!("leave it out, or write {programs}"))
        }
        ExportRefusal::OptionMissing { program, option } => {
            say("export-needs", format!("`--as {program}` needs `{option}`"), format!("add `{option}`"))
        }
        ExportRefusal::AccountUnmapped { file, account } => account_unmapped(file, account),
        ExportRefusal::ValueMissing { file, missing } => value_missing(file, missing),
    }
}

/// A warning: what is exported lacks personal fields.
pub fn export_sealed(fields: u64, payees: usize) -> Wording {
    let plural = |count: u64, word: &str| format!("{count} {word}{}", if count == 1 { "" } else { "s" });
    let (fields, payees) = (plural(fields, "personal field"), plural(payees as u64, "payee"));
    let message = format!("{fields} of {payees} cannot be opened: `(sealed POSITION)` is written in their place");
    say(
        "export-sealed",
        message,
        "put the book's key file in its place, or name it with `--keys FILE`, and export again",
    )
}

fn program_unknown(written: Option<&Name>) -> Wording {
    let message = match written {
        Some(written) => format!("`{written}` is no program to export for"),
        None => "it does not say for which program".to_owned(),
    };
    say(
        "export-program",
        message,
        "write `--as` and one of `hledger`, `beancount`, `journal`, `payroll`, `register`, `lines` and `jsonl`",
    )
}

fn account_unmapped(file: &str, account: &str) -> Wording {
    let kind = account.split_once(':').map_or(account, |(kind, _)| kind);
    let help = format!("add an `[[account]]` with `ledger = \"{account}\"`, or `\"{kind}:*\"` for all like it");
    say("export-account", format!("no account of `{file}` takes what moved on `{account}`"), help)
}

fn value_missing(file: &str, missing: &ValueMissing) -> Wording {
    let ValueMissing { column, field, payee, day, why } = missing;
    match why {
        MissingWhy::NotGiven => {
            let message = format!("`{payee}` has no `{field}` on {day} for the column `{column}` of `{file}`");
            say("export-value", message, "record it with a `payee` fact, or give the column a `default`")
        }
        MissingWhy::Sealed => {
            let message = format!(
                "`{field}` of `{payee}` is sealed, and its key is missing for the column `{column}` of `{file}`"
            );
            say("export-value", message, "put the book's key file in its place, or give the column a `default`")
        }
    }
}

/// Why the mapping of an output is refused.
pub fn output_map(refusal: &OutputMapRefusal) -> Wording {
    match refusal {
        OutputMapRefusal::TemplateWrong { written, fault } => template(written, fault),
        OutputMapRefusal::FieldOfEntry { field } => say(
            "map-template",
            format!("`{{{field}}}` is of one entry, and each row is the sum of several"),
            "leave it out, or say `rows = \"entries\"` in `[output]`",
        ),
        OutputMapRefusal::AccountUnclear => say(
            "map-value",
            "an account says with `ledger` or with `kind` what goes into it, and not with both",
            "write `ledger = \"payable:*\"`, a pattern of names, or `kind = \"payable\"`",
        ),
        OutputMapRefusal::AccountOfPlan { key } => say(
            "map-no-effect",
            format!("`{key}` says nothing here: only accounts of commission are of plans and components"),
            "write it beside `kind = \"commission\"`, or leave it out",
        ),
    }
}

fn template(written: &str, fault: &TemplateFault) -> Wording {
    match fault {
        TemplateFault::Brace => say(
            "map-template",
            format!("a brace of `{written}` has no other half"),
            "write fields like `{payee}`, and a brace that is meant twice: `{{`",
        ),
        TemplateFault::Field { written: field, nearest, known } => {
            let help = match nearest {
                Some(near) => format!("did you mean `{{{near}}}`?"),
                None => format!("rows have {}", one_of(known.iter().copied())),
            };
            say("map-template", format!("`{{{field}}}` is no field of these rows"), help)
        }
    }
}
