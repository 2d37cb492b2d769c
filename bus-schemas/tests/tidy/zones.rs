//! The floors of the web app: which folder may import which, and who may name the browser.

use crate::mask;
use crate::tree::{File, Finding, Tree};

const SRC: &str = "webapp/src/";

/// What a folder of `webapp/src` may import besides itself. `app` joins everything.
const BELOW: &[(&str, &[&str])] = &[
    ("core", &[]),
    ("platform", &["core"]),
    ("ui", &[]),
    ("i18n", &["ui"]),
    ("features", &["ui", "i18n"]),
    ("styles", &[]),
];

/// The one file above them that screens and their words may know, and only its types.
const MODEL: &str = "app/model.ts";

/// Packages that draw or store: the core knows none of them.
const NOT_FOR_CORE: &[&str] =
    &["react", "react-dom", "react-i18next", "i18next", "radix-ui", "idb"];

/// Names of the browser that only the platform, which adapts them, may use.
const PLATFORM_ONLY: &[&str] =
    &["WebSocket", "indexedDB", "fetch", "visibilityState", "XMLHttpRequest", "openDB"];

/// Names of the page that the core does not know: it runs in Node.
const NOT_IN_CORE: &[&str] = &["document", "window", "navigator", "localStorage", "sessionStorage"];

pub(crate) fn imports(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in sources(tree) {
        for (line, text) in file.lines() {
            if let Some(target) = imported(text)
                && let Some(says) = judge(file, text, target)
            {
                findings.push(file.finding(line, says));
            }
        }
    }
    findings
}

fn sources(tree: &Tree) -> impl Iterator<Item = &File> {
    tree.with_extension(&["ts", "tsx"]).filter(|file| file.is_under(SRC))
}

/// What an import or re-export that ends on this line names.
pub(crate) fn imported(line: &str) -> Option<&str> {
    let written = line.trim_start();
    if !["import ", "export ", "} from "].iter().any(|opening| written.starts_with(opening)) {
        return None;
    }
    let (_, after) = written.split_once("from ").or_else(|| written.split_once("import "))?;
    let rest = after.strip_prefix('\'')?;
    rest.split_once('\'').map(|(target, _)| target)
}

/// What is wrong with an import, if anything.
fn judge(file: &File, line: &str, target: &str) -> Option<String> {
    let place = file.path.strip_prefix(SRC)?;
    let zone = zone_of(place);
    let (_, below) = BELOW.iter().find(|(name, _)| *name == zone)?;
    if !target.starts_with('.') {
        let package = NOT_FOR_CORE.iter().any(|name| is_of_package(target, name));
        return (zone == "core" && package && !file.is_test())
            .then(|| format!("the core knows nothing of `{target}`: it runs in Node"));
    }
    let reached = resolve(place, target);
    let there = zone_of(&reached);
    let model = ["features", "i18n"].contains(&zone)
        && reached == MODEL
        && line.trim_start().starts_with("import type");
    let for_tests = file.is_test() && reached.split('/').any(|folder| folder == "test");
    let neighbour =
        zone == "features" && there == zone && feature_of(place) != feature_of(&reached);
    if neighbour && !for_tests {
        return Some(format!(
            "a feature does not know its neighbour `{reached}`: join them in app"
        ));
    }
    let allowed = there == zone || below.contains(&there) || model || for_tests;
    (!allowed).then(|| format!("`{zone}` must not import `{reached}`"))
}

fn zone_of(path: &str) -> &str {
    path.split('/').next().unwrap_or_default()
}

fn feature_of(path: &str) -> Option<&str> {
    path.split('/').nth(1)
}

fn is_of_package(target: &str, package: &str) -> bool {
    target.strip_prefix(package).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The path that a relative import reaches, from where `from` counts.
pub(crate) fn resolve(from: &str, target: &str) -> String {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in target.split('/') {
        match part {
            "." => {}
            ".." => {
                parts.pop();
            }
            name => parts.push(name),
        }
    }
    parts.join("/")
}

pub(crate) fn globals(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in sources(tree).filter(|file| !file.is_test()) {
        let zone = zone_of(&file.path[SRC.len()..]);
        let code = mask::code(file);
        for (line, code) in crate::tree::numbered(&code) {
            if zone != "platform" {
                let names = PLATFORM_ONLY.iter().filter(|name| mask::has_word(code, name));
                for name in names.filter(|name| !declares(&file.text, name)) {
                    findings.push(file.finding(line, format!("only `platform` names `{name}`")));
                }
            }
            if zone == "core" {
                for name in NOT_IN_CORE.iter().filter(|name| names_global(code, name)) {
                    findings.push(file.finding(line, format!("the core does not know `{name}`")));
                }
            }
        }
    }
    findings
}

/// A function of the file's own that happens to have the name.
fn declares(text: &str, name: &str) -> bool {
    text.contains(&format!("function {name}("))
}

/// `window` alone is an ordinary word; `window.x` is the page.
fn names_global(code: &str, name: &str) -> bool {
    code.match_indices(&format!("{name}."))
        .any(|(at, _)| !code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, text: &str) -> usize {
        let tree = Tree::of(&[(path, text)]);
        imports(&tree).len() + globals(&tree).len()
    }

    #[test]
    fn imports_that_climb_are_found() {
        for (path, text) in [
            ("webapp/src/core/link/driver.ts", "import { useState } from 'react';"),
            ("webapp/src/core/link/driver.ts", "import { open } from '../../platform/socket.ts';"),
            ("webapp/src/core/link/driver.ts", "export * from '../../app/model.ts';"),
            ("webapp/src/platform/http.ts", "import { Button } from '../ui/Button.tsx';"),
            ("webapp/src/features/auth/Form.tsx", "import { say } from '../../core/say.ts';"),
            ("webapp/src/features/auth/Form.tsx", "import { Peers } from '../peers/Peers.tsx';"),
            ("webapp/src/features/auth/Form.tsx", "import { model } from '../../app/model.ts';"),
            ("webapp/src/ui/Button.tsx", "import '../features/auth/form.css';"),
            ("webapp/src/core/a.ts", "import type {\n  A,\n} from '../platform/a.ts';"),
        ] {
            assert_eq!(found(path, text), 1, "{path}: {text}");
        }
    }

    #[test]
    fn imports_that_go_down_are_not() {
        for (path, text) in [
            ("webapp/src/core/link/driver.ts", "import { encode } from '../wire/codec.ts';"),
            ("webapp/src/core/link/a.test.ts", "import { pair } from '../../test/pair.ts';"),
            ("webapp/src/platform/http.ts", "import type { Http } from '../core/ports.ts';"),
            ("webapp/src/i18n/words.ts", "import type { Fault } from '../app/model.ts';"),
            (
                "webapp/src/features/auth/Form.tsx",
                "import type { AppModel } from '../../app/model.ts';",
            ),
            ("webapp/src/features/auth/Form.tsx", "import { Field } from './Field.tsx';"),
            ("webapp/src/app/App.tsx", "import { Form } from '../features/auth/Form.tsx';"),
            ("webapp/src/core/a.ts", "// import { x } from '../app/x.ts' would be refused\n"),
        ] {
            let tree = Tree::of(&[(path, text)]);
            assert_eq!(imports(&tree), [], "{path}: {text}");
        }
    }

    #[test]
    fn browser_names_outside_the_platform_are_found() {
        assert_eq!(found("webapp/src/core/a.ts", "const s = new WebSocket(url);"), 1);
        assert_eq!(found("webapp/src/features/a/A.tsx", "await fetch('/api');"), 1);
        assert_eq!(found("webapp/src/core/a.ts", "document.title = 'x';"), 1);
        assert_eq!(found("webapp/src/core/a.ts", "const end = this.window.end; // fetch"), 0);
        assert_eq!(found("webapp/src/core/a.ts", "fetch();\nfunction fetch(): State {}"), 0);
        assert_eq!(found("webapp/src/platform/a.ts", "new WebSocket(url); document.title;"), 0);
    }
}
