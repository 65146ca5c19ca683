//! The components of pages. Their styles are in `style/components/`; those of the frame are in `style/layout.css`, and
//! those of headings and icons in `style/base.css`.

mod avatar;
mod badge;
mod button;
mod card;
mod dialog;
mod draft_status;
mod field;
mod heading;
mod icon;
mod on_page;
mod person_menu;
mod session_notice;
mod sign_in_button;
mod skeleton;
mod states;
mod table;
mod theme;
mod toast;
mod top_bar;

pub use avatar::Avatar;
pub use badge::{Badge, ScopeList, Tone};
pub use button::{Blocked, Button, ButtonKind};
pub use card::Card;
pub use dialog::Dialog;
pub use draft_status::DraftStatus;
pub use field::Field;
pub use heading::{Heading, RouteFocus, focus};
pub use icon::Icon;
pub use on_page::OnPage;
pub use person_menu::PersonMenu;
pub use session_notice::SessionNotice;
pub use sign_in_button::{RequestScopesButton, SignInButton};
pub use skeleton::{CardsSkeleton, Skeleton};
pub use states::{Empty, Failure, MissingScope, PageState};
pub use table::Table;
pub use theme::{Theme, ThemeSwitch};
pub use toast::{ToastRegion, Toasts};
pub use top_bar::TopBar;
