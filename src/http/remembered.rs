//! Figures as JSON, from memory where the same was answered at the same state of the log.

use super::context::{Caller, SharedApp};
use super::problem::Problem;
use super::table::Form;
use crate::app::App;
use crate::app::error::AppError;
use crate::app::figures::{AsOf, FigureQuery};
use crate::app::remembered::State;
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse};
use serde_json::Value;
use std::sync::Arc;

/// A question that is answered alike as long as the figures stand where they stand.
pub(super) struct Asked {
    question: String,
    state: State,
}

/// Whose rows an answer is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ToldBy {
    Payments,
    PaymentsAndPeople,
}

impl Asked {
    /// `None` where nothing is remembered: files are made each time, and published figures have a memory of their own.
    pub async fn of(
        (app, caller): (&SharedApp, &Caller),
        request: &HttpRequest,
        (as_of, form, told_by): (AsOf, Form, ToldBy),
        min_position: Option<u64>,
    ) -> Result<Option<Self>, Problem> {
        if form != Form::Json || app.reads_published(&caller.0) {
            return Ok(None);
        }
        let wanted = min_position.max(as_of.position());
        let state = app.figures_state(wanted).await?;
        let people = match told_by {
            ToldBy::Payments => None,
            ToldBy::PaymentsAndPeople => Some(app.people_state(wanted).await?),
        };
        let words = request.uri().path_and_query().map_or_else(String::new, ToString::to_string);
        Ok(Some(Self { question: app.question_of(&caller.0, &words, people), state }))
    }

    /// The same for figures that are told by people's rows where they are told by sex or age.
    pub async fn of_figures(
        who: (&SharedApp, &Caller),
        request: &HttpRequest,
        (figures, form): (&FigureQuery, Form),
        min_position: Option<u64>,
    ) -> Result<Option<Self>, Problem> {
        let told_by = if figures.asks_cohorts() { ToldBy::PaymentsAndPeople } else { ToldBy::Payments };
        Self::of(who, request, (figures.as_of, form, told_by), min_position).await
    }

    /// What was answered to the same.
    pub fn remembered(asked: Option<&Self>, app: &App) -> Option<HttpResponse> {
        let asked = asked?;
        app.remembered.find(asked.state, &asked.question).map(answer)
    }

    /// Answers, and keeps the answer if the figures did not go on meanwhile.
    pub fn respond(
        asked: Option<Self>,
        app: &App,
        (members, as_of_position): (&Value, u64),
    ) -> Result<HttpResponse, Problem> {
        let body = serde_json::to_vec(members).map_err(|error| AppError::Internal(error.to_string()))?;
        let body: Arc<[u8]> = body.into();
        if let Some(Self { question, state }) = asked
            && as_of_position <= state.checkpoint.position
        {
            app.remembered.keep(state, question, &body);
        }
        Ok(answer(body))
    }
}

fn answer(body: Arc<[u8]>) -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").body(Bytes::from_owner(body))
}
