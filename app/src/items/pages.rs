//! The pages of items: the form, the server functions that the pages call, and how items look.

use leptos::prelude::*;
use portcullis::Page;
use portcullis::record::ListQuery;
use portcullis_client::SplitLoaderError;
use portcullis_client::fields;
use portcullis_client::records::{Calls, Field, Kind, LongText, Money, Text};

use super::{Item, ItemDraft, api};
use crate::lazily::later;
use crate::records::{Noun, PageRoute, RecordPages, RecordViews};

impl RecordPages for ItemDraft {
    const NOUN: Noun = Noun { one: "item", many: "items" };
    const LIST_PAGE: Page = super::LIST_PAGE;
    const NEW_PAGE: Page = super::NEW_PAGE;
    const DETAIL_PAGE: Page = super::ITEM_PAGE;
    const FORM: &'static [Field] = fields![ItemDraft {
        name: Text("Name").required(),
        description: LongText("Description"),
        price: Money("Price").hint("For example 49.90") + currency: ("Currency").hint("Three letters, for example EUR"),
    }];
    const CALLS: Calls<Self> = Calls {
        get: |id| Box::pin(api::get_item(id)),
        list: |ListQuery { search, sort, after, limit }| Box::pin(api::list_items(search, sort, after, limit)),
        create: |item, key| Box::pin(api::create_item(item, key)),
        update: |id, version, item| Box::pin(api::update_item(id, version, item)),
        delete: |id, version| Box::pin(api::delete_item(id, version)),
        restore: |id| Box::pin(api::restore_item(id)),
    };

    fn card(item: &Item) -> AnyView {
        view! {
            <p>{item.description.clone()}</p>
            <p class="price">{price(item)}</p>
        }
        .into_any()
    }

    fn body(item: &Item) -> AnyView {
        view! {
            <p class="price">{price(item)}</p>
            <p class="said">{item.description.clone()}</p>
        }
        .into_any()
    }
}

fn price(item: &Item) -> Option<String> {
    let currency = item.currency.clone().unwrap_or_default();
    Money.show(&[&item.price?.into(), &currency.into()])
}

later! { pages:
    fn views() -> Result<RecordViews, SplitLoaderError> {
        Ok(RecordViews::of::<ItemDraft>())
    }
}

/// The routes to the pages. Their code is downloaded when one is opened.
pub static ROUTES: [PageRoute; 3] = [
    PageRoute::new(super::LIST_PAGE, || Box::pin(async { Ok(views().await?.list) })),
    PageRoute::new(super::NEW_PAGE, || Box::pin(async { Ok(views().await?.new) })),
    PageRoute::new(super::ITEM_PAGE, || Box::pin(async { Ok(views().await?.detail) })),
];
