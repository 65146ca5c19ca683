//! The pages of notes, as the server renders them.

use http::Method;

use crate::client::Client;

#[tokio::test]
async fn pages_of_notes_are_served_behind_guards() {
    let client = Client::start().await;
    for (path, title) in [("/notes", "Notes"), ("/notes/new", "New note"), ("/note/0123456789abcdef01234567", "Note")] {
        let page = client.send(Method::GET, path, None, &[], None).await;
        assert_eq!(page.status, 200, "{path}");
        assert!(page.text.contains(&format!("<title>{title} · Portcullis</title>")), "{path}");
        assert!(page.text.contains(r#"data-guard="waits""#), "{path}");
        assert!(page.text.contains(r#"href="/notes""#), "the navigation of {path} leads to the list");
    }
    assert_eq!(client.send(Method::GET, "/note", None, &[], None).await.status, 404);
}
