//! The groups of one log on one server. Of several servers on one database one has all groups, as long as anybody asks for them; the others say
//! so. It gives them up when nobody does, or when it stops.

use super::held::{GroupEvent, Held, STREAM, What};
use super::info::GroupInfo;
use super::membership::{Joining, Membership};
use super::places::{Places, failed, own_event};
use super::runner::{Command, Parts, Runner};
use super::settings::{GroupFilter, GroupName, GroupSettings, StartFrom};
use super::{GroupError, StreamsError};
use crate::app::App;
use crate::app::eventstore::content::{JSON, Proposed, data_of};
use crate::app::eventstore::read::Place;
use crate::app::eventstore::rights::StreamCaller;
use crate::app::eventstore::tail::Tail;
use crate::app::eventstore::{Direction, StreamState};
use crate::store::Append;
use crate::store::views::Task;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::time::Duration;
use tokio::sync::{Mutex, MutexGuard, mpsc, oneshot, watch};
use tokio::task::JoinHandle;

/// How often it looks whether it still has the groups, and whether anybody wants them.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Revisions of the stream of groups that are read at a time.
const PAGE: u32 = 1000;
/// How often a call is tried on a group that ends just then.
const TRIES_MAX: u32 = 5;

/// See the module.
pub struct Groups {
    app: Arc<App>,
    tail: Arc<Tail>,
    stop: watch::Receiver<bool>,
    numbers: Arc<AtomicU64>,
    state: Mutex<State>,
    is_watched: AtomicBool,
}

#[derive(Default)]
struct State {
    held: Held,
    running: HashMap<GroupName, Running>,
}

struct Running {
    commands: mpsc::Sender<Command>,
    task: JoinHandle<()>,
}

impl Running {
    /// Ends it and waits until it has written down where it is.
    async fn end(self, why: GroupError) {
        let _ended_already = self.commands.send(Command::End(why)).await;
        drop(self.commands);
        if let Err(error) = self.task.await {
            tracing::error!(%error, "a persistent subscription ended badly");
        }
    }
}

impl Groups {
    #[must_use]
    pub fn new(app: Arc<App>, tail: Arc<Tail>, stop: watch::Receiver<bool>) -> Arc<Self> {
        let (numbers, state, is_watched) = (Arc::default(), Mutex::default(), AtomicBool::new(false));
        Arc::new(Self { app, tail, stop, numbers, state, is_watched })
    }

    /// Adds a group.
    pub async fn create(
        self: &Arc<Self>,
        caller: &StreamCaller,
        name: GroupName,
        settings: GroupSettings,
    ) -> Result<(), GroupError> {
        caller.check_group_keeper()?;
        self.check_source(caller, &name).await?;
        if let Some(filter) = &settings.filter {
            filter.compiled()?;
        }
        let mut state = self.own().await?;
        state.held.check_new(&name, &settings)?;
        let first = self.first(&name, settings.start_from).await?;
        let parked = self.app.store.read_stream(&name.parked_stream(), None, Direction::Backwards, 1).await?;
        let parked_from = parked.last().map_or(0, |last| last.revision + 1);
        let what = What::Created { settings, first, parked_from };
        self.append(&mut state, caller, GroupEvent { name, what }).await
    }

    /// Changes a group's settings. Its consumers are told to come again.
    pub async fn update(
        self: &Arc<Self>,
        caller: &StreamCaller,
        name: GroupName,
        settings: GroupSettings,
    ) -> Result<(), GroupError> {
        caller.check_group_keeper()?;
        self.check_source(caller, &name).await?;
        let mut state = self.own().await?;
        let settings = state.held.changed(&name, &settings)?;
        end(&mut state, &name).await;
        self.append(&mut state, caller, GroupEvent { name, what: What::Updated { settings } }).await
    }

    /// Ends a group for good.
    pub async fn delete(self: &Arc<Self>, caller: &StreamCaller, name: GroupName) -> Result<(), GroupError> {
        caller.check_group_keeper()?;
        match self.check_source(caller, &name).await {
            // A group outlives its stream until somebody ends it.
            Ok(()) | Err(GroupError::Streams(StreamsError::Deleted { .. })) => {}
            Err(error) => return Err(error),
        }
        let mut state = self.own().await?;
        state.held.group(&name)?;
        end(&mut state, &name).await;
        self.append(&mut state, caller, GroupEvent { name, what: What::Deleted }).await
    }

    /// Joins a group.
    pub async fn join(
        self: &Arc<Self>,
        caller: &StreamCaller,
        name: &GroupName,
        who: Joining,
    ) -> Result<Membership, GroupError> {
        self.check_source(caller, name).await?;
        self.ask(name, |answer| Command::Join(Box::new(who.clone()), answer)).await?
    }

    /// Tells of a group.
    pub async fn info(self: &Arc<Self>, caller: &StreamCaller, name: &GroupName) -> Result<GroupInfo, GroupError> {
        self.check_source(caller, name).await?;
        let mut state = self.own().await?;
        self.told(&mut state, name).await
    }

    /// Tells of all groups, or of those of one source, that the caller may read.
    pub async fn list(
        self: &Arc<Self>,
        caller: &StreamCaller,
        source: Option<&str>,
    ) -> Result<Vec<GroupInfo>, GroupError> {
        caller.check_reader()?;
        let mut state = self.own().await?;
        let names: Vec<GroupName> = state.held.of(source).map(|(name, _)| name.clone()).collect();
        let mut infos = Vec::with_capacity(names.len());
        for name in names {
            match self.check_source(caller, &name).await {
                Ok(()) | Err(GroupError::Streams(StreamsError::Deleted { .. })) => {
                    infos.push(self.told(&mut state, &name).await?);
                }
                Err(GroupError::Streams(StreamsError::AccessDenied(_))) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(infos)
    }

    /// Hands out again what was parked, before a number in its stream if one is given.
    pub async fn replay(
        self: &Arc<Self>,
        caller: &StreamCaller,
        name: &GroupName,
        stop_at: Option<u64>,
    ) -> Result<(), GroupError> {
        caller.check_group_keeper()?;
        self.check_source(caller, name).await?;
        self.ask(name, |answer| Command::Replay(stop_at, answer)).await?
    }

    /// Ends all groups at work, as a restart would.
    pub async fn restart(self: &Arc<Self>, caller: &StreamCaller) -> Result<(), GroupError> {
        caller.check_group_keeper()?;
        let mut state = self.own().await?;
        end_all(&mut state, &GroupError::Stopped).await;
        Ok(())
    }

    /// Waits until all groups have ended and lets another server have them: once the server was told to stop.
    pub async fn ended(&self) {
        let mut state = self.state.lock().await;
        end_all(&mut state, &GroupError::Stopped).await;
        self.app.views.disown_task(Task::Groups).await;
    }

    async fn check_source(&self, caller: &StreamCaller, name: &GroupName) -> Result<(), GroupError> {
        if name.is_of_log() {
            return Ok(caller.check_reader()?);
        }
        Ok(self.app.readable(caller, &name.source).await.map(|_| ())?)
    }

    /// The groups, while this server has them.
    async fn own(self: &Arc<Self>) -> Result<MutexGuard<'_, State>, GroupError> {
        if *self.stop.borrow() {
            return Err(GroupError::Stopped);
        }
        let mut state = self.state.lock().await;
        if !self.app.views.own_task(Task::Groups).await? {
            end_all(&mut state, &GroupError::Elsewhere).await;
            return Err(GroupError::Elsewhere);
        }
        if !self.is_watched.swap(true, std::sync::atomic::Ordering::AcqRel) {
            tokio::spawn(watch(Arc::clone(self)));
        }
        self.read_on(&mut state.held).await?;
        Ok(state)
    }

    /// Reads what was decided since: another server may have had the groups.
    async fn read_on(&self, held: &mut Held) -> Result<(), GroupError> {
        loop {
            let page = self.app.store.read_stream(STREAM, Some(held.next), Direction::Forwards, PAGE).await?;
            if page.is_empty() {
                return Ok(());
            }
            for event in page {
                let read = serde_json::from_slice::<GroupEvent>(&data_of(&event));
                let read = read.map_err(|error| crate::store::StoreError::Corrupt(format!("{STREAM}: {error}")))?;
                held.evolve(event.revision, read);
            }
        }
    }

    async fn append(&self, state: &mut State, caller: &StreamCaller, event: GroupEvent) -> Result<(), GroupError> {
        let proposed = Proposed {
            event_id: self.app.clock.opaque_id(),
            event_type: event.event_type().to_owned(),
            content_type: JSON.to_owned(),
            custom_metadata: Vec::new(),
            data: serde_json::to_vec(&event).unwrap_or_default(),
        };
        let expected = state.held.next.checked_sub(1).map_or(StreamState::NoStream, StreamState::Revision);
        let append = Append::events(STREAM, expected, vec![own_event(&self.app, caller.actor(), proposed)]);
        let written = self.app.store.append_to_stream(append).await;
        let written = written.map_err(|error| failed(error, &event.name))?;
        state.held.evolve(written.revision, event);
        Ok(())
    }

    /// The first revision or position that a group reads.
    async fn first(&self, name: &GroupName, from: StartFrom) -> Result<u64, GroupError> {
        match from {
            StartFrom::Start => Ok(u64::from(name.is_of_log())),
            StartFrom::At(number) => Ok(number.max(u64::from(name.is_of_log()))),
            StartFrom::End if name.is_of_log() => Ok(self.app.store.head().await?.position + 1),
            StartFrom::End => {
                let last = self.app.standing(&name.source).await?.revision();
                Ok(last.map_or(0, |last| last + 1))
            }
        }
    }

    /// Asks a group at work, which is set to work for it.
    async fn ask<T>(
        self: &Arc<Self>,
        name: &GroupName,
        command: impl Fn(oneshot::Sender<T>) -> Command,
    ) -> Result<T, GroupError> {
        for _ in 0..TRIES_MAX {
            let mut state = self.own().await?;
            let commands = self.at_work(&mut state, name).await?;
            let (answer, answered) = oneshot::channel();
            let sent = commands.send(command(answer)).await;
            drop(state);
            if let (Ok(()), Ok(answer)) = (sent, answered.await) {
                return Ok(answer);
            }
        }
        Err(GroupError::Stopped)
    }

    /// The group's commands; it is set to work if it is not.
    async fn at_work(&self, state: &mut State, name: &GroupName) -> Result<mpsc::Sender<Command>, GroupError> {
        let group = state.held.group(name)?;
        if let Some(running) = state.running.get(name).filter(|running| !running.commands.is_closed()) {
            return Ok(running.commands.clone());
        }
        if let Some(ended) = state.running.remove(name) {
            // It writes down where it is before it is gone.
            ended.end(GroupError::Stopped).await;
        }
        let (places, stood) = Places::load(&self.app, name, group).await?;
        let is_first = stood.next == u64::from(name.is_of_log());
        let from = if is_first { Place::Start } else { Place::At(stood.next - 1) };
        let follower = if name.is_of_log() {
            let filter = group.settings.filter.as_ref().map(GroupFilter::compiled).transpose()?;
            self.app.follow_log_inside(&self.tail, from, filter).await?
        } else {
            self.app.follow_stream_inside(&self.tail, &name.source, from).await?
        };
        let (runner, commands) = Runner::new(Parts {
            app: Arc::clone(&self.app),
            name: name.clone(),
            settings: group.settings.clone(),
            first: group.first,
            follower,
            places,
            stood,
            numbers: Arc::clone(&self.numbers),
            stop: self.stop.clone(),
        });
        let running = Running { commands: commands.clone(), task: tokio::spawn(runner.run()) };
        state.running.insert(name.clone(), running);
        Ok(commands)
    }

    /// Tells of a group: at work or not.
    async fn told(&self, state: &mut State, name: &GroupName) -> Result<GroupInfo, GroupError> {
        let group = state.held.group(name)?;
        if let Some(running) = state.running.get(name) {
            let (answer, answered) = oneshot::channel();
            if running.commands.send(Command::Info(answer)).await.is_ok()
                && let Ok(info) = answered.await
            {
                return Ok(info);
            }
        }
        let (places, stood) = Places::load(&self.app, name, group).await?;
        Ok(GroupInfo {
            name: name.clone(),
            settings: group.settings.clone(),
            checkpoint: stood.next.checked_sub(1).filter(|_| stood.next > group.first),
            known: stood.next.checked_sub(1),
            members: Vec::new(),
            total: 0,
            since_asked: 0,
            per_second: 0,
            fresh: 0,
            again: 0,
            in_flight: 0,
            parked: places.parked_next().saturating_sub(stood.replay.before()),
        })
    }
}

async fn end(state: &mut State, name: &GroupName) {
    if let Some(running) = state.running.remove(name) {
        running.end(GroupError::Dropped(name.clone())).await;
    }
}

async fn end_all(state: &mut State, why: &GroupError) {
    for (_, running) in state.running.drain() {
        running.end(why.clone()).await;
    }
}

/// Looks after what this server has until nobody wants it.
async fn watch(groups: Arc<Groups>) {
    let mut stop = groups.stop.clone();
    let mut idle = 0;
    while idle < 2 {
        tokio::select! {
            () = tokio::time::sleep(LOOK_EVERY) => {}
            _ = stop.wait_for(|stopped| *stopped) => return,
        }
        let mut state = groups.state.lock().await;
        state.running.retain(|_, running| !running.task.is_finished());
        idle = if state.running.is_empty() { idle + 1 } else { 0 };
        match groups.app.views.own_task(Task::Groups).await {
            Ok(true) => {}
            Ok(false) => end_all(&mut state, &GroupError::Elsewhere).await,
            Err(error) => tracing::warn!(%error, "persistent subscriptions wait for the store: {error}"),
        }
        if idle >= 2 {
            // Under the lock, so that whoever comes next takes them again.
            groups.is_watched.store(false, std::sync::atomic::Ordering::Release);
            groups.app.views.disown_task(Task::Groups).await;
        }
    }
}
