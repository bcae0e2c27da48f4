//! Walking all pages of a list of rows, as far as the list goes when it is read.

use crate::app::error::AppError;
use crate::app::queries::Page;
use crate::projections::Checkpoint;
use crate::store::StoreError;
use crate::store::views::{LIST_LIMIT_MAX, Snapshot};

/// Takes every row of the pages that `read` gives; `place` is where a row stands in the list. Answers with the first page's checkpoint.
pub(super) async fn each_row<T, Reading>(
    read: impl Fn(Page) -> Reading + Send,
    place: fn(&T) -> u64,
    mut take: impl FnMut(T) + Send,
) -> Result<Checkpoint, AppError>
where
    T: Send,
    Reading: Future<Output = Result<Snapshot<Vec<T>>, StoreError>> + Send,
{
    let (mut after, mut first) = (0, None);
    loop {
        let page = read(Page { after, limit: LIST_LIMIT_MAX }).await?;
        let as_of = *first.get_or_insert(page.checkpoint);
        let full = page.answer.len() == LIST_LIMIT_MAX as usize;
        after = page.answer.last().map_or(after, place);
        page.answer.into_iter().for_each(&mut take);
        if !full {
            return Ok(as_of);
        }
    }
}
