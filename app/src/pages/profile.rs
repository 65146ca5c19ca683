//! The profile: who is signed in, what they were granted and for how long.

use leptos::prelude::*;
use wasm_split_helpers::wasm_split;

use crate::lazily::PageCode;
use crate::session::{Session, Tokens, UserInfo, userinfo};
use crate::ui::Skeleton;

/// Who is signed in. Stands behind a guard.
#[wasm_split(pages, fallible)]
pub fn profile_page() -> PageCode {
    Ok(|| view! { <ProfileView/> }.into_any())
}

#[component]
fn ProfileView() -> impl IntoView {
    let session = Session::get();
    let person = LocalResource::new(move || {
        let tokens = session.tokens();
        async move {
            match tokens {
                Some(tokens) => Some(userinfo(&session.how(), &tokens).await),
                None => None,
            }
        }
    });
    view! {
        <h1>"Profile"</h1>
        <Suspense fallback=|| view! { <Skeleton/> }>
            {move || person.get().flatten().map(|answer| match answer {
                Ok(info) => view! { <Person info/> }.into_any(),
                Err(fault) => view! { <p class="notice" role="alert">{fault.to_string()}</p> }.into_any(),
            })}
        </Suspense>
        {move || session.tokens().map(|tokens| view! { <Grants tokens/> })}
    }
}

#[component]
fn Person(info: UserInfo) -> impl IntoView {
    let name = info.name.unwrap_or_else(|| info.sub.clone());
    let initial = name.chars().next().map(|first| first.to_string());
    let picture = match info.picture {
        Some(address) => {
            view! { <img class="avatar" src=address alt="" width="72" height="72" referrerpolicy="no-referrer"/> }
                .into_any()
        }
        None => view! { <span class="avatar" aria-hidden="true">{initial}</span> }.into_any(),
    };
    view! {
        <section class="card person">
            {picture}
            <div>
                <h2>{name}</h2>
                <p>{info.email}</p>
                <p class="quiet">"Subject " <code>{info.sub}</code></p>
            </div>
        </section>
    }
}

#[component]
fn Grants(tokens: Tokens) -> impl IntoView {
    let scopes: Vec<_> =
        tokens.scopes.iter().map(|scope| view! { <li><code class="scope">{scope.to_owned()}</code></li> }).collect();
    let left = RwSignal::new(String::new());
    let tick = move || left.set(words(Session::seconds_left(&tokens)));
    Effect::new(move |_| {
        tick();
        if let Ok(timer) = set_interval_with_handle(tick.clone(), std::time::Duration::from_secs(1)) {
            on_cleanup(move || timer.clear());
        }
    });
    view! {
        <section class="card">
            <h2>"Granted scopes"</h2>
            <ul class="scopes">{scopes}</ul>
            <h2>"Session"</h2>
            <p>"Ends in " <span class="countdown">{left}</span></p>
        </section>
    }
}

fn words(seconds: u64) -> String {
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 { format!("{hours} h {minutes} min") } else { format!("{minutes} min {seconds:02} s") }
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn the_time_left_is_said_in_words() {
        assert_eq!(words(0), "0 min 00 s");
        assert_eq!(words(61), "1 min 01 s");
        assert_eq!(words(3_600), "1 h 0 min");
        assert_eq!(words(90_060), "25 h 1 min");
    }
}
