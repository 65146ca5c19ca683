//! The profile: who is signed in, what they were granted and for how long, and what their tokens say.

mod claims;
mod curl;

use leptos::prelude::*;
use leptos::task::spawn_local;
use portcullis_client::{Session, Tokens, UserInfo, userinfo};

use crate::lazily::{PageCode, later};
use crate::pages::ACCESS_PAGE;
use crate::ui::{Avatar, Button, Card, Heading, ScopeList, Skeleton, Table, Toasts};

later! { pages:
    /// Who is signed in. Stands behind a guard.
    pub fn profile_page() -> PageCode {
        Ok(|| view! { <ProfileView/> }.into_any())
    }
}

#[component]
fn ProfileView() -> impl IntoView {
    let session = Session::get();
    let person = LocalResource::new(move || {
        let tokens = session.tokens();
        async move {
            match tokens {
                Some(tokens) => Some(userinfo(&tokens).await),
                None => None,
            }
        }
    });
    view! {
        <Heading text="Profile"/>
        <Suspense fallback=|| view! { <Skeleton/> }>
            {move || person.get().flatten().map(|answer| match answer {
                Ok(info) => view! { <Person info/> }.into_any(),
                Err(error) => view! { <p class="notice" role="alert">{error.to_string()}</p> }.into_any(),
            })}
        </Suspense>
        {move || session.tokens().map(|tokens| view! {
            <Grants tokens=tokens.clone()/>
            <AccessToken token=tokens.access_token/>
            {tokens.id_token.map(|token| view! { <IdToken token/> })}
        })}
    }
    .into_any()
}

#[component]
fn Person(info: UserInfo) -> impl IntoView {
    let name = info.display_name();
    // The one that owns what this person creates; the provider may give its ID tokens another.
    let subject = Session::get().tokens().and_then(|tokens| tokens.principal.subject.clone()).unwrap_or(info.sub);
    view! {
        <section class="card person">
            <Avatar name=name.clone() large=true picture=info.picture/>
            <div>
                <h2>{name}</h2>
                <p>{info.email}</p>
                <p class="quiet">"Subject " <code>{subject}</code></p>
            </div>
        </section>
    }
    .into_any()
}

#[component]
fn Grants(tokens: Tokens) -> impl IntoView {
    let scopes = tokens.scopes.iter().map(ToOwned::to_owned).collect();
    let left = RwSignal::new(String::new());
    let tick = move || left.set(words(Session::seconds_left(&tokens)));
    Effect::new(move |_| {
        tick();
        if let Ok(timer) = set_interval_with_handle(tick.clone(), std::time::Duration::from_secs(1)) {
            on_cleanup(move || timer.clear());
        }
    });
    view! {
        <Card id="grants" title="Granted scopes">
            <ScopeList scopes/>
            <p>"They end in " <span class="countdown">{left}</span> "."</p>
            <p><a href=ACCESS_PAGE.path>"See which pages and endpoints they open"</a></p>
        </Card>
    }
    .into_any()
}

/// What the access token says, and a command that uses it.
#[component]
fn AccessToken(token: String) -> impl IntoView {
    let toasts = Toasts::get();
    let claims = claims::claims(&token);
    let copy = curl::path().map(|path| {
        let press = move |()| {
            let command = curl::command(&location().origin().unwrap_or_default(), path, &token);
            spawn_local(async move {
                match copy(&command).await {
                    true => toasts.say("Copied. The command holds your access token: keep it to yourself."),
                    false => toasts.fail("This browser does not let the page copy. Nothing was copied."),
                }
            });
        };
        view! {
            <p class="actions"><Button id="copy-curl" press label="Copy as curl"/></p>
            <p class="quiet small">"The command asks for " <code>{path}</code> " with your access token, which is a secret: whoever has it can act as you until it ends."</p>
        }
    });
    view! {
        <Card id="access-token" title="Access token" class="claims">
            <p class="quiet">"Goes with each request to this server. Decoded here for reading only, and not verified: the gate does that, each time."</p>
            {match claims {
                Some(claims) => view! { <Claims caption="Claims of the access token" claims/> }.into_any(),
                None => view! { <p class="notice fine">"This access token is no JWT that a browser could read."</p> }.into_any(),
            }}
            {copy}
        </Card>
    }
    .into_any()
}

/// What the ID token says.
#[component]
fn IdToken(token: String) -> impl IntoView {
    claims::claims(&token).map(|claims| {
        view! {
            <Card id="id-token" title="ID token" class="claims">
                <p class="quiet">"Told this application who signed in. It opens nothing: the gate refuses ID tokens."</p>
                <Claims caption="Claims of the ID token" claims/>
            </Card>
        }
    })
}

#[component]
fn Claims(caption: &'static str, claims: Vec<claims::Claim>) -> impl IntoView {
    let rows = claims.into_iter().map(|claim| {
        view! {
            <tr role="row">
                <th role="rowheader" scope="row"><code>{claim.name}</code></th>
                <td role="cell"><code>{claim.value}</code></td>
                <td role="cell">{claim.meaning}</td>
            </tr>
        }
    });
    view! { <Table caption heads=&["Claim", "Value", "Says"]>{rows.collect_view()}</Table> }
}

/// Puts `text` on the clipboard, and says whether the browser did. It has none for pages over plain http, loopback apart.
async fn copy(text: &str) -> bool {
    let clipboard = window().navigator().clipboard();
    if clipboard.is_undefined() {
        return false;
    }
    js_sys::futures::JsFuture::from(clipboard.write_text(text)).await.is_ok()
}

fn words(seconds: u64) -> String {
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 { format!("{hours} h {minutes} min") } else { format!("{minutes} min {seconds:02} s") }
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn time_left_is_shown_in_words() {
        assert_eq!(words(0), "0 min 00 s");
        assert_eq!(words(61), "1 min 01 s");
        assert_eq!(words(3_600), "1 h 0 min");
        assert_eq!(words(90_060), "25 h 1 min");
    }
}
