//! The ignored keys of a key set, and their log: each change is logged once.

use super::key::MAX_KEYS;
use super::key_error::KeyError;

/// The maximum number of keys that are logged by name. The rest are only counted.
const MAX_NAMED: usize = 20;
/// The maximum length of a key id in the log, in characters.
const MAX_ID_CHARS: usize = 64;

/// The members of a key set that are ignored, with the reasons.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IgnoredKeys {
    named: Vec<(Option<String>, KeyError)>,
    unnamed: usize,
    /// The number of usable keys over the limit.
    pub cut: usize,
}

impl IgnoredKeys {
    /// Adds the member `id`, which is ignored because of `why`.
    pub(super) fn add(&mut self, id: Option<String>, why: KeyError) {
        match why {
            KeyError::TooMany => self.cut += 1,
            why if self.named.len() < MAX_NAMED => self.named.push((id, why)),
            _ => self.unnamed += 1,
        }
    }

    /// Returns the number of ignored members, not counting those over the limit.
    #[must_use]
    pub fn len(&self) -> usize {
        self.named.len() + self.unnamed
    }

    /// Returns whether no member is ignored, not counting those over the limit.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns one line per ignored key. The lines contain key ids and reasons only.
    fn lines(&self) -> Vec<String> {
        let mut lines: Vec<String> =
            self.named.iter().map(|(id, why)| format!("{} is ignored: {why}", shown(id))).collect();
        if self.unnamed > 0 {
            lines.push(format!("{} more keys are ignored", self.unnamed));
        }
        if self.cut > 0 {
            lines.push(format!("{} more usable keys are ignored: only the first {MAX_KEYS} are kept", self.cut));
        }
        lines
    }
}

/// Formats a key id for the log: without control characters, and shortened.
fn shown(id: &Option<String>) -> String {
    match id {
        None => "a key without an id".to_owned(),
        Some(id) => format!("key {:?}", id.chars().take(MAX_ID_CHARS).collect::<String>()),
    }
}

/// Remembers what was logged, so that a refresh does not log it again.
#[derive(Default)]
pub(super) struct IgnoredKeysLog(IgnoredKeys);

impl IgnoredKeysLog {
    /// Logs which keys are ignored in the key set of `issuer`, if that differs from the last time.
    pub(super) fn log(&mut self, issuer: &str, ignored: &IgnoredKeys) {
        for line in self.news(ignored) {
            tracing::warn!(issuer, "the provider's key set: {line}");
        }
    }

    fn news(&mut self, ignored: &IgnoredKeys) -> Vec<String> {
        if self.0 == *ignored {
            return Vec::new();
        }
        self.0 = ignored.clone();
        ignored.lines()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jsonwebtoken::Algorithm;

    fn ignored(all: &[(Option<&str>, KeyError)]) -> IgnoredKeys {
        let mut ignored = IgnoredKeys::default();
        for (id, why) in all {
            ignored.add(id.map(str::to_owned), why.clone());
        }
        ignored
    }

    #[test]
    fn ignored_keys_log_says_each_change_once() {
        let mut log = IgnoredKeysLog::default();
        let first = ignored(&[(Some("enc"), KeyError::Use), (None, KeyError::Symmetric)]);
        assert_eq!(
            log.news(&first),
            [
                "key \"enc\" is ignored: its use is not sig",
                "a key without an id is ignored: it is a symmetric key, which must never be published",
            ]
        );
        assert!(log.news(&first).is_empty(), "nothing has changed");
        let other = ignored(&[(Some("es"), KeyError::NotAllowed(vec![Algorithm::ES256]))]);
        assert_eq!(log.news(&other), ["key \"es\" is ignored: it is for ES256, which AUTH_ALGORITHMS does not allow"]);
        assert!(log.news(&IgnoredKeys::default()).is_empty(), "all is well");
        assert_eq!(log.news(&first).len(), 2, "it is back");
    }

    #[test]
    fn ignored_keys_log_warns_when_the_limit_cuts() {
        let cut = ignored(&[(None, KeyError::TooMany), (None, KeyError::TooMany)]);
        let line = "2 more usable keys are ignored: only the first 100 are kept";
        assert_eq!(IgnoredKeysLog::default().news(&cut), [line]);
        let many: Vec<_> = (0..MAX_NAMED + 5).map(|_| (Some("x"), KeyError::Use)).collect();
        let lines = IgnoredKeysLog::default().news(&ignored(&many));
        assert_eq!((lines.len(), lines[MAX_NAMED].as_str()), (MAX_NAMED + 1, "5 more keys are ignored"));
    }

    #[test]
    fn ignored_keys_log_shows_no_control_characters() {
        let long = "x".repeat(500);
        let nasty = ignored(&[(Some("\u{1b}]0;x\u{7}\n\u{202e}"), KeyError::Use), (Some(&long), KeyError::Use)]);
        for line in IgnoredKeysLog::default().news(&nasty) {
            assert!(line.len() < 150 && !line.contains(|c: char| c.is_control() || c == '\u{202e}'), "{line:?}");
        }
    }
}
