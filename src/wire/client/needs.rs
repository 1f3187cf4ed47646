//! What the description says of texts and actions beside their types: what of them the readers here insist on.

use super::ActionObject;
use std::borrow::Cow;
use utoipa::openapi::schema::{AllOfBuilder, OneOfBuilder};
use utoipa::openapi::{ObjectBuilder, RefOr, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

/// Something in it can be seen: what `is_blank` of a name says.
pub const VISIBLE: &str = r"[^\s\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufe00-\ufe0f\ufeff]";
/// It is not all spaces.
pub const NOT_BLANK: &str = r"\S";
/// A phone number as `phone_digits` reads it, or nothing.
pub const PHONE: &str = r"^\s*(\+?([ ().\/\u00a0-]*[0-9]){3,15}[ ().\/\u00a0-]*)?\s*$";

/// An action, as an object, with what it needs.
pub struct Action;

impl PartialSchema for Action {
    fn schema() -> RefOr<Schema> {
        let (contact, message, query) = (("contact", VISIBLE), ("message", NOT_BLANK), ("query", NOT_BLANK));
        let needs = OneOfBuilder::new()
            .item(actions(&["send"], &[contact, message]))
            .item(actions(&["read", "summary", "suggest"], &[contact]))
            .item(actions(&["search"], &[query]))
            .item(actions(&["list", "auto_on", "auto_off", "status"], &[]));
        AllOfBuilder::new().item(ActionObject::schema()).item(needs).into()
    }
}

impl ToSchema for Action {
    fn name() -> Cow<'static, str> {
        "Action".into()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        ActionObject::schemas(schemas);
    }
}

/// Actions of these names have these texts.
fn actions(names: &[&str], texts: &[(&str, &str)]) -> ObjectBuilder {
    let name = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(names.iter().copied()));
    texts.iter().fold(
        ObjectBuilder::new().property("action", name).required("action"),
        |object, (text, pattern)| {
            let schema = ObjectBuilder::new().schema_type(Type::String).pattern(Some(*pattern));
            object.property(*text, schema).required(*text)
        },
    )
}
