//! Groups: handed out, tried again, parked, replayed, changed and ended.

use super::{Outcome, Speaker, is_missing, refused, same, some, stream};
use kurrentdb::{
    Error, NakAction, PersistentSubscription, PersistentSubscriptionEvent, PersistentSubscriptionOptions,
    PersistentSubscriptionToAllOptions, ResolvedEvent, StreamPosition, StreamState, SubscriptionFilter,
};
use std::time::Duration;
use uuid::Uuid;

impl Speaker {
    async fn parked(&self, stream: &str) -> Outcome<usize> {
        let info = self.client.get_persistent_subscription_info(stream, "office", &Default::default()).await?;
        Ok(info.stats.parked_message_count)
    }

    pub async fn groups(&self) -> Outcome {
        let shared = stream("shared");
        let (expected, events) = some(6)?;
        self.append(&shared, StreamState::NoStream, events).await?;
        let few = || {
            PersistentSubscriptionOptions::default()
                .start_from(StreamPosition::Start)
                .max_retry_count(2)
                .checkpoint_lower_bound(1)
                .checkpoint_upper_bound(1)
        };
        let client = &self.client;
        client.create_persistent_subscription(shared.as_str(), "office", &few()).await?;
        let twice = client.create_persistent_subscription(shared.as_str(), "office", &few()).await;
        refused("making a group twice", twice, |error| matches!(error, Error::ResourceAlreadyExists))?;
        let mut consumer =
            client.subscribe_to_persistent_subscription(shared.as_str(), "office", &Default::default()).await?;
        let told = consume(&mut consumer, 6).await?;
        same("what a consumer is told", ids_of(&told), expected.iter().map(|id| (*id, 0)).collect())?;
        for number in [0, 2, 3] {
            consumer.ack(&told[number].0).await?;
        }
        for (number, action) in [(1, NakAction::Retry), (4, NakAction::Park), (5, NakAction::Skip)] {
            consumer.nack(&told[number].0, action, "as the walk has it").await?;
        }
        let again = consume(&mut consumer, 1).await?;
        same("what is tried again", ids_of(&again), vec![(expected[1], 1)])?;
        consumer.ack(&again[0].0).await?;
        for _ in 0..100 {
            if self.parked(&shared).await? == 1 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        same("how many are parked", self.parked(&shared).await?, 1)?;
        client.replay_parked_messages(&shared, "office", &Default::default()).await?;
        let replayed = consume(&mut consumer, 1).await?;
        same(
            "what is replayed",
            replayed[0].0.get_original_event().id == expected[4]
                || replayed[0].0.event.as_ref().is_some_and(|event| event.id == expected[4]),
            true,
        )?;
        consumer.ack(&replayed[0].0).await?;
        let listed = client.list_all_persistent_subscriptions(&Default::default()).await?;
        same("all groups", listed.iter().map(|info| info.group_name.as_str()).collect::<Vec<_>>(), vec!["office"])?;
        client.update_persistent_subscription(shared.as_str(), "office", &few().max_retry_count(7)).await?;
        let info = client.get_persistent_subscription_info(&shared, "office", &Default::default()).await?;
        same("what was changed", info.settings.map(|settings| settings.max_retry_count), Some(7))?;
        drop(consumer);
        client.delete_persistent_subscription(shared.as_str(), "office", &Default::default()).await?;
        let missing = client.get_persistent_subscription_info(&shared, "office", &Default::default()).await;
        refused("a group that was deleted", missing, is_missing)?;
        self.group_of_the_log(&shared, &expected).await
    }

    async fn group_of_the_log(&self, shared: &str, expected: &[Uuid]) -> Outcome {
        let client = &self.client;
        let filter = SubscriptionFilter::on_stream_name().add_prefix(shared);
        let options = PersistentSubscriptionToAllOptions::default().start_from(StreamPosition::Start).filter(filter);
        client.create_persistent_subscription_to_all("office", &options).await?;
        let mut consumer = client.subscribe_to_persistent_subscription_to_all("office", &Default::default()).await?;
        let told = consume(&mut consumer, expected.len()).await?;
        same("what a consumer of the log is told", ids_of(&told), expected.iter().map(|id| (*id, 0)).collect())?;
        for (event, _) in &told {
            consumer.ack(event).await?;
        }
        drop(consumer);
        client.delete_persistent_subscription_to_all("office", &Default::default()).await?;
        Ok(())
    }
}

/// The next events of a group, with how often each was tried before.
async fn consume(consumer: &mut PersistentSubscription, count: usize) -> Outcome<Vec<(ResolvedEvent, usize)>> {
    let mut found = Vec::new();
    while found.len() < count {
        let next = tokio::time::timeout(Duration::from_secs(60), consumer.next_subscription_event()).await??;
        if let PersistentSubscriptionEvent::EventAppeared { retry_count, event } = next {
            found.push((event, retry_count));
        }
    }
    Ok(found)
}

fn ids_of(events: &[(ResolvedEvent, usize)]) -> Vec<(Uuid, usize)> {
    events.iter().map(|(event, tries)| (event.get_original_event().id, *tries)).collect()
}
