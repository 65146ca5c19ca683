//! Rights: what an endpoint or a page requires of its caller.

use crate::{Scope, Scopes};

/// The access that a page or an endpoint requires.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Access {
    /// No authentication.
    Public,
    /// A signed-in caller.
    SignedIn,
    /// A signed-in caller with all of these scopes.
    Scopes(&'static [Scope]),
}

impl Access {
    /// Returns the required scopes that are missing from `granted`.
    #[must_use]
    pub fn missing_from(&self, granted: &Scopes) -> Vec<Scope> {
        self.scopes().iter().copied().filter(|scope| !granted.contains(*scope)).collect()
    }

    /// Returns the required scopes.
    #[must_use]
    pub fn scopes(&self) -> &'static [Scope] {
        match self {
            Self::Public | Self::SignedIn => &[],
            Self::Scopes(scopes) => scopes,
        }
    }
}

/// A right, declared next to its resource. A permit of the server proves that its caller has it.
pub trait Right: Send + Sync + 'static {
    /// The name of the right in the registry, the log and the audit.
    const NAME: &'static str;
    /// The access that the right requires. [`Access::Public`] does not compile in an [`Endpoint`](crate::Endpoint).
    const ACCESS: Access;
    /// Whether the right allows only reading. The security log records every use of other rights.
    const IS_READ_ONLY: bool = false;
}

/// A right without its type, as the registry lists it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DeclaredRight {
    /// [`Right::NAME`].
    pub name: &'static str,
    /// [`Right::ACCESS`].
    pub access: Access,
    /// [`Right::IS_READ_ONLY`].
    pub is_read_only: bool,
}

impl DeclaredRight {
    /// Returns the right `R` as its resource declares it.
    #[must_use]
    pub const fn of<R: Right>() -> Self {
        Self { name: R::NAME, access: R::ACCESS, is_read_only: R::IS_READ_ONLY }
    }
}
