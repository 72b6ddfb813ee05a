use super::{Inbound, Kind, Place};
use crate::wechat::xml::Writer;

impl Inbound {
    /// The message as WeChat would post it in plain mode.
    pub fn to_xml(&self) -> String {
        let mut xml = Writer::new(512);
        xml.text("ToUserName", &self.to);
        xml.text("FromUserName", &self.from);
        xml.number("CreateTime", self.created);
        self.kind.write(&mut xml);
        xml.optional("MsgId", self.msg_id.as_deref());
        xml.optional("MsgDataId", self.msg_data_id.as_deref());
        xml.optional_number("Idx", self.idx);
        xml.optional("BusinessId", self.business_id.as_deref());
        xml.optional("UnionId", self.union_id.as_deref());
        self.extra.iter().for_each(|field| field.write(&mut xml));
        xml.finish()
    }
}

impl Kind {
    fn write(&self, xml: &mut Writer) {
        match self {
            Kind::Unknown { msg_type } => xml.text("MsgType", msg_type),
            known => xml.optional("MsgType", known.msg_type()),
        }
        match self {
            Kind::Text { content, menu_id } => {
                xml.text("Content", content);
                xml.optional("bizmsgmenuid", menu_id.as_deref());
            }
            Kind::Image { pic_url, media_id } => {
                xml.text("PicUrl", pic_url);
                xml.text("MediaId", media_id);
            }
            Kind::Voice { media_id, format, media_id_16k, recognition } => {
                xml.text("MediaId", media_id);
                xml.text("Format", format);
                xml.optional("MediaId16K", media_id_16k.as_deref());
                xml.optional("Recognition", recognition.as_deref());
            }
            Kind::Video { media_id, thumb_media_id } | Kind::ShortVideo { media_id, thumb_media_id } => {
                xml.text("MediaId", media_id);
                xml.text("ThumbMediaId", thumb_media_id);
            }
            Kind::Location(place) => place.write(xml),
            Kind::Link { title, description, url } => {
                xml.text("Title", title);
                xml.text("Description", description);
                xml.text("Url", url);
            }
            Kind::File { title, description, file_key, file_md5, bytes } => {
                xml.text("Title", title);
                xml.text("Description", description);
                xml.text("FileKey", file_key);
                xml.text("FileMd5", file_md5);
                xml.optional_number("FileTotalLen", *bytes);
            }
            Kind::MiniProgramPage { app_id, title, page_path, thumb_url, thumb_media_id } => {
                xml.text("AppId", app_id);
                xml.text("Title", title);
                xml.text("PagePath", page_path);
                xml.text("ThumbUrl", thumb_url);
                xml.text("ThumbMediaId", thumb_media_id);
            }
            Kind::Event(event) => event.write(xml),
            Kind::Unknown { .. } => {}
        }
    }
}

impl Place {
    pub(in crate::wechat) fn write(&self, xml: &mut Writer) {
        xml.optional_number("Location_X", self.latitude);
        xml.optional_number("Location_Y", self.longitude);
        xml.optional_number("Scale", self.scale);
        xml.text("Label", &self.label);
        xml.optional("Poiname", self.poi_name.as_deref());
    }
}
