use super::{
    AccessChange, ArticleUrl, ConsentEntry, CopyrightCheck, CopyrightItem, DeliveryEntry, Event, MassSend,
    Pictures, Publication, ScanCode,
};
use crate::wechat::message::Place;
use crate::wechat::xml::Writer;

impl Event {
    pub(in crate::wechat) fn write(&self, xml: &mut Writer) {
        xml.text("Event", self.name());
        match self {
            Event::Subscribe { key, ticket } => {
                xml.text("EventKey", &key.event_key());
                xml.optional("Ticket", ticket.as_deref());
            }
            Event::Unsubscribe => xml.text("EventKey", ""),
            Event::Scan { scene, ticket } => {
                xml.text("EventKey", scene);
                xml.optional("Ticket", ticket.as_deref());
            }
            Event::Location { latitude, longitude, precision } => {
                xml.optional_number("Latitude", *latitude);
                xml.optional_number("Longitude", *longitude);
                xml.optional_number("Precision", *precision);
            }
            Event::Click { key } => xml.text("EventKey", key),
            Event::View { url: key, menu_id } | Event::ViewMiniProgram { path: key, menu_id } => {
                xml.text("EventKey", key);
                xml.optional("MenuId", menu_id.as_deref());
            }
            Event::ScanCodePush { key, scan } | Event::ScanCodeWait { key, scan } => scanned(key, scan, xml),
            Event::PicSysPhoto { key, pictures: pics }
            | Event::PicPhotoOrAlbum { key, pictures: pics }
            | Event::PicWeixin { key, pictures: pics } => pictures(key, pics, xml),
            Event::LocationSelect { key, place } => location(key, place, xml),
            Event::MassSendJobFinish(job) => mass_send(job, xml),
            Event::TemplateSendJobFinish { msg_id, status } => {
                xml.text("MsgID", msg_id);
                xml.text("Status", &status.text());
            }
            Event::PublishJobFinish(job) => xml.group("PublishEventInfo", |xml| publication(job, xml)),
            Event::SubscribeMsgPopup { entries } => consents("SubscribeMsgPopupEvent", entries, xml),
            Event::SubscribeMsgChange { entries } => consents("SubscribeMsgChangeEvent", entries, xml),
            Event::SubscribeMsgSent { entries } => deliveries(entries, xml),
            Event::KfCreateSession { account } | Event::KfCloseSession { account } => {
                xml.text("KfAccount", account);
            }
            Event::KfSwitchSession { from_account, to_account } => {
                xml.text("FromKfAccount", from_account);
                xml.text("ToKfAccount", to_account);
            }
            Event::QualificationVerifySuccess { expires }
            | Event::NamingVerifySuccess { expires }
            | Event::AnnualRenew { expires }
            | Event::VerifyExpired { expires } => xml.optional_number("ExpiredTime", *expires),
            Event::QualificationVerifyFail { failed, reason }
            | Event::NamingVerifyFail { failed, reason } => {
                xml.optional_number("FailTime", *failed);
                xml.text("FailReason", reason);
            }
            Event::WxVerify { step: _, refill_time, refill_reason } => {
                xml.optional_number("RefillTime", *refill_time);
                xml.optional("RefillReason", refill_reason.as_deref());
            }
            Event::UserInfoModified(change)
            | Event::UserAuthorizationRevoke(change)
            | Event::UserAuthorizationCancellation(change) => access_change(change, xml),
            Event::UserEnterTempSession { session_from } => {
                xml.optional("SessionFrom", session_from.as_deref());
            }
            Event::DebugDemo { text } => xml.text("debug_str", text),
            Event::OtherProduct { .. } | Event::Unknown { .. } => {}
        }
    }
}

fn scanned(key: &str, scan: &ScanCode, xml: &mut Writer) {
    xml.text("EventKey", key);
    xml.group("ScanCodeInfo", |xml| {
        xml.text("ScanType", &scan.scan_type);
        xml.text("ScanResult", &scan.result);
    });
}

fn pictures(key: &str, pictures: &Pictures, xml: &mut Writer) {
    xml.text("EventKey", key);
    xml.group("SendPicsInfo", |xml| {
        xml.optional_number("Count", pictures.count);
        xml.group("PicList", |xml| {
            for md5 in &pictures.md5 {
                xml.group("item", |xml| xml.text("PicMd5Sum", md5));
            }
        });
    });
}

fn location(key: &str, place: &Place, xml: &mut Writer) {
    xml.text("EventKey", key);
    xml.group("SendLocationInfo", |xml| place.write(xml));
}

fn mass_send(job: &MassSend, xml: &mut Writer) {
    xml.text("MsgID", &job.msg_id);
    xml.text("Status", &job.status.text());
    xml.optional_number("TotalCount", job.total);
    xml.optional_number("FilterCount", job.filtered);
    xml.optional_number("SentCount", job.sent);
    xml.optional_number("ErrorCount", job.errors);
    if let Some(check) = &job.copyright {
        xml.group("CopyrightCheckResult", |xml| copyright_check(check, xml));
    }
    if let Some(urls) = &job.article_urls {
        xml.group("ArticleUrlResult", |xml| {
            xml.optional_number("Count", urls.count);
            xml.group("ResultList", |xml| articles(&urls.items, "ArticleIdx", "ArticleUrl", xml));
        });
    }
}

fn copyright_check(check: &CopyrightCheck, xml: &mut Writer) {
    xml.optional_number("Count", check.count);
    xml.group("ResultList", |xml| {
        for item in &check.items {
            xml.group("item", |xml| copyright_item(item, xml));
        }
    });
    xml.optional_number("CheckState", check.state);
}

fn copyright_item(item: &CopyrightItem, xml: &mut Writer) {
    xml.optional_number("ArticleIdx", item.article);
    xml.optional_number("UserDeclareState", item.user_declare_state);
    xml.optional_number("AuditState", item.audit_state);
    xml.optional("OriginalArticleUrl", item.original_url.as_deref());
    xml.optional_number("OriginalArticleType", item.original_type);
    xml.optional_number("CanReprint", item.can_reprint);
    xml.optional_number("NeedReplaceContent", item.need_replace_content);
    xml.optional_number("NeedShowReprintSource", item.need_show_reprint_source);
}

fn articles(items: &[ArticleUrl], index: &str, url: &str, xml: &mut Writer) {
    for item in items {
        xml.group("item", |xml| {
            xml.optional_number(index, item.article);
            xml.text(url, &item.url);
        });
    }
}

fn publication(job: &Publication, xml: &mut Writer) {
    xml.text("publish_id", &job.publish_id);
    xml.optional_number("publish_status", job.status);
    xml.optional("article_id", job.article_id.as_deref());
    if let Some(detail) = &job.articles {
        xml.group("article_detail", |xml| {
            xml.optional_number("count", detail.count);
            articles(&detail.items, "idx", "article_url", xml);
        });
    }
    job.failed.iter().for_each(|index| xml.number("fail_idx", index));
}

fn consents(wrapper: &str, entries: &[ConsentEntry], xml: &mut Writer) {
    xml.group(wrapper, |xml| {
        for entry in entries {
            xml.group("List", |xml| {
                xml.text("TemplateId", &entry.template_id);
                xml.text("SubscribeStatusString", entry.consent.word());
                xml.optional_number("PopupScene", entry.scene);
            });
        }
    });
}

fn deliveries(entries: &[DeliveryEntry], xml: &mut Writer) {
    xml.group("SubscribeMsgSentEvent", |xml| {
        for entry in entries {
            xml.group("List", |xml| {
                xml.text("TemplateId", &entry.template_id);
                xml.text("MsgID", &entry.msg_id);
                xml.optional_number("ErrorCode", entry.error_code);
                xml.text("ErrorStatus", &entry.error_status);
            });
        }
    });
}

fn access_change(change: &AccessChange, xml: &mut Writer) {
    xml.optional("OpenID", change.open_id.as_deref());
    xml.optional("AppID", change.app_id.as_deref());
    xml.optional("UnionID", change.union_id.as_deref());
    xml.optional("RevokeInfo", change.revoke_info.as_deref());
}
