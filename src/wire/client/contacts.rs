//! Contacts as clients write them: names, or objects with one.

use super::{LIMIT_CONTACT, is_blank};
use crate::core::contacts::phone_digits;
use serde::Deserialize;
use serde::de::{Deserializer, Error, IgnoredAny, MapAccess, Visitor};
use std::borrow::Cow;
use std::fmt;

/// One contact: a name, or an object with a name, and perhaps a phone number and an id of the client's own.
#[derive(Clone)]
pub struct Contact {
    pub name: String,
    pub phone: Option<String>,
    pub id: Option<String>,
}

impl Contact {
    /// What is wrong with it, and with which part.
    pub(super) fn problem(&self) -> Option<(&'static str, &'static str)> {
        let is_long = |text: &Option<String>| text.as_ref().is_some_and(|text| text.len() > LIMIT_CONTACT);
        let is_no_number = |phone: &String| !phone.trim().is_empty() && phone_digits(phone).is_none();
        if self.name.len() > LIMIT_CONTACT || is_blank(&self.name) {
            Some(("", "a name of 1 to 1,024 bytes that can be seen is expected"))
        } else if is_long(&self.phone) || self.phone.as_ref().is_some_and(is_no_number) {
            Some((".phone", "a phone number is expected"))
        } else if is_long(&self.id) {
            Some((".id", "at most 1,024 bytes are expected"))
        } else {
            None
        }
    }
}

impl<'de> Deserialize<'de> for Contact {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ContactVisitor)
    }
}

/// A name, or an object.
#[cfg(feature = "server")]
impl utoipa::PartialSchema for Contact {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        use super::needs::{PHONE, VISIBLE};
        use utoipa::openapi::schema::SchemaType;
        use utoipa::openapi::{ObjectBuilder, OneOfBuilder, Type};
        let text = || ObjectBuilder::new().schema_type(Type::String).max_length(Some(1_024));
        let name = || text().min_length(Some(1)).pattern(Some(VISIBLE));
        let or_null = SchemaType::from_iter([Type::String, Type::Null]);
        let other = || ObjectBuilder::new().schema_type(or_null.clone()).max_length(Some(1_024));
        let object = ObjectBuilder::new()
            .property("name", name())
            .property("phone", other().pattern(Some(PHONE)))
            .property("id", other())
            .required("name");
        OneOfBuilder::new().item(name()).item(object).into()
    }
}

#[cfg(feature = "server")]
impl utoipa::ToSchema for Contact {
    fn name() -> std::borrow::Cow<'static, str> {
        "NewContact".into()
    }
}

struct ContactVisitor;

impl<'de> Visitor<'de> for ContactVisitor {
    type Value = Contact;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name or an object with a name")
    }

    fn visit_str<E>(self, name: &str) -> Result<Contact, E> {
        Ok(Contact { name: name.to_owned(), phone: None, id: None })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Contact, A::Error> {
        let (mut name, mut phone, mut id) = (None, None, None);
        while let Some(key) = map.next_key::<Cow<'_, str>>()? {
            match key.as_ref() {
                "name" => name = Some(map.next_value()?),
                "phone" => phone = map.next_value()?,
                "id" => id = map.next_value()?,
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        let name = name.ok_or_else(|| A::Error::missing_field("name"))?;
        Ok(Contact { name, phone, id })
    }
}
