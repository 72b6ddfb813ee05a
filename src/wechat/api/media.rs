//! Media that WeChat keeps for three days (临时素材).
//!
//! Source: «新增临时素材», «获取临时素材», «高清语音素材», «上传图文消息图片».

use http::Uri;
use serde::Deserialize;
use serde_json::Value;

use super::call::Call;
use super::download::{Download, started};
use super::failure::Failure;
use super::form::Form;
use super::transport::{Answer, Body, Request, broken, check_status};
use super::upload::{MediaKind, Takes, Upload};
use super::{Client, lenient};

const UPLOAD: Call = Call::change("/cgi-bin/media/upload");
const GET: Call = Call::get("/cgi-bin/media/get");
const GET_HIGH: Call = Call::get("/cgi-bin/media/get/jssdk");
const UPLOAD_PICTURE: Call = Call::change("/cgi-bin/media/uploadimg");

/// A picture inside an article.
const PICTURE: Takes = Takes { bytes_max: (1 << 20) - 1, extensions: &["jpg", "jpeg", "png"] };

/// Where WeChat keeps films.
const FILM_HOSTS: &[&str] = &["qq.com", "qpic.cn", "wechat.com"];

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Uploaded {
    /// Good for three days, as often as one likes.
    #[serde(alias = "thumb_media_id", deserialize_with = "lenient::text")]
    pub media_id: String,
    /// In seconds since 1970.
    #[serde(default, deserialize_with = "lenient::number")]
    pub created_at: i64,
}

#[derive(Deserialize)]
struct Picture {
    #[serde(deserialize_with = "lenient::text")]
    url: String,
}

impl Client {
    /// Keeps a file for three days. image: png, jpg, gif up to 10 MB; voice: amr, mp3 up to 2 MB and 60 s; video: mp4
    /// up to 10 MB; thumb: jpg up to 64 KB.
    pub async fn upload_media(&self, kind: MediaKind, file: &Upload) -> Result<Uploaded, Failure> {
        file.check(&UPLOAD, &kind.takes_for_days())?;
        let form = self.form(file);
        self.json(&Request { call: &UPLOAD, query: &[("type", kind.as_str())], body: Body::Form(&form) })
            .await
    }

    /// A picture to show inside an article: jpg or png under 1 MB. Gives its address.
    pub async fn upload_picture(&self, file: &Upload) -> Result<String, Failure> {
        file.check(&UPLOAD_PICTURE, &PICTURE)?;
        let form = self.form(file);
        let request = Request { call: &UPLOAD_PICTURE, query: &[], body: Body::Form(&form) };
        self.json::<Picture>(&request).await.map(|picture| picture.url)
    }

    /// A file that a follower sent, or that was uploaded. Films are fetched from where WeChat says.
    ///
    /// Errors: permanent with 40007 after three days.
    pub async fn media_get(&self, media_id: &str) -> Result<Download, Failure> {
        let query = [("media_id", media_id)];
        match self.file(&Request { call: &GET, query: &query, body: Body::Empty }).await? {
            Answer::File(download) => Ok(download),
            Answer::Json(answer) => self.film(&GET, &answer["video_url"]).await,
        }
    }

    /// A recording made by a page (JS-SDK), as speex at 16 kHz.
    pub async fn media_get_high(&self, media_id: &str) -> Result<Download, Failure> {
        let query = [("media_id", media_id)];
        match self.file(&Request { call: &GET_HIGH, query: &query, body: Body::Empty }).await? {
            Answer::File(download) => Ok(download),
            Answer::Json(_) => Err(Failure::unanswered(&GET_HIGH, "the answer is no file")),
        }
    }

    pub(super) fn form<'a>(&self, file: &'a Upload) -> Form<'a> {
        Form { file, field: None, seed: self.0.clock.moment().seed }
    }

    /// Fetches a film by its link: without the token, and only where WeChat keeps films.
    pub(super) async fn film(&self, call: &'static Call, link: &Value) -> Result<Download, Failure> {
        let link = link.as_str().ok_or_else(|| Failure::unanswered(call, "the answer is no file"))?;
        if !is_films_place(link, &self.0.settings.base) {
            return Err(Failure::refused(call, "the film's link leads away from WeChat"));
        }
        let request = self.0.http.get(link).timeout(self.0.settings.media_timeout);
        let response = request.send().await.map_err(|error| broken(call, error))?;
        check_status(call, response.status())?;
        started(call, response)
    }
}

fn is_films_place(link: &str, base: &str) -> bool {
    let (Ok(link), Ok(base)) = (link.parse::<Uri>(), base.parse::<Uri>()) else { return false };
    if link.authority() == base.authority() {
        return true;
    }
    let host = link.host().unwrap_or_default().to_ascii_lowercase();
    let within = |domain: &&str| host.strip_suffix(*domain).is_some_and(|sub| sub.ends_with('.'));
    FILM_HOSTS.iter().any(within)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn films_are_fetched_from_wechat_only() {
        let place = |link: &str| is_films_place(link, "http://127.0.0.1:8080/simulator/api");
        assert!(place("http://vweixinp.tc.qq.com/1007_a.f10.mp4?vkey=1"));
        assert!(place("http://127.0.0.1:8080/simulator/film/1"));
        for away in [
            "http://127.0.0.1:22/",
            "http://qq.com.evil.example/",
            "http://evilqq.com/",
            "file:///etc/passwd",
            "",
        ] {
            assert!(!place(away), "{away}");
        }
    }
}
