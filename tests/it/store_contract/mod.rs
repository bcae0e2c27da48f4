//! The store's contract: every behaviour one named case, each run on every engine. An engine is done when its suite passes.

mod appends;
mod claims;
mod counters;
mod idempotency;
mod opening;
mod order;
mod pieces;
mod reads;
mod registry;
mod requests;
mod tail;

use crate::support::engine::{Engine, Home, Store};
use chitra::domain::claims::ClaimChange;
use chitra::store::{Append, AppendError, EventData, RequestKey, StreamState, WriteResult};
use uuid::Uuid;

macro_rules! cases {
    ($engine:expr => $($module:ident::{$($case:ident),+ $(,)?}),+ $(,)?) => {
        $($(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $case() {
                $module::$case(Home::new($engine).await).await;
            }
        )+)+
    };
}

/// All that holds on every engine.
macro_rules! suite {
    ($name:ident, $engine:expr) => {
        mod $name {
            use super::*;

            cases! { $engine =>
                appends::{
                    a_new_stream_begins_at_revision_0_and_position_1,
                    no_stream_refuses_an_existing_stream,
                    stream_exists_refuses_a_missing_stream,
                    a_revision_refuses_a_stream_that_is_elsewhere,
                    any_takes_a_stream_wherever_it_is,
                    several_events_of_an_append_stand_together,
                    a_bad_append_leaves_its_neighbours_alone,
                    loads_that_follow_each_other_come_back_as_they_were_given,
                    a_bad_append_of_a_load_is_refused_alone_and_the_loads_behind_it_follow,
                    an_append_over_a_limit_is_refused_and_leaves_nothing,
                    the_largest_append_is_taken,
                    what_is_stored_has_its_leaf_hash,
                    bytes_come_back_as_they_were_given,
                    vault_rows_are_written_with_their_append_or_not_at_all,
                    what_follows_a_refused_append_is_refused_and_what_stood_before_it_stands,
                    appends_that_are_bound_together_all_count_or_none_does,
                    an_append_counts_only_where_the_streams_that_it_saw_still_stand,
                },
                counters::{
                    a_thousand_new_events_take_at_most_five_statements,
                    the_first_batch_and_one_that_repeats_are_looked_up_in_few_statements,
                    a_thousand_events_are_replayed_in_at_most_ten_pages,
                    sixty_four_clients_share_a_commit_between_five_at_least,
                },
                idempotency::{
                    the_same_events_again_get_their_original_place_and_write_nothing,
                    a_partial_repeat_is_refused_as_corrupted,
                    the_current_revision_with_an_event_of_the_stream_is_a_wrong_version,
                    one_event_id_may_stand_in_two_streams,
                    many_writers_of_the_same_events_write_them_once,
                },
                claims::{
                    a_claim_that_another_stream_holds_is_refused_with_its_holder,
                    a_claim_clashes_inside_one_batch_too,
                    a_released_claim_can_be_taken,
                    release_and_take_of_one_append_keep_their_order,
                    a_refused_append_takes_no_claim,
                    claims_of_different_kinds_do_not_meet,
                    a_thousand_claims_are_looked_up_in_their_order,
                    of_many_keys_those_that_are_held_are_found_wherever_they_lie,
                },
                requests::{
                    a_request_is_recorded_with_where_its_answer_stands,
                    a_second_request_with_the_key_is_told_of_the_first,
                    a_request_that_changes_nothing_is_recorded,
                    of_many_requests_with_one_key_one_wins,
                    two_callers_may_use_one_key,
                },
                tail::{
                    followers_get_what_the_store_gives_whoever_reads_first,
                    what_one_follower_read_is_not_fetched_again_for_another,
                    a_log_that_was_put_back_is_read_again,
                },
                reads::{
                    a_stream_reads_forwards_from_a_revision_inclusive,
                    a_stream_reads_backwards_from_a_revision_inclusive,
                    a_stream_that_never_was_reads_as_empty,
                    several_streams_are_read_each_once_and_in_order,
                    streams_that_are_read_again_are_as_the_log_is_then,
                    an_append_that_was_answered_is_in_every_stream_read_after_it,
                    the_log_reads_forwards_after_a_position,
                    the_log_reads_backwards_before_a_position,
                    a_long_page_is_whole_and_positions_that_are_missing_shorten_none,
                    a_limit_of_zero_reads_nothing,
                    a_subscription_gives_what_is_there_and_then_what_comes,
                    a_subscription_begins_after_its_position,
                    the_head_is_the_last_events,
                },
                order::{
                    positions_have_no_gaps_under_many_writers_with_conflicts,
                    tailing_readers_see_every_event_once_in_order_while_many_write,
                    recorded_at_never_decreases_when_the_clock_goes_back,
                },
                pieces::{
                    pieces_are_read_by_their_place_and_stay_as_they_were_written,
                    a_records_pieces_go_with_its_subject_or_by_themselves,
                    pieces_that_no_record_tells_of_are_found_once_they_are_old,
                },
                registry::{
                    an_api_key_is_found_listed_and_revoked_once,
                    an_api_key_id_is_given_once,
                    an_api_key_is_given_its_next_secret_by_one_who_knows_the_one_before,
                    the_last_use_of_an_api_key_never_goes_back,
                    a_named_value_is_set_once,
                    a_person_is_destroyed_with_key_and_records_and_nobody_else,
                    many_vault_rows_are_read_in_the_order_asked,
                },
                opening::{
                    a_closed_store_takes_no_appends_and_ends_its_subscriptions,
                },
            }
        }
    };
}

/// What only a database that outlives its store can show. `own` are cases of one engine: on SQLite a second writer is refused, on
/// PostgreSQL there may be any number (see `servers`).
macro_rules! lasting_suite {
    ($name:ident, $engine:expr, own: $($own:ident),*) => {
        mod $name {
            use super::*;

            cases! { $engine =>
                counters::{
                    a_stored_event_takes_at_most_1_6_times_its_payload_and_keys,
                    an_event_with_its_claims_takes_little_more,
                },
                opening::{
                    $($own,)*
                    what_was_answered_is_there_after_reopening,
                    a_closed_store_can_be_opened_for_writing_again,
                    a_store_beside_reads_and_manages_keys_and_takes_no_appends,
                    a_store_beside_follows_the_writer,
                    migrating_twice_changes_nothing,
                    a_newer_schema_is_refused,
                },
            }
        }
    };
}

suite!(sqlite_memory, Engine::SqliteMemory);
suite!(sqlite_file, Engine::SqliteFile);
suite!(postgres, Engine::Postgres);
lasting_suite!(sqlite_file_lasting, Engine::SqliteFile, own:
    a_second_writer_is_refused_and_told_who_holds_it, a_file_that_was_not_migrated_is_refused);
lasting_suite!(postgres_lasting, Engine::Postgres, own:
    a_second_writer_is_let_in, a_database_that_was_not_migrated_is_refused, an_unfit_database_is_refused_with_what_to_do,
    a_server_that_is_not_there_is_said_to_be_unavailable);

fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

fn event(number: u128) -> EventData {
    EventData {
        event_id: id(number),
        event_type: "Happened".to_owned(),
        schema_version: 1,
        data: format!("{{\"n\":{number}}}").into_bytes(),
        metadata: b"{}".to_vec(),
    }
}

fn append(stream: &str, expected: StreamState, ids: impl IntoIterator<Item = u128>) -> Append {
    Append::events(stream, expected, ids.into_iter().map(event).collect())
}

async fn write(
    store: &Store,
    stream: &str,
    expected: StreamState,
    ids: impl IntoIterator<Item = u128>,
) -> Result<WriteResult, AppendError> {
    store.append_to_stream(append(stream, expected, ids)).await
}

fn wrong(stream: &str, actual: Option<u64>) -> AppendError {
    AppendError::WrongExpectedVersion { stream: stream.to_owned(), actual }
}

fn take(kind: &'static str, key: impl AsRef<[u8]>) -> ClaimChange {
    ClaimChange { kind, key: key.as_ref().to_vec(), take: true }
}

fn release(kind: &'static str, key: impl AsRef<[u8]>) -> ClaimChange {
    ClaimChange { take: false, ..take(kind, key) }
}

fn request(caller: &str, key: &str) -> RequestKey {
    RequestKey { caller: caller.to_owned(), idempotency_key: key.to_owned(), input_hash: [9; 32] }
}
