//! What the browser knows of the language is generated from it: the file
//! `webapp/src/core/wire/generated.ts` is what this test would write. With `UPDATE=1` it writes.

use std::path::Path;
use std::{env, fs};

use bus_schemas::fault::Code;
use bus_schemas::frame::Label;
use bus_schemas::frame::binary::{
    self, AuthAnswerFields, AuthFields, ErrorFields, GoingAwayFields, PeerFields,
    PeerOfflineFields, TokenExpiringFields, control,
};
use bus_schemas::limit;
use ts_rs::{Config, TS};

#[test]
fn wire6_the_browser_is_told_what_the_language_is() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../webapp/src/core/wire/generated.ts");
    let generated = generate();
    if env::var_os("UPDATE").is_some() {
        fs::write(&path, &generated).unwrap();
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    assert!(committed == generated, "generated.ts is stale: run this test with UPDATE=1");
}

fn generate() -> String {
    let labels = Label::ALL.iter().map(|label| (label.as_str(), label.code()));
    let controls = control::ALL.iter().map(|(number, name)| (*name, *number));
    let parts = [
        HEAD.to_owned(),
        subprotocol(),
        limits(),
        table("Labels: types of the frames from browser to browser.", "LABEL_CODES", labels),
        "export type Label = keyof typeof LABEL_CODES;".to_owned(),
        table("Types of the frames between browser and server.", "CONTROL_CODES", controls),
        codes(),
        fields::<AuthFields>("Fields of `auth` as a client says it."),
        fields::<AuthAnswerFields>("Fields of `auth` as the server answers it."),
        fields::<PeerOfflineFields>("Fields of `peer_offline`."),
        fields::<PeerFields>("Fields of `peer_online` and `peer_disconnected`."),
        fields::<ErrorFields>("Fields of `error`."),
        fields::<GoingAwayFields>("Fields of `going_away`."),
        fields::<TokenExpiringFields>("Fields of `token_expiring`."),
    ];
    parts.join("\n\n") + "\n"
}

const HEAD: &str = "\
/**
 * The language of the server, as far as the browser needs it.
 *
 * Generated from `bus-schemas` by its test `typescript`: change it there.
 */";

fn subprotocol() -> String {
    let name = binary::SUBPROTOCOL;
    format!(
        "/** The subprotocol that opens the binary door. */\nexport const SUBPROTOCOL = '{name}';"
    )
}

fn limits() -> String {
    let limits = [
        ("FRAME_BYTES_MAX", limit::FRAME_BYTES_MAX_BINARY),
        ("FRAME_BYTES_MAX_UNAUTHENTICATED", limit::FRAME_BYTES_MAX_UNAUTHENTICATED),
        ("USERNAME_CHARS_MIN", limit::USERNAME_CHARS_MIN),
        ("USERNAME_CHARS_MAX", limit::USERNAME_CHARS_MAX),
        ("PASSWORD_CHARS_MIN", limit::PASSWORD_CHARS_MIN),
        ("PASSWORD_CHARS_MAX", limit::PASSWORD_CHARS_MAX),
        ("SEARCH_CHARS_MIN", limit::SEARCH_CHARS_MIN),
        ("SEARCH_CHARS_MAX", limit::SEARCH_CHARS_MAX),
    ];
    let lines = limits.map(|(name, value)| format!("export const {name} = {value};"));
    format!("/** Limits; the reasons are in `bus-schemas/src/limit.rs`. */\n{}", lines.join("\n"))
}

fn table(doc: &str, name: &str, rows: impl Iterator<Item = (&'static str, u8)>) -> String {
    let rows: Vec<String> = rows.map(|(key, number)| format!("  {key}: {number},\n")).collect();
    format!("/** {doc} */\nexport const {name} = {{\n{}}} as const;", rows.concat())
}

fn codes() -> String {
    let codes: Vec<String> = Code::ALL.iter().map(|code| format!("\n  | '{code}'")).collect();
    let doc = "What may go wrong. The list is closed, and a code never changes.";
    format!("/** {doc} */\nexport type Code ={};", codes.concat())
}

/// The declaration as `ts-rs` writes it, laid out like the rest of the webapp.
fn fields<T: TS>(doc: &str) -> String {
    let declaration = T::decl(&Config::new())
        .replace("{ \n", "{\n")
        .replace("/**\n * ", "  /** ")
        .replace("\n */\n", " */\n  ")
        .replace(", \n", ";\n")
        .replace(", }", ";\n}");
    format!("/** {doc} */\nexport {declaration}")
}
