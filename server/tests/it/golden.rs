//! The golden matrix: the status of every caller at every route, compared with a readable file.

use expect_test::expect_file;
use http::Method;
use portcullis_cli::audit::report::columns;
use portcullis_cli::audit::routes::{self, Group};

use crate::support::App;

const HEAD: &str = "\
Who gets which status where: every way into the server, by real requests.

In the place of parameters stands an id that names nothing, and bodies are empty: whoever is let in gets 404, 400, 405
or 428 where there is nothing to give. 401 is for callers that are not known, 403 for those who lack a scope. Pages are
empty frames that are open to everyone; their data come from the endpoints.

Nobody sends no token. Eve has no scope, Ben has read:items, Cy all but admin:items, Ada has all.
The test `response_to_each_caller_matches_the_golden_matrix` rewrites this file with UPDATE_EXPECT=1.
";

#[tokio::test]
async fn response_to_each_caller_matches_the_golden_matrix() {
    let app = App::start().await;
    let mut callers = vec![None];
    for account in ["eve", "ben", "cy", "ada"] {
        callers.push(Some(format!("Bearer {}", app.token(account).await)));
    }
    let mut text = HEAD.to_owned();
    for group in Group::ALL {
        let mut rows = vec![["", "nobody", "Eve", "Ben", "Cy", "Ada"].map(str::to_owned)];
        group.title().to_uppercase().clone_into(&mut rows[0][0]);
        for route in routes::all(server::PROGRAM.registry()).iter().filter(|route| route.group == group) {
            let method = Method::from_bytes(route.method.as_bytes()).expect("a method");
            let form = (method != Method::GET).then_some("");
            let mut row = rows[0].clone();
            row[0] = route.name();
            for (place, bearer) in callers.iter().enumerate() {
                let mut headers: Vec<_> = bearer.iter().map(|value| ("authorization", value.as_str())).collect();
                headers.extend(form.map(|_| ("content-type", "application/x-www-form-urlencoded")));
                row[place + 1] =
                    app.send(method.clone(), &route.request_path(), &headers, form).await.status.to_string();
            }
            rows.push(row);
        }
        text += &format!("\n{}", columns(&rows));
    }
    expect_file!["../golden/access.txt"].assert_eq(&text);
}
