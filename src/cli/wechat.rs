//! Calls to WeChat with the configuration's credentials, for commands that make a few and end.

use std::sync::Arc;

use super::out::{Failure, tame};
use crate::app::Machine;
use crate::config::Config;
use crate::wechat::api::{self, Client, NotKept};

/// A client whose token is forgotten afterwards. WeChat's stable kind gives a running service the same one; the plain
/// kind would take the service's away.
pub(super) fn client(config: &Config) -> Result<Client, Failure> {
    let settings = config.wechat.api(&config.account).ok_or_else(|| {
        Failure::new("the configuration has no credentials for WeChat's API")
            .hint("set account.app_id and account.app_secret (or app_secret_file)")
    })?;
    let clock = Arc::new(Machine::default());
    Client::new(settings, Arc::new(NotKept), clock).map_err(Failure::new)
}

/// What WeChat said, and what to do.
pub(super) fn failed(failure: &api::Failure) -> Failure {
    let told = Failure::new(format!("WeChat did not do it: {}", words(failure)));
    match failure.advice() {
        Some(advice) => told.hint(advice),
        None => told,
    }
}

/// `/cgi-bin/menu/create: 40018 invalid button name size`
pub(super) fn words(failure: &api::Failure) -> String {
    let code = failure.code.map(|code| format!("{code} ")).unwrap_or_default();
    format!("{}: {code}{}", failure.call, tame(&failure.message))
}
