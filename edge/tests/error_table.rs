//! `docs/errors.md` says what the code does. `UPDATE=1` writes it anew.

use std::fmt::Write;
use std::path::Path;

use actors_core::session::Close;
use bus_schemas::fault::Code;
use bus_schemas::frame::Door;
use edge::http::problem::status;
use edge::ws::close;

use crate::http::complete::ELSEWHERE;
use crate::support::asking::OPERATIONS;

#[test]
fn the_documented_errors_are_those_of_the_code() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/errors.md");
    let table = table();
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &table).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(written == table, "docs/errors.md is out of date: run the test with UPDATE=1");
}

fn table() -> String {
    let mut page = String::from(
        "# Errors\n\n\
         Generated from `bus-schemas/src/fault.rs`, `edge/src/http/problem.rs` and \
         `edge/src/ws/close.rs`; a test keeps it in step (`UPDATE=1 cargo nextest run -p edge \
         error_table` writes it anew).\n\n\
         ## Codes\n\n\
         Over HTTP as `{code, message, trace_id}` with this status; on a socket as the frame \
         `error {code}`, or in the answer to `auth`. Which route answers with which is in \
         `GET /api/openapi.json`.\n\n\
         | code | status | over HTTP | what it says | what a client does |\n\
         |---|---|---|---|---|\n",
    );
    for code in Code::ALL {
        let (status, sentence) = (status(*code).as_u16(), code.sentence());
        let over_http = if is_over_http(*code) { "yes" } else { "" };
        let advice = advice(*code, status);
        writeln!(page, "| `{code}` | {status} | {over_http} | {sentence} | {advice} |").unwrap();
    }
    page.push_str(
        "\n## Closed sockets\n\n\
         | why | text door | binary door | reason | what our client does |\n|---|---|---|---|---|\n",
    );
    for why in Close::ALL {
        let (text, reason) = close::close_code(Door::Text, *why);
        let (binary, _) = close::close_code(Door::Binary, *why);
        let why = format!("{why:?}");
        let why = why.split('(').next().unwrap_or_default();
        writeln!(page, "| {why} | {text} | {binary} | {reason} | {} |", after_close(binary))
            .unwrap();
    }
    page
}

/// Whether some route, or the lack of one, is answered with it.
fn is_over_http(code: Code) -> bool {
    let documented = OPERATIONS.iter().flat_map(|operation| operation.answers.iter());
    let elsewhere = ELSEWHERE.iter().map(ToString::to_string);
    documented.cloned().chain(elsewhere).any(|answer| answer.ends_with(&format!(" {code}")))
}

fn advice(code: Code, status: u16) -> &'static str {
    match status {
        // The token is as good as it was: nothing is to be refreshed.
        401 if code == Code::InvalidCredentials => "ask the person for the password again",
        401 => "refresh the token once, then sign in",
        403 => "ask the person",
        404 | 409 => "tell the person",
        429 | 503 => "wait for `Retry-After`, then repeat",
        500 => "tell the person, with the trace id",
        _ => "correct the request",
    }
}

fn after_close(code: u16) -> &'static str {
    match code {
        1000 => "nothing",
        1011..=1013 => "connect again, with growing pauses",
        4401 => "refresh the token, then connect again",
        4409 => "wait until the person wants the chat here",
        _ => "connect again, with growing pauses; it is a fault of the client",
    }
}
