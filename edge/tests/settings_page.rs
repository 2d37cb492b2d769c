//! `docs/operators/settings.md` says what can be configured, with every default and reason.
//! `UPDATE=1` writes it anew.

use std::collections::HashMap;
use std::fmt::Write;
use std::path::Path;

use edge::config::variables::{ALL, Variable};
use edge::config::{Command, Config};

#[test]
fn cfg2_the_documented_settings_are_those_of_the_code() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/operators/settings.md");
    let page = page();
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(written == page, "docs/operators/settings.md is out of date: run with UPDATE=1");
}

#[test]
fn cfg2_every_setting_has_a_reason_and_a_default_that_can_be_used() {
    for variable in ALL {
        assert!(variable.why.len() >= 20 && !variable.why.ends_with('.'), "{}", variable.name);
        assert!(!variable.why.contains('|') && !variable.help.contains('|'), "{}", variable.name);
    }
    // All defaults together are a set-up.
    let given: HashMap<String, String> =
        ALL.iter().map(|it| (it.name.to_owned(), it.default.to_owned())).collect();
    Config::load(Command::Serve, &given).unwrap();
}

fn page() -> String {
    let mut page = String::from(
        "# Settings\n\n\
         Generated from `edge/src/config/variables.rs`; a test keeps it in step (`UPDATE=1 cargo \
         nextest run -p edge cfg2` writes it anew).\n\n\
         Each is an environment variable and, without `DHCHAT_` and in small letters, a flag: \
         `DHCHAT_LISTEN` and `--listen`. A flag counts before the environment, and an empty value \
         counts as none. They are read once at the start; all mistakes are told together, without \
         quoting a value, and nothing starts with one. `dhchat doctor COMMAND` reads them as \
         `COMMAND` would, and looks at what they name.\n\n\
         What Compose is told (`infra/env`) is in `infra/env.example`.\n\n\
         | setting | default | what it is | why so |\n|---|---|---|---|\n",
    );
    for Variable { name, default, help, why, .. } in ALL {
        let default = if default.is_empty() { "none".to_owned() } else { format!("`{default}`") };
        writeln!(page, "| `{name}` | {default} | {help} | {why} |").unwrap();
    }
    page
}
