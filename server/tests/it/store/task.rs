//! A second record, as an app declares it, with other field types and another searched field than items.

use portcullis::record::Record;
use portcullis::{Access, FieldErrors, Right, Scope};
use serde::{Deserialize, Serialize};

macro_rules! rights {
    ($($right:ident: $scope:literal),*) => { $(
        pub struct $right;
        impl Right for $right {
            const NAME: &'static str = stringify!($right);
            const ACCESS: Access = Access::Scopes(&[Scope($scope)]);
        }
    )* };
}
rights!(ReadTasks: "read:tasks", WriteTasks: "write:tasks", DeleteTasks: "delete:tasks", AdminTasks: "admin:tasks");

#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct Task {
    pub title: String,
    #[serde(default)]
    pub is_done: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stars: Option<i64>,
    /// A date, as `2026-11-26`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<String>,
}

impl Record for Task {
    type Read = ReadTasks;
    type Write = WriteTasks;
    type Delete = DeleteTasks;
    type Admin = AdminTasks;
    const NAME: &'static str = "Task";
    const COLLECTION: &'static str = "tasks";
    const FIELDS: &'static [&'static str] = &["title", "is_done", "stars", "due"];
    const SEARCHED: &'static str = "title";

    fn check(&self, stored: Option<&Self>) -> Result<Self, FieldErrors> {
        let mut errors = FieldErrors::default();
        if self.title.trim().is_empty() {
            errors.add("title", "A task needs a title");
        }
        let is_stored = stored.is_some_and(|stored| stored.stars == self.stars);
        if !is_stored && self.stars.is_some_and(|stars| !(1..=5).contains(&stars)) {
            errors.add("stars", "A task has 1 to 5 stars");
        }
        if errors.is_empty() { Ok(self.clone()) } else { Err(errors) }
    }
}
