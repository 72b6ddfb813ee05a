//! `gonghui serve`: the service, until it is told to stop.

use std::sync::Arc;

use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

use super::out::Failure;
use super::reach::load;
use super::{ConfigArgs, Done, block_on};
use crate::app::{Machine, Service, raise_file_limit};
use crate::config::{Config, Environment};
use crate::server::log;

/// Run the service
///
/// SIGTERM and SIGINT stop it in order; SIGHUP has menus, keywords, texts and scheme files read again. It logs to stderr.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  gonghui serve --config gonghui.toml")]
pub(super) struct Args {
    #[command(flatten)]
    config: ConfigArgs,
}

pub(super) fn run(args: Args, environment: &Environment) -> Done {
    let config = load(&args.config.path, environment)?;
    let _log = log::start(EnvFilter::new(&config.log.filter), config.log.format);
    raise_file_limit(config.server.connections_max);
    block_on(serve(&config))
}

async fn serve(config: &Config) -> Done {
    let starting = Service::start(config, Arc::new(Machine::default()), |_| axum::Router::new());
    until_told(async { starting.await.map_err(Failure::new) }).await
}

/// Starts a service and stops it in order on SIGTERM or SIGINT; SIGHUP has its content read again.
pub(super) async fn until_told(starting: impl Future<Output = Result<Service, Failure>>) -> Done {
    // Listened to from the start, so that none is lost while the store opens.
    let mut stop = [signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?];
    let mut hang_up = signal(SignalKind::hangup())?;
    let [terminate, interrupt] = &mut stop;
    let service = tokio::select! {
        started = starting => started?,
        _ = terminate.recv() => return Ok(()),
        _ = interrupt.recv() => return Ok(()),
    };
    loop {
        tokio::select! {
            _ = terminate.recv() => break,
            _ = interrupt.recv() => break,
            _ = hang_up.recv() => {
                let reloader = service.reloader();
                let _ = tokio::task::spawn_blocking(move || reloader.reload()).await;
                service.scheme_reloader().reload().await;
            }
        }
    }
    service.stop().await.map_err(|error| Failure::new(format!("the store was not closed in order: {error}")))
}
