//! The MongoDB store: the collection `items` of the URI's database, with documents as people already have them.

use std::time::Duration;

use app::items::{Item, ItemDraft, ItemId, ItemPage, PageRequest, ReadItems, WriteItems};
use app::ssr::items::{ItemStore, StoreError};
use app::ssr::permit::Permit;
use async_trait::async_trait;
use bson::oid::ObjectId;
use bson::{DateTime, Document, doc};
use futures_util::TryStreamExt;
use mongodb::error::ErrorKind;
use mongodb::options::{ClientOptions, ReturnDocument};
use mongodb::{Client, Collection, Database};

use super::OpenError;
use super::document::{self, Change, to_item};
use crate::config::ConfigError;

/// How long a server is looked for before the store counts as down.
const SELECTION_LIMIT: Duration = Duration::from_secs(3);
/// How long any operation may take.
const TIME_LIMIT: Duration = Duration::from_secs(5);

/// Items in a MongoDB.
pub struct MongoStore {
    database: Database,
    items: Collection<Document>,
}

impl MongoStore {
    /// Prepares connections to the database that `uri` names. Whether it answers is seen later.
    ///
    /// # Errors
    /// When `uri` is none, or names no database.
    pub async fn open(uri: &str) -> Result<Self, OpenError> {
        let wrong = |expected: &str| ConfigError::secret("DATABASE_URL", expected);
        let mut options = ClientOptions::parse(uri).await.map_err(|error| match *error.kind {
            ErrorKind::DnsResolve { .. } => wrong("expected a mongodb+srv host whose records can be resolved now"),
            _ => wrong("expected a MongoDB connection string, for example mongodb://localhost/portcullis"),
        })?;
        options.app_name.get_or_insert_with(|| "portcullis".into());
        options.server_selection_timeout.get_or_insert(SELECTION_LIMIT);
        options.connect_timeout.get_or_insert(SELECTION_LIMIT);
        let name = options.default_database.clone();
        let name = name.ok_or_else(|| wrong("expected the database's name in it, as in mongodb://HOST/NAME"))?;
        let client = Client::with_options(options).map_err(|_| wrong("expected a MongoDB connection string"))?;
        let database = client.database(&name);
        let items = database.collection("items");
        Ok(Self { database, items })
    }

    /// The filter for the documents that are items, of those that `filter` finds: other programs may keep other
    /// things beside them. Asked as an expression, since a plain `$type` also holds for a list with a string in it.
    fn items_of(mut filter: Document) -> Document {
        let is = |field: &str, kind: &str| doc! { "$eq": [{ "$type": field }, kind] };
        filter.insert("$expr", doc! { "$and": [is("$_id", "objectId"), is("$name", "string")] });
        filter
    }
}

fn by_id(id: ItemId) -> Document {
    MongoStore::items_of(doc! { "_id": ObjectId::from_bytes(id.0) })
}

/// What is asked of a document: whatever else other programs keep in it may be large.
fn fields() -> Document {
    document::FIELDS.iter().map(|name| ((*name).to_owned(), 1.into())).collect()
}

/// Waits for a driver's answer for as long as [`TIME_LIMIT`].
async fn within<T>(operation: impl IntoFuture<Output = mongodb::error::Result<T>>) -> Result<T, StoreError> {
    let answer = tokio::time::timeout(TIME_LIMIT, operation.into_future()).await;
    let answer = answer.map_err(|_| StoreError::Unavailable("no answer in time".into()))?;
    // The kind alone: a message of the driver may quote a document.
    answer.map_err(|error| StoreError::Unavailable(kind(&error)))
}

fn kind(error: &mongodb::error::Error) -> String {
    match &*error.kind {
        ErrorKind::Authentication { .. } => "authentication failed".into(),
        ErrorKind::Command(command) => format!("command failed: {} ({})", command.code_name, command.code),
        ErrorKind::ServerSelection { message, .. } => message.clone(),
        ErrorKind::Io(error) => error.to_string(),
        _ => "the driver reported an error".into(),
    }
}

fn one(document: Option<Document>) -> Result<Item, StoreError> {
    document.as_ref().and_then(to_item).ok_or(StoreError::NotFound)
}

#[async_trait]
impl ItemStore for MongoStore {
    async fn list(&self, _: &Permit<ReadItems>, page: PageRequest) -> Result<ItemPage, StoreError> {
        let filter = Self::items_of(match page.after {
            Some(after) => doc! { "_id": { "$lt": ObjectId::from_bytes(after.0) } },
            None => doc! {},
        });
        let found = within(async {
            let find = self.items.find(filter).sort(doc! { "_id": -1 }).limit(i64::from(page.limit) + 1);
            find.projection(fields()).await?.try_collect::<Vec<Document>>().await
        })
        .await?;
        Ok(super::page(found.iter().filter_map(to_item).collect(), page.limit))
    }

    async fn get(&self, _: &Permit<ReadItems>, id: ItemId) -> Result<Item, StoreError> {
        one(within(self.items.find_one(by_id(id)).projection(fields())).await?)
    }

    async fn create(&self, permit: &Permit<WriteItems>, draft: ItemDraft) -> Result<Item, StoreError> {
        let document = document::create(&draft, permit.caller(), DateTime::now());
        within(self.items.insert_one(&document)).await?;
        one(Some(document))
    }

    async fn update(&self, _: &Permit<WriteItems>, id: ItemId, draft: ItemDraft) -> Result<Item, StoreError> {
        let Change { set, unset } = Change::of(&draft, DateTime::now());
        let mut update = doc! { "$set": set };
        if !unset.is_empty() {
            let names: Document = unset.into_iter().map(|name| (name.to_owned(), "".into())).collect();
            update.insert("$unset", names);
        }
        let changed = self
            .items
            .find_one_and_update(by_id(id), update)
            .return_document(ReturnDocument::After)
            .projection(fields());
        one(within(changed).await?)
    }

    async fn ping(&self) -> Result<(), StoreError> {
        within(self.database.run_command(doc! { "ping": 1 })).await.map(|_| ())
    }
}
