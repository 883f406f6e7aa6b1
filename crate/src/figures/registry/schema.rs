//! The numbers that a type writes as JSON, by their paths, from its schema.

use schemars::JsonSchema;
use serde_json::Value;
use std::collections::BTreeMap;

/// The type of a number in the schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NumberType {
    /// It is a count.
    pub integer: bool,
    /// It may be null where the object of its family is there.
    pub nullable: bool,
}

impl NumberType {
    /// As the docs say it.
    pub(crate) fn name(self) -> &'static str {
        match (self.integer, self.nullable) {
            (false, false) => "number",
            (false, true) => "number or null",
            (true, false) => "integer",
            (true, true) => "integer or null",
        }
    }
}

/// The paths of all numbers of a type; `[]` stands for the entries of a list.
pub(crate) fn numbers_of<T: JsonSchema>() -> BTreeMap<String, NumberType> {
    let schema = serde_json::to_value(schemars::schema_for!(T)).expect("a schema is plain JSON");
    let mut found = BTreeMap::new();
    collect(&schema, &schema, "", false, &mut found);
    found
}

fn collect(
    schema: &Value,
    part: &Value,
    path: &str,
    nullable: bool,
    found: &mut BTreeMap<String, NumberType>,
) {
    let kinds: Vec<&str> = match &part["type"] {
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
        kind => kind.as_str().into_iter().collect(),
    };
    let choices = part["anyOf"].as_array().map_or(&[][..], Vec::as_slice);
    // A family that a tensor lacks is null as a whole, which says nothing of its fields.
    let inside = path.contains('.');
    let nullable = nullable
        || inside && (kinds.contains(&"null") || choices.iter().any(|c| c["type"] == "null"));
    if let Some(name) = part["$ref"].as_str() {
        let target = schema.pointer(&name[1..]).expect("references lead to a definition");
        collect(schema, target, path, nullable, found);
    }
    for choice in choices {
        collect(schema, choice, path, nullable, found);
    }
    for (name, field) in part["properties"].as_object().into_iter().flatten() {
        let inner = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
        collect(schema, field, &inner, nullable, found);
    }
    if let Some(items) = part.get("items") {
        collect(schema, items, &format!("{path}[]"), nullable, found);
    }
    let integer = kinds.contains(&"integer");
    if integer || kinds.contains(&"number") {
        found.insert(path.into(), NumberType { integer, nullable });
    }
}
