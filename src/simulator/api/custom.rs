//! Customer-service messages (客服消息).

use serde_json::Value;

use super::{Answered, Endpoint, Refused, Request, number, ok, post, refused, text};
use crate::simulator::phone::{Article, Delivered, Shown};

/// Measured; the documentation names no figure.
const TEXT_BYTES_MAX: usize = 2_048;

pub const ENDPOINTS: &[Endpoint] =
    &[post("/cgi-bin/message/custom/send", send), post("/cgi-bin/message/custom/typing", typing)];

fn send(request: &Request) -> Answered {
    let message = request.json()?;
    let to = text(&message, "touser").to_owned();
    let (shown, what) = shown(request, &message)?;
    let worker = text(&message["customservice"], "kf_account");
    if !worker.is_empty() && !request.with_account(|account| account.desk.contains_key(worker)) {
        return Err(refused(65401, "invalid custom service account"));
    }
    let now = request.now;
    let delivered = Delivered { by: "custom", what, client_id: None };
    let taken = request.simulator.with_phone(&to, |phone| {
        if !phone.subscribed {
            return Err(refused(45015, "response out of time limit or subscription is canceled"));
        }
        phone.spend(now)?;
        phone.delivered.push(delivered.clone());
        Ok(())
    });
    taken.ok_or_else(|| refused(40003, "invalid openid"))??;
    request.simulator.show_called(&to, shown, "/cgi-bin/message/custom/send", &request.body);
    ok()
}

fn shown(request: &Request, message: &Value) -> Result<(Shown, String), Refused> {
    let kind = text(message, "msgtype");
    let object = &message[kind];
    let media = |what: &str, name: &str| {
        let media_id = text(object, name).to_owned();
        if !super::media::is_known(request, &media_id) {
            return Err(refused(40007, "invalid media_id"));
        }
        Ok((Shown::Media { what: what.to_owned(), media_id: media_id.clone() }, media_id))
    };
    Ok(match kind {
        "text" => {
            let content = text(object, "content").to_owned();
            if content.is_empty() {
                return Err(refused(44004, "empty content"));
            }
            if content.len() > TEXT_BYTES_MAX {
                return Err(refused(45002, "content size out of limit"));
            }
            (Shown::Text { text: content.clone() }, content)
        }
        "image" => media("Image", "media_id")?,
        "voice" => media("Voice", "media_id")?,
        "video" => media("Video", "thumb_media_id").and_then(|_| media("Video", "media_id"))?,
        "miniprogrampage" => media("MiniProgram", "thumb_media_id")?,
        "mpnews" => {
            let media_id = text(object, "media_id").to_owned();
            super::draft::named(request, &media_id)?;
            (Shown::Media { what: "Article".to_owned(), media_id: media_id.clone() }, media_id)
        }
        "music" => {
            media("Music", "thumb_media_id")?;
            let title = text(object, "title").to_owned();
            (Shown::Media { what: "Music".to_owned(), media_id: title.clone() }, title)
        }
        "news" => {
            let articles: Vec<Article> =
                object["articles"].as_array().into_iter().flatten().map(article).collect();
            if articles.len() != 1 {
                return Err(refused(45008, "article size out of limit"));
            }
            let what = articles.iter().map(|article| article.title.clone()).collect();
            (Shown::News { articles }, what)
        }
        "mpnewsarticle" => {
            let id = text(object, "article_id").to_owned();
            let known = request.with_account(|account| account.published.contains_key(&id));
            if !known {
                return Err(refused(53600, "Article ID 无效"));
            }
            (Shown::Media { what: "Article".to_owned(), media_id: id.clone() }, id)
        }
        "msgmenu" => {
            let text = menu(object);
            (Shown::Text { text: text.clone() }, text)
        }
        "wxcard" => {
            let id = text(object, "card_id").to_owned();
            (Shown::Media { what: "Card".to_owned(), media_id: id.clone() }, id)
        }
        _ => return Err(refused(40008, "invalid message type")),
    })
}

pub fn article(item: &Value) -> Article {
    let field = |name: &str| text(item, name).to_owned();
    Article { title: field("title"), description: field("description"), url: field("url") }
}

/// Choices are links that send their words.
fn menu(object: &Value) -> String {
    let mut lines = vec![text(object, "head_content").to_owned()];
    for choice in object["list"].as_array().into_iter().flatten() {
        let id =
            choice["id"].as_str().map(str::to_owned).or_else(|| number(&choice["id"]).map(|n| n.to_string()));
        let words = text(choice, "content");
        lines.push(crate::wechat::reply::menu_link(words, words, &id.unwrap_or_default()));
    }
    lines.push(text(object, "tail_content").to_owned());
    lines.retain(|line| !line.is_empty());
    lines.join("\n")
}

fn typing(request: &Request) -> Answered {
    let body = request.json()?;
    let is_typing = match text(&body, "command") {
        "Typing" => true,
        "CancelTyping" => false,
        _ => return Err(refused(45072, "command字段取值不对")),
    };
    let now = request.now;
    let taken = request.simulator.with_phone(text(&body, "touser"), |phone| phone.typing(is_typing, now));
    taken.ok_or_else(|| refused(40003, "invalid openid"))??;
    ok()
}
