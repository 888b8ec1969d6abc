//! Libraries know no command and no flag: the terminal's words are the business of `cli`.

use super::sources::{names_and_texts, root, rust_files, shown, tokens, without_tests};

/// The crates that are libraries without a terminal.
const LIBRARIES: [&str; 4] = ["ledger", "projections", "plans", "replay"];

/// The commands, by the names of their files.
fn commands() -> Vec<String> {
    let files = rust_files(&root().join("cli/src/command"));
    files.iter().filter_map(|file| Some(file.file_stem()?.to_str()?.to_owned())).chain(["plan".to_owned()]).collect()
}

/// Whether a text names a command or a flag.
fn names_a_command(text: &str, commands: &[String]) -> bool {
    let command = |(place, name): (usize, &str)| {
        let word: String = text[place + name.len()..].chars().take_while(|sign| sign.is_ascii_lowercase()).collect();
        commands.contains(&word)
    };
    let flag = |(place, _): (usize, &str)| {
        let before = text[..place].chars().next_back();
        let after = text[place + 2..].chars().next();
        !before.is_some_and(|sign| sign.is_alphanumeric() || sign == '-')
            && after.is_some_and(|sign| sign.is_ascii_lowercase())
    };
    text.match_indices("trueup ").any(command) || text.match_indices("--").any(flag)
}

#[test]
fn libraries_name_no_command_and_no_flag() {
    let commands = commands();
    let mut found = Vec::new();
    for file in LIBRARIES.iter().flat_map(|name| rust_files(&root().join(name).join("src"))) {
        let mut texts = Vec::new();
        names_and_texts(without_tests(tokens(&file)), &mut Vec::new(), &mut texts);
        for (line, text) in texts.iter().filter(|(_, text)| names_a_command(text, &commands)) {
            found.push(format!("{}:{line}: {text}", shown(&file)));
        }
    }
    assert!(found.is_empty(), "these texts of libraries name a command or a flag:\n{}", found.join("\n"));
}

#[test]
fn commands_and_flags_are_recognised() {
    let commands = commands();
    for text in ["run `trueup verify`", "use --at SIZE", "--keys", "(`--full`)"] {
        assert!(names_a_command(text, &commands), "{text}");
    }
    for text in ["trueup", "trueup/1", "trueup keys 2", "of trueup or", "a -- b", "a--b", "----"] {
        assert!(!names_a_command(text, &commands), "{text}");
    }
}

#[test]
fn texts_are_found_in_macros_and_attributes_but_not_in_documentation_and_tests() {
    let source = "//! --inner\n/// --doc\n#[error(\"--attribute\")] fn f() { format!(\"--macro\", g(\"--call\")); }\n\
                  #[cfg(test)] mod tests { fn t() { \"--test\" } } fn g() { r#\"--raw\"# }";
    let mut texts = Vec::new();
    names_and_texts(without_tests(source.parse().expect("Rust")), &mut Vec::new(), &mut texts);
    let texts: Vec<&str> = texts.iter().map(|(_, text)| text.as_str()).collect();
    assert_eq!(texts, ["--attribute", "--macro", "--call", "--raw"]);
}
