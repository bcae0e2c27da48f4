//! What the integration tests share.

pub mod app;
pub mod banks;
pub mod client;
pub mod contract;
pub mod engine;
pub mod files;
pub mod office;
pub mod postgres;
pub mod verbs;
pub mod webhooks;

/// Makes a test of each named case for every engine. A new engine is one more line here.
macro_rules! on_every_engine {
    ($($case:ident),+ $(,)?) => {
        $crate::support::on_engine!(sqlite_memory, SqliteMemory, $($case),+);
        $crate::support::on_engine!(sqlite_file, SqliteFile, $($case),+);
        $crate::support::on_engine!(postgres, Postgres, $($case),+);
    };
}

/// The same with the profile as it is delivered: what needs a second person waits for one.
macro_rules! on_every_engine_strictly {
    ($($case:ident),+ $(,)?) => {
        $crate::support::on_engine!(strict sqlite_memory, SqliteMemory, $($case),+);
        $crate::support::on_engine!(strict sqlite_file, SqliteFile, $($case),+);
        $crate::support::on_engine!(strict postgres, Postgres, $($case),+);
    };
}

/// The same for engines whose database a second process or connection can open.
macro_rules! on_every_durable_engine {
    ($($case:ident),+ $(,)?) => {
        $crate::support::on_engine!(sqlite_file, SqliteFile, $($case),+);
        $crate::support::on_engine!(postgres, Postgres, $($case),+);
    };
}

/// The same for tests that make their own application, office or database.
macro_rules! on_both_engines {
    ($($case:ident),+ $(,)?) => {
        $crate::support::on_engine!(both sqlite, SqliteFile, $($case),+);
        $crate::support::on_engine!(both postgresql, Postgres, $($case),+);
    };
}

macro_rules! on_engine {
    (both $name:ident, $engine:ident, $($case:ident),+ $(,)?) => {
        mod $name {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $case() {
                    super::$case($crate::support::engine::Engine::$engine).await;
                }
            )+
        }
    };
    (strict $name:ident, $engine:ident, $($case:ident),+ $(,)?) => {
        mod $name {
            $(
                #[tokio::test]
                async fn $case() {
                    let test = $crate::support::app::spawn_strict($crate::support::engine::Engine::$engine).await;
                    super::$case(test).await;
                }
            )+
        }
    };
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

pub(crate) use {on_both_engines, on_engine, on_every_durable_engine, on_every_engine, on_every_engine_strictly};
