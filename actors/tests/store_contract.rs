//! STO rules, held alike by every store. The rules themselves are in `store_rules/`.

mod store_rules;
mod support;

/// Runs each rule on a store of its own, of every kind.
macro_rules! on_every_store {
    ($($topic:ident { $($rule:ident)* })*) => {
        mod sqlite {
            $($(#[tokio::test]
            async fn $rule() {
                let mut world = crate::support::world::World::sqlite().await;
                crate::store_rules::$topic::$rule(&mut world).await;
                world.end().await;
            })*)*
        }

        mod postgres {
            $($(#[tokio::test]
            async fn $rule() {
                let mut world = crate::support::world::World::postgres().await;
                crate::store_rules::$topic::$rule(&mut world).await;
                world.end().await;
            })*)*
        }
    };
}

on_every_store! {
    users {
        sto1_an_account_is_found_by_its_name_in_any_case
        sto2_a_name_is_taken_in_any_case_and_nothing_of_the_second_account_stays
        sto3_a_part_of_a_name_is_found_and_no_character_is_a_wildcard
        sto4_others_see_a_name_and_oneself_also_whether_one_has_a_key
        sto5_keys_are_appended_and_of_two_at_once_one_was_late
        sto6_a_key_or_a_login_of_nobody_is_refused
        sto15_a_user_is_noted_as_seen_once_a_minute
        sto28_every_key_is_told_the_oldest_first
    }
    accounts {
        sto21_an_account_is_found_by_its_id
        sto22_another_password_ends_every_other_login_in_one_step
        sto22_of_changes_at_once_from_one_password_one_is_made
        sto22_a_change_that_cannot_end_the_logins_changes_nothing
        sto23_a_login_that_began_with_an_older_password_is_refused
        sto24_another_hash_of_the_same_password_ends_nothing
        sto25_removing_a_user_leaves_only_what_was_revoked
        sto41_a_removal_with_an_older_password_removes_nothing
        sto41_of_a_removal_and_a_change_at_once_the_later_is_refused
    }
    guesses {
        sto29_of_all_who_saw_the_same_guesses_one_counts_the_next
        sto29_a_guess_that_saw_something_else_does_not_count
        sto30_buckets_are_apart_and_forgiven_one_by_one
    }
    leases {
        sto31_a_list_has_what_was_revoked_since_its_mark
        sto31_a_later_end_is_told_to_whoever_knows_the_earlier
        sto31_a_revocation_that_is_committed_late_is_not_missed
        sto31_none_is_missed_while_many_are_committed
        sto32_a_long_list_is_told_page_by_page
        sto33_a_mark_from_the_future_gives_everything
        sto34_an_edge_is_there_from_its_lease_until_it_leaves_or_is_silent
        sto34_what_is_committed_before_an_edge_is_noted_is_on_its_list
        sto40_an_edge_is_forgotten_unless_it_came_again
    }
    logins {
        sto7_of_parallel_rotations_one_wins
        sto8_a_presented_token_is_told_with_its_use_and_its_successor
        sto9_a_token_that_ended_or_was_used_or_is_unknown_does_not_rotate
        sto10_a_user_has_5_logins_and_the_oldest_are_ended
        sto10_logins_made_at_once_are_counted_as_well
        sto11_ending_a_login_revokes_it_once
        sto12_a_login_lives_while_it_has_an_unused_token
        sto13_a_revocation_may_be_repeated_and_the_later_end_holds
        sto14_a_sweep_removes_what_has_ended_and_nothing_else
        sto26_the_logins_of_a_user_are_listed_the_newest_first
        sto27_a_login_does_not_live_with_a_token_that_is_revoked
        sto35_a_sweep_forgets_guesses_and_edges_after_a_day_of_quiet
        sto35_sweeps_at_once_remove_everything_once
    }
    outages {
        sto16_a_store_that_went_away_fails_soon_and_is_asked_again_when_it_is_back
        sto17_questions_are_timed_and_failures_counted
        sto17_each_question_is_timed_under_a_name_of_its_own
        sto18_tables_are_brought_up_to_date_again_and_again
        sto19_a_strange_question_is_no_outage
        sto19_a_row_that_makes_no_sense_is_no_outage_either
        sto20_a_store_whose_tables_are_not_up_to_date_is_refused
        sto37_noting_who_was_seen_fails_apart_from_everything_else
        sto42_leases_are_given_again_while_all_else_is_still_left_alone
    }
    search {
        sto3_among_many_the_same_people_are_found_as_by_looking_at_each
    }
    tables {
        sto36_what_is_in_the_tables_stays_when_they_are_brought_up_to_date
    }
}

#[tokio::test]
async fn sto38_a_search_on_postgres_reads_few_names_of_many() {
    let mut world = support::world::World::postgres().await;
    store_rules::search::sto38_a_search_reads_few_names_of_many(&mut world).await;
    world.end().await;
}

#[tokio::test]
async fn sto18_the_url_of_no_known_store_is_refused_without_being_quoted() {
    for url in ["", "mysql://root:hunter2@db/x", "/var/lib/dhchat.db"] {
        let error = actors::store::open(url).await.err().unwrap();
        assert!(!error.to_string().contains("hunter2"));
        assert!(error.to_string().contains("sqlite:PATH"));
    }
}
