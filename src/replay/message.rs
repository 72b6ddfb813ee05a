//! One push of `fixtures/messages`: it must be parsed to what stands beside it, and answered.

use std::fs;
use std::path::Path;

use serde::Serialize;

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

fn pretty(value: &impl Serialize) -> Result<String, String> {
    Ok(serde_json::to_string_pretty(value).map_err(|error| error.to_string())? + "\n")
}

async fn replayed(path: &Path, options: &Options, report: &mut Report) -> Result<(), String> {
    let xml = fs::read_to_string(path).map_err(|error| error.to_string())?;
    let message = Inbound::parse(xml.as_bytes()).map_err(|error| error.to_string())?;
    let found = pretty(&message)?;
    let beside = path.with_extension("json");
    let expected = fs::read_to_string(&beside).unwrap_or_default();
    // However it is laid out, and whatever the order of its fields.
    let same = |value: &serde_json::Value| serde_json::to_value(&message).is_ok_and(|found| found == *value);
    let read = serde_json::from_str(&expected).ok();
    if !read.as_ref().is_some_and(same) {
        let expected = read.as_ref().map_or(Ok(expected), pretty)?;
        let differs = diff::lines(&expected, &found).unwrap_or_default();
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
            Service::start(Mode::Safe, now, false, None)?.post(&xml).await?
        }
    };
    report.posts += 1;
    if answer.starts_with("HTTP ") { Err(format!("the service answers {answer}")) } else { Ok(()) }
}
