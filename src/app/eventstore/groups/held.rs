//! Which groups there are: a fold over one stream of events, and the decisions that add to it. Pure.

use super::GroupError;
use super::settings::{GroupName, GroupSettings};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The stream that says which groups there are.
pub const STREAM: &str = "$persistentsubscriptionconfig";
/// The most groups of one log.
const GROUPS_MAX: usize = 1000;
/// What the names of a group's streams have beside the names of its source and its own.
const NAMES_BYTES_MAX: usize = 255 - "$persistentsubscription-::-checkpoint".len();

/// What happened to a group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupEvent {
    #[serde(flatten)]
    pub name: GroupName,
    #[serde(flatten)]
    pub what: What,
}

/// See [`GroupEvent`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum What {
    Created {
        settings: GroupSettings,
        /// The first revision or position that it reads.
        first: u64,
        /// What an earlier group of this name parked lies before it.
        parked_from: u64,
    },
    Updated {
        settings: GroupSettings,
    },
    Deleted,
}

impl GroupEvent {
    /// The type of its event.
    #[must_use]
    pub const fn event_type(&self) -> &'static str {
        match self.what {
            What::Created { .. } => "$groupCreated",
            What::Updated { .. } => "$groupUpdated",
            What::Deleted => "$groupDeleted",
        }
    }
}

/// A group that there is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldGroup {
    pub settings: GroupSettings,
    pub first: u64,
    pub parked_from: u64,
    /// Tells it from earlier groups of the same name.
    pub number: u64,
}

/// All groups of a log.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Held {
    groups: BTreeMap<GroupName, HeldGroup>,
    /// The next revision of their stream.
    pub next: u64,
}

impl Held {
    /// Takes in what happened. Never refuses.
    pub fn evolve(&mut self, revision: u64, event: GroupEvent) {
        self.next = revision + 1;
        match event.what {
            What::Created { settings, first, parked_from } => {
                let group = HeldGroup { settings, first, parked_from, number: revision };
                self.groups.insert(event.name, group);
            }
            What::Updated { settings } => {
                if let Some(group) = self.groups.get_mut(&event.name) {
                    group.settings = settings;
                }
            }
            What::Deleted => _ = self.groups.remove(&event.name),
        }
    }

    /// A group by name.
    pub fn group(&self, name: &GroupName) -> Result<&HeldGroup, GroupError> {
        self.groups.get(name).ok_or_else(|| GroupError::NotFound(name.clone()))
    }

    /// All of them, or those of one source.
    pub fn of<'a>(&'a self, source: Option<&'a str>) -> impl Iterator<Item = (&'a GroupName, &'a HeldGroup)> {
        self.groups.iter().filter(move |(name, _)| source.is_none_or(|source| source == name.source))
    }

    /// Whether a group can be added.
    pub fn check_new(&self, name: &GroupName, settings: &GroupSettings) -> Result<(), GroupError> {
        let failed = |reason: String| Err(GroupError::Failed { name: name.clone(), reason });
        if self.groups.contains_key(name) {
            return Err(GroupError::Exists(name.clone()));
        }
        if self.groups.len() >= GROUPS_MAX {
            return failed(format!("there are {GROUPS_MAX} groups already; delete those that nobody reads"));
        }
        if name.group.is_empty() || name.source.len() + name.group.len() > NAMES_BYTES_MAX {
            return failed(format!("the names of stream and group have at most {NAMES_BYTES_MAX} bytes together"));
        }
        settings.check().or_else(failed)
    }

    /// A group's settings as they become: where it began and what it wants stay what they were.
    pub fn changed(&self, name: &GroupName, settings: &GroupSettings) -> Result<GroupSettings, GroupError> {
        let before = &self.group(name)?.settings;
        settings.check().map_err(|reason| GroupError::Failed { name: name.clone(), reason })?;
        Ok(GroupSettings { filter: before.filter.clone(), ..settings.clone() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(group: &str) -> GroupName {
        GroupName { source: "s".to_owned(), group: group.to_owned() }
    }

    fn created(group: &str) -> GroupEvent {
        let settings = GroupSettings::default();
        GroupEvent { name: name(group), what: What::Created { settings, first: 0, parked_from: 0 } }
    }

    fn held(events: Vec<GroupEvent>) -> Held {
        let mut held = Held::default();
        (0..).zip(events).for_each(|(revision, event)| held.evolve(revision, event));
        held
    }

    #[test]
    fn a_group_is_there_from_its_beginning_to_its_end() {
        let deleted = GroupEvent { name: name("a"), what: What::Deleted };
        let two = held(vec![created("a"), created("b"), deleted, created("a")]);
        assert_eq!(two.group(&name("a")).unwrap().number, 3);
        assert_eq!(two.of(Some("s")).count(), 2);
        assert_eq!(two.of(Some("other")).count(), 0);
        assert_eq!(two.group(&name("c")), Err(GroupError::NotFound(name("c"))));
        assert_eq!(two.next, 4);
    }

    #[test]
    fn a_group_is_made_once_and_of_settings_that_can_be() {
        let one = held(vec![created("a")]);
        let settings = GroupSettings::default();
        assert_eq!(one.check_new(&name("a"), &settings), Err(GroupError::Exists(name("a"))));
        assert_eq!(one.check_new(&name("b"), &settings), Ok(()));
        let odd = GroupSettings { history_buffer_size: 20, read_batch_size: 20, ..settings.clone() };
        assert!(matches!(one.check_new(&name("b"), &odd), Err(GroupError::Failed { .. })));
        assert!(matches!(one.check_new(&name(&"b".repeat(300)), &settings), Err(GroupError::Failed { .. })));
        assert!(matches!(one.changed(&name("a"), &odd), Err(GroupError::Failed { .. })));
    }

    #[test]
    fn an_event_comes_back_as_it_was_written() {
        for event in [created("a"), GroupEvent { name: name("a"), what: What::Deleted }] {
            let text = serde_json::to_vec(&event).unwrap();
            assert_eq!(serde_json::from_slice::<GroupEvent>(&text).unwrap(), event);
        }
    }
}
