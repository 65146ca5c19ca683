//! One item: what it is, and the form to change it in its place.

use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_meta::Title;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_location, use_navigate, use_params_map};

use super::conflict::{Choice, Conflict, ConflictDialog};
use super::deletion::deletion;
use super::entries::Entries;
use super::form::ItemForm;
use super::{blocked, price};
use crate::error::Code;
use crate::items::api::{get_item, update_item};
use crate::items::item::Item;
use crate::items::{DeleteItems, ItemDraft, LIST_PAGE, WriteItems};
use crate::policy::Right;
use crate::session::Session;
use crate::ui::{Button, Failure, Heading, Kind, Skeleton, Toasts, focus};

/// The item of the address.
#[component]
pub fn ItemView() -> impl IntoView {
    let params = use_params_map();
    // Another query alone is no other item.
    let id = Memo::new(move |_| params.read().get("id").unwrap_or_default());
    let item = LocalResource::new(move || get_item(id.get()));
    let again = Callback::new(move |()| item.refetch());
    view! {
        <p class="crumbs"><a href=LIST_PAGE.path>"All items"</a></p>
        <Transition fallback=|| view! { <Skeleton/> }>
            {move || item.get().map(|answer| match answer {
                Ok(item) => view! { <Detail item/> }.into_any(),
                Err(error) => view! { <Failure error again/> }.into_any(),
            })}
        </Transition>
    }
    .into_any()
}

/// What is shown of an item, and what is going on with it.
#[derive(Clone, Copy)]
struct Shown {
    item: RwSignal<Item>,
    /// What stands in the form. It outlives a form that is closed, since a change may come back refused.
    entries: Entries,
    /// Whether the form is open.
    changing: RwSignal<bool>,
    /// Whether what is shown is not saved yet.
    saving: RwSignal<bool>,
    conflict: RwSignal<Option<Conflict>>,
    toasts: Toasts,
}

impl Shown {
    /// Shows the change at once, and takes it back if the server refuses it.
    fn save(self, draft: ItemDraft) {
        let before = self.item.get_untracked();
        let version = self.entries.origin.get_untracked();
        self.item.set(with(&before, &draft));
        self.saving.set(true);
        self.close_form();
        spawn_local(async move {
            let id = before.id.to_string();
            let mut answer = update_item(id.clone(), version, draft.clone()).await;
            let mut theirs = match &answer {
                Err(error) if error.code == Code::PreconditionFailed => get_item(id).await.ok(),
                _ => None,
            };
            // What is there is what was to be saved: an answer before this one was lost.
            if let Some(same) = theirs.take_if(|theirs| with(theirs, &draft) == *theirs) {
                answer = Ok(same);
            }
            // The person may have left the page meanwhile, and its signals with it.
            if self.saving.try_set(false).is_some() {
                if let Err(error) = answer {
                    self.toasts.failed(format!("Your change of “{}” was not saved", before.name), &error);
                }
                return;
            }
            match (answer, theirs) {
                (Ok(saved), _) => {
                    self.item.set(saved);
                    self.toasts.say("Your change was saved.");
                }
                (Err(_), Some(theirs)) => {
                    self.item.set(before);
                    self.changing.set(true);
                    self.conflict.set(Some(Conflict { yours: draft, theirs }));
                }
                (Err(error), None) => {
                    self.item.set(before);
                    self.changing.set(true);
                    self.entries.refused.set(error.inner.fields.clone());
                    self.toasts.failed("Your change was not saved", &error);
                }
            }
        });
    }

    /// Goes on from what is stored now, as the person chose.
    fn settle(self, Conflict { yours, theirs }: Conflict, choice: Choice) {
        self.entries.origin.set(theirs.version.clone());
        self.item.set(theirs);
        match choice {
            Choice::Theirs => self.close_form(),
            Choice::Yours => self.save(yours),
            Choice::Edit => request_animation_frame(|| _ = focus("#item-name")),
        }
    }

    fn open_form(self) {
        self.entries.fill(&self.item.read_untracked());
        self.changing.set(true);
        request_animation_frame(|| _ = focus("#item-name"));
    }

    fn close_form(self) {
        self.changing.set(false);
        request_animation_frame(|| _ = focus("main h1"));
    }
}

/// The parameter of the address that says that the form is open: a reload, or a sign-in in between, comes back to it.
const CHANGE: &str = "change";

/// `item` as it will be with `draft`.
fn with(item: &Item, draft: &ItemDraft) -> Item {
    let ItemDraft { name, description, price, currency } = draft.clone();
    Item { name, description, price, currency, ..item.clone() }
}

#[component]
fn Detail(item: Item) -> impl IntoView {
    let (session, here, navigate) = (Session::get(), use_location(), use_navigate());
    let may_change = untrack(|| blocked(session, WriteItems::ACCESS, &item)).is_none();
    let is_open = here.query.with_untracked(|query| query.get(CHANGE).is_some());
    let entries = Entries::blank();
    entries.fill(&item);
    let shown = Shown {
        item: RwSignal::new(item),
        entries,
        changing: RwSignal::new(is_open && may_change),
        saving: RwSignal::new(false),
        conflict: RwSignal::new(None),
        toasts: Toasts::get(),
    };
    Effect::new(move |was_open: Option<bool>| {
        let is_open = shown.changing.get();
        if was_open.is_some_and(|was_open| was_open != is_open) {
            let query = if is_open { format!("?{CHANGE}=yes") } else { String::new() };
            let options = NavigateOptions { replace: true, scroll: false, ..NavigateOptions::default() };
            navigate(&format!("{}{query}", here.pathname.get_untracked()), options);
        }
        is_open
    });
    view! {
        {move || match shown.changing.get() {
            false => view! { <Facts shown/> }.into_any(),
            true => view! {
                <Heading text="Change the item"/>
                <ItemForm entries=shown.entries label="Save" busy=false save=move |draft| shown.save(draft) cancel=move |()| shown.close_form()/>
            }
            .into_any(),
        }}
        <ConflictDialog conflict=shown.conflict choose=move |(conflict, choice)| shown.settle(conflict, choice)/>
    }
    .into_any()
}

#[component]
fn Facts(shown: Shown) -> impl IntoView {
    let session = Session::get();
    let delete = deletion(shown.item);
    let blocked_for =
        move |access| Signal::derive(move || shown.item.try_with(|item| blocked(session, access, item)).flatten());
    // By itself: the focus is on the heading, and stays there when the server has saved what is shown already.
    let name = Memo::new(move |_| shown.item.with(|item| item.name.clone()));
    let heading = move || view! { <Title text=name.get()/><Heading text=name.get()/> };
    let facts = move || {
        let item = shown.item.get();
        let price = price(item.price, item.currency.as_deref());
        let owner = item.owner.map(|owner| view! { <dt>"Owner"</dt><dd>{owner.subject}</dd> });
        view! {
            <p class="price">{price}</p>
            <p class="said">{item.description}</p>
            <dl>
                <dt>"Id"</dt><dd><code>{item.id.to_string()}</code></dd>
                {owner}
                <dt>"Created"</dt><dd><time datetime=item.created_at.clone()>{day(&item.created_at)}</time></dd>
                <dt>"Changed"</dt><dd><time datetime=item.updated_at.clone()>{day(&item.updated_at)}</time></dd>
            </dl>
        }
    };
    let saving = move || shown.saving.get().then(|| view! { <p class="quiet" role="status">"Saving…"</p> });
    view! {
        <article class="card detail">
            {heading}
            {facts}
            {saving}
            <div class="actions">
                <Button id="change" press=move |()| shown.open_form() label="Change" busy=shown.saving blocked=blocked_for(WriteItems::ACCESS)/>
                <Button id="delete" kind=Kind::Danger press=delete label="Delete" busy=shown.saving blocked=blocked_for(DeleteItems::ACCESS)/>
            </div>
        </article>
    }
    .into_any()
}

/// The day of an RFC 3339 time.
fn day(time: &str) -> String {
    time.split('T').next().unwrap_or_default().to_owned()
}
