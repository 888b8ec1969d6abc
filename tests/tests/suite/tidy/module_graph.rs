//! Which file of a crate uses names of which other file: paths and imports, resolved as far as text alone allows.
//!
//! A file is a module; inline modules belong to their file; what is compiled for tests only does not count. A re-export
//! (`pub use`) of something below is not a use, and a path through it leads to the file that defines the name. Methods
//! are not resolved: calling a method of a type needs no path, so a type whose `impl` is spread over files can hide a
//! dependency.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::Visit;
use syn::{Attribute, ImplItem, Item, ItemMod, ItemUse, Macro, UseTree, Visibility};

use super::sources::{attributes, attributes_in_impl, for_tests, plain};

/// How deep imports may lead through imports.
const DEPTH_MAX: usize = 32;

/// From file to file, by which names.
pub type Uses = BTreeMap<PathBuf, BTreeMap<PathBuf, BTreeSet<String>>>;

/// The graph of the crate that begins with a file, such as `src/lib.rs`; `read` gives the text of a file, if there is one.
pub fn module_graph(first: &Path, read: &dyn Fn(&Path) -> Option<String>) -> Uses {
    let mut tree = ModuleTree::default();
    let text = read(first).unwrap_or_else(|| panic!("{} is missing", first.display()));
    let folder = first.parent().expect("a file is in a folder").to_owned();
    let items = syn::parse_file(&text).unwrap_or_else(|fault| panic!("{}: {fault}", first.display())).items;
    tree.load(None, first, &folder, &items, read);
    tree.uses()
}

/// An import, `use path as name`.
struct Import {
    path: Vec<String>,
    /// None for a glob.
    name: Option<String>,
    is_public: bool,
}

/// A module: a file, or a part of one.
struct Module {
    parent: Option<usize>,
    file: PathBuf,
    children: BTreeMap<String, usize>,
    items: BTreeSet<String>,
    imports: Vec<Import>,
    paths: BTreeSet<Vec<String>>,
}

/// Where a path leads: a module, or a name defined in it.
#[derive(Clone, Debug)]
struct Target {
    module: usize,
    name: Option<String>,
    /// False if nothing of that name was seen (a macro may have made it).
    is_certain: bool,
}

#[derive(Default)]
struct ModuleTree {
    modules: Vec<Module>,
}

impl ModuleTree {
    fn load(
        &mut self,
        parent: Option<usize>,
        file: &Path,
        folder: &Path,
        items: &[Item],
        read: &dyn Fn(&Path) -> Option<String>,
    ) -> usize {
        let mut seen = Seen::default();
        items.iter().for_each(|item| seen.visit_item(item));
        let at = self.modules.len();
        self.modules.push(Module {
            parent,
            file: file.to_owned(),
            children: BTreeMap::new(),
            items: seen.items,
            imports: seen.imports,
            paths: seen.paths,
        });
        for module in seen.modules {
            let name = plain(&module.ident.to_string());
            let below = folder.join(&name);
            let child = if let Some((_, items)) = &module.content {
                self.load(Some(at), file, &below, items, read)
            } else {
                let places = [folder.join(format!("{name}.rs")), below.join("mod.rs")];
                let (file, text) = places
                    .iter()
                    .find_map(|place| Some((place, read(place)?)))
                    .unwrap_or_else(|| panic!("{}: no file for `mod {name}`", file.display()));
                let items = syn::parse_file(&text).unwrap_or_else(|fault| panic!("{}: {fault}", file.display())).items;
                self.load(Some(at), file, &below, &items, read)
            };
            self.modules[at].children.insert(name, child);
        }
        at
    }

    /// Who uses what of whom.
    fn uses(&self) -> Uses {
        let mut uses = Uses::new();
        for (at, module) in self.modules.iter().enumerate() {
            uses.entry(module.file.clone()).or_default();
            let mut add = |target: Target, name: String| {
                let to = &self.modules[target.module].file;
                if *to != module.file {
                    uses.entry(module.file.clone()).or_default().entry(to.clone()).or_default().insert(name);
                }
            };
            for import in &module.imports {
                let Some(target) = self.resolve(at, &import.path, 0) else { continue };
                if import.is_public && self.is_below(target.module, at) {
                    continue;
                }
                match (&import.name, target.name.clone()) {
                    (None, _) => add(target, "*".to_owned()),
                    (Some(_), Some(name)) => add(target, name),
                    // The module itself: what is used of it, the paths through it say.
                    (Some(_), None) => {}
                }
            }
            for path in &module.paths {
                if let Some(target) = self.resolve(at, path, 0)
                    && let Some(name) = target.name.clone()
                {
                    add(target, name);
                }
            }
        }
        uses
    }

    fn is_below(&self, mut module: usize, above: usize) -> bool {
        while let Some(parent) = self.modules[module].parent {
            if parent == above {
                return true;
            }
            module = parent;
        }
        false
    }

    fn root_of(&self, mut module: usize) -> usize {
        while let Some(parent) = self.modules[module].parent {
            module = parent;
        }
        module
    }

    /// Where a path in a module leads; None if out of the crate.
    fn resolve(&self, at: usize, path: &[String], depth: usize) -> Option<Target> {
        let (first, rest) = path.split_first()?;
        match first.as_str() {
            "crate" => self.walk(self.root_of(at), rest, depth),
            "self" => self.walk(at, rest, depth),
            "super" => self.walk(at, path, depth),
            _ => self.walk(at, path, depth).filter(|target| target.is_certain || target.module != at),
        }
    }

    /// Follows a path from inside a module.
    fn walk(&self, at: usize, path: &[String], depth: usize) -> Option<Target> {
        if depth > DEPTH_MAX {
            return None;
        }
        let module = &self.modules[at];
        let Some((first, rest)) = path.split_first() else {
            return Some(Target { module: at, name: None, is_certain: true });
        };
        if first == "super" {
            return self.walk(module.parent?, rest, depth);
        }
        let child = module.children.get(first);
        if let Some(child) = child
            && !rest.is_empty()
        {
            return self.walk(*child, rest, depth);
        }
        if module.items.contains(first) {
            return Some(Target { module: at, name: Some(first.clone()), is_certain: true });
        }
        if let Some(import) = module.imports.iter().find(|import| import.name.as_ref() == Some(first)) {
            let further: Vec<String> = import.path.iter().chain(rest).cloned().collect();
            let itself = import.path == path;
            return (!itself).then(|| self.resolve(at, &further, depth + 1)).flatten();
        }
        if let Some(child) = child {
            return self.walk(*child, rest, depth);
        }
        for import in module.imports.iter().filter(|import| import.name.is_none()) {
            let further: Vec<String> = import.path.iter().chain(path).cloned().collect();
            let itself = import.path.first() == Some(first);
            if let Some(target) = (!itself).then(|| self.resolve(at, &further, depth + 1)).flatten()
                && target.is_certain
            {
                return Some(target);
            }
        }
        Some(Target { module: at, name: Some(first.clone()), is_certain: false })
    }
}

/// What a module holds, found by one visit.
#[derive(Default)]
struct Seen<'a> {
    modules: Vec<&'a ItemMod>,
    items: BTreeSet<String>,
    imports: Vec<Import>,
    paths: BTreeSet<Vec<String>>,
    /// How many functions we are inside of: their items are nobody else's.
    inside: usize,
}

impl Seen<'_> {
    fn import(&mut self, tree: &UseTree, path: &mut Vec<String>, is_public: bool) {
        match tree {
            UseTree::Path(tree) => {
                path.push(plain(&tree.ident.to_string()));
                self.import(&tree.tree, path, is_public);
                path.pop();
            }
            UseTree::Name(tree) if tree.ident == "self" => {
                self.imports.push(Import { path: path.clone(), name: path.last().cloned(), is_public });
            }
            UseTree::Name(tree) => {
                let name = plain(&tree.ident.to_string());
                let path = path.iter().chain([&name]).cloned().collect();
                self.imports.push(Import { path, name: Some(name), is_public });
            }
            UseTree::Rename(tree) => {
                let mut path = path.clone();
                if tree.ident != "self" {
                    path.push(plain(&tree.ident.to_string()));
                }
                self.imports.push(Import { path, name: Some(plain(&tree.rename.to_string())), is_public });
            }
            UseTree::Glob(_) => self.imports.push(Import { path: path.clone(), name: None, is_public }),
            UseTree::Group(tree) => tree.items.iter().for_each(|tree| self.import(tree, path, is_public)),
        }
    }

    /// The paths in the tokens of a macro: names with `::` between them.
    fn tokens(&mut self, tokens: TokenStream) {
        let mut path: Vec<String> = Vec::new();
        let mut colons = 0;
        for token in tokens {
            match token {
                TokenTree::Ident(ident) => {
                    if colons != 2 {
                        self.paths.insert(std::mem::take(&mut path));
                    }
                    path.push(plain(&ident.to_string()));
                    colons = 0;
                }
                TokenTree::Punct(punct) if punct.as_char() == ':' => colons += 1,
                TokenTree::Group(group) => {
                    self.paths.insert(std::mem::take(&mut path));
                    colons = 0;
                    self.tokens(group.stream());
                }
                TokenTree::Punct(_) | TokenTree::Literal(_) => {
                    self.paths.insert(std::mem::take(&mut path));
                    colons = 0;
                }
            }
        }
        self.paths.insert(path);
    }
}

impl<'a> Visit<'a> for Seen<'a> {
    fn visit_item(&mut self, item: &'a Item) {
        if for_tests(attributes(item)) {
            return;
        }
        if self.inside == 0
            && let Some(name) = name(item)
        {
            self.items.insert(plain(&name));
        }
        syn::visit::visit_item(self, item);
    }

    fn visit_item_mod(&mut self, module: &'a ItemMod) {
        self.modules.push(module);
    }

    fn visit_item_use(&mut self, import: &'a ItemUse) {
        let is_public = !matches!(import.vis, Visibility::Inherited);
        self.import(&import.tree, &mut Vec::new(), is_public);
    }

    fn visit_block(&mut self, block: &'a syn::Block) {
        self.inside += 1;
        syn::visit::visit_block(self, block);
        self.inside -= 1;
    }

    fn visit_impl_item(&mut self, item: &'a ImplItem) {
        if !for_tests(attributes_in_impl(item)) {
            syn::visit::visit_impl_item(self, item);
        }
    }

    fn visit_path(&mut self, path: &'a syn::Path) {
        self.paths.insert(path.segments.iter().map(|segment| plain(&segment.ident.to_string())).collect());
        syn::visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &'a Macro) {
        self.visit_path(&call.path);
        self.tokens(call.tokens.clone());
    }

    fn visit_visibility(&mut self, _: &'a Visibility) {}

    fn visit_attribute(&mut self, _: &'a Attribute) {}
}

/// The name that an item defines.
fn name(item: &Item) -> Option<String> {
    let ident = match item {
        Item::Const(item) => &item.ident,
        Item::Enum(item) => &item.ident,
        Item::Fn(item) => &item.sig.ident,
        Item::Macro(item) => item.ident.as_ref()?,
        Item::Static(item) => &item.ident,
        Item::Struct(item) => &item.ident,
        Item::Trait(item) => &item.ident,
        Item::Type(item) => &item.ident,
        _ => return None,
    };
    Some(ident.to_string())
}

/// The shortest cycle through each file that is on one, each cycle once, the shortest first; files in order of use.
pub fn cycles(uses: &Uses) -> Vec<Vec<PathBuf>> {
    let mut cycles: Vec<Vec<PathBuf>> = Vec::new();
    for mut cycle in uses.keys().filter_map(|file| cycle_through(uses, file)) {
        let first = cycle.iter().enumerate().min_by_key(|(_, file)| *file).map_or(0, |(place, _)| place);
        cycle.rotate_left(first);
        cycles.push(cycle);
    }
    cycles.sort_by(|one, other| one.len().cmp(&other.len()).then_with(|| one.cmp(other)));
    cycles.dedup();
    cycles
}

/// The shortest way from a file back to itself, by breadth.
fn cycle_through(uses: &Uses, start: &PathBuf) -> Option<Vec<PathBuf>> {
    let mut before: BTreeMap<&PathBuf, &PathBuf> = BTreeMap::new();
    let mut now = vec![start];
    while !now.is_empty() {
        let mut next = Vec::new();
        for file in now {
            for to in uses.get(file).into_iter().flat_map(BTreeMap::keys) {
                if to == start {
                    let mut cycle = vec![file.clone()];
                    let mut at = file;
                    while at != start {
                        at = before[at];
                        cycle.push(at.clone());
                    }
                    cycle.reverse();
                    return Some(cycle);
                }
                if !before.contains_key(to) {
                    before.insert(to, file);
                    next.push(to);
                }
            }
        }
        now = next;
    }
    None
}

/// A graph of small sources, each given by path and text, that begins with `lib.rs`; edges as `from > to: names`.
#[cfg(test)]
fn edges(sources: &[(&str, &str)]) -> Vec<String> {
    let read =
        |path: &Path| sources.iter().find(|(name, _)| Path::new(name) == path).map(|(_, text)| (*text).to_owned());
    let mut edges = Vec::new();
    for (from, uses) in module_graph(Path::new("lib.rs"), &read) {
        for (to, names) in uses {
            let names: Vec<String> = names.into_iter().collect();
            edges.push(format!("{} > {}: {}", from.display(), to.display(), names.join(" ")));
        }
    }
    edges
}

#[test]
fn imports_and_paths_lead_to_files() {
    let sources = [
        ("lib.rs", "pub mod a; mod b; mod c; mod d;"),
        ("a.rs", "pub struct A; pub fn make() {}"),
        ("b.rs", "use crate::a::A; fn f(_: A) {}"),
        ("c.rs", "use crate::a; fn f() { a::make() }"),
        ("d.rs", "fn f() { let x: Vec<super::a::A> = std::vec![crate::a::make()]; }"),
    ];
    assert_eq!(edges(&sources), ["b.rs > a.rs: A", "c.rs > a.rs: make", "d.rs > a.rs: A make"]);
}

#[test]
fn an_import_of_a_module_alone_is_no_use() {
    assert_eq!(edges(&[("lib.rs", "mod a; mod b;"), ("a.rs", ""), ("b.rs", "use crate::a;")]), [""; 0]);
}

#[test]
fn a_re_export_is_no_use_and_leads_to_the_definition() {
    let sources = [
        ("lib.rs", "mod a; mod b; pub use a::A;"),
        ("a.rs", "mod deep; pub use deep::A;"),
        ("a/deep.rs", "pub struct A;"),
        ("b.rs", "use crate::A; use crate::a; fn f(_: A, _: a::A) {}"),
    ];
    assert_eq!(edges(&sources), ["b.rs > a/deep.rs: A"]);
    let used = [("lib.rs", "mod a; pub use a::A; fn f(_: A) {}"), ("a.rs", "pub struct A;")];
    assert_eq!(edges(&used), ["lib.rs > a.rs: A"], "the parent uses what it passes on");
}

#[test]
fn a_child_that_uses_its_parent_closes_a_cycle() {
    let sources = [
        ("lib.rs", "mod a;"),
        ("a/mod.rs", "mod b; use b::B; pub struct A; fn f(_: B) {}"),
        ("a/b.rs", "use super::A; pub struct B(A);"),
    ];
    assert_eq!(edges(&sources), ["a/b.rs > a/mod.rs: A", "a/mod.rs > a/b.rs: B"]);
}

#[test]
fn tests_do_not_count() {
    let sources = [
        ("lib.rs", "mod a; mod b; #[cfg(test)] mod gone;"),
        (
            "a.rs",
            "pub fn a() {} #[cfg(test)] mod tests { use crate::b::b; #[test] fn t() { b() } } #[cfg(test)] fn g() { crate::b::b() }",
        ),
        ("b.rs", "pub fn b() { crate::a::a() }"),
    ];
    assert_eq!(edges(&sources), ["b.rs > a.rs: a"]);
}

#[test]
fn inline_modules_belong_to_their_file_and_visibility_is_no_use() {
    let sources = [
        ("lib.rs", "mod a; mod b;"),
        (
            "a.rs",
            "pub mod inner { pub(super) struct I; pub fn g(_: super::super::b::B) {} } pub(in crate::b) fn f() {}",
        ),
        ("b.rs", "use super::a::inner::{self, I}; pub struct B; fn f(_: I) { inner::g() }"),
    ];
    assert_eq!(edges(&sources), ["a.rs > b.rs: B", "b.rs > a.rs: I g"]);
}

#[test]
fn globs_renames_functions_imports_and_names_made_by_macros() {
    let sources = [
        ("lib.rs", "mod a; mod b; mod c; mod d;"),
        ("a.rs", "pub enum E { V } made! { Made }"),
        ("b.rs", "use crate::a::E::*; fn f() { V; }"),
        ("c.rs", "fn f() { use crate::a::{E as Other, Made}; Other::V; Made; }"),
        ("d.rs", "use crate::a::*; fn f(_: E) {}"),
    ];
    assert_eq!(edges(&sources), ["b.rs > a.rs: * E", "c.rs > a.rs: E Made", "d.rs > a.rs: * E"]);
}

#[test]
fn a_module_and_a_function_may_share_a_name() {
    let sources = [
        ("lib.rs", "mod close; mod b; pub use close::close;"),
        ("close.rs", "pub fn close() {}"),
        ("b.rs", "use crate::close; fn f() { close::close(); close(); }"),
    ];
    assert_eq!(edges(&sources), ["b.rs > close.rs: close"]);
}

#[test]
fn a_cycle_through_others_is_found_once() {
    let read = |path: &Path| {
        let text = match path.to_str()? {
            "lib.rs" => "mod a; mod b; mod c; mod d;",
            "a.rs" => "pub struct A(crate::b::B);",
            "b.rs" => "pub struct B(crate::c::C);",
            "c.rs" => "pub struct C(crate::a::A, crate::d::D);",
            "d.rs" => "pub struct D;",
            _ => return None,
        };
        Some(text.to_owned())
    };
    let uses = module_graph(Path::new("lib.rs"), &read);
    assert_eq!(cycles(&uses), [["a.rs", "b.rs", "c.rs"].map(PathBuf::from)]);
}
