//! Media that WeChat keeps for good (永久素材): 100,000 pictures and articles, 1,000 of each other kind.
//!
//! Source: «永久素材».

use serde::Deserialize;
use serde_json::{Value, json};

use super::answer::Nothing;
use super::call::Call;
use super::download::Download;
use super::draft::check_page;
use super::failure::Failure;
use super::form::Form;
use super::transport::{Answer, Body, Request};
use super::upload::{MediaKind, Upload};
use super::{Client, lenient};

const ADD: Call = Call::change("/cgi-bin/material/add_material");
const GET: Call = Call::ask("/cgi-bin/material/get_material");
const DELETE: Call = Call::change("/cgi-bin/material/del_material");
const COUNT: Call = Call::get("/cgi-bin/material/get_materialcount");
const LIST: Call = Call::ask("/cgi-bin/material/batchget_material");

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Permanent {
    #[serde(deserialize_with = "lenient::text")]
    pub media_id: String,
    /// Of pictures only; shown inside WeChat only.
    #[serde(default, deserialize_with = "lenient::text_or_none")]
    pub url: Option<String>,
}

/// What [`Client::material`] finds.
#[derive(Debug)]
pub enum Material {
    File(Download),
    /// Fetch it by [`Client::material_video`].
    Video {
        title: String,
        description: String,
        down_url: String,
    },
    /// Articles as WeChat writes them (`news_item`).
    News(Vec<Value>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
pub struct MaterialCounts {
    #[serde(deserialize_with = "lenient::number")]
    pub voice_count: u64,
    #[serde(deserialize_with = "lenient::number")]
    pub video_count: u64,
    #[serde(deserialize_with = "lenient::number")]
    pub image_count: u64,
    #[serde(deserialize_with = "lenient::number")]
    pub news_count: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MaterialKind {
    Image,
    Voice,
    Video,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
pub struct MaterialPage {
    #[serde(rename = "total_count", deserialize_with = "lenient::number")]
    pub total: u64,
    #[serde(rename = "item", deserialize_with = "lenient::list")]
    pub items: Vec<MaterialItem>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
pub struct MaterialItem {
    #[serde(deserialize_with = "lenient::text")]
    pub media_id: String,
    #[serde(deserialize_with = "lenient::text")]
    pub name: String,
    /// In seconds since 1970.
    #[serde(deserialize_with = "lenient::number")]
    pub update_time: i64,
    #[serde(deserialize_with = "lenient::text_or_none")]
    pub url: Option<String>,
}

#[derive(Deserialize)]
struct Found {
    #[serde(default, deserialize_with = "lenient::text")]
    title: String,
    #[serde(default, deserialize_with = "lenient::text")]
    description: String,
    #[serde(default, deserialize_with = "lenient::text_or_none")]
    down_url: Option<String>,
    #[serde(default, deserialize_with = "lenient::list")]
    news_item: Vec<Value>,
}

impl Client {
    /// Keeps a picture, a recording or a thumb for good. image: bmp, png, jpg, gif up to 10 MB; voice: mp3, wma, wav,
    /// amr up to 2 MB and 60 s; thumb: jpg up to 64 KB. Films need [`Client::add_video`].
    pub async fn add_material(&self, kind: MediaKind, file: &Upload) -> Result<Permanent, Failure> {
        if kind == MediaKind::Video {
            return Err(Failure::refused(&ADD, "a video needs a title and an introduction"));
        }
        self.add(kind, file, None).await
    }

    /// Keeps a film (mp4, up to 10 MB) for good.
    pub async fn add_video(
        &self,
        file: &Upload,
        title: &str,
        introduction: &str,
    ) -> Result<Permanent, Failure> {
        ADD.not_empty("title", title)?;
        let description = json!({ "title": title, "introduction": introduction }).to_string();
        self.add(MediaKind::Video, file, Some(description)).await
    }

    async fn add(
        &self,
        kind: MediaKind,
        file: &Upload,
        description: Option<String>,
    ) -> Result<Permanent, Failure> {
        file.check(&ADD, &kind.takes_for_good())?;
        let form = Form { field: description.map(|text| ("description", text)), ..self.form(file) };
        self.json(&Request { call: &ADD, query: &[("type", kind.as_str())], body: Body::Form(&form) }).await
    }

    pub async fn material(&self, media_id: &str) -> Result<Material, Failure> {
        let body = Body::json(&GET, &json!({ "media_id": media_id }))?;
        let answer = match self.file(&Request { call: &GET, query: &[], body }).await? {
            Answer::File(download) => return Ok(Material::File(download)),
            Answer::Json(answer) => answer,
        };
        let found: Found = super::answer::typed(&GET, answer)?;
        Ok(match found.down_url {
            Some(down_url) => {
                Material::Video { title: found.title, description: found.description, down_url }
            }
            None => Material::News(found.news_item),
        })
    }

    /// The film of a [`Material::Video`].
    pub async fn material_video(&self, down_url: &str) -> Result<Download, Failure> {
        self.film(&GET, &json!(down_url)).await
    }

    /// Errors: 48005 if a menu or an automatic reply uses it.
    pub async fn delete_material(&self, media_id: &str) -> Result<(), Failure> {
        self.post::<Nothing>(&DELETE, &json!({ "media_id": media_id })).await.map(|_| ())
    }

    pub async fn material_counts(&self) -> Result<MaterialCounts, Failure> {
        self.get(&COUNT, &[]).await
    }

    /// A page of 1 to 20.
    pub async fn materials(
        &self,
        kind: MaterialKind,
        offset: u64,
        count: usize,
    ) -> Result<MaterialPage, Failure> {
        check_page(&LIST, count)?;
        let kind = match kind {
            MaterialKind::Image => "image",
            MaterialKind::Voice => "voice",
            MaterialKind::Video => "video",
        };
        self.post(&LIST, &json!({ "type": kind, "offset": offset, "count": count })).await
    }
}
