use xxhash_rust::xxh3::xxh3_64;

use super::{Fields, Inbound, Kind, Place};
use crate::wechat::event::Event;
use crate::wechat::xml::{self, Element, XmlError};

/// The longest id of a follower or account that is taken; in practice they have 28 and 15 characters.
pub const OPENID_BYTES_MAX: usize = 64;

/// Why a document is no message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    #[error(transparent)]
    Xml(#[from] XmlError),
    #[error("{0} is missing or empty")]
    Missing(&'static str),
    #[error("{0} is longer than {OPENID_BYTES_MAX} bytes or holds what no id does")]
    NotAnId(&'static str),
    #[error("{0} is not a number")]
    NotANumber(&'static str),
}

impl Inbound {
    /// Reads the inner XML of a push.
    ///
    /// # Errors
    /// [`Malformed`] when it isn't XML within bounds or one of the four header elements is missing. A type,
    /// event or element that is not known is no error.
    pub fn parse(document: &[u8]) -> Result<Inbound, Malformed> {
        Inbound::read(xml::parse(document)?, xxh3_64(document))
    }

    /// As [`parse`](Self::parse), for a document that was parsed already.
    pub(in crate::wechat) fn read(root: Element, raw_hash: u64) -> Result<Inbound, Malformed> {
        let mut fields = Fields::of(root.children);
        let to = id(&mut fields, "ToUserName")?;
        let from = id(&mut fields, "FromUserName")?;
        let created = fields.number("CreateTime").ok_or_else(|| match fields.trimmed("CreateTime") {
            Some(_) => Malformed::NotANumber("CreateTime"),
            None => Malformed::Missing("CreateTime"),
        })?;
        let msg_type = fields.word("MsgType").ok_or(Malformed::Missing("MsgType"))?;
        let kind = kind(&msg_type, &mut fields)?;
        Ok(Inbound {
            to,
            from,
            created,
            kind,
            msg_id: fields.trimmed("MsgId").or_else(|| fields.trimmed("MsgID")),
            msg_data_id: fields.trimmed("MsgDataId"),
            idx: fields.number("Idx"),
            business_id: fields.trimmed("BusinessId"),
            union_id: fields.trimmed("UnionId"),
            extra: fields.leftovers(),
            raw_hash,
        })
    }
}

/// Ids go into keys, logs and lists: nothing but printable ASCII.
fn id(fields: &mut Fields, name: &'static str) -> Result<String, Malformed> {
    let id = fields.trimmed(name).ok_or(Malformed::Missing(name))?;
    let is_id = id.len() <= OPENID_BYTES_MAX && id.bytes().all(|b| b.is_ascii_graphic());
    if is_id { Ok(id) } else { Err(Malformed::NotAnId(name)) }
}

fn kind(msg_type: &str, fields: &mut Fields) -> Result<Kind, Malformed> {
    Ok(match msg_type {
        "text" => Kind::Text { content: fields.text("Content"), menu_id: fields.trimmed("bizmsgmenuid") },
        "image" => Kind::Image { pic_url: fields.text("PicUrl"), media_id: fields.text("MediaId") },
        "voice" => Kind::Voice {
            media_id: fields.text("MediaId"),
            format: fields.text("Format"),
            media_id_16k: fields.optional("MediaId16K"),
            recognition: fields.optional("Recognition"),
        },
        "video" => {
            Kind::Video { media_id: fields.text("MediaId"), thumb_media_id: fields.text("ThumbMediaId") }
        }
        "shortvideo" => {
            Kind::ShortVideo { media_id: fields.text("MediaId"), thumb_media_id: fields.text("ThumbMediaId") }
        }
        "location" => Kind::Location(Place::read(fields)),
        "link" => Kind::Link {
            title: fields.text("Title"),
            description: fields.text("Description"),
            url: fields.text("Url"),
        },
        "file" => Kind::File {
            title: fields.text("Title"),
            description: fields.text("Description"),
            file_key: fields.text("FileKey"),
            file_md5: fields.text("FileMd5"),
            bytes: fields.number("FileTotalLen"),
        },
        "miniprogrampage" => Kind::MiniProgramPage {
            app_id: fields.text("AppId"),
            title: fields.text("Title"),
            page_path: fields.text("PagePath"),
            thumb_url: fields.text("ThumbUrl"),
            thumb_media_id: fields.text("ThumbMediaId"),
        },
        "event" => Kind::Event(Event::read(fields)),
        other => Kind::Unknown { msg_type: other.to_owned() },
    })
}

impl Place {
    pub(in crate::wechat) fn read(fields: &mut Fields) -> Place {
        Place {
            latitude: fields.decimal("Location_X"),
            longitude: fields.decimal("Location_Y"),
            scale: fields.number("Scale"),
            label: fields.text("Label"),
            poi_name: fields.optional("Poiname"),
        }
    }
}
