//! JSON Schemas of what the tools take and give, for programs and for language models: in one piece, and without the
//! formats that not every reader knows.

use schemars::generate::SchemaSettings;
use schemars::transform::RecursiveTransform;
use schemars::{JsonSchema, Schema};
use serde_json::{Map, Value};

/// The schema of what a tool takes.
pub fn of_arguments<T: JsonSchema>() -> Map<String, Value> {
    object::<T>(SchemaSettings::draft2020_12().for_deserialize())
}

/// The schema of what a tool gives. A call that could not be taken gives a `code` and nothing else, and there are clients
/// that hold an error to the schema too, so nothing is required.
pub fn of_answer<T: JsonSchema>() -> Map<String, Value> {
    let mut schema = object::<T>(SchemaSettings::draft2020_12().for_serialize());
    schema.remove("required");
    schema
}

fn object<T: JsonSchema>(settings: SchemaSettings) -> Map<String, Value> {
    let settings = settings.with(|settings| {
        settings.inline_subschemas = true;
        settings.meta_schema = None;
    });
    let mut schema =
        settings.with_transform(RecursiveTransform(simplify)).into_generator().into_root_schema_for::<T>();
    schema.remove("title");
    schema.remove("description");
    match schema.to_value() {
        Value::Object(object) => object,
        _ => Map::new(),
    }
}

fn simplify(schema: &mut Schema) {
    schema.remove("format");
    // To leave something out is no value of it.
    if schema.get("default").is_some_and(Value::is_null) {
        schema.remove("default");
    }
    if let Some(Value::String(description)) = schema.get_mut("description") {
        *description = description.replace('\n', " ");
    }
}
