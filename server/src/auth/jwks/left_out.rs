//! What was left out of a key set, and the log of it: each change once.

use super::key::MAX_KEYS;
use super::unusable::Unusable;

/// How many keys are named one by one; of the rest, the number is told.
const MAX_NAMED: usize = 20;
/// How much of a key id is shown, in characters.
const MAX_ID_CHARS: usize = 64;

/// The members of a key set that became no key.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LeftOut {
    named: Vec<(Option<String>, Unusable)>,
    unnamed: usize,
    /// How many more keys could have been used than are kept.
    pub cut: usize,
}

impl LeftOut {
    /// Adds the member `id`, which is left out because of `why`.
    pub(super) fn add(&mut self, id: Option<String>, why: Unusable) {
        match why {
            Unusable::TooMany => self.cut += 1,
            why if self.named.len() < MAX_NAMED => self.named.push((id, why)),
            _ => self.unnamed += 1,
        }
    }

    /// How many members became no key, those aside that were too many.
    #[must_use]
    pub fn len(&self) -> usize {
        self.named.len() + self.unnamed
    }

    /// Whether every member became a key, those aside that were too many.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// One line for each key that is left out. Nothing in them but key ids and reasons.
    fn lines(&self) -> Vec<String> {
        let mut lines: Vec<String> =
            self.named.iter().map(|(id, why)| format!("{} is left out: {why}", shown(id))).collect();
        if self.unnamed > 0 {
            lines.push(format!("{} more are left out", self.unnamed));
        }
        if self.cut > 0 {
            lines.push(format!("{} are left out: only the first {MAX_KEYS} that could be used are kept", self.cut));
        }
        lines
    }
}

/// A key id as it may be logged: without control characters, and not longer than anyone reads.
fn shown(id: &Option<String>) -> String {
    match id {
        None => "a key without an id".to_owned(),
        Some(id) => format!("key {:?}", id.chars().take(MAX_ID_CHARS).collect::<String>()),
    }
}

/// Remembers what was logged, so that a refresh repeats nothing.
#[derive(Default)]
pub(super) struct LeftOutLog(LeftOut);

impl LeftOutLog {
    /// Logs what is left out of the key set of `issuer`, if that differs from the last time.
    pub(super) fn log(&mut self, issuer: &str, left_out: &LeftOut) {
        for line in self.news(left_out) {
            tracing::warn!(issuer, "the provider's key set: {line}");
        }
    }

    fn news(&mut self, left_out: &LeftOut) -> Vec<String> {
        if self.0 == *left_out {
            return Vec::new();
        }
        self.0 = left_out.clone();
        left_out.lines()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jsonwebtoken::Algorithm;

    fn left_out(all: &[(Option<&str>, Unusable)]) -> LeftOut {
        let mut left_out = LeftOut::default();
        for (id, why) in all {
            left_out.add(id.map(str::to_owned), why.clone());
        }
        left_out
    }

    #[test]
    fn left_out_log_says_each_change_once() {
        let mut log = LeftOutLog::default();
        let first = left_out(&[(Some("enc"), Unusable::Use), (None, Unusable::Symmetric)]);
        assert_eq!(
            log.news(&first),
            [
                "key \"enc\" is left out: its use is not sig",
                "a key without an id is left out: it is a symmetric key, which must never be published",
            ]
        );
        assert!(log.news(&first).is_empty(), "nothing has changed");
        let other = left_out(&[(Some("es"), Unusable::NotAllowed(vec![Algorithm::ES256]))]);
        assert_eq!(log.news(&other), ["key \"es\" is left out: it is for ES256, which AUTH_ALGORITHMS does not allow"]);
        assert!(log.news(&LeftOut::default()).is_empty(), "all is well");
        assert_eq!(log.news(&first).len(), 2, "it is back");
    }

    #[test]
    fn left_out_log_warns_when_the_limit_cuts() {
        let cut = left_out(&[(None, Unusable::TooMany), (None, Unusable::TooMany)]);
        let line = "2 are left out: only the first 100 that could be used are kept";
        assert_eq!(LeftOutLog::default().news(&cut), [line]);
        let many: Vec<_> = (0..MAX_NAMED + 5).map(|_| (Some("x"), Unusable::Use)).collect();
        let lines = LeftOutLog::default().news(&left_out(&many));
        assert_eq!((lines.len(), lines[MAX_NAMED].as_str()), (MAX_NAMED + 1, "5 more are left out"));
    }

    #[test]
    fn left_out_log_shows_no_control_characters() {
        let long = "x".repeat(500);
        let nasty = left_out(&[(Some("\u{1b}]0;x\u{7}\n\u{202e}"), Unusable::Use), (Some(&long), Unusable::Use)]);
        for line in LeftOutLog::default().news(&nasty) {
            assert!(line.len() < 150 && !line.contains(|c: char| c.is_control() || c == '\u{202e}'), "{line:?}");
        }
    }
}
