//! 职工服务: pages of others where a service is to be had that isn't here.

use super::texts::consult as texts;
use super::{Step, Turn, done};
use crate::content::{Link, Value};
use crate::store::Fault;
use crate::wechat::reply::neutral;

pub fn home<S>(turn: &Turn) -> Result<Step<S>, Fault> {
    let links = &turn.content.links.all;
    if links.is_empty() {
        return done(turn.say(&texts::LINKS_NONE, &[]));
    }
    // Links of a topic stand together, in the order of the file.
    let of = |chunk: &[Link]| {
        let topic = chunk.first().map(|link| neutral(&link.topic)).unwrap_or_default();
        let lines: Vec<String> = chunk.iter().map(line).collect();
        format!("【{topic}】\n{}", lines.join("\n"))
    };
    let topics: Vec<String> = links.chunk_by(|a, b| a.topic == b.topic).map(of).collect();
    done(turn.say(&texts::LINKS, &[("links", Value::raw(topics.join("\n")))]))
}

/// The address was checked when the file was read.
fn line(link: &Link) -> String {
    format!("<a href=\"{}\">{}</a>：{}", link.url, neutral(&link.title), neutral(&link.about))
}
