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

/// Draws the form. When the record is created, its page is shown.
pub fn new_record(pages: &'static Pages) -> AnyView {
    let (toasts, deletes) = (Toasts::get(), OptimisticDeletes::get());
    let navigate = use_navigate();
    let (busy, here) = (RwSignal::new(false), OnPage::new());
    let draft = FormDraft::new(Session::get(), pages.new.path, pages.noun.one);
    let form = FormState::new(&pages.record);
    // The draft stores `origin`, by which the server recognizes a repeated creation.
    let start_blank = move || form.start(Base { origin: random(), ..Base::default() });
    start_blank();
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
                let result = pages.record.create(values, Some(key)).await;
                let has_left = !here.is_connected();
                busy.set(false);
                let message = format!("Couldn't create the {}", pages.noun.one);
                match result {
                    Ok(record) => {
                        slot.remove();
                        deletes.refetch_lists();
                        toasts.info(format!("“{}” was created.", pages.title(&record)));
                        // People who have left this page stay where they are.
                        if !has_left {
                            navigate(&pages.path_of(record.id), Default::default());
                        }
                    }
                    Err(error) if has_left && slot.is_stored() => {
                        let on_continue = Arc::new(move || navigate(pages.new.path, Default::default()));
                        let text = format!("{message}: {error}. Your text is kept as a draft.");
                        toasts.info_with_action(text, "Continue editing", on_continue);
                    }
                    Err(error) => {
                        if !has_left {
                            form.server_errors.set(error.inner.fields.clone());
                        }
                        toasts.app_error(message, &error);
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
            <RecordForm pages form draft label busy save cancel discard=move |()| start_blank()/>
        </div>
    }
    .into_any()
}
