//! A group at work in a task of its own: reads on while there is room, hands out, writes down. It ends when nobody consumes for a while.

use super::handed::Handed;
use super::info::GroupInfo;
use super::machine::{Item, Machine, Nack, Place};
use super::membership::{Given, Joining, Membership};
use super::places::{Places, Stood};
use super::progress::Progress;
use super::settings::{GroupName, GroupSettings, OWN_STREAMS, Strategy};
use super::{ConsumerId, GroupError};
use crate::app::App;
use crate::app::eventstore::RecordedEvent;
use crate::app::eventstore::follow::{Follower, News};
use crate::app::eventstore::read::is_link;
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::Instant;
use uuid::Uuid;

/// How long a group that nobody consumes is kept ready.
const IDLE: Duration = Duration::from_secs(5);
/// How soon it looks again whether events come back or its place is to be written: while there is something, and otherwise.
const LOOK_AGAIN: Duration = Duration::from_millis(50);
const LOOK_IDLE: Duration = Duration::from_secs(1);
/// How often it looks what consumers have had for too long.
const TICK_EVERY: Duration = Duration::from_millis(20);
/// How much it is told before it looks around again.
const COMMANDS_AT_ONCE: usize = 100;
/// Parked events that are read at a time.
const PARKED_PAGE: u32 = 20;

/// What a group is told.
pub(super) enum Command {
    Join(Box<Joining>, oneshot::Sender<Result<Membership, GroupError>>),
    Leave(ConsumerId),
    Stop(ConsumerId),
    Ack(ConsumerId, Vec<Uuid>),
    Nack(ConsumerId, Vec<Uuid>, Nack, String),
    Info(oneshot::Sender<GroupInfo>),
    /// Up to a number, or all; answers when it is written down.
    Replay(Option<u64>, oneshot::Sender<Result<(), GroupError>>),
    /// Ends it: consumers are told why.
    End(GroupError),
}

/// What a look comes to.
enum Turn {
    Told(Command),
    Heard(News),
    Look,
    End,
}

/// One consumer.
pub(super) struct Member {
    pub who: Joining,
    given: mpsc::Sender<Given>,
    ended: Arc<OnceLock<GroupError>>,
    pub since: Instant,
}

/// See the module.
pub(super) struct Runner {
    pub app: Arc<App>,
    pub name: GroupName,
    /// Where it began.
    pub first: u64,
    pub machine: Machine<Arc<Handed>>,
    pub follower: Follower,
    pub places: Places,
    pub numbers: Arc<std::sync::atomic::AtomicU64>,
    pub commands: mpsc::Receiver<Command>,
    /// Where commands come from, for consumers to have.
    pub sender: mpsc::WeakSender<Command>,
    pub stop: watch::Receiver<bool>,
    pub members: BTreeMap<ConsumerId, Member>,
    pub began: Instant,
    idle_since: Instant,
    ticks_at: Instant,
    /// Something was handed out or settled, so that there may be something to write or to take back.
    is_busy: bool,
}

/// What a group is made of.
pub(super) struct Parts {
    pub app: Arc<App>,
    pub name: GroupName,
    pub settings: GroupSettings,
    pub first: u64,
    pub follower: Follower,
    pub places: Places,
    pub stood: Stood,
    pub numbers: Arc<std::sync::atomic::AtomicU64>,
    pub stop: watch::Receiver<bool>,
}

impl Runner {
    /// Makes a group ready; it is told what to do by the sender.
    pub fn new(parts: Parts) -> (Self, mpsc::Sender<Command>) {
        let (sender, commands) = mpsc::channel(256);
        let Parts { app, name, settings, first, follower, places, stood, numbers, stop } = parts;
        let progress = Progress::from(stood.next, app.clock.now_us());
        let machine = Machine::new(settings, progress, stood.replay);
        let (members, now) = (BTreeMap::new(), Instant::now());
        let weak = sender.downgrade();
        let (began, idle_since, is_busy) = (now, now, true);
        let runner = Self {
            app,
            name,
            first,
            machine,
            follower,
            places,
            numbers,
            commands,
            sender: weak,
            stop,
            members,
            began,
            idle_since,
            ticks_at: now,
            is_busy,
        };
        (runner, sender)
    }

    /// Works until nobody consumes, or until it is told to end.
    pub async fn run(mut self) {
        let why = loop {
            match self.round().await {
                Ok(None) => {}
                Ok(Some(why)) => break why,
                Err(error) => {
                    tracing::warn!(group = %self.name.subscription_id(), %error, "a persistent subscription ends: {error}");
                    break error;
                }
            }
        };
        self.commands.close();
        if why != GroupError::Elsewhere
            && let Err(error) = self.write_down(true).await
        {
            tracing::warn!(group = %self.name.subscription_id(), %error, "the place of a persistent subscription was not written: {error}");
        }
        for member in self.members.into_values() {
            let _told_once = member.ended.set(why.clone());
        }
    }

    /// One look at everything; the reason when it is to end.
    async fn round(&mut self) -> Result<Option<GroupError>, GroupError> {
        let now = Instant::now();
        // Not with every answer of a consumer: it looks at all that they have.
        if now >= self.ticks_at {
            self.machine.tick(self.app.clock.now_us());
            self.ticks_at = now + TICK_EVERY;
        }
        self.read_parked().await?;
        self.hand_out();
        self.park().await?;
        self.write_down(false).await?;
        let has_members = !self.members.is_empty();
        if !has_members && self.idle_since.elapsed() >= IDLE && self.commands.is_empty() {
            return Ok(Some(GroupError::Stopped));
        }
        let look = if self.is_busy { LOOK_AGAIN } else { LOOK_IDLE };
        self.is_busy =
            self.machine.in_flight() > 0 || self.machine.progress.settled_before() > self.machine.progress.written();
        let reads = has_members && self.machine.has_room();
        let turn = tokio::select! {
            command = self.commands.recv() => command.map_or(Turn::End, Turn::Told),
            news = self.follower.next(), if reads => Turn::Heard(news?),
            _ = self.stop.wait_for(|stopped| *stopped) => Turn::End,
            () = tokio::time::sleep(look) => Turn::Look,
        };
        match turn {
            Turn::Told(command) => return self.take_all(command).await,
            Turn::Heard(news) => self.hear_all(news).await?,
            Turn::Look => {}
            Turn::End => return Ok(Some(GroupError::Stopped)),
        }
        Ok(None)
    }

    /// Hears what there is, as long as there is room.
    async fn hear_all(&mut self, news: News) -> Result<(), GroupError> {
        self.is_busy = true;
        self.hear(news).await?;
        while self.machine.has_room()
            && let Some(news) = self.follower.ready()
        {
            self.hear(news).await?;
        }
        Ok(())
    }

    async fn hear(&mut self, news: News) -> Result<(), GroupError> {
        let event = match news {
            News::Event(event) => *event,
            News::Checkpoint(position) => {
                self.machine.pass(Place::Source(position));
                return Ok(());
            }
            News::CaughtUp { .. } => return Ok(()),
        };
        let number = if self.name.is_of_log() { event.position } else { event.revision };
        if number < self.machine.progress.next() {
            return Ok(());
        }
        let place = Place::Source(number);
        // Groups of the log are not told of groups: each place that is written down would be a reason to write one down.
        if self.name.is_of_log() && event.stream.starts_with(OWN_STREAMS) {
            self.machine.pass(place);
            return Ok(());
        }
        match self.resolved(event).await? {
            Some(handed) => self.machine.read(handed.item(place, self.is_by_correlation())),
            None => self.machine.pass(place),
        }
        Ok(())
    }

    fn is_by_correlation(&self) -> bool {
        self.machine.settings.strategy == Strategy::PinnedByCorrelation
    }

    /// A link with its event, where that is asked; `None` when there is no such event any more.
    async fn resolved(&self, event: RecordedEvent) -> Result<Option<Handed>, GroupError> {
        if !(self.machine.settings.resolve_links && is_link(&event)) {
            return Ok(Some(Handed { event, link: None }));
        }
        let linked = self.app.linked(&event).await?;
        Ok(linked.map(|found| Handed { event: found, link: Some(event) }))
    }

    /// Reads on in what was parked and is to be replayed.
    async fn read_parked(&mut self) -> Result<(), GroupError> {
        while let (Some((from, before)), true, false) =
            (self.machine.replay.wanted(), self.machine.has_room(), self.members.is_empty())
        {
            let page = self.places.parked(from, PARKED_PAGE).await?;
            if page.is_empty() {
                self.machine.pass(Place::Parked(before - 1));
            }
            for link in page.into_iter().filter(|link| link.revision < before) {
                let place = Place::Parked(link.revision);
                let found = match self.app.linked(&link).await? {
                    Some(event) => self.resolved(event).await?,
                    None => None,
                };
                match found {
                    Some(Handed { event, .. }) => {
                        let handed = Handed { event, link: Some(link) };
                        self.machine.read(handed.item(place, self.is_by_correlation()));
                    }
                    None => self.machine.pass(place),
                }
            }
        }
        Ok(())
    }

    /// Hands out what can be; who does not read what it was sent is sent away.
    fn hand_out(&mut self) {
        loop {
            let given = self.machine.hand_out(self.app.clock.now_us());
            if given.is_empty() {
                return;
            }
            self.is_busy = true;
            for (to, Item { event, retries, .. }) in given {
                let sent = self.members.get(&to).map(|member| member.given.try_send((event, retries)));
                match sent {
                    None | Some(Ok(())) => {}
                    Some(Err(mpsc::error::TrySendError::Full(_))) => self.leave(to, GroupError::TooSlow),
                    Some(Err(mpsc::error::TrySendError::Closed(_))) => self.leave(to, GroupError::Stopped),
                }
            }
        }
    }

    async fn park(&mut self) -> Result<(), GroupError> {
        let items = self.machine.take_to_park();
        for part in items.chunks(100) {
            self.places.park(part).await?;
            for (item, _) in part {
                self.machine.parked(item.place);
            }
        }
        Ok(())
    }

    /// Writes down how far it is, when that is worth it, or at once.
    async fn write_down(&mut self, at_once: bool) -> Result<(), GroupError> {
        let now_us = self.app.clock.now_us();
        let Machine { settings, progress, replay, .. } = &self.machine;
        let place = progress.settled_before();
        let at_end = (at_once && place > progress.written()).then_some(place);
        if let Some(place) = at_end.or_else(|| progress.due(settings, now_us)) {
            self.places.write(place, replay.before()).await?;
            self.machine.progress.wrote(place, now_us);
        }
        if let Some(number) = self.machine.replay.due(at_once) {
            self.places.parked_from(number).await?;
            self.machine.replay.wrote(number);
        }
        Ok(())
    }

    /// Takes what it is told, with what else waits.
    async fn take_all(&mut self, first: Command) -> Result<Option<GroupError>, GroupError> {
        let mut command = Some(first);
        for _ in 0..COMMANDS_AT_ONCE {
            let Some(next) = command.or_else(|| self.commands.try_recv().ok()) else { break };
            if let Some(why) = self.take(next).await? {
                return Ok(Some(why));
            }
            command = None;
        }
        Ok(None)
    }

    async fn take(&mut self, command: Command) -> Result<Option<GroupError>, GroupError> {
        match command {
            Command::Join(who, answer) => {
                let joined = self.join(*who);
                if let Err(Ok(membership)) = answer.send(joined) {
                    drop(membership);
                }
            }
            Command::Leave(id) => self.leave(id, GroupError::Stopped),
            Command::Stop(id) => self.machine.stop(id),
            Command::Ack(from, ids) => _ = self.machine.ack(from, &ids),
            Command::Nack(from, ids, nack, reason) => _ = self.machine.nack(from, &ids, (nack, &reason)),
            Command::Info(answer) => _ = answer.send(self.info()),
            Command::Replay(stop_at, answer) => {
                let replayed = self.replay(stop_at).await;
                let failed = replayed.clone().err();
                let _asker_may_be_gone = answer.send(replayed);
                return failed.map_or(Ok(None), Err);
            }
            Command::End(why) => return Ok(Some(why)),
        }
        Ok(None)
    }

    fn join(&mut self, who: Joining) -> Result<Membership, GroupError> {
        let Some(group) = self.sender.upgrade() else { return Err(GroupError::Stopped) };
        let id = self.numbers.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        if !self.machine.join(id, who.buffer) {
            return Err(GroupError::Full(self.name.clone()));
        }
        let (given, receiver) = mpsc::channel(who.buffer);
        let ended = Arc::new(OnceLock::new());
        let member = Member { who, given, ended: Arc::clone(&ended), since: Instant::now() };
        self.members.insert(id, member);
        Ok(Membership::new(id, group, (receiver, ended)))
    }

    fn leave(&mut self, id: ConsumerId, why: GroupError) {
        self.machine.leave(id);
        if let Some(member) = self.members.remove(&id) {
            let _told_once = member.ended.set(why);
        }
        self.idle_since = Instant::now();
    }

    /// Replays what is parked now, before a number if one is given. What is asked for stays so when the server stops.
    async fn replay(&mut self, stop_at: Option<u64>) -> Result<(), GroupError> {
        let before = stop_at.unwrap_or(u64::MAX).min(self.places.parked_next());
        self.machine.replay.extend(before);
        let (place, before) = (self.machine.progress.settled_before(), self.machine.replay.before());
        self.places.write(place, before).await?;
        self.machine.progress.wrote(place, self.app.clock.now_us());
        Ok(())
    }
}
