//! The pages for people: what each shows, made from the answers of use cases, as HTML with words from two tables. Pure: who may see a page,
//! cookies and statuses are `http`'s.

pub mod assets;
pub mod audit;
pub mod cited;
pub mod deeds;
pub mod desk;
pub mod error;
pub mod figure;
pub mod frame;
pub mod integration;
pub mod life;
pub mod lists;
pub mod operations;
pub mod overview;
pub mod payments;
pub mod sign_in;
pub mod uploads;
pub mod words;

pub use frame::{Frame, Who};

/// Why a page could not be written.
#[derive(Debug, thiserror::Error)]
#[error("a page could not be written: {0}")]
pub struct PageError(#[from] askama::Error);

/// Writes a page.
pub fn render(template: &impl askama::Template) -> Result<String, PageError> {
    Ok(template.render()?)
}
