//! The shape of functions: how long, how many parameters, and no truth values where a name says more.

use std::path::PathBuf;

use syn::visit::Visit;
use syn::{Block, ExprMatch, FnArg, ImplItemFn, ItemFn, Lit, Pat, Signature, TraitItemFn, Type};

use super::sources::{CRATES, for_tests, parse, root, rust_files, shown};

/// The longest function, from the first line of its signature to its closing brace.
const LINES_MAX: usize = 70;

/// The most parameters of a function, `self` among them.
const PARAMETERS_MAX: usize = 6;

/// Functions that still take a `bool`, where an enum would say which is which: a number that only gets smaller.
const WITH_BOOL_PARAMETERS: usize = 31;

/// What is looked for in a file.
#[derive(Default)]
struct Shapes {
    long: Vec<String>,
    wide: Vec<String>,
    with_bool: Vec<String>,
    matches_on_bool: Vec<String>,
    file: String,
}

impl Shapes {
    fn function(&mut self, signature: &Signature, body: Option<&Block>) {
        let first = signature.fn_token.span.start().line;
        let at = format!("{}:{first} `{}`", self.file, signature.ident);
        if let Some(body) = body {
            let lines = body.brace_token.span.close().end().line - first + 1;
            if lines > LINES_MAX {
                self.long.push(format!("{at}: {lines} lines"));
            }
        }
        if signature.inputs.len() > PARAMETERS_MAX {
            self.wide.push(format!("{at}: {} parameters", signature.inputs.len()));
        }
        let is_bool = |input: &FnArg| matches!(input, FnArg::Typed(typed) if matches!(&*typed.ty, Type::Path(path) if path.path.is_ident("bool")));
        if signature.inputs.iter().any(is_bool) {
            self.with_bool.push(at);
        }
    }
}

impl<'a> Visit<'a> for Shapes {
    fn visit_item_fn(&mut self, function: &'a ItemFn) {
        self.function(&function.sig, Some(&function.block));
        syn::visit::visit_item_fn(self, function);
    }

    fn visit_impl_item_fn(&mut self, function: &'a ImplItemFn) {
        self.function(&function.sig, Some(&function.block));
        syn::visit::visit_impl_item_fn(self, function);
    }

    fn visit_trait_item_fn(&mut self, function: &'a TraitItemFn) {
        self.function(&function.sig, function.default.as_ref());
        syn::visit::visit_trait_item_fn(self, function);
    }

    fn visit_item_mod(&mut self, module: &'a syn::ItemMod) {
        if !for_tests(&module.attrs) {
            syn::visit::visit_item_mod(self, module);
        }
    }

    fn visit_expr_match(&mut self, decision: &'a ExprMatch) {
        let on_bool = decision
            .arms
            .iter()
            .any(|arm| matches!(&arm.pat, Pat::Lit(literal) if matches!(literal.lit, Lit::Bool(_))));
        if on_bool {
            self.matches_on_bool.push(format!("{}:{}", self.file, decision.match_token.span.start().line));
        }
        syn::visit::visit_expr_match(self, decision);
    }
}

/// The shapes of the functions of all crates.
fn shapes() -> Shapes {
    let mut shapes = Shapes::default();
    let files: Vec<PathBuf> = CRATES.iter().flat_map(|name| rust_files(&root().join(name))).collect();
    for file in files {
        shapes.file = shown(&file);
        shapes.visit_file(&parse(&file));
    }
    shapes
}

fn of_source(source: &str) -> Shapes {
    let mut shapes = Shapes { file: "a.rs".to_owned(), ..Shapes::default() };
    shapes.visit_file(&syn::parse_file(source).expect("Rust"));
    shapes
}

#[test]
fn functions_fit_on_a_screen() {
    let long = shapes().long;
    assert!(long.is_empty(), "functions of more than {LINES_MAX} lines:\n{}", long.join("\n"));
}

#[test]
fn functions_have_few_parameters() {
    let wide = shapes().wide;
    assert!(wide.is_empty(), "functions of more than {PARAMETERS_MAX} parameters:\n{}", wide.join("\n"));
}

#[test]
fn no_match_on_a_bool() {
    let found = shapes().matches_on_bool;
    assert!(found.is_empty(), "{}: a `match` on a bool is an `if`:\n{}", found.len(), found.join("\n"));
}

#[test]
fn parameters_are_named_choices_and_not_bools() {
    let found = shapes().with_bool;
    assert!(found.len() <= WITH_BOOL_PARAMETERS, "{} functions take a `bool`:\n{}", found.len(), found.join("\n"));
}

#[test]
fn shapes_are_counted_from_signature_to_closing_brace() {
    let body = "    let _ = 1;\n".repeat(LINES_MAX - 2);
    assert_eq!(of_source(&format!("fn fits() {{\n{body}}}\n")).long, [""; 0]);
    assert_eq!(of_source(&format!("#[must_use]\nfn long()\n{{\n{body}}}\n")).long, ["a.rs:2 `long`: 71 lines"]);
    let nested = format!("impl A {{\n    #[inline]\n    fn long(&self) {{\n{body}\n    }}\n}}\n");
    assert_eq!(of_source(&nested).long, ["a.rs:3 `long`: 71 lines"]);
    assert_eq!(
        of_source("fn f(a: u8, b: u8, c: u8, d: u8, e: u8, f: u8, g: u8) {}").wide,
        ["a.rs:1 `f`: 7 parameters"]
    );
    assert_eq!(of_source("fn f(yes: bool) {} fn g(yes: &bool) {}").with_bool, ["a.rs:1 `f`"]);
    let found = of_source("fn f() { match 1 > 0 { true => (), false => () } match 1 { 1 => (), _ => () } }");
    assert_eq!(found.matches_on_bool, ["a.rs:1"]);
}
