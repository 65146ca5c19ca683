//! A record for tests.

use serde::{Deserialize, Serialize};

use super::Record;
use crate::FieldErrors;
use crate::{Access, Right, Scope};

macro_rules! right {
    ($name:ident, $scope:literal) => {
        pub struct $name;
        impl Right for $name {
            const NAME: &'static str = stringify!($name);
            const ACCESS: Access = Access::Scopes(&[Scope($scope)]);
        }
    };
}
right!(ReadThings, "read:things");
right!(WriteThings, "write:things");
right!(DeleteThings, "delete:things");
right!(AdminThings, "admin:things");

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Thing {
    pub label: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<i64>,
}

impl Record for Thing {
    type Read = ReadThings;
    type Write = WriteThings;
    type Delete = DeleteThings;
    type Admin = AdminThings;
    const NAME: &'static str = "Thing";
    const COLLECTION: &'static str = "things";
    const FIELDS: &'static [&'static str] = &["label", "count"];
    const SEARCHED: &'static str = "label";

    fn check(&self, _: Option<&Self>) -> Result<Self, FieldErrors> {
        Ok(self.clone())
    }
}
