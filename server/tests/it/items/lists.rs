//! Lists: search, order and cursors, on both surfaces.

use super::*;

/// Returns the list with `parameters`. Both surfaces must return the same.
async fn list(client: &Client<'_>, parameters: &[(&str, &str)]) -> Answer {
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish();
    let over_rest = client.get(&format!("/api/items?{query}")).await;
    let over_rpc = client.call("list", parameters).await;
    assert_eq!((over_rest.status, over_rest.json()), (over_rpc.status, over_rpc.json()), "{parameters:?}");
    over_rest
}

fn names(page: &Value) -> Vec<&str> {
    page["items"].as_array().expect("items").iter().map(|item| item["name"].as_str().expect("a name")).collect()
}

#[tokio::test]
async fn items_are_searched_and_sorted() {
    let app = App::start().await;
    let ben = Client::of(&app, "ben").await;
    let page = list(&ben, &[("sort", "name"), ("limit", "3")]).await.json();
    assert_eq!(names(&page), ["Brass compass", "Canvas satchel", "Carpenter's square"]);
    let next = page["next"].as_str().expect("more");
    let page = list(&ben, &[("sort", "name"), ("limit", "3"), ("after", next)]).await.json();
    assert_eq!(names(&page), ["Enamel mug", "Field notebook", "Folding knife"]);
    let page = list(&ben, &[("search", "COMP bra")]).await.json();
    assert_eq!((names(&page), &page["next"]), (vec!["Brass compass"], &Value::Null));
    let newest = list(&ben, &[]).await.json();
    assert_eq!(newest, list(&ben, &[("sort", "newest"), ("search", " "), ("limit", "20"), ("after", "")]).await.json());
    let oldest = list(&ben, &[("sort", "oldest")]).await.json();
    assert_eq!(names(&oldest), names(&newest).into_iter().rev().collect::<Vec<_>>());
}

#[tokio::test]
async fn invalid_list_parameter_is_rejected() {
    let app = App::start().await;
    let ben = Client::of(&app, "ben").await;
    let page = list(&ben, &[("limit", "1"), ("search", "b")]).await.json();
    let cursor = page["next"].as_str().expect("more");
    assert_eq!(list(&ben, &[("after", cursor), ("search", "b")]).await.status, 200);
    let long = "x".repeat(121);
    let longer = "x".repeat(4_000);
    for parameters in [
        &[("after", cursor)][..],
        &[("after", cursor), ("search", "B")],
        &[("after", cursor), ("search", "b"), ("sort", "oldest")],
        &[("after", cursor), ("search", "b"), ("sort", "name")],
        &[("after", &cursor[1..]), ("search", "b")],
        &[("after", &cursor[..cursor.len() - 2]), ("search", "b")],
        &[("after", "65f0c0ffee0123456789abcd")],
        &[("after", " ")],
        &[("after", &longer)],
        &[("sort", "price")],
        &[("sort", "Name")],
        &[("limit", "0")],
        &[("limit", "101")],
        &[("search", &long)],
    ] {
        let refused = list(&ben, parameters).await;
        assert_eq!((refused.error().0, refused.error().1.as_str()), (400, "invalid_request"), "{parameters:?}");
    }
}
