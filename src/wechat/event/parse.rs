use super::name::is_other_product;
use super::{
    AccessChange, ArticleUrl, ArticleUrls, Consent, ConsentEntry, CopyrightCheck, CopyrightItem,
    DeliveryEntry, Event, MassSend, MassStatus, Pictures, Publication, ScanCode, SubscribeKey,
    TemplateStatus, VerifyStep,
};
use crate::wechat::message::{Fields, Place};

/// Longer names than this are of no event we know (the longest known one has 31 bytes).
const NAME_BYTES_MAX: usize = 48;

impl Event {
    /// Takes the event's fields out of the message's. One without a name is as unknown as one with a strange name.
    pub(in crate::wechat) fn read(fields: &mut Fields) -> Event {
        let name = fields.word("Event").unwrap_or_default();
        let mut buffer = [0; NAME_BYTES_MAX];
        match lowered(&name, &mut buffer) {
            Some(lower) => read_known(lower, fields).unwrap_or_else(|| {
                let name = name.into_owned();
                if is_other_product(lower) { Event::OtherProduct { name } } else { Event::Unknown { name } }
            }),
            None => Event::Unknown { name: name.into_owned() },
        }
    }
}

/// Gateways have been seen to change the case of names, so all are compared in lower case.
fn lowered<'b>(name: &str, buffer: &'b mut [u8; NAME_BYTES_MAX]) -> Option<&'b str> {
    let lower = buffer.get_mut(..name.len())?;
    lower.copy_from_slice(name.as_bytes());
    lower.make_ascii_lowercase();
    std::str::from_utf8(lower).ok()
}

fn read_known(name: &str, fields: &mut Fields) -> Option<Event> {
    Some(match name {
        "subscribe" => Event::Subscribe {
            key: SubscribeKey::parse(fields.text("EventKey")),
            ticket: fields.optional("Ticket"),
        },
        "unsubscribe" => Event::Unsubscribe,
        "scan" => Event::Scan { scene: fields.text("EventKey"), ticket: fields.optional("Ticket") },
        "location" => Event::Location {
            latitude: fields.decimal("Latitude"),
            longitude: fields.decimal("Longitude"),
            precision: fields.decimal("Precision"),
        },
        "click" => Event::Click { key: fields.text("EventKey") },
        "view" => Event::View { url: fields.text("EventKey"), menu_id: menu_id(fields) },
        "view_miniprogram" => {
            Event::ViewMiniProgram { path: fields.text("EventKey"), menu_id: menu_id(fields) }
        }
        "scancode_push" => Event::ScanCodePush { key: fields.text("EventKey"), scan: scan(fields) },
        "scancode_waitmsg" => Event::ScanCodeWait { key: fields.text("EventKey"), scan: scan(fields) },
        "pic_sysphoto" => Event::PicSysPhoto { key: fields.text("EventKey"), pictures: pictures(fields) },
        "pic_photo_or_album" => {
            Event::PicPhotoOrAlbum { key: fields.text("EventKey"), pictures: pictures(fields) }
        }
        "pic_weixin" => Event::PicWeixin { key: fields.text("EventKey"), pictures: pictures(fields) },
        "location_select" => Event::LocationSelect {
            key: fields.text("EventKey"),
            place: fields.group("SendLocationInfo", Place::read),
        },
        "masssendjobfinish" => Event::MassSendJobFinish(mass_send(fields)),
        "templatesendjobfinish" => Event::TemplateSendJobFinish {
            msg_id: job_id(fields),
            status: TemplateStatus::parse(&fields.trimmed("Status").unwrap_or_default()),
        },
        "publishjobfinish" => Event::PublishJobFinish(fields.group("PublishEventInfo", publication)),
        "subscribe_msg_popup_event" => {
            Event::SubscribeMsgPopup { entries: list(fields, "SubscribeMsgPopupEvent", consent) }
        }
        "subscribe_msg_change_event" => {
            Event::SubscribeMsgChange { entries: list(fields, "SubscribeMsgChangeEvent", consent) }
        }
        "subscribe_msg_sent_event" => {
            Event::SubscribeMsgSent { entries: list(fields, "SubscribeMsgSentEvent", delivery) }
        }
        "kf_create_session" => Event::KfCreateSession { account: fields.text("KfAccount") },
        "kf_close_session" => Event::KfCloseSession { account: fields.text("KfAccount") },
        "kf_switch_session" => Event::KfSwitchSession {
            from_account: fields.text("FromKfAccount"),
            to_account: fields.text("ToKfAccount"),
        },
        "qualification_verify_success" => {
            Event::QualificationVerifySuccess { expires: fields.number("ExpiredTime") }
        }
        "qualification_verify_fail" => Event::QualificationVerifyFail {
            failed: fields.number("FailTime"),
            reason: fields.text("FailReason"),
        },
        "naming_verify_success" => Event::NamingVerifySuccess { expires: fields.number("ExpiredTime") },
        "naming_verify_fail" => {
            Event::NamingVerifyFail { failed: fields.number("FailTime"), reason: fields.text("FailReason") }
        }
        "annual_renew" => Event::AnnualRenew { expires: fields.number("ExpiredTime") },
        "verify_expired" => Event::VerifyExpired { expires: fields.number("ExpiredTime") },
        "wx_verify_pay_succ" => verification(VerifyStep::Paid, fields),
        "wx_verify_dispatch" => verification(VerifyStep::Dispatched, fields),
        "wx_verify_refill" => verification(VerifyStep::Refill, fields),
        "wx_verify_fail" => verification(VerifyStep::Failed, fields),
        "user_info_modified" => Event::UserInfoModified(access_change(fields)),
        "user_authorization_revoke" => Event::UserAuthorizationRevoke(access_change(fields)),
        "user_authorization_cancellation" => Event::UserAuthorizationCancellation(access_change(fields)),
        "user_enter_tempsession" => {
            Event::UserEnterTempSession { session_from: fields.optional("SessionFrom") }
        }
        "debug_demo" => Event::DebugDemo { text: fields.text("debug_str") },
        _ => return None,
    })
}

/// WeChat's table writes `MenuID`, its sample `MenuId`.
fn menu_id(fields: &mut Fields) -> Option<String> {
    fields.trimmed("MenuId").or_else(|| fields.trimmed("MenuID"))
}

fn job_id(fields: &mut Fields) -> String {
    fields.trimmed("MsgID").or_else(|| fields.trimmed("MsgId")).unwrap_or_default()
}

fn scan(fields: &mut Fields) -> ScanCode {
    fields.group("ScanCodeInfo", |info| ScanCode {
        scan_type: info.text("ScanType"),
        result: info.text("ScanResult"),
    })
}

/// Servers have sent one list a picture as well as one list of all pictures.
fn pictures(fields: &mut Fields) -> Pictures {
    fields.group("SendPicsInfo", |info| Pictures {
        count: info.number("Count"),
        md5: info
            .items("PicList", |list| list.items("item", |item| item.text("PicMd5Sum")))
            .into_iter()
            .flatten()
            .collect(),
    })
}

fn mass_send(fields: &mut Fields) -> MassSend {
    MassSend {
        msg_id: job_id(fields),
        status: MassStatus::parse(&fields.trimmed("Status").unwrap_or_default()),
        total: fields.number("TotalCount"),
        filtered: fields.number("FilterCount"),
        sent: fields.number("SentCount"),
        errors: fields.number("ErrorCount"),
        copyright: fields.optional_group("CopyrightCheckResult", |check| CopyrightCheck {
            count: check.number("Count"),
            items: check.group("ResultList", |list| list.items("item", copyright_item)),
            state: check.number("CheckState"),
        }),
        article_urls: fields.optional_group("ArticleUrlResult", |urls| ArticleUrls {
            count: urls.number("Count"),
            items: urls.group("ResultList", |list| {
                list.items("item", |item| ArticleUrl {
                    article: item.number("ArticleIdx"),
                    url: item.text("ArticleUrl"),
                })
            }),
        }),
    }
}

fn copyright_item(item: &mut Fields) -> CopyrightItem {
    CopyrightItem {
        article: item.number("ArticleIdx"),
        user_declare_state: item.number("UserDeclareState"),
        audit_state: item.number("AuditState"),
        original_url: item.optional("OriginalArticleUrl"),
        original_type: item.number("OriginalArticleType"),
        can_reprint: item.number("CanReprint"),
        need_replace_content: item.number("NeedReplaceContent"),
        need_show_reprint_source: item.number("NeedShowReprintSource"),
    }
}

fn publication(info: &mut Fields) -> Publication {
    Publication {
        publish_id: info.trimmed("publish_id").unwrap_or_default(),
        status: info.number("publish_status"),
        // WeChat's own sample breaks the id over two lines.
        article_id: info.trimmed("article_id").map(|id| id.split_whitespace().collect()),
        articles: info.optional_group("article_detail", |detail| ArticleUrls {
            count: detail.number("count"),
            items: detail.items("item", |item| ArticleUrl {
                article: item.number("idx"),
                url: item.text("article_url"),
            }),
        }),
        failed: info.numbers("fail_idx"),
    }
}

/// Notifications repeat `List` without an element around the entries.
fn list<'a, T>(fields: &mut Fields<'a>, wrapper: &str, read: impl FnMut(&mut Fields<'a>) -> T) -> Vec<T> {
    fields.group(wrapper, |inside| inside.items("List", read))
}

fn consent(entry: &mut Fields) -> ConsentEntry {
    ConsentEntry {
        template_id: entry.text("TemplateId"),
        consent: Consent::parse(&entry.trimmed("SubscribeStatusString").unwrap_or_default()),
        scene: entry.number("PopupScene"),
    }
}

fn delivery(entry: &mut Fields) -> DeliveryEntry {
    DeliveryEntry {
        template_id: entry.text("TemplateId"),
        msg_id: job_id(entry),
        error_code: entry.number("ErrorCode"),
        error_status: entry.text("ErrorStatus"),
    }
}

fn verification(step: VerifyStep, fields: &mut Fields) -> Event {
    Event::WxVerify {
        step,
        refill_time: fields.number("RefillTime"),
        refill_reason: fields.optional("RefillReason"),
    }
}

fn access_change(fields: &mut Fields) -> AccessChange {
    AccessChange {
        open_id: fields.trimmed("OpenID"),
        app_id: fields.trimmed("AppID"),
        union_id: fields.trimmed("UnionID"),
        revoke_info: fields.trimmed("RevokeInfo"),
    }
}
