//! The parts that pages are made of; their looks are in `style/`.

mod session_notice;
mod sign_in_button;
mod states;
mod top_bar;

pub use session_notice::SessionNotice;
pub use sign_in_button::{AskButton, SignInButton};
pub use states::{Failure, MissingScope, PageState, Skeleton};
pub use top_bar::TopBar;
