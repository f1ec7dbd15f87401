//! The contract of the store: every case on every database, each on an empty one of its own.

mod access;
mod audit;
mod certificates;
mod credentials;
mod dump;
mod faults;
mod feed;
mod imports;
mod log;
mod once;
mod outbox;
mod registry;
mod schema;
mod seals;
mod suite;
mod tampering;

extern crate anzheng_store as store;

use suite::{Case, cases};

fn all() -> Vec<Case> {
    cases![
        schema::migrating_twice_changes_nothing,
        schema::every_database_has_the_same_tables_and_columns,
        schema::every_rule_is_named_by_every_database,
        dump::every_column_is_dumped_or_left_out_on_purpose,
        dump::rows_come_back_as_they_were,
        dump::a_dump_shows_one_moment,
        dump::a_changed_hash_of_the_log_is_found_by_computing_it_anew,
        certificates::a_certificate_reads_back_as_written,
        certificates::bulk_and_single_inserts_are_the_same,
        certificates::more_rows_than_a_statement_can_carry,
        certificates::what_fails_late_fails_whole,
        certificates::the_key_is_unique_even_without_an_item,
        certificates::an_update_adds_history_and_needs_the_right_version,
        certificates::history_cannot_be_rewritten,
        certificates::of_concurrent_updates_one_wins,
        certificates::found_by_key_and_number,
        certificates::a_scope_shows_its_rows_only,
        certificates::an_abandoned_transaction_leaves_no_trace,
        registry::a_person_is_registered_once,
        registry::people_without_a_document_are_never_merged,
        registry::organisations_are_found_by_code_and_name,
        registry::a_renamed_organisation_touches_its_certificates,
        registry::organisations_are_read_in_pages,
        registry::photos_are_sealed,
        registry::attachments_are_sealed_part_by_part,
        feed::numbers_are_dense_under_concurrent_writers,
        feed::a_reader_never_misses_a_late_commit,
        tampering::clear_columns_are_covered,
        tampering::swapped_seals_are_detected,
        tampering::a_dropped_event_is_detected,
        tampering::an_edited_role_gives_no_rights,
        tampering::a_session_moved_to_another_account_is_refused,
        tampering::no_personal_data_lies_open,
        seals::a_walk_names_every_damaged_row,
        seals::a_rotated_key_takes_over_every_row,
        seals::readers_and_walks_beside_writers_see_whole_records,
        access::logins_are_unique_and_exact,
        access::a_new_password_ends_the_sessions,
        access::a_session_lives_and_ends,
        credentials::what_an_account_has_is_kept_and_taken_away,
        credentials::of_two_that_use_up_the_same_code_one_is_refused,
        credentials::an_edited_credential_proves_nothing,
        access::failures_are_counted_within_their_window,
        access::a_lock_survives_a_restart,
        access::concurrent_failures_are_all_counted,
        access::attempts_made_at_once_do_not_exceed_the_measure,
        access::of_first_accounts_made_at_once_there_is_one,
        access::grants_hold_for_their_time,
        access::a_request_is_decided_once_and_by_another,
        imports::an_import_resumes_from_its_checkpoint,
        audit::rows_are_added_once_and_listed_newest_first,
        audit::a_gap_is_refused,
        audit::each_condition_narrows_the_list,
        audit::each_scope_opens_its_own_records,
        audit::no_statement_changes_a_record,
        audit::a_staged_record_waits_for_its_row,
        audit::a_change_that_the_database_has_lost_is_known_by_its_record,
        audit::a_copy_is_compared_by_one_who_only_looks,
        log::leaves_and_proofs,
        log::concurrent_appends_take_turns,
        log::the_log_and_the_records_it_tells_of_are_compared,
        outbox::a_job_is_handed_out_once,
        outbox::a_failed_job_comes_back_or_is_given_up,
        outbox::a_job_of_an_undone_change_does_not_exist,
        once::a_token_is_good_once,
        once::what_is_genuine_by_itself_is_used_once,
        once::tokens_handed_out_before_can_be_withdrawn,
        once::a_repeated_request_gets_the_first_answer,
        once::a_failed_request_can_be_tried_again,
        once::the_key_of_a_process_that_died_lapses,
        once::settings_are_kept,
        once::what_has_ended_is_swept_away,
        faults::broken_connections_are_replaced,
        faults::a_locked_database_is_unavailable_and_comes_back,
        faults::a_lost_database_is_unavailable_and_not_an_answer,
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite() {
    suite::run(testkit::Kind::Sqlite, all()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres() {
    suite::run(testkit::Kind::Postgres, all()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mysql() {
    suite::run(testkit::Kind::MySql, all()).await;
}
