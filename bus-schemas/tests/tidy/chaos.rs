//! What breaks the deployment knows the web app's core and nothing of its screens; what judges a
//! run knows nothing but what was written down. What searches the deployment for canaries knows
//! how its processes are started, and the people of the web app's own stories.

use crate::mask;
use crate::tree::{File, Finding, Tree, numbered};
use crate::zones::{imported, resolve};

const HERE: &str = "infra/chaos/";
const CHECKER: &str = "infra/chaos/checker/";
const CANARIES: &str = "infra/canaries/";

/// What those who look for canaries stand on: processes, people in browsers, and their words.
const SEARCH: &[&str] = &[
    CANARIES,
    "infra/chaos/say.ts",
    "infra/chaos/servers/",
    "webapp/e2e/",
    "webapp/src/core/wire/",
];

/// The parts of the web app that clients are made of; a folder ends with a slash.
const CLIENT: &[&str] = &[
    "webapp/src/core/",
    "webapp/src/app/model.ts",
    "webapp/src/app/platform.ts",
    "webapp/src/app/services.ts",
    "webapp/src/platform/files.ts",
    "webapp/src/platform/random.ts",
    "webapp/src/features/test/views.ts",
    "webapp/src/test/memory-ownership.ts",
    "webapp/src/test/memory-turnstile.ts",
    "webapp/src/test/memory-vault.ts",
    "webapp/src/test/seeded-random.ts",
];

/// Of these only the types: the code behind them is the browser's.
const TYPES_ONLY: &[&str] = &["webapp/src/app/model.ts", "webapp/src/app/platform.ts"];

/// What a judge has no use for: it is told what happened.
const NOT_FOR_CHECKER: &[&str] = &["process", "Date", "performance", "setTimeout", "setInterval"];

pub(crate) fn imports(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.with_extension(&["ts", "tsx"]) {
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

fn judge(file: &File, line: &str, target: &str) -> Option<String> {
    let reached = resolve(&file.path, target);
    if file.is_under(CANARIES) {
        return judge_search(target, &reached);
    }
    if !file.is_under(HERE) {
        return (target.starts_with('.') && reached.starts_with("infra/"))
            .then(|| format!("the product knows nothing of `{reached}`"));
    }
    if file.is_under(CHECKER) {
        let tests = file.is_test() && target.starts_with("node:");
        let own = target.starts_with('.') && reached.starts_with(CHECKER);
        return (!tests && !own).then(|| format!("the checker is pure: not `{target}`"));
    }
    if !target.starts_with('.') {
        return (!target.starts_with("node:"))
            .then(|| format!("`{target}` is no part of Node: nothing is installed for this"));
    }
    let is_type = line.trim_start().starts_with("import type");
    let of_client = CLIENT.iter().any(|part| match part.strip_suffix('/') {
        Some(_) => reached.starts_with(part),
        None => reached == *part && (is_type || !TYPES_ONLY.contains(part)),
    });
    (!of_client && !reached.starts_with(HERE))
        .then(|| format!("clients are made of the core, not of `{reached}`"))
}

fn judge_search(target: &str, reached: &str) -> Option<String> {
    if !target.starts_with('.') {
        return (!target.starts_with("node:"))
            .then(|| format!("`{target}` is no part of Node: nothing is installed for this"));
    }
    (!SEARCH.iter().any(|part| reached.starts_with(part)))
        .then(|| format!("a search stands on processes and people, not on `{reached}`"))
}

pub(crate) fn purity(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    let checker = tree.with_extension(&["ts"]).filter(|file| file.is_under(CHECKER));
    for file in checker.filter(|file| !file.is_test()) {
        for (line, code) in numbered(&mask::code(file)) {
            for name in NOT_FOR_CHECKER.iter().filter(|name| mask::has_word(code, name)) {
                findings.push(file.finding(line, format!("the checker is pure: not `{name}`")));
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, text: &str) -> usize {
        let tree = Tree::of(&[(path, text)]);
        imports(&tree).len() + purity(&tree).len()
    }

    #[test]
    fn what_a_run_must_not_know_is_found() {
        for (path, text) in [
            ("infra/chaos/checker/a.ts", "import { readFileSync } from 'node:fs';"),
            ("infra/chaos/checker/a.ts", "import { Story } from '../story.ts';"),
            ("infra/chaos/checker/a.ts", "const now = Date.now();"),
            ("infra/chaos/run.ts", "import { parse } from 'yaml';"),
            (
                "infra/chaos/clients/a.ts",
                "import { App } from '../../../webapp/src/features/a/A.tsx';",
            ),
            ("infra/chaos/clients/a.ts", "import { x } from '../../../webapp/src/app/model.ts';"),
            (
                "infra/chaos/clients/a.ts",
                "import { Story } from '../../../webapp/src/test/story.ts';",
            ),
            (
                "webapp/src/app/a.ts",
                "import { check } from '../../../infra/chaos/checker/check.ts';",
            ),
            ("webapp/e2e/a.ts", "import { judge } from '../../infra/canaries/judge.ts';"),
            ("infra/canaries/a.ts", "import { chromium } from 'playwright-core';"),
            (
                "infra/canaries/people/a.ts",
                "import { Channel } from '../../../webapp/src/core/crypto/channel.ts';",
            ),
            ("infra/canaries/a.ts", "import { Story } from '../chaos/story.ts';"),
        ] {
            assert_eq!(found(path, text), 1, "{path}: {text}");
        }
    }

    #[test]
    fn what_it_stands_on_is_not() {
        for (path, text) in [
            ("infra/chaos/checker/a.ts", "import type { Fault } from './history.ts';"),
            ("infra/chaos/checker/a.test.ts", "import { it } from 'node:test';"),
            ("infra/chaos/run.ts", "import { spawn } from 'node:child_process';"),
            ("infra/chaos/run.ts", "import { check } from './checker/check.ts';"),
            (
                "infra/chaos/clients/a.ts",
                "import { Services } from '../../../webapp/src/app/services.ts';",
            ),
            (
                "infra/chaos/clients/a.ts",
                "import type { Line } from '../../../webapp/src/app/model.ts';",
            ),
            ("infra/canaries/a.ts", "import { Service } from '../chaos/servers/service.ts';"),
            (
                "infra/canaries/people/a.ts",
                "import { Person } from '../../../webapp/e2e/person.ts';",
            ),
        ] {
            assert_eq!(found(path, text), 0, "{path}: {text}");
        }
    }
}
