//! Conditional requests: no update is lost, and unchanged content is not sent again.

use std::time::Duration;

use futures_util::future::join_all;

use super::*;

#[tokio::test]
async fn change_without_a_version_is_rejected() {
    let app = App::start().await;
    let cy = Client::of(&app, "cy").await;
    let (location, tag) = cy.made(&lamp()).await;
    for (method, body) in [(Method::PUT, Some(&lamp())), (Method::DELETE, None)] {
        let refused = cy.ask(method.clone(), &location, &[], body).await;
        assert_eq!((refused.error().0, refused.error().1.as_str()), (428, "precondition_required"), "{method}");
        assert!(refused.error().2.contains("If-Match"), "it says how to go on (RFC 6585 \u{a7}3)");
        for malformed in ["", "x", tag.trim_matches('"')] {
            let refused = cy.ask(method.clone(), &location, &[("if-match", malformed)], body).await;
            assert_eq!(refused.error().1, "invalid_request", "{method} {malformed:?}");
        }
    }
    assert_eq!(cy.get(&location).await.header("etag"), tag, "nothing was changed");
}

#[tokio::test]
async fn change_of_an_old_version_is_rejected_by_both_surfaces() {
    let app = App::start().await;
    let cy = Client::of(&app, "cy").await;
    let (location, tag) = cy.made(&lamp()).await;
    let changed = cy.put(&location, &tag, &json!({"name": "Torch"})).await;
    let (id, old) = (id_in(&location), tag.trim_matches('"'));
    let message = "Item has been changed meanwhile".to_owned();
    for refused in [
        cy.put(&location, &tag, &lamp()).await,
        cy.put(&location, "\"nonsense\"", &lamp()).await,
        cy.delete(&location, &tag).await,
        cy.call("update", &[("id", id), ("version", old), ("draft[name]", "Lamp")]).await,
        cy.call("update", &[("id", id), ("version", "*"), ("draft[name]", "Lamp")]).await,
        cy.call("delete", &[("id", id), ("version", old)]).await,
    ] {
        assert_eq!(refused.error(), (412, "precondition_failed".into(), message.clone()));
    }
    assert_eq!(cy.get(&location).await.json(), changed.json(), "the other version is there to be shown");
    let list = format!("\"nonsense\", {}", changed.header("etag"));
    assert_eq!(cy.put(&location, &list, &lamp()).await.status, 200);
    assert_eq!(cy.delete(&location, "*").await.status, 204);
}

#[tokio::test]
async fn weak_etag_is_rejected_as_weak_and_not_as_changed() {
    let app = App::start().await;
    let cy = Client::of(&app, "cy").await;
    let (location, tag) = cy.made(&lamp()).await;
    let weak = format!("W/{tag}");
    // A weak tag never matches (RFC 9110 \u{a7}13.1.1).
    for refused in [cy.put(&location, &weak, &lamp()).await, cy.delete(&location, &weak).await] {
        let (status, code, message) = refused.error();
        assert_eq!((status, code.as_str()), (412, "precondition_failed"), "{message}");
        assert!(message.contains("weak") && message.contains("without W/"), "{message}");
    }
    // Existence and ownership are checked first.
    let nothing = "/api/items/000000000000000000000000";
    assert_eq!(cy.put(nothing, &weak, &lamp()).await.error().0, 404);
    let both = format!("{weak}, \"x\"");
    assert_eq!(cy.put(&location, &both, &lamp()).await.error().2, "Item has been changed meanwhile");
    assert_eq!(cy.get(&location).await.header("etag"), tag, "nothing was changed");
}

#[tokio::test]
async fn concurrent_writers_exactly_one_succeeds() {
    let app = App::start().await;
    let cy = Client::of(&app, "cy").await;
    let (location, mut tag) = cy.made(&lamp()).await;
    for round in 0..10 {
        let drafts = [0, 1].map(|writer| json!({"name": format!("Lamp {round} {writer}")}));
        let answers = join_all(drafts.iter().map(|draft| cy.put(&location, &tag, draft))).await;
        let mut statuses: Vec<_> = answers.iter().map(|answer| answer.status).collect();
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 412]);
        let winner = answers.iter().find(|answer| answer.status == 200).expect("a winner");
        assert_eq!(cy.get(&location).await.json(), winner.json());
        tag = winner.header("etag").to_owned();
    }
}

#[tokio::test]
async fn known_item_is_not_sent_again() {
    let app = App::start().await;
    let cy = Client::of(&app, "cy").await;
    let (location, tag) = cy.made(&lamp()).await;
    for path in [location.clone(), format!("/api/item/single/{}", id_in(&location))] {
        for known in [tag.as_str(), "*", &format!("\"x\", W/{tag}")] {
            let answer = cy.ask(Method::GET, &path, &[("if-none-match", known)], None).await;
            assert_eq!(
                (answer.status, answer.text.as_str(), answer.header("etag")),
                (304, "", tag.as_str()),
                "{known}"
            );
        }
        let answer = cy.ask(Method::GET, &path, &[("if-none-match", "\"x\"")], None).await;
        assert_eq!(answer.status, 200);
    }
    cy.put(&location, &tag, &json!({"name": "Torch"})).await;
    assert_eq!(cy.ask(Method::GET, &location, &[("if-none-match", &tag)], None).await.json()["name"], "Torch");
    // Callers without read access get no 304.
    let nobody = app.ask(Method::GET, &location, &[("if-none-match", "*")], None).await;
    assert_eq!(nobody.error().0, 401);
    let eve = Client::of(&app, "eve").await;
    assert_eq!(eve.ask(Method::GET, &location, &[("if-none-match", "*")], None).await.error().0, 403);
}

#[test]
fn lifetimes_of_deleted_items_and_keys_are_as_documented() {
    assert_eq!(portcullis_store::TRASH_LIFETIME, Duration::from_secs(600));
    assert_eq!(portcullis_store::KEY_LIFETIME, Duration::from_secs(86_400));
}
