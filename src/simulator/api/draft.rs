//! Drafts (草稿) and publishing (发布).

use serde_json::{Value, json};

use super::media::window;
use super::{Answered, Endpoint, Refused, Request, get, number, ok, post, refused, text, told};
use crate::simulator::phone::Article;
use crate::wechat::event::{Event, Publication};
use crate::wechat::message::Kind;

const TITLE_CHARS_MAX: usize = 32;
const AUTHOR_CHARS_MAX: usize = 16;
const DIGEST_CHARS_MAX: usize = 128;
const CONTENT_CHARS_MAX: usize = 20_000;
const SOURCE_BYTES_MAX: usize = 1 << 10;
const PICTURES_MAX: usize = 20;

pub const ENDPOINTS: &[Endpoint] = &[
    post("/cgi-bin/draft/add", add),
    post("/cgi-bin/draft/get", show),
    post("/cgi-bin/draft/update", update),
    post("/cgi-bin/draft/delete", delete),
    get("/cgi-bin/draft/count", |request| {
        told(json!({"total_count": request.with_account(|account| account.drafts.len())}))
    }),
    post("/cgi-bin/draft/batchget", list),
    post("/cgi-bin/freepublish/submit", publish),
    post("/cgi-bin/freepublish/get", status),
    post("/cgi-bin/freepublish/delete", unpublish),
    post("/cgi-bin/freepublish/getarticle", article),
    post("/cgi-bin/freepublish/batchget", published),
];

/// As a follower sees them before opening one.
pub fn articles(draft: &Value) -> Vec<Article> {
    let shown = |article: &Value| Article {
        title: text(article, "title").to_owned(),
        description: text(article, "digest").to_owned(),
        url: text(article, "content_source_url").to_owned(),
    };
    draft.as_array().into_iter().flatten().map(shown).collect()
}

fn checked(request: &Request, article: &Value) -> Result<(), Refused> {
    let title = text(article, "title");
    if title.is_empty() {
        return Err(refused(44004, "empty content"));
    }
    if title.chars().count() > TITLE_CHARS_MAX {
        return Err(refused(45003, "title size out of limit"));
    }
    let chars = |name: &str| text(article, name).chars().count();
    if chars("author") > AUTHOR_CHARS_MAX {
        return Err(refused(45110, "author size out of limit"));
    }
    if chars("digest") > DIGEST_CHARS_MAX {
        return Err(refused(45004, "description size out of limit"));
    }
    if chars("content") >= CONTENT_CHARS_MAX {
        return Err(refused(45002, "content size out of limit"));
    }
    if text(article, "content_source_url").len() > SOURCE_BYTES_MAX {
        return Err(refused(45005, "url size out of limit"));
    }
    let pictures: Vec<&str> = match text(article, "article_type") {
        "" | "news" => vec![text(article, "thumb_media_id")],
        "newspic" => {
            let list = article["image_info"]["image_list"].as_array();
            list.into_iter().flatten().map(|picture| text(picture, "image_media_id")).collect()
        }
        _ => return Err(refused(40008, "invalid message type")),
    };
    if pictures.is_empty() || pictures.len() > PICTURES_MAX {
        return Err(refused(45008, "article size out of limit"));
    }
    // Only what is kept for good: a picture that expires would leave a hole.
    let kept = |media_id: &&str| request.with_account(|account| account.materials.contains_key(*media_id));
    match pictures.iter().all(kept) {
        true => Ok(()),
        false => Err(refused(40007, "invalid media_id")),
    }
}

fn add(request: &Request) -> Answered {
    let body = request.json()?;
    let articles = body["articles"].as_array().cloned().unwrap_or_default();
    if articles.is_empty() || articles.len() > 8 {
        return Err(refused(45008, "article size out of limit"));
    }
    for article in &articles {
        checked(request, article)?;
    }
    request.with_account(|account| {
        let media_id = account.next_id("draft");
        account.drafts.insert(media_id.clone(), Value::Array(articles));
        told(json!({"media_id": media_id}))
    })
}

/// A draft that a send names: it may have been sent before.
pub fn named(request: &Request, media_id: &str) -> Result<Value, Refused> {
    let found = request.with_account(|account| {
        account.drafts.get(media_id).or_else(|| account.sent_drafts.get(media_id)).cloned()
    });
    found.ok_or_else(|| refused(40007, "invalid media_id"))
}

fn draft(request: &Request, body: &Value) -> Result<Value, Refused> {
    let found = request.with_account(|account| account.drafts.get(text(body, "media_id")).cloned());
    found.ok_or_else(|| refused(40007, "invalid media_id"))
}

fn show(request: &Request) -> Answered {
    let body = request.json()?;
    told(json!({"news_item": draft(request, &body)?}))
}

fn update(request: &Request) -> Answered {
    let body = request.json()?;
    let mut articles = draft(request, &body)?;
    checked(request, &body["articles"])?;
    let index = number(&body["index"]).unwrap_or(0) as usize;
    match articles.get_mut(index) {
        Some(article) => *article = body["articles"].clone(),
        None => return Err(refused(40114, "invalid index value")),
    }
    request.with_account(|account| account.drafts.insert(text(&body, "media_id").to_owned(), articles));
    ok()
}

fn delete(request: &Request) -> Answered {
    let body = request.json()?;
    match request.with_account(|account| account.drafts.remove(text(&body, "media_id"))) {
        Some(_) => ok(),
        None => Err(refused(40007, "invalid media_id")),
    }
}

fn list(request: &Request) -> Answered {
    let body = request.json()?;
    let (offset, count) = window(&body)?;
    request.with_account(|account| {
        let item = |(id, articles): (&String, &Value)| {
            json!({"media_id": id, "content": {"news_item": articles}, "update_time": request.now.unix_s()})
        };
        let items: Vec<Value> = account.drafts.iter().skip(offset).take(count).map(item).collect();
        told(json!({"total_count": account.drafts.len(), "item_count": items.len(), "item": items}))
    })
}

fn publish(request: &Request) -> Answered {
    let body = request.json()?;
    let articles = draft(request, &body)?;
    let (publish_id, article_id) = request.with_account(|account| {
        account.drafts.remove(text(&body, "media_id"));
        let (publish_id, article_id) = (2_247_503_000 + account.next(), account.next_id("article"));
        account.published.insert(article_id.clone(), articles);
        account.publications.insert(publish_id, article_id.clone());
        (publish_id, article_id)
    });
    let finished = Publication {
        publish_id: publish_id.to_string(),
        status: Some(0),
        article_id: Some(article_id),
        ..Publication::default()
    };
    request
        .simulator
        .tell_later("oPlatform00000000000000000000", Kind::Event(Event::PublishJobFinish(finished)));
    told(json!({"errcode": 0, "errmsg": "ok", "publish_id": publish_id, "msg_data_id": publish_id}))
}

fn status(request: &Request) -> Answered {
    let body = request.json()?;
    let id = number(&body["publish_id"]).unwrap_or(0);
    match request.with_account(|account| account.publications.get(&id).cloned()) {
        Some(article) => told(publication(request, id, &article)),
        None => Err(refused(53600, "Article ID 无效")),
    }
}

/// Taken back since: 5.
fn publication(request: &Request, id: u64, article: &str) -> Value {
    let articles = request.with_account(|account| account.published.get(article).cloned());
    let Some(articles) = articles else {
        return json!({"publish_id": id, "publish_status": 5, "fail_idx": []});
    };
    let item = |index: usize| json!({"idx": index, "article_url": format!("http://mp.weixin.qq.com/s/{article}-{index}")});
    let items: Vec<Value> = (1..=articles.as_array().map_or(0, Vec::len)).map(item).collect();
    json!({"publish_id": id, "publish_status": 0, "article_id": article, "fail_idx": [],
           "article_detail": {"count": items.len(), "item": items}})
}

fn unpublish(request: &Request) -> Answered {
    let body = request.json()?;
    let (id, index) = (text(&body, "article_id"), number(&body["index"]).unwrap_or(0) as usize);
    request.with_account(|account| {
        let articles = account.published.get_mut(id).and_then(Value::as_array_mut);
        let articles = articles.ok_or_else(|| refused(53600, "Article ID 无效"))?;
        match index.checked_sub(1) {
            None => articles.clear(), // all
            Some(at) if at < articles.len() => drop(articles.remove(at)),
            Some(_) => return Err(refused(40114, "invalid index value")),
        }
        if articles.is_empty() {
            account.published.remove(id);
        }
        ok()
    })
}

fn article(request: &Request) -> Answered {
    let body = request.json()?;
    match request.with_account(|account| account.published.get(text(&body, "article_id")).cloned()) {
        Some(articles) => told(json!({"news_item": articles})),
        None => Err(refused(53600, "Article ID 无效")),
    }
}

fn published(request: &Request) -> Answered {
    let body = request.json()?;
    let (offset, count) = window(&body)?;
    request.with_account(|account| {
        let item = |(id, articles): (&String, &Value)| {
            json!({"article_id": id, "content": {"news_item": articles}, "update_time": request.now.unix_s()})
        };
        let items: Vec<Value> = account.published.iter().skip(offset).take(count).map(item).collect();
        told(json!({"total_count": account.published.len(), "item_count": items.len(), "item": items}))
    })
}
