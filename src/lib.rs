//! gonghui (工惠): the service behind a trade-union federation's WeChat service account.
//!
//! `docs/ARCHITECTURE.md` tells the rooms apart; `tests/architecture.rs` guards their walls.

pub mod app;
pub mod cli;
pub mod config;
pub mod content;
pub mod dispatch;
pub mod domain;
pub mod drawing;
pub mod flows;
pub mod moment;
pub mod outbox;
pub mod privacy;
pub mod replay;
pub mod samples;
pub mod server;
pub mod simulator;
pub mod specimens;
pub mod staff;
pub mod store;
pub mod wechat;
