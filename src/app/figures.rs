//! The words in which figures are asked and answered, for the doors: they know the use cases, not the projections behind them.

pub use crate::projections::figures::adoption::Adoption;
pub use crate::projections::figures::settlement::Settlement;
pub use crate::projections::figures::{AsOf, Dimension, FigureQuery, Filters, GroupKey, INDICATORS, Share};
