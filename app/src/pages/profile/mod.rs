//! The profile: who is signed in, their scopes, and the claims of their tokens.

mod claims;
mod curl;

use leptos::prelude::*;
use leptos::task::spawn_local;
use portcullis_client::{Session, Tokens, UserInfo, userinfo};

use crate::lazily::{PageCode, later};
use crate::pages::ACCESS_PAGE;
use crate::ui::{Avatar, Button, Card, Heading, ScopeList, Skeleton, Table, Toasts};

later! { pages:
    /// The profile page. It has a guard.
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
            {move || person.get().flatten().map(|result| match result {
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
    // The subject of the access token owns what the person creates. That of the ID token may differ.
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
    let tick = move || left.set(format_duration(Session::seconds_left(&tokens)));
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

/// The claims of the access token, and a command that uses it.
#[component]
fn AccessToken(token: String) -> impl IntoView {
    let toasts = Toasts::get();
    let claims = claims::claims(&token);
    let copy_button = curl::path().map(|path| {
        let on_press = move |()| {
            let command = curl::command(&location().origin().unwrap_or_default(), path, &token);
            spawn_local(async move {
                match copy(&command).await {
                    true => toasts.info("Copied. The command holds your access token: keep it to yourself."),
                    false => toasts.error("This browser does not let the page copy. Nothing was copied."),
                }
            });
        };
        view! {
            <p class="actions"><Button id="copy-curl" on_press label="Copy as curl"/></p>
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
            {copy_button}
        </Card>
    }
    .into_any()
}

/// The claims of the ID token.
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
    view! { <Table caption columns=&["Claim", "Value", "Says"]>{rows.collect_view()}</Table> }
}

/// Copies `text` to the clipboard, and returns whether that succeeded. Browsers have no clipboard for pages over plain
/// HTTP, except on loopback.
async fn copy(text: &str) -> bool {
    let clipboard = window().navigator().clipboard();
    if clipboard.is_undefined() {
        return false;
    }
    js_sys::futures::JsFuture::from(clipboard.write_text(text)).await.is_ok()
}

/// Formats a duration in seconds.
fn format_duration(seconds: u64) -> String {
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 { format!("{hours} h {minutes} min") } else { format!("{minutes} min {seconds:02} s") }
}

#[cfg(test)]
mod tests {
    use super::format_duration;

    #[test]
    fn duration_has_two_units() {
        assert_eq!(format_duration(0), "0 min 00 s");
        assert_eq!(format_duration(61), "1 min 01 s");
        assert_eq!(format_duration(3_600), "1 h 0 min");
        assert_eq!(format_duration(90_060), "25 h 1 min");
    }
}
