//! The table is whole and agrees with the types of the report.

use crate::figures::masks::report::Masks;
use crate::figures::overlap::report::Overlap;
use crate::figures::registry::figure::Page;
use crate::figures::registry::schema::numbers_of;
use crate::figures::registry::{Figure, Number, TABLES_IN, figures, fill_tables, to_json};
use crate::figures::tensor::TensorReport;
use schemars::JsonSchema;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// Numbers of a [`TensorReport`] that are not figures of the table, and why. What ends in a dot or
/// a bracket stands for all that begins with it.
const NOT_FIGURES: [(&str, &str); 39] = [
    ("layer", "part of the name"),
    ("shape[]", "part of the description of the tensor"),
    ("parameters", "part of the description of the tensor"),
    ("seconds", "the time that the analysis took"),
    ("precision.ulp_histogram.", "a histogram"),
    ("precision.magnitude_deciles[]", "a table of ten groups"),
    ("precision.row_density.", "a profile along rows; its dispersion is in the table"),
    ("precision.column_density.", "a profile along columns; its dispersion is in the table"),
    ("cast.", "tells a cast from training, in words"),
    ("update.spectrum[]", "a list"),
    ("update.spectrum_error", "the error of that list"),
    ("geometry.k", "the rank that was used"),
    ("geometry.requested_k", "the rank that was set"),
    ("geometry.nearest_resolved_k", "a rank to set instead"),
    ("geometry.spectrum_base[]", "a list"),
    ("geometry.spectrum_tuned[]", "a list"),
    ("geometry.spectrum_error", "the error of these lists"),
    ("geometry.angles_left[]", "a list"),
    ("geometry.angles_right[]", "a list"),
    ("geometry.vector_rotation_left[]", "a list"),
    ("geometry.vector_rotation_right[]", "a list"),
    ("geometry.vector_rotation_uncertainty[]", "the uncertainty of these lists"),
    ("geometry.chance.angles_left[]", "the chance level of a list"),
    ("geometry.chance.angles_right[]", "the chance level of a list"),
    ("geometry.chance.vectors_left[]", "the chance level of a list"),
    ("geometry.chance.vectors_right[]", "the chance level of a list"),
    ("geometry.chance.draws", "the number of draws behind chance levels"),
    ("geometry.along_spectrum.", "a curve along the spectrum"),
    ("geometry.sweep[]", "figures of the table at other ranks"),
    ("geometry.bounds.", "each bound stands beside what it bounds"),
    ("geometry.columns_per_k", "the cost of the computation"),
    ("adapter.rank", "a setting of the adapter"),
    ("adapter.scale", "a setting of the adapter"),
    ("function_preserving.permutation[]", "a list"),
    ("maps.", "pictures of the matrix"),
    ("heads.", "lists with an entry per head"),
    ("quantized.scales", "part of the description of the tensor"),
    ("listed.row_density.", "a profile along rows; its dispersion is in the table"),
    ("listed.column_density.", "a profile along columns; its dispersion is in the table"),
];

/// The same of an entry of `masks`.
const NOT_FIGURES_OF_MASKS: [(&str, &str); 6] = [
    ("masks[].alpha", "a setting"),
    ("masks[].k", "the rank that was used"),
    ("masks[].changed", "a count behind the overlaps"),
    ("masks[].principal_threshold", "a property of the base"),
    ("masks[].low_threshold", "a property of the base"),
    ("masks[].sweep[]", "figures of the table at other ranks"),
];

/// Counts that each overlap of `masks` has beside it.
const COUNTS_OF_MASKS: [&str; 2] = ["size", "both"];

/// All numbers that a row names.
fn numbers_in(figure: &'static Figure) -> impl Iterator<Item = &'static Number> {
    let chance = figure.chance.as_ref();
    [
        Some(&figure.value),
        chance.map(|c| &c.level),
        chance.and_then(|c| c.deviation.as_ref()).map(|d| &d.size),
        figure.uncertainty.as_ref().map(|u| &u.size),
        figure.interval.as_ref().map(|i| &i.ends),
    ]
    .into_iter()
    .flatten()
}

/// All paths that a row names.
fn paths_in(figure: &'static Figure) -> impl Iterator<Item = String> {
    let paths = numbers_in(figure).filter_map(|number| match number {
        Number::Ends(path, _) => Some(format!("{path}[]")),
        _ => number.path().map(String::from),
    });
    paths.chain(figure.path_without_base.map(String::from))
}

#[test]
fn names_are_unique() {
    let mut seen = BTreeMap::new();
    for figure in figures() {
        let names = std::iter::once(figure.id);
        // Figures that stand by one constant share it.
        let chance = figure.chance.iter().filter(|c| !matches!(c.level, Number::Constant(_)));
        for name in names.chain(chance.map(|c| c.name)) {
            assert_eq!(seen.insert(name, figure.id), None, "two rows use {name}");
        }
    }
}

#[test]
fn every_row_has_its_texts() {
    for f in figures() {
        assert!(f.about.ends_with('.'), "{}: the help text is a sentence", f.id);
        assert!(!f.label.is_empty() && !f.formula.is_empty(), "{}", f.id);
        assert!(f.reported.is_none_or(|r| r.text.starts_with("reported")), "{}", f.id);
        assert!(f.chance.is_none_or(|c| !c.name.is_empty() && !c.formula.is_empty()), "{}", f.id);
        let needs_chance = f.page != Page::Nowhere && f.chance.is_none();
        assert!(!needs_chance || NO_CHANCE.iter().any(|(id, _)| *id == f.id), "{}", f.id);
    }
}

/// Metrics of the page without a chance level, and why.
const NO_CHANCE: [(&str, &str); 9] = [
    ("sparsity_bf16", "it depends on the size of the update, not on where the update lies"),
    ("hidden_by_bf16", "it depends on the size of the update"),
    ("sparsity_abs", "it depends on the size of the update"),
    ("listed_changed", "a count"),
    ("relative_update", "it is the size of the update"),
    ("max_abs_update", "it is a size of the update"),
    ("survives", "it is read against 1"),
    ("realized", "it is read against 1"),
    ("merge_error", "it is read against 0"),
];

#[test]
fn every_path_is_a_number_of_the_report() {
    let tensor = numbers_of::<TensorReport>();
    let overlap = numbers_of::<Overlap>();
    for figure in figures() {
        for path in paths_in(figure) {
            let found = match path.strip_prefix("overlaps[].") {
                Some(inner) => overlap.contains_key(inner),
                None => tensor.contains_key(&path),
            };
            assert!(found, "{}: {path} is not a number of the report", figure.id);
        }
    }
}

#[test]
fn every_number_of_a_tensor_is_in_the_table_or_left_out_with_a_reason() {
    let named: BTreeSet<String> = figures().flat_map(paths_in).collect();
    let left_out = |path: &str| {
        let listed = NOT_FIGURES
            .iter()
            .chain(&NOT_FIGURES_OF_MASKS)
            .any(|(name, _)| path == *name || name.ends_with(['.', ']']) && path.starts_with(name));
        let count = path.starts_with("masks[].")
            && COUNTS_OF_MASKS.iter().any(|count| path.ends_with(&format!(".{count}")));
        // A map of what is listed has sides, and nothing else that is a number.
        listed || count || path.starts_with("listed.map.")
    };
    for path in numbers_of::<TensorReport>().into_keys() {
        assert!(
            named.contains(&path) || left_out(&path),
            "{path} has no row in crate/src/figures/registry/ and no reason in NOT_FIGURES"
        );
    }
}

/// JSON of a type in which every number differs from all others; lists have two entries.
fn filled<T: JsonSchema>(next: &mut u32) -> Value {
    let schema = serde_json::to_value(schemars::schema_for!(T)).expect("a schema is plain JSON");
    fill(&schema, &schema, next)
}

fn fill(schema: &Value, part: &Value, next: &mut u32) -> Value {
    if let Some(name) = part["$ref"].as_str() {
        let target = schema.pointer(&name[1..]).expect("references lead to a definition");
        return fill(schema, target, next);
    }
    if let Some(choices) = part["anyOf"].as_array() {
        return fill(schema, &choices[0], next);
    }
    if let Some(word) = part["enum"].as_array().and_then(|words| words.first()) {
        return word.clone();
    }
    if let Some(choices) = part["oneOf"].as_array() {
        return choices[0].get("const").cloned().unwrap_or_else(|| fill(schema, &choices[0], next));
    }
    let kind = match &part["type"] {
        Value::Array(kinds) => kinds[0].as_str(),
        kind => kind.as_str(),
    };
    match kind {
        Some("object") => {
            let fields = part["properties"].as_object().into_iter().flatten();
            Value::Object(
                fields
                    .map(|(name, field)| (name.clone(), fill(schema, field, next)))
                    .collect::<Map<_, _>>(),
            )
        }
        Some("array") => (0..2).map(|_| fill(schema, &part["items"], next)).collect(),
        Some("integer" | "number") => {
            *next += 1;
            Value::from(*next)
        }
        Some("boolean") => Value::Bool(true),
        _ => Value::String("word".into()),
    }
}

/// The value at a path, without its brackets.
fn at(value: &Value, path: &str) -> Value {
    path.split('.').fold(value.clone(), |held, name| held[name].clone())
}

#[test]
fn rust_reads_each_number_where_its_path_leads() {
    let mut next = 0;
    let json = filled::<TensorReport>(&mut next);
    let tensor: TensorReport = serde_json::from_value(json.clone()).expect("a whole report");
    let json_of_mask = filled::<Masks>(&mut next);
    let masks: Masks = serde_json::from_value(json_of_mask.clone()).expect("a whole entry");
    for figure in figures() {
        for number in numbers_in(figure) {
            match *number {
                Number::Tensor(path, get) => {
                    assert_eq!(get(&tensor), at(&json, path).as_f64(), "{}: {path}", figure.id);
                    assert!(get(&tensor).is_some(), "{}: {path}", figure.id);
                }
                Number::Ends(path, get) => {
                    let ends = get(&tensor).map(|ends| ends.map(Value::from).to_vec());
                    let want = at(&json, path);
                    let want = want
                        .as_array()
                        .map(|list| list.iter().map(|end| end.as_f64().map(Value::from)).collect());
                    assert_eq!(ends, want.flatten(), "{}: {path}", figure.id);
                }
                Number::Mask(path, get) => {
                    let inner = path.strip_prefix("masks[].").expect("masks are a list");
                    assert_eq!(get(&masks), at(&json_of_mask, inner).as_f64(), "{}", figure.id);
                }
                Number::Overlap(_) | Number::Constant(_) | Number::Derived => {}
            }
        }
    }
}

#[test]
fn a_sweep_reads_the_numbers_of_its_rank() {
    let json = filled::<TensorReport>(&mut 0);
    let tensor: TensorReport = serde_json::from_value(json.clone()).expect("a whole report");
    let point = &tensor.geometry.as_ref().expect("a whole report").sweep[0];
    let json = &json["geometry"]["sweep"][0];
    let read = |number: &Number| {
        let path = number.path().and_then(|path| path.strip_prefix("geometry."));
        at(json, path.expect("a sweep is of a geometry")).as_f64()
    };
    for figure in figures() {
        if let Some(sweep) = figure.sweep {
            assert_eq!(sweep(point), read(&figure.value), "{}", figure.id);
        }
        if let Some((chance, sweep)) = figure.chance.as_ref().and_then(|c| Some((c, c.sweep?))) {
            assert_eq!(sweep(point), read(&chance.level), "{}", figure.id);
            assert!(figure.sweep.is_some(), "{}", figure.id);
        }
    }
}

#[test]
fn the_committed_table_is_that_of_the_registry() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/figures.json");
    let committed = std::fs::read_to_string(path).expect("docs/figures.json is committed");
    assert!(
        committed.trim() == to_json().trim(),
        "run: cargo run --release --example figures > docs/figures.json"
    );
}

#[test]
fn the_committed_field_tables_are_those_of_the_registry() {
    for name in TABLES_IN {
        let path = format!("{}/../docs/{name}", env!("CARGO_MANIFEST_DIR"));
        let committed = std::fs::read_to_string(path).expect("the docs are committed");
        assert!(
            committed == fill_tables(&committed).expect("each marker names a table"),
            "docs/{name} differs; run: cargo run --release --example figures -- --docs"
        );
    }
}
