//! What the integration tests share.

pub mod app;
pub mod client;
pub mod contract;
pub mod engine;
pub mod files;
pub mod office;
pub mod postgres;
pub mod verbs;

/// Makes a test of each named case for every engine. A new engine is one more line here.
macro_rules! on_every_engine {
    ($($case:ident),+ $(,)?) => {
        $crate::support::on_engine!(sqlite_memory, SqliteMemory, $($case),+);
        $crate::support::on_engine!(sqlite_file, SqliteFile, $($case),+);
        $crate::support::on_engine!(postgres, Postgres, $($case),+);
    };
}

/// The same for engines whose database a second process or connection can open.
macro_rules! on_every_durable_engine {
    ($($case:ident),+ $(,)?) => {
        $crate::support::on_engine!(sqlite_file, SqliteFile, $($case),+);
        $crate::support::on_engine!(postgres, Postgres, $($case),+);
    };
}

macro_rules! on_engine {
    ($name:ident, $engine:ident, $($case:ident),+ $(,)?) => {
        mod $name {
            $(
                #[tokio::test]
                async fn $case() {
                    super::$case($crate::support::app::spawn_app($crate::support::engine::Engine::$engine).await).await;
                }
            )+
        }
    };
}

pub(crate) use {on_engine, on_every_durable_engine, on_every_engine};
