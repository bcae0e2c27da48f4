//! The pages for people: who is let in, what each may see, what forms do. How they look is `scripts/pages`' matter.

mod analysts;
mod audit;
pub mod browser;
mod cited;
mod desk;
mod integration;
mod lists;
mod oidc;
mod oidc_api;
mod payments;
mod second_operator;
mod sign_in;
mod uploads;
