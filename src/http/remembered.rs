//! Figures as JSON, from memory where the same was answered at the same state of the log.

use super::context::{Caller, SharedApp};
use super::problem::Problem;
use super::table::Form;
use crate::app::App;
use crate::app::error::AppError;
use crate::app::figures::FigureQuery;
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

impl Asked {
    /// `None` where an answer depends on more: files are made each time, published figures have a memory of their own, and sex and age come
    /// from another projection.
    pub async fn of(
        (app, caller): (&SharedApp, &Caller),
        request: &HttpRequest,
        (figures, form): (&FigureQuery, Form),
        min_position: Option<u64>,
    ) -> Result<Option<Self>, Problem> {
        if form != Form::Json || app.reads_published(&caller.0) || figures.asks_cohorts() {
            return Ok(None);
        }
        let state = app.figures_state(min_position.max(figures.as_of.position())).await?;
        let words = request.uri().path_and_query().map_or_else(String::new, ToString::to_string);
        let question = app.question_of(&caller.0, &words);
        Ok(Some(Self { question, state }))
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
