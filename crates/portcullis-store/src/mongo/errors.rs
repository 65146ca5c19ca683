//! Classifies the driver's errors by their codes: which are temporary, and which are not.

use mongodb::error::{Error, ErrorKind, WriteFailure};
use portcullis_server::store::StoreError;

/// The field of the unique index in every collection.
const ID: &str = "_id";
/// DuplicateKey.
const DUPLICATE_KEY: i32 = 11_000;
/// DocumentValidationFailure: a rule of the collection.
const DOCUMENT_VALIDATION: i32 = 121;

/// Returns whether the same request can succeed later without a change on either side.
///
/// HostUnreachable, HostNotFound, NetworkTimeout, SocketException; LockTimeout, MaxTimeMSExpired, WriteConcernFailed,
/// NetworkInterfaceExceededTimeLimit, ExceededTimeLimit, RequestRateTooLarge; CursorNotFound, ShutdownInProgress,
/// WriteConflict, FailedToSatisfyReadPreference, ReadConcernMajorityNotAvailableYet, PrimarySteppedDown,
/// NotWritablePrimary, InterruptedAtShutdown, InterruptedDueToReplStateChange, NotPrimaryNoSecondaryOk,
/// NotPrimaryOrSecondary.
const fn is_temporary(code: i32) -> bool {
    matches!(code, 6 | 7 | 89 | 9_001)
        || matches!(code, 24 | 50 | 64 | 202 | 262 | 16_500)
        || matches!(code, 43 | 91 | 112 | 133 | 134 | 189 | 10_058 | 10_107 | 11_600 | 11_602 | 13_435 | 13_436)
}

/// Returns whether the database does not support the operation. Our operations are fixed, so it never will.
///
/// BadValue, FailedToParse, CommandNotFound, CommandNotSupported, InvalidPipelineOperator, NotImplemented,
/// APIStrictError, an unknown stage of a pipeline, an unknown field of a command.
const fn is_unsupported(code: i32) -> bool {
    matches!(code, 2 | 9 | 59 | 115 | 168 | 238 | 323 | 40_324 | 40_415)
}

/// Returns the same for Amazon DocumentDB, whose codes have another meaning in MongoDB: "Aggregation stage not
/// supported: '$x'".
fn is_unsupported_by_document_db(code: i32, message: &str) -> bool {
    (301..=305).contains(&code) && message.contains("not supported")
}

/// Returns the code of `error` with its name and its message, if the database sent one.
fn code(error: &Error) -> Option<(i32, &str, &str)> {
    match &*error.kind {
        ErrorKind::Command(failed) => Some((failed.code, &failed.code_name, &failed.message)),
        ErrorKind::Write(WriteFailure::WriteError(failed)) => {
            Some((failed.code, failed.code_name.as_deref().unwrap_or("write error"), &failed.message))
        }
        ErrorKind::Write(WriteFailure::WriteConcernError(failed)) => {
            Some((failed.code, &failed.code_name, &failed.message))
        }
        _ => None,
    }
}

/// Converts `error` to the error of a store.
pub fn classify(error: &Error) -> StoreError {
    let text = describe(error);
    match (code(error), &*error.kind) {
        (Some((DUPLICATE_KEY, ..)), _) => StoreError::Conflict { field: unique_field(error) },
        (Some((DOCUMENT_VALIDATION, ..)), _) => StoreError::Rejected,
        (Some((code, _, message)), _) if is_unsupported(code) || is_unsupported_by_document_db(code, message) => {
            StoreError::Unsupported(text)
        }
        (Some((code, ..)), _) if is_temporary(code) => StoreError::Unavailable(text),
        (
            None,
            ErrorKind::Io(_)
            | ErrorKind::ServerSelection { .. }
            | ErrorKind::ConnectionPoolCleared { .. }
            | ErrorKind::DnsResolve { .. }
            | ErrorKind::Shutdown,
        ) => StoreError::Unavailable(text),
        _ => StoreError::Failed(text),
    }
}

/// Returns a description of `error` for the log: its kind and code, and the operators in it. The full message may quote
/// a document.
pub fn describe(error: &Error) -> String {
    if let Some((code, name, message)) = code(error) {
        let is_operator = |word: &&str| word.len() > 1 && word.len() < 30 && word.starts_with('$');
        let words = message.split(|c: char| !c.is_ascii_alphabetic() && c != '$');
        let named: String = words.filter(is_operator).map(|operator| format!(", {operator}")).collect();
        return format!("{name} ({code}){named}");
    }
    match &*error.kind {
        ErrorKind::Authentication { .. } => "authentication failed".into(),
        ErrorKind::ServerSelection { message, .. } => message.clone(),
        ErrorKind::Io(error) => error.to_string(),
        _ => "the driver reported an error".into(),
    }
}

/// The index that an insert violated.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Duplicate {
    /// The `_id`.
    Id,
    /// Another unique index.
    Other,
    /// Either of them: Cosmos DB says "Failed _id or unique index constraint".
    Unknown,
}

/// Returns the index that an insert violated, if it failed for that reason.
pub fn duplicate(error: &Error) -> Option<Duplicate> {
    matches!(code(error), Some((DUPLICATE_KEY, ..))).then(|| match unique_field(error).as_deref() {
        Some(ID) => Duplicate::Id,
        Some(_) => Duplicate::Other,
        None => Duplicate::Unknown,
    })
}

/// Returns the first field of the unique index that a write violated.
fn unique_field(error: &Error) -> Option<String> {
    let pattern = error.server_response().and_then(|response| response.get_document("keyPattern").ok());
    let name = pattern.and_then(|pattern| pattern.iter().flatten().next()).map(|(name, _)| name.to_string());
    // For inserts, the driver keeps only the message.
    name.or_else(|| code(error).and_then(|(_, _, message)| field_in(message)))
}

/// Returns the field in `message`: `E11000 duplicate key error collection: C index: I dup key: { FIELD: "value" }`.
/// Values come last, so a value cannot be mistaken for another part.
fn field_in(message: &str) -> Option<String> {
    let (index, key) = message.split_once("index: ")?.1.split_once(" dup key: ")?;
    if index == "_id_" {
        return Some(ID.to_owned());
    }
    let field = key.trim_start_matches(['{', ' ']).split_once(':')?.0;
    (!field.is_empty()).then(|| field.trim_matches('"').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn field_in_message_is_the_one_of_the_index() {
        let message = |rest: &str| field_in(&format!("E11000 duplicate key error collection: db.items index: {rest}"));
        assert_eq!(message("_id_ dup key: { _id: ObjectId('65f0') }").as_deref(), Some("_id"));
        assert_eq!(message("name_1 dup key: { name: \"Lamp\" }").as_deref(), Some("name"));
        assert_eq!(message("name_1_price_1 dup key: { name: \"a\", price: 1 }").as_deref(), Some("name"));
        assert_eq!(message("name_1 dup key: { name: \"index: _id_ dup key: { _id: 1\" }").as_deref(), Some("name"));
        // Messages of old releases and of Cosmos DB, and messages about something else.
        assert_eq!(message("name_1 dup key: { : \"Lamp\" }"), None);
        let cosmos = "E11000 duplicate key error collection: db.items. Failed _id or unique index constraint.";
        assert_eq!(field_in(cosmos), None);
        assert_eq!(field_in("no"), None);
    }

    #[test]
    fn codes_of_document_db_are_known_by_their_message() {
        assert!(is_unsupported_by_document_db(304, "Aggregation stage not supported: '$facet'"));
        assert!(is_unsupported_by_document_db(303, "Feature not supported: 'x'"));
        assert!(!is_unsupported_by_document_db(304, "the shard is not there any more"));
    }

    #[test]
    fn codes_are_of_one_sort_only() {
        for code in 0..20_000 {
            assert!(!(is_temporary(code) && is_unsupported(code)), "{code}");
            assert!(!is_temporary(code) || (code != DUPLICATE_KEY && code != DOCUMENT_VALIDATION), "{code}");
        }
    }
}
