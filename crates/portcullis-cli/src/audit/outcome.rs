//! The outcome of one attack on one route.

/// The outcome of one attack on one route.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Rejected, as expected.
    Refused,
    /// Accepted, as the registry says.
    Admitted,
    /// The route is open by declaration, and responded as it does without a token.
    Open,
    /// It got past the gate.
    Hole,
    /// It did not get past the gate, but the response is not what it should be.
    Finding,
    /// There was no response to judge.
    Skipped,
}

impl Outcome {
    /// All outcomes, the worst first.
    pub const ALL: [Self; 6] = [Self::Hole, Self::Skipped, Self::Finding, Self::Refused, Self::Admitted, Self::Open];

    /// Returns the name for reports.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::Admitted => "accepted as declared",
            Self::Open => "open by declaration",
            Self::Hole => "hole",
            Self::Finding => "finding",
            Self::Skipped => "skipped",
        }
    }

    /// Returns a symbol for tables and the page, which must not depend on color alone.
    #[must_use]
    pub fn symbol(self) -> char {
        match self {
            Self::Refused => '✓',
            Self::Admitted => '→',
            Self::Open => '=',
            Self::Hole => '✗',
            Self::Finding => '!',
            Self::Skipped => '?',
        }
    }
}
