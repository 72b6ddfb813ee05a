//! The live bar of a broadcast on its way.

use std::io::IsTerminal;
use std::time::Duration;

use indicatif::ProgressBar;
use serde_json::Value;

use crate::cli::answer::text_of;
use crate::cli::client::Client;
use crate::cli::out::{self, Failure};
use crate::cli::{Done, block_on, progress};

const EVERY: Duration = Duration::from_millis(500);
/// A service that restarts is waited for so many times [`EVERY`]: a minute.
const PATIENCE: u32 = 120;

pub(super) fn run(client: &Client, id: &str, json: bool) -> Done {
    block_on(watch(client, id, json))
}

async fn watch(client: &Client, id: &str, json: bool) -> Done {
    let path = format!("/broadcasts/{id}/progress");
    let mut seen = client.get(&path).await?;
    let bar = progress::recipients();
    let mut told = String::new();
    loop {
        show(&bar, &seen);
        if json {
            out::print(&format!("{seen}\n"))?;
        } else if !std::io::stderr().is_terminal() && seen["state"] != told.as_str() {
            told = text_of(&seen["state"]);
            out::say(line(&seen)); // nothing is drawn there
        }
        match seen["state"].as_str().unwrap_or_default() {
            "done" | "cancelled" | "stopped" => break,
            _ => tokio::time::sleep(EVERY).await,
        }
        seen = patiently(client, &path, &bar).await?;
    }
    bar.finish_and_clear();
    ended(client, id, &seen, json).await
}

/// The service may be restarting, which costs a broadcast nothing but time.
async fn patiently(client: &Client, path: &str, bar: &ProgressBar) -> Result<Value, Failure> {
    for _ in 0..PATIENCE {
        match client.get(path).await {
            Ok(progress) => return Ok(progress),
            Err(_) => bar.set_message("the service does not answer"),
        }
        tokio::time::sleep(EVERY).await;
    }
    client.get(path).await
}

fn show(bar: &ProgressBar, seen: &Value) {
    let figure = |key: &str| seen[key].as_u64().unwrap_or_default();
    bar.set_length(figure("recipients"));
    bar.set_position(figure("ended"));
    let state = text_of(&seen["state"]);
    bar.set_message(match seen["waits_until"].as_str() {
        Some(until) => format!("{state}, waits until {until}"),
        None => state,
    });
}

fn line(seen: &Value) -> String {
    let [state, sent, failed, skipped, recipients] =
        ["state", "sent", "failed", "skipped", "recipients"].map(|key| text_of(&seen[key]));
    format!("{state}: {sent} of {recipients} sent, {failed} failed, {skipped} skipped")
}

async fn ended(client: &Client, id: &str, seen: &Value, json: bool) -> Done {
    if !json {
        out::print(&format!("{}\n", line(seen)))?;
    }
    if seen["state"] != "stopped" {
        return Ok(());
    }
    let stopped = client.get(&format!("/broadcasts/{id}")).await?;
    let why = out::tame(stopped["why"].as_str().unwrap_or("for a reason that it does not say"));
    Err(Failure::new(format!("it stopped itself: {why}"))
        .hint(format!("put right what is wrong, then `gonghui broadcast resume {id}`")))
}
