use super::{Event, VerifyStep};

/// Names of the events, spelled as in WeChat's documents, and their labels for metrics.
macro_rules! names {
    ($($event:pat => $name:literal,)*) => {
        /// Every label that an event can have.
        pub(in crate::wechat) const LABELS: &[&str] =
            &[$(concat!("event.", $name),)* "event.other_product", "event.unknown"];

        impl Event {
            /// The event's name as WeChat's documents spell it; as it came for one that is not ours.
            pub fn name(&self) -> &str {
                match self {
                    $($event => $name,)*
                    Event::OtherProduct { name } | Event::Unknown { name } => name,
                }
            }

            /// `event.` and the name; one label for each kind of event that has no variant of its own.
            pub(in crate::wechat) fn label(&self) -> &'static str {
                match self {
                    $($event => concat!("event.", $name),)*
                    Event::OtherProduct { .. } => "event.other_product",
                    Event::Unknown { .. } => "event.unknown",
                }
            }
        }
    };
}

names! {
    Event::Subscribe { .. } => "subscribe",
    Event::Unsubscribe => "unsubscribe",
    Event::Scan { .. } => "SCAN",
    Event::Location { .. } => "LOCATION",
    Event::Click { .. } => "CLICK",
    Event::View { .. } => "VIEW",
    Event::ViewMiniProgram { .. } => "view_miniprogram",
    Event::ScanCodePush { .. } => "scancode_push",
    Event::ScanCodeWait { .. } => "scancode_waitmsg",
    Event::PicSysPhoto { .. } => "pic_sysphoto",
    Event::PicPhotoOrAlbum { .. } => "pic_photo_or_album",
    Event::PicWeixin { .. } => "pic_weixin",
    Event::LocationSelect { .. } => "location_select",
    Event::MassSendJobFinish(_) => "MASSSENDJOBFINISH",
    Event::TemplateSendJobFinish { .. } => "TEMPLATESENDJOBFINISH",
    Event::PublishJobFinish(_) => "PUBLISHJOBFINISH",
    Event::SubscribeMsgPopup { .. } => "subscribe_msg_popup_event",
    Event::SubscribeMsgChange { .. } => "subscribe_msg_change_event",
    Event::SubscribeMsgSent { .. } => "subscribe_msg_sent_event",
    Event::KfCreateSession { .. } => "kf_create_session",
    Event::KfCloseSession { .. } => "kf_close_session",
    Event::KfSwitchSession { .. } => "kf_switch_session",
    Event::QualificationVerifySuccess { .. } => "qualification_verify_success",
    Event::QualificationVerifyFail { .. } => "qualification_verify_fail",
    Event::NamingVerifySuccess { .. } => "naming_verify_success",
    Event::NamingVerifyFail { .. } => "naming_verify_fail",
    Event::AnnualRenew { .. } => "annual_renew",
    Event::VerifyExpired { .. } => "verify_expired",
    Event::WxVerify { step: VerifyStep::Paid, .. } => "wx_verify_pay_succ",
    Event::WxVerify { step: VerifyStep::Dispatched, .. } => "wx_verify_dispatch",
    Event::WxVerify { step: VerifyStep::Refill, .. } => "wx_verify_refill",
    Event::WxVerify { step: VerifyStep::Failed, .. } => "wx_verify_fail",
    Event::UserInfoModified(_) => "user_info_modified",
    Event::UserAuthorizationRevoke(_) => "user_authorization_revoke",
    Event::UserAuthorizationCancellation(_) => "user_authorization_cancellation",
    Event::UserEnterTempSession { .. } => "user_enter_tempsession",
    Event::DebugDemo { .. } => "debug_demo",
}

/// Whether an event, its name in lower case, belongs to a product that the service has no part in.
pub(super) fn is_other_product(name: &str) -> bool {
    const NAMES: [&str; 5] = [
        "guide_qrcode_scan_event",
        "poi_check_notify",
        "wificonnected",
        "shakearoundusershake",
        "merchant_order",
    ];
    const PREFIXES: [&str; 3] = ["card_", "weapp_audit_", "wxa_"];
    NAMES.contains(&name)
        || PREFIXES.iter().any(|prefix| name.starts_with(prefix))
        || (name.starts_with("user_") && name.ends_with("_card"))
}
