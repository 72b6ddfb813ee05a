//! One push of `fixtures/messages`: it must be parsed to what stands beside it, and answered.

use std::fs;
use std::path::Path;

use super::service::Service;
use super::{Options, Report, bless, diff};
use crate::moment::Time;
use crate::wechat::Mode;
use crate::wechat::message::Inbound;

pub async fn replay(path: &Path, options: &Options, report: &mut Report) {
    report.messages += 1;
    if let Err(problem) = replayed(path, options, report).await {
        report.fail(path.display().to_string(), problem);
    }
}

async fn replayed(path: &Path, options: &Options, report: &mut Report) -> Result<(), String> {
    let xml = fs::read_to_string(path).map_err(|error| error.to_string())?;
    let message = Inbound::parse(xml.as_bytes()).map_err(|error| error.to_string())?;
    let found = serde_json::to_string_pretty(&message).map_err(|error| error.to_string())? + "\n";
    let beside = path.with_extension("json");
    let expected = fs::read_to_string(&beside).unwrap_or_default();
    if let Some(differs) = diff::lines(&expected, &found) {
        if !options.bless {
            return Err(format!("{} differs:\n{differs}", beside.display()));
        }
        bless::reply(&beside, found.trim_end())?;
        report.blessed.push(beside.display().to_string());
    }
    let answer = match &options.remote {
        Some(remote) => remote.conversation().post(&xml).await?,
        None => {
            let now = Time::from_unix_s(message.created.saturating_add(1));
            Service::start(Mode::Safe, now, false)?.post(&xml).await?
        }
    };
    report.posts += 1;
    if answer.starts_with("HTTP ") { Err(format!("the service answers {answer}")) } else { Ok(()) }
}
