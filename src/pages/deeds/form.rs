//! One operation's form as it stands on a page.

use super::{Ask, Deed, Field};
use crate::app::desks::DeskBook;
use crate::domain::profile::Profile;
use crate::pages::Frame;
use crate::pages::payments::reason_words;
use crate::pages::words::words_or;
use askama::Template;
use jiff::civil::Date;

/// A choice: what is sent, and what is read.
pub struct Choice {
    pub value: String,
    pub name: String,
    pub is_chosen: bool,
}

/// What is around all forms of a page.
#[derive(Clone, Copy)]
pub struct Options<'a> {
    pub page: &'a Frame,
    pub profile: &'a Profile,
    pub today: Date,
    /// Makes a repeat of the same form the same deed; each form adds its number.
    pub form_id: &'a str,
    /// Where the browser goes afterwards.
    pub back: &'a str,
    /// Cash desks that may be chosen.
    pub desks: &'a [DeskBook],
}

/// One form.
#[derive(Template)]
#[template(path = "deed.html")]
pub struct DeedForm<'a> {
    pub around: Options<'a>,
    pub deed: &'static Deed,
    /// Tells the forms of a page apart.
    pub number: usize,
    /// What the page knows of the fields.
    pub known: Vec<(&'static str, String)>,
    /// The object's revision that the page shows.
    pub revision: Option<u64>,
    pub is_open: bool,
    /// It is what is to be done first.
    pub is_first: bool,
    /// Where it is sent.
    pub action: &'static str,
}

/// Whether a field stands in the form without being seen.
#[must_use]
pub const fn is_hidden(field: &Field) -> bool {
    matches!(field.ask, Ask::Fixed(_) | Ask::Known | Ask::KnownFlag | Ask::KnownList | Ask::Number)
}

/// The last part of a field's name in the tables of words.
#[must_use]
pub fn word_of(name: &str) -> String {
    name.replace('.', "_")
}

impl<'a> DeedForm<'a> {
    /// A form of which the page knows nothing yet.
    #[must_use]
    pub const fn new(around: Options<'a>, deed: &'static Deed, number: usize) -> Self {
        Self {
            around,
            deed,
            number,
            known: Vec::new(),
            revision: None,
            is_open: false,
            is_first: false,
            action: "/act",
        }
    }
}

impl DeedForm<'_> {
    const fn page(&self) -> &Frame {
        self.around.page
    }

    fn name(&self) -> &str {
        self.page().code("deed", self.deed.operation)
    }

    fn known_text(&self, field: &str) -> Option<&str> {
        self.known.iter().find(|(name, _)| *name == field).map(|(_, text)| text.as_str())
    }

    fn hidden(&self) -> Vec<(&'static str, &str)> {
        let text = |field: &Field| match field.ask {
            Ask::Fixed(text) => text,
            _ => self.known_text(field.name).unwrap_or_default(),
        };
        self.deed.fields.iter().filter(|field| is_hidden(field)).map(|field| (field.name, text(field))).collect()
    }

    fn shown(&self) -> Vec<&'static Field> {
        self.deed.fields.iter().filter(|field| !is_hidden(field)).collect()
    }

    fn id(&self, field: &Field) -> String {
        format!("f{}-{}", self.number, word_of(field.name))
    }

    fn label(&self, field: &Field) -> String {
        let word = format!("field.{}", word_of(field.name));
        words_or(self.page().tongue, &word, field.name).to_owned()
    }

    /// How the field is shown.
    #[expect(clippy::unused_self, reason = "templates call methods")]
    const fn look(&self, field: &Field) -> &'static str {
        match field.ask {
            Ask::Note => "note",
            Ask::Lines => "lines",
            Ask::Date => "date",
            Ask::Month => "month",
            Ask::Amount => "amount",
            Ask::Flag => "flag",
            Ask::Channel | Ask::Bank | Ask::Reason | Ask::Desk | Ask::Scheme | Ask::OneOf(_) => "select",
            Ask::Count => "count",
            Ask::Text | Ask::OfScheme | Ask::Number | Ask::Fixed(_) | Ask::Known | Ask::KnownFlag | Ask::KnownList => {
                "text"
            }
        }
    }

    /// What stands in the field at first: what the page knows, and today where a day is needed.
    fn value(&self, field: &Field) -> String {
        match (self.known_text(field.name), field.ask) {
            (Some(text), _) => text.to_owned(),
            (None, Ask::Date) if field.needed => self.around.today.to_string(),
            (None, _) => String::new(),
        }
    }

    fn choices(&self, field: &Field) -> Vec<Choice> {
        let (page, profile) = (self.page(), self.around.profile);
        let language = page.tongue.code();
        let pairs: Vec<(String, String)> = match field.ask {
            Ask::Channel => profile
                .channels
                .iter()
                .map(|spec| (spec.code.to_string(), spec.labels.get(language).to_owned()))
                .collect(),
            Ask::Bank => profile.banks.iter().map(|spec| (spec.id.to_string(), spec.short_name.clone())).collect(),
            Ask::Scheme => {
                let lasts =
                    profile.identifiers.iter().filter(|spec| spec.valid_to.is_none_or(|to| self.around.today <= to));
                lasts.map(|spec| (spec.code.to_string(), spec.labels.get(language).to_owned())).collect()
            }
            Ask::Reason => reason_words(page, profile),
            Ask::Desk => {
                let name = |desk: &DeskBook| {
                    let unit = profile.units.get(desk.row.unit_key.as_str());
                    let place = unit.map_or_else(|| desk.row.unit_key.to_string(), |unit| unit.name.clone());
                    format!("{} · {place}", desk.row.code)
                };
                self.around.desks.iter().map(|desk| (desk.row.desk_id.to_string(), name(desk))).collect()
            }
            Ask::OneOf(choices) => {
                let word = |choice: &&str| {
                    // A word that means another thing in this field has words of its own.
                    let own = format!("choice.{}-{choice}", word_of(field.name));
                    words_or(page.tongue, &own, page.code("choice", choice)).to_owned()
                };
                choices.iter().map(|choice| ((*choice).to_owned(), word(choice))).collect()
            }
            _ => Vec::new(),
        };
        let chosen = self.known_text(field.name).unwrap_or_default();
        pairs.into_iter().map(|(value, name)| Choice { is_chosen: value == chosen, value, name }).collect()
    }
}
