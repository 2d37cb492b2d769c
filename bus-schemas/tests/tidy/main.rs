//! The house rules that no linter knows. Each reads the whole tree and fails with file, line and
//! remedy; each has a test of its own that shows it failing.
//!
//! It lives in this crate because this one builds fastest. It judges text, not meaning: where a
//! rule needs to understand a language, clippy, tsc or Biome hold it, and tidy only checks that
//! they are told to.

mod bus;
mod chaos;
mod commands;
mod docs;
mod floors;
mod generated;
mod habits;
mod headers;
mod locks;
mod manifests;
mod mask;
mod pauses;
mod size;
mod specs;
mod translations;
mod tree;
mod zones;

use tree::{Finding, Tree};

/// Fails with every finding of a rule at once.
fn hold(rule: fn(&Tree) -> Vec<Finding>) {
    let findings = rule(&Tree::real());
    let report: Vec<String> = findings.iter().map(ToString::to_string).collect();
    assert!(findings.is_empty(), "\n{}\n", report.join("\n"));
}

macro_rules! house_rules {
    ($($name:ident: $rule:path;)*) => { $(#[test] fn $name() { hold($rule); })* };
}

house_rules! {
    crates_stand_only_on_floors_below: floors::manifests;
    pure_crates_take_time_and_chance_as_arguments: floors::purity;
    web_folders_import_only_what_is_below: zones::imports;
    browser_globals_are_named_only_by_the_platform: zones::globals;
    runs_of_chaos_know_the_core_and_no_screens: chaos::imports;
    the_checker_knows_only_what_was_written_down: chaos::purity;
    every_file_says_what_it_is_for: headers::present;
    every_rule_has_a_test_and_every_numbered_test_a_rule: specs::matched;
    every_path_in_the_documents_exists: docs::paths;
    every_function_in_the_walks_exists: docs::walks;
    every_command_in_the_documents_is_run_by_a_test: commands::run;
    a_document_in_another_language_says_the_same: translations::equal;
    files_are_short: size::files;
    functions_of_the_web_app_are_kept_short_by_its_linter: size::functions;
    no_leftovers: habits::leftovers;
    nothing_is_unbounded: habits::unbounded;
    no_path_of_one_machine: habits::machine_paths;
    shell_scripts_stop_at_the_first_error: habits::shell;
    tests_wait_for_conditions_not_for_time: pauses::reasoned;
    the_brokers_permissions_name_our_subjects: bus::subjects;
    the_broker_takes_our_largest_payload: bus::payload;
    every_dependency_is_used: manifests::used;
    every_dependency_says_what_for: manifests::reasons;
    every_crate_inherits_the_lints: manifests::lints;
    lock_files_name_public_registries: locks::public;
    generated_files_are_known_and_say_their_generator: generated::known;
}
