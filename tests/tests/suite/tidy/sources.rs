//! The source files of the workspace, as text and parsed.

use std::path::{Path, PathBuf};

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use syn::{Attribute, ImplItem, Item, Lit};

/// The crates in order of dependency: a crate uses only crates before it in this list (ARCHITECTURE.md).
pub const CRATES: [&str; 6] = ["ledger", "projections", "plans", "replay", "cli", "tests"];

/// The folder of the workspace.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace is above this crate").to_owned()
}

/// Every Rust file below a folder, in order of path.
pub fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = files_below(folder);
    files.retain(|path| path.extension().is_some_and(|end| end == "rs"));
    files
}

/// Every file below a folder, in order of path.
pub fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap_or_else(|fault| panic!("{}: {fault}", folder.display())) {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

/// The text of a file.
pub fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|fault| panic!("{}: {fault}", path.display()))
}

/// A path as seen from the workspace, for messages.
pub fn shown(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).display().to_string()
}

/// The tokens of a file.
pub fn tokens(path: &Path) -> TokenStream {
    read(path).parse().unwrap_or_else(|fault| panic!("{}: {fault}", shown(path)))
}

/// A name without `r#`.
pub fn plain(name: &str) -> String {
    name.strip_prefix("r#").unwrap_or(name).to_owned()
}

/// A parsed file.
pub fn parse(path: &Path) -> syn::File {
    syn::parse_file(&read(path)).unwrap_or_else(|fault| panic!("{}: {fault}", shown(path)))
}

/// Whether something is compiled for tests only.
pub fn for_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("test")
            || attribute.path().is_ident("cfg")
                && attribute.meta.require_list().is_ok_and(|list| {
                    let condition = list.tokens.to_string();
                    condition == "test" || condition.starts_with("all (test") || condition.starts_with("all(test")
                })
    })
}

/// The attributes of an item.
pub fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::ExternCrate(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

/// The attributes of an item of an `impl`.
pub fn attributes_in_impl(item: &ImplItem) -> &[Attribute] {
    match item {
        ImplItem::Const(item) => &item.attrs,
        ImplItem::Fn(item) => &item.attrs,
        ImplItem::Macro(item) => &item.attrs,
        ImplItem::Type(item) => &item.attrs,
        _ => &[],
    }
}

/// The names and the string literals of some tokens, each with its line, in order; `#[doc]` does not count.
pub fn names_and_texts(tokens: TokenStream, names: &mut Vec<(usize, String)>, texts: &mut Vec<(usize, String)>) {
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Group(group) => names_and_texts(group.stream(), names, texts),
            TokenTree::Ident(ident) => names.push((ident.span().start().line, plain(&ident.to_string()))),
            TokenTree::Literal(literal) => {
                let line = literal.span().start().line;
                if let Lit::Str(text) = Lit::new(literal) {
                    texts.push((line, text.value()));
                }
            }
            TokenTree::Punct(punct) if punct.as_char() == '#' => {
                // A comment of documentation is `#[doc = "…"]` or `#![doc = "…"]` to the parser.
                let inner =
                    tokens.peek().is_some_and(|next| matches!(next, TokenTree::Punct(punct) if punct.as_char() == '!'));
                let mut ahead = tokens.clone();
                if inner {
                    ahead.next();
                }
                if let Some(TokenTree::Group(group)) = ahead.next()
                    && group.stream().into_iter().next().is_some_and(|first| first.to_string() == "doc")
                {
                    tokens = ahead;
                }
            }
            TokenTree::Punct(_) => {}
        }
    }
}

/// The tokens of a file without what is compiled for tests only, as far as items go.
pub fn without_tests(tokens: TokenStream) -> TokenStream {
    let mut kept: Vec<TokenTree> = Vec::new();
    let mut skip = false;
    for token in tokens {
        let is_for_tests =
            matches!(&token, TokenTree::Group(group) if group.stream().to_string().replace(' ', "") == "cfg(test)");
        if is_for_tests {
            // The `#` before it.
            kept.pop();
            skip = true;
        } else if skip {
            let is_end = match &token {
                TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
                TokenTree::Punct(punct) => punct.as_char() == ';',
                TokenTree::Ident(_) | TokenTree::Literal(_) => false,
            };
            skip = !is_end;
        } else if let TokenTree::Group(group) = &token {
            let span = group.span();
            let mut group = Group::new(group.delimiter(), without_tests(group.stream()));
            group.set_span(span);
            kept.push(TokenTree::Group(group));
        } else {
            kept.push(token);
        }
    }
    kept.into_iter().collect()
}
