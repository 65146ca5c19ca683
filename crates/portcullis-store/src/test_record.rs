//! A record for the tests of the stores.

use portcullis::record::Record;
use portcullis::{Access, FieldErrors, Right, Scope};
use serde::{Deserialize, Serialize};

/// The right to do everything with things.
pub struct UseThings;
impl Right for UseThings {
    const NAME: &'static str = "UseThings";
    const ACCESS: Access = Access::Scopes(&[Scope("use:things")]);
}

/// The right to do everything with the things of others.
pub struct AdminThings;
impl Right for AdminThings {
    const NAME: &'static str = "AdminThings";
    const ACCESS: Access = Access::Scopes(&[Scope("admin:things")]);
}

/// Its collection and fields are those of the files and hashes that the tests compare with.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct Thing {
    pub name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub price: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
}

impl Record for Thing {
    type Read = UseThings;
    type Write = UseThings;
    type Delete = UseThings;
    type Admin = AdminThings;
    const NAME: &'static str = "Thing";
    const COLLECTION: &'static str = "items";
    const FIELDS: &'static [&'static str] = &["name", "description", "price", "currency"];
    const SEARCHED: &'static str = "name";

    fn check(&self, _: Option<&Self>) -> Result<Self, FieldErrors> {
        let mut errors = FieldErrors::default();
        if self.name.trim().is_empty() {
            errors.add("name", "A thing needs a name");
            return Err(errors);
        }
        Ok(Self { name: self.name.trim().to_owned(), ..self.clone() })
    }

    fn normalize(mut self) -> Self {
        if self.price.is_none() {
            self.currency = None;
        }
        self
    }
}
