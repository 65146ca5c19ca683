//! The command `audit` of the binary.

use std::process::{Command, Stdio};

use portcullis_cli::audit::routes;
use serde_json::{Value, json};

use super::{ok, samples};
use crate::support::front::Front;
use crate::support::process::binary;
use crate::support::{App, Issuer, OURS};

/// Runs the binary. Returns status, standard output and standard error.
async fn run(arguments: &[&str], input: &str) -> (Option<i32>, String, String) {
    let (arguments, input) = (arguments.iter().map(ToString::to_string).collect::<Vec<_>>(), input.to_owned());
    let output = tokio::task::spawn_blocking(move || {
        let mut command = Command::new(binary());
        command.arg("audit").args(arguments).env_clear();
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("it runs");
        std::io::Write::write_all(&mut child.stdin.take().expect("its input"), input.as_bytes()).expect("written");
        child.wait_with_output().expect("it ends")
    });
    let output = output.await.expect("it runs");
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    (output.status.code(), text(output.stdout), text(output.stderr))
}

#[tokio::test(flavor = "multi_thread")]
async fn audit_command_reports_holes_in_its_exit_status() {
    let (status, table, said) = run(&[], "").await;
    assert_eq!((status, said.as_str()), (Some(0), ""));
    for route in routes::all(server::PROGRAM.registry()) {
        assert!(table.lines().any(|line| line.starts_with(&route.name())), "{}: {table}", route.name());
    }

    let app = App::start().await;
    let (status, report, said) = run(&["--against", &app.url, "--format", "json"], "").await;
    assert_eq!(status, Some(0), "{report}");
    assert_eq!(serde_json::from_str::<Value>(&report).expect("nothing but JSON")["good"], json!(true));
    assert!(said.contains("Sending ") && said.contains("nothing is changed"), "{said}");

    let front = Front::start(&app, |parts| if parts.uri.path() == "/api/items" { ok() } else { None }).await;
    let (status, report, _) = run(&["--against", &front.url], "").await;
    assert_eq!(status, Some(1), "{report}");
    assert!(
        report.contains("HOLES\n  GET /api/items: ")
            && report.contains(&format!("found on 4 of {} routes.", routes::all(server::PROGRAM.registry()).len())),
        "{report}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn audit_command_reads_tokens_and_rejects_unsafe_targets() {
    let issuer = Issuer::start(&[&OURS]).await;
    let app = App::with_issuer(&issuer).await;
    let input = samples(issuer.url()).join("\n");
    let (status, report, said) = run(&["--against", &app.url, "--token", "-", "--format", "junit"], &input).await;
    assert_eq!(status, Some(0), "{report}");
    assert!(report.contains("token 6: expired") && said.contains("token 8 (an ID token)"), "{said}");

    for bad in ["http://portcullis.example", "http://ada:hunter2@127.0.0.1:1", "nonsense"] {
        let (status, report, said) = run(&["--against", bad], "").await;
        assert_eq!((status, report.as_str()), (Some(1), ""), "{bad}");
        assert!(said.starts_with("error: --against: expected ") && !said.contains("hunter2"), "{said}");
    }
}
