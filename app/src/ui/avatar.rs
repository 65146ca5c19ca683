//! Avatars: initials of a person in a circle, with a picture over them if there is one.

use leptos::prelude::*;

/// The avatar of a person. Screen readers skip it, since the name is beside it.
#[component]
pub fn Avatar(
    /// The name of the person.
    #[prop(into)]
    name: String,
    /// Whether it has the size for the profile, and not for a line of text.
    #[prop(optional)]
    large: bool,
    /// The URL of a picture. If it does not load, the initials stay visible.
    #[prop(default = None)]
    picture: Option<String>,
) -> impl IntoView {
    let class = if large { "avatar large" } else { "avatar" };
    let picture = picture.map(|src| view! { <img src=src alt=""/> });
    view! { <span class=class aria-hidden="true">{initials(&name)} {picture}</span> }.into_any()
}

/// Returns the first letters of the first and the last word of `name`, in capitals. For an email address or a single
/// word, returns only the first letter.
fn initials(name: &str) -> String {
    let mut words = name.split_whitespace();
    let first = words.next().and_then(|word| word.chars().next());
    let last = words.next_back().and_then(|word| word.chars().next());
    first.into_iter().chain(last).flat_map(char::to_uppercase).collect()
}

#[cfg(test)]
mod tests {
    use super::initials;

    #[test]
    fn initials_come_from_the_first_and_the_last_name() {
        assert_eq!(initials("Ada Lovelace"), "AL");
        assert_eq!(initials("  Ada  King, Countess of Lovelace "), "AL");
        assert_eq!(initials("ben"), "B");
        assert_eq!(initials("ben@example.com"), "B");
        assert_eq!(initials("émile zola"), "ÉZ");
        assert_eq!(initials(""), "");
    }
}
