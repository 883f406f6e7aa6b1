//! Holds the crate to docs/architecture.md: a folder imports only from those before it, and there
//! are no cycles between files or between folders that lie side by side.
//!
//! Imports of tests do not count, nor do `mod` lines and re-exports of a `mod.rs`, which only say
//! what a folder holds: a name is followed through them to the file that defines it.
#![cfg(not(target_arch = "wasm32"))]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use syn::visit::Visit;
use syn::{Attribute, Item, UseTree};

/// Imports that close a cycle and stay, by module, each with its reason.
const ALLOWED: [(&str, &str, &str); 0] = [];

/// A path in the source, as segments.
type Segments = Vec<String>;

/// The names that one file declares and uses.
#[derive(Default)]
struct File {
    /// Names of its own items, modules left out.
    items: BTreeSet<String>,
    /// Names that it passes on, with where they come from.
    reexports: Vec<(String, Segments)>,
    /// Everything that it names by path, outside tests.
    named: Vec<Segments>,
}

/// Files by module path: `kernels::diff::cpu`; the root is the empty path.
type Files = BTreeMap<String, File>;

fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("test")
            || (attribute.path().is_ident("cfg")
                && attribute.parse_args::<syn::Path>().is_ok_and(|path| path.is_ident("test")))
    })
}

/// Every leaf of a use tree: the path, and the name that it is known by.
fn flatten(tree: &UseTree, prefix: &[String], out: &mut Vec<(String, Segments)>) {
    let with = |name: &syn::Ident| [prefix, &[name.to_string()]].concat();
    match tree {
        UseTree::Path(path) => flatten(&path.tree, &with(&path.ident), out),
        UseTree::Name(name) if name.ident == "self" => {
            out.push((prefix.last().cloned().unwrap_or_default(), prefix.to_vec()));
        }
        UseTree::Name(name) => out.push((name.ident.to_string(), with(&name.ident))),
        UseTree::Rename(rename) => out.push((rename.rename.to_string(), with(&rename.ident))),
        UseTree::Glob(_) => out.push(("*".into(), prefix.to_vec())),
        UseTree::Group(group) => group.items.iter().for_each(|tree| flatten(tree, prefix, out)),
    }
}

/// Collects the items and paths of one file.
struct Reader<'a> {
    module: &'a [String],
    file: File,
}

impl Reader<'_> {
    /// The path from the crate's root, or `None` for a path into another crate.
    fn absolute(&self, segments: &[String]) -> Option<Segments> {
        let supers = segments.iter().take_while(|segment| *segment == "super").count();
        match segments.first()?.as_str() {
            "crate" | "gatescope" => Some(segments[1..].to_vec()),
            "self" => Some([self.module, &segments[1..]].concat()),
            "super" => {
                let kept = self.module.len().checked_sub(supers)?;
                Some([&self.module[..kept], &segments[supers..]].concat())
            }
            _ => None,
        }
    }
}

impl<'ast> Visit<'ast> for Reader<'_> {
    fn visit_item(&mut self, item: &'ast Item) {
        let (attributes, name) = match item {
            Item::Const(item) => (&item.attrs, Some(&item.ident)),
            Item::Enum(item) => (&item.attrs, Some(&item.ident)),
            Item::Fn(item) => (&item.attrs, Some(&item.sig.ident)),
            Item::Static(item) => (&item.attrs, Some(&item.ident)),
            Item::Struct(item) => (&item.attrs, Some(&item.ident)),
            Item::Trait(item) => (&item.attrs, Some(&item.ident)),
            Item::Type(item) => (&item.attrs, Some(&item.ident)),
            Item::Impl(item) => (&item.attrs, None),
            Item::Macro(item) => (&item.attrs, item.ident.as_ref()),
            Item::Mod(item) => (&item.attrs, None),
            Item::Use(item) => (&item.attrs, None),
            _ => return syn::visit::visit_item(self, item),
        };
        if is_test(attributes) {
            return;
        }
        self.file.items.extend(name.map(ToString::to_string));
        let Item::Use(used) = item else { return syn::visit::visit_item(self, item) };
        let mut leaves = Vec::new();
        flatten(&used.tree, &[], &mut leaves);
        for (name, segments) in leaves {
            let passed_on = !matches!(used.vis, syn::Visibility::Inherited);
            let inside = || [self.module, &segments[..]].concat();
            match (passed_on, self.absolute(&segments)) {
                (true, found) => {
                    self.file.reexports.push((name, found.unwrap_or_else(inside)));
                }
                (false, Some(found)) => self.file.named.push(found),
                // A path that begins with a module of this file.
                (false, None) => self.file.named.push(inside()),
            }
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let segments: Segments =
            path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        self.file.named.extend(self.absolute(&segments));
        syn::visit::visit_path(self, path);
    }
}

fn read_folder(folder: &Path, module: &[String], files: &mut Files) {
    for entry in std::fs::read_dir(folder).expect("a folder of sources") {
        let path = entry.expect("an entry").path();
        let stem = path.file_stem().expect("a name").to_string_lossy().into_owned();
        if stem == "tests" || stem == "testing" {
            continue;
        }
        let inner = || [module, std::slice::from_ref(&stem)].concat();
        if path.is_dir() {
            read_folder(&path, &inner(), files);
        } else if path.extension().is_some_and(|end| end == "rs") {
            let module = if stem == "mod" || stem == "lib" { module.to_vec() } else { inner() };
            let text = std::fs::read_to_string(&path).expect("a source file");
            let parsed = syn::parse_file(&text).unwrap_or_else(|e| panic!("{path:?}: {e}"));
            let mut reader = Reader { module: &module, file: File::default() };
            reader.visit_file(&parsed);
            let file = reader.file;
            files.insert(module.join("::"), file);
        }
    }
}

fn files() -> Files {
    let mut files = Files::new();
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    read_folder(&source, &[], &mut files);
    assert!(files.len() > 80, "only {} files of the crate were found", files.len());
    files
}

/// Finds the file that defines what a path names; `None` if it is not a file of the crate.
fn defining_file(files: &Files, path: &[String], depth: usize) -> Option<String> {
    assert!(depth < 16, "re-exports of {} go round in a circle", path.join("::"));
    let known = (0..=path.len()).rev().find(|n| files.contains_key(&path[..*n].join("::")))?;
    let module = path[..known].join("::");
    let file = &files[&module];
    let Some(name) = path.get(known) else { return Some(module) };
    if file.items.contains(name) {
        return Some(module);
    }
    let passed_on = file.reexports.iter().find(|(known_as, _)| known_as == name);
    if let Some((_, target)) = passed_on {
        return defining_file(files, target, depth + 1);
    }
    for (_, target) in file.reexports.iter().filter(|(known_as, _)| known_as == "*") {
        if files.get(&target.join("::")).is_some_and(|inner| inner.items.contains(name)) {
            return Some(target.join("::"));
        }
    }
    Some(module)
}

/// Which files each file imports from.
fn imports(files: &Files) -> BTreeMap<String, BTreeSet<String>> {
    files
        .iter()
        .map(|(module, file)| {
            let used = file.named.iter().filter_map(|path| defining_file(files, path, 0));
            // The root only declares folders.
            (module.clone(), used.filter(|other| other != module && !other.is_empty()).collect())
        })
        .collect()
}

/// Which files each file imports from, without what is [`ALLOWED`].
fn imports_but_allowed(files: &Files) -> BTreeMap<String, BTreeSet<String>> {
    let mut edges = imports(files);
    for (from, to, _) in ALLOWED {
        let used = edges.get_mut(from).unwrap_or_else(|| panic!("ALLOWED names no file {from}"));
        assert!(used.remove(to), "{from} does not import {to} any more: take it out of ALLOWED");
    }
    edges
}

/// A cycle in the graph, as the nodes on it; `None` where there is none.
fn cycle(edges: &BTreeMap<String, BTreeSet<String>>) -> Option<Vec<String>> {
    fn search(
        node: &str,
        edges: &BTreeMap<String, BTreeSet<String>>,
        done: &mut BTreeSet<String>,
        way: &mut Vec<String>,
    ) -> Option<Vec<String>> {
        if let Some(start) = way.iter().position(|earlier| earlier == node) {
            return Some(way[start..].to_vec());
        }
        if !done.insert(node.to_string()) {
            return None;
        }
        way.push(node.to_string());
        for next in edges.get(node).into_iter().flatten() {
            if let Some(found) = search(next, edges, done, way) {
                return Some(found);
            }
        }
        way.pop();
        None
    }
    let mut done = BTreeSet::new();
    edges.keys().find_map(|node| search(node, edges, &mut done, &mut Vec::new()))
}

/// The order of docs/architecture.md, each name before those that may import it.
fn order() -> Vec<String> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/architecture.md");
    let text = std::fs::read_to_string(path).expect("docs/architecture.md");
    let (_, rest) = text.split_once("In the crate, a folder imports only").expect("the list");
    let lines = rest.lines().skip(1).skip_while(|line| !line.starts_with("    "));
    let block: Vec<_> = lines.take_while(|line| line.starts_with("    ")).collect();
    block.join(" ").split('→').map(|name| name.trim().to_string()).flat_map(split_names).collect()
}

fn split_names(names: String) -> Vec<String> {
    names.split(',').map(|name| name.trim().to_string()).filter(|name| !name.is_empty()).collect()
}

#[test]
fn folders_import_only_from_those_before_them() {
    let order = order();
    assert!(order.len() > 10, "the list in docs/architecture.md was not found: {order:?}");
    let place = |module: &str| {
        let folder = module.split("::").next().expect("a folder");
        order.iter().position(|name| name == folder).unwrap_or_else(|| {
            panic!("{folder} stands in no place of docs/architecture.md's list of imports")
        })
    };
    let files = files();
    let mut wrong = Vec::new();
    for (module, used) in imports(&files).iter().filter(|(module, _)| !module.is_empty()) {
        let later = used.iter().filter(|other| place(other) > place(module));
        wrong.extend(later.map(|other| format!("{module} imports {other}")));
    }
    assert!(wrong.is_empty(), "these imports go against the data's way:\n{}", wrong.join("\n"));
}

#[test]
fn no_files_import_each_other_in_a_circle() {
    let files = files();
    let edges = imports_but_allowed(&files);
    if let Some(found) = cycle(&edges) {
        panic!("files import each other in a circle: {}", found.join(" → "));
    }
}

#[test]
fn no_folders_side_by_side_import_each_other_in_a_circle() {
    let files = files();
    let edges = imports_but_allowed(&files);
    let parents: BTreeSet<&str> =
        files.keys().filter_map(|module| Some(module.rsplit_once("::")?.0)).collect();
    for parent in std::iter::once("").chain(parents) {
        // The child of `parent` that a module lies in, where it is a folder.
        let child = |module: &str| {
            let inside = if parent.is_empty() {
                module
            } else {
                module.strip_prefix(parent)?.strip_prefix("::")?
            };
            let name = inside.split("::").next()?.to_string();
            let path = if parent.is_empty() { name } else { format!("{parent}::{name}") };
            let folder = files.keys().any(|other| other.starts_with(&format!("{path}::")));
            folder.then_some(path)
        };
        let mut folders: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (from, used) in &edges {
            let Some(from) = child(from) else { continue };
            let others = used.iter().filter_map(|to| child(to)).filter(|to| *to != from);
            folders.entry(from.clone()).or_default().extend(others.collect::<Vec<_>>());
        }
        if let Some(found) = cycle(&folders) {
            panic!("folders import each other in a circle: {}", found.join(" → "));
        }
    }
}

#[test]
fn a_circle_is_found() {
    let edges = |pairs: &[(&str, &str)]| {
        let mut edges: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (from, to) in pairs {
            edges.entry((*from).into()).or_default().insert((*to).into());
        }
        edges
    };
    assert_eq!(cycle(&edges(&[("a", "b"), ("b", "c"), ("a", "c")])), None);
    assert_eq!(cycle(&edges(&[("a", "b"), ("b", "c"), ("c", "b")])).unwrap(), ["b", "c"]);
}
