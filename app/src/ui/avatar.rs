//! A person as a circle: a picture, where there is one, over initials.

use leptos::prelude::*;

/// The person in a circle. Screen readers skip it, since the name is beside it.
#[component]
pub fn Avatar(
    /// Whose.
    #[prop(into)]
    name: String,
    /// As on the profile, instead of as in a line of text.
    #[prop(optional)]
    large: bool,
    /// The address of a picture of them. What does not load leaves the initials to be seen.
    #[prop(default = None)]
    picture: Option<String>,
) -> impl IntoView {
    let class = if large { "avatar large" } else { "avatar" };
    let picture = picture.map(|src| view! { <img src=src alt=""/> });
    view! { <span class=class aria-hidden="true">{initials(&name)} {picture}</span> }.into_any()
}

/// The first letters of the first and the last word of `name`, in capitals; of an e-mail address or a single word the
/// first letter alone.
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
    fn initials_are_those_of_the_first_and_the_last_name() {
        assert_eq!(initials("Ada Lovelace"), "AL");
        assert_eq!(initials("  Ada  King, Countess of Lovelace "), "AL");
        assert_eq!(initials("ben"), "B");
        assert_eq!(initials("ben@example.com"), "B");
        assert_eq!(initials("émile zola"), "ÉZ");
        assert_eq!(initials(""), "");
    }
}
