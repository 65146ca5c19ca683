//! The page for a new record.

use std::sync::Arc;

use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::hooks::use_navigate;
use portcullis_client::records::{Base, FormContent, FormState, OptimisticDeletes, Values, creation_key};
use portcullis_client::{FormDraft, Session, random};

use super::Pages;
use super::form::RecordForm;
use crate::ui::{Heading, OnPage, Toasts};

/// Draws the form; when the record is created, its page follows.
pub fn new_record(pages: &'static Pages) -> AnyView {
    let (toasts, deletes) = (Toasts::get(), OptimisticDeletes::get());
    let navigate = use_navigate();
    let (busy, here) = (RwSignal::new(false), OnPage::new());
    let draft = FormDraft::new(Session::get(), pages.new.path, pages.noun.one);
    let form = FormState::new(&pages.record);
    // The text by which the server knows this form goes with the draft.
    let blank = move || form.start(Base { origin: random(), ..Base::default() });
    blank();
    spawn_local(async move {
        let Some(stored) = draft.restore().await else { return };
        match FormContent::parse(&pages.record, &stored) {
            Some(content) => form.restore(content),
            None => draft.remove(),
        }
    });
    let save = {
        let navigate = navigate.clone();
        move |values: Values| {
            let navigate = navigate.clone();
            let key = creation_key(&form.base.read_untracked().origin, &values);
            let mut slot = draft.slot();
            busy.set(true);
            spawn_local(async move {
                let answer = pages.record.create(values, Some(key)).await;
                let has_left = !here.is_there();
                busy.set(false);
                let could_not = format!("Couldn't create the {}", pages.noun.one);
                match answer {
                    Ok(record) => {
                        slot.remove();
                        deletes.refetch_lists();
                        toasts.say(format!("“{}” was created.", pages.title(&record)));
                        // People who have left this page are not taken to another.
                        if !has_left {
                            navigate(&pages.path_of(record.id), Default::default());
                        }
                    }
                    Err(error) if has_left && slot.is_stored() => {
                        let back = Arc::new(move || navigate(pages.new.path, Default::default()));
                        let said = format!("{could_not}: {error}. Your text is kept as a draft.");
                        toasts.offer(said, "Continue editing", back);
                    }
                    Err(error) => {
                        if !has_left {
                            form.server_errors.set(error.inner.fields.clone());
                        }
                        toasts.failed(could_not, &error);
                    }
                }
            });
        }
    };
    let cancel = move |()| {
        draft.remove();
        navigate(pages.list.path, Default::default());
    };
    let label = format!("Create {}", pages.noun.one);
    view! {
        <div node_ref=here.node()>
            <p class="crumbs"><a href=pages.list.path>{format!("All {}", pages.noun.many)}</a></p>
            <Heading text=pages.new.title/>
            <RecordForm pages form draft label busy save cancel discard=move |()| blank()/>
        </div>
    }
    .into_any()
}
