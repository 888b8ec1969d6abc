//! Tiny plans for tests: a head, one component, and what a check says of them, as code and underlined text.

use ledger::problem::Problem;

use crate::check::check;

pub const HEAD: &str = "plan = \"p\"\nversion = 1\nedition = 1\ncurrency = \"USD\"\neffective = 2027-01-01\n";

pub const COMPONENT: &str = "[[component]]\nid = \"c\"\nmeasure = { booking = \"arr\" }\nrate = \"10%\"\n";

type Found = Vec<(&'static str, String)>;

/// A plan whose only component has these keys more; a `rate` takes the place of its own.
pub fn component(keys: &str) -> String {
    let component = match keys.starts_with("rate") {
        true => COMPONENT.replace("rate = \"10%\"\n", ""),
        false => COMPONENT.to_owned(),
    };
    format!("{HEAD}{component}{keys}\n")
}

/// The code and the underlined text.
pub fn marked(problem: &Problem) -> (&'static str, String) {
    assert!(!problem.help.is_empty(), "{problem}");
    let meant = problem
        .place
        .as_ref()
        .map(|place| place.excerpt.chars().skip(place.column - 1 - place.skipped).take(place.width));
    (problem.code, meant.map(Iterator::collect).unwrap_or_default())
}

pub fn found(text: &str) -> (Found, Found) {
    let checked = check("p.toml", text);
    assert_eq!(checked.plan.is_some(), checked.errors.is_empty());
    (checked.errors.iter().map(marked).collect(), checked.warnings.iter().map(marked).collect())
}

pub fn refused(text: &str) -> Found {
    found(text).0
}

/// Each of these keys in a component is refused so, and there.
pub fn refuses(table: &[(&str, &'static str, &str)]) {
    for (keys, code, meant) in table {
        let refused = refused(&component(keys));
        assert!(refused.contains(&(code, (*meant).to_owned())), "{keys}\n{refused:?}");
    }
}

/// Each of these keys in a component is warned about so, and there, and not refused.
pub fn warns(table: &[(&str, &'static str, &str)]) {
    for (keys, code, meant) in table {
        let (refused, warned) = found(&component(keys));
        assert_eq!(refused, [], "{keys}");
        assert!(warned.contains(&(code, (*meant).to_owned())), "{keys}\n{warned:?}");
    }
}

pub fn accepts(list: &[&str]) {
    for keys in list {
        assert_eq!(refused(&component(keys)), [], "{keys}");
    }
}
