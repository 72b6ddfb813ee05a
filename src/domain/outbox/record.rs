use serde::{Deserialize, Serialize};

use crate::domain::activity::record::{Moved, RegistrationNumber};
use crate::domain::benefit::record::CouponNumber;
use crate::domain::case::news::News as CaseNews;
use crate::domain::claim::news::News;
use crate::domain::contact::record::FollowerId;
use crate::moment::Time;
use crate::store::{Bytes, Sealed};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Outgoing {
    pub to: FollowerId,
    pub notice: Notice,
    pub created: Time,
    pub state: Delivery,
    /// When it may be tried next; `None` while it isn't its turn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Time>,
    /// Calls made for it.
    #[serde(default)]
    pub attempts: u16,
    /// Ways that turned out to be shut for it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shut: Vec<Way>,
}

/// What the follower is told, as facts; the sentence is made when the way is known.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Notice {
    /// A reply that was not ready within WeChat's five seconds, as JSON.
    LateReply {
        message: u64,
        reply: Sealed<String>,
    },
    /// The same of one that names the follower: sealed for a slot of theirs, so that nobody reads it once they are forgotten.
    OwnReply {
        message: u64,
        slot: u64,
        reply: Sealed<Bytes>,
    },
    /// A seat came free: the waiting sign-up is confirmed (候补转正).
    Promoted {
        number: RegistrationNumber,
    },
    /// A seat came free and is kept for the waiting sign-up until then (候补转正待确认).
    SeatOffered {
        number: RegistrationNumber,
        until: Time,
    },
    /// The offered seat was not accepted in time.
    OfferLapsed {
        number: RegistrationNumber,
    },
    /// 中签
    DrawWon {
        number: RegistrationNumber,
    },
    /// 未中签: of several choices the one that stands best.
    DrawLost {
        number: RegistrationNumber,
    },
    /// The session begins in so many hours.
    Reminder {
        number: RegistrationNumber,
        hours: u16,
    },
    /// Signed up and did not come: halves of absences that count now, and until when they bar.
    Absent {
        number: RegistrationNumber,
        halves: u32,
        barred: Option<Time>,
    },
    /// What staff say to an appeal.
    AppealAnswered {
        number: RegistrationNumber,
        lifted: bool,
        reason: String,
    },
    /// Staff picked it or picked others.
    Reviewed {
        number: RegistrationNumber,
    },
    /// Staff gave it back.
    TakenBack {
        number: RegistrationNumber,
    },
    /// What was to be posted is on its way.
    KitSent {
        number: RegistrationNumber,
    },
    /// It came back to who posted it.
    KitReturned {
        number: RegistrationNumber,
    },
    /// The whole activity was called off.
    ActivityCancelled {
        activity: u32,
        reason: String,
    },
    /// Time, place or link changed for who signed up.
    ActivityChanged {
        activity: u32,
        /// The sign-up; `None` if an earlier version wrote it.
        #[serde(default)]
        number: Option<RegistrationNumber>,
        #[serde(default)]
        moved: Moved,
    },
    /// A picture could not be fetched from WeChat: it is to be sent again.
    PictureLost {
        received: Time,
    },
    /// Words of a member of staff for this one follower.
    Said {
        text: Sealed<String>,
    },
    /// What the follower asked staff for as to their membership was granted, or not.
    ApplicationApproved {
        application: u64,
    },
    ApplicationRefused {
        application: u64,
    },
    /// The member whose account it was has another since then (会员认证 there).
    AccountMoved {
        at: Time,
    },
    /// Of a claim (理赔).
    Claim(News),
    /// Of a case (办件).
    Case(CaseNews),
    /// A broadcast as its recipients will read it, for the staff's own eyes.
    BroadcastPreview {
        broadcast: u32,
    },
    /// Of benefits and coupons: never by a template message (WeChat, 模板消息: no marketing, no coupons).
    Welfare(Welfare),
}

/// What is told of benefits (福利). It has a type of its own, so that no template can be made of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Welfare {
    /// The code of a coupon, drawn as a QR picture when it is sent.
    Picture {
        coupon: CouponNumber,
    },
    /// Drawn (摇中).
    Won {
        coupon: CouponNumber,
    },
    NotDrawn {
        benefit: u32,
        release: Time,
    },
    /// Staff closed the benefit before they were drawn.
    DrawOff {
        benefit: u32,
        release: Time,
    },
    /// The coupon's end is near.
    Expiring {
        coupon: CouponNumber,
    },
    /// `paused`: until when the person claims nothing for it.
    Expired {
        coupon: CouponNumber,
        paused: Option<Time>,
    },
    /// Staff gave another one for it.
    Replaced {
        coupon: CouponNumber,
        old: CouponNumber,
    },
    Voided {
        coupon: CouponNumber,
    },
    /// The follower asked to be told before a release (提醒我).
    ReleaseSoon {
        benefit: u32,
        release: Time,
    },
    /// The release that the follower asked to be told of no longer comes; they will be told before the next one.
    ReleaseMoved {
        benefit: u32,
        release: Time,
        next: Time,
    },
    /// It no longer comes, or staff hold it back, and nobody knows when there is another.
    ReleaseOff {
        benefit: u32,
        release: Time,
    },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Delivery {
    Pending,
    /// A call was begun; what became of it is not known yet.
    InFlight {
        way: Way,
        at: Time,
        /// WeChat's word that a message didn't arrive, which came before the call was answered.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        heard: Option<Heard>,
    },
    /// No way is open: it is put before the answer to the follower's next message.
    Waiting,
    Sent {
        way: Way,
        at: Time,
        #[serde(default)]
        msg_id: Option<String>,
    },
    /// A call was made and nobody knows whether it arrived; staff may send it again.
    MaybeSent {
        way: Way,
        at: Time,
    },
    /// Put before the answer to the follower's next message.
    WithReply {
        at: Time,
    },
    /// The follower left before it could be told.
    Unreachable {
        at: Time,
    },
    /// WeChat took it, and told later that it didn't arrive; it can't be told otherwise.
    Failed {
        at: Time,
        why: String,
    },
    /// Staff took it out.
    Dropped {
        at: Time,
    },
}

/// A message of WeChat's number did not arrive, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heard {
    pub msg_id: String,
    pub why: String,
}

/// How a follower is told outside an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// 客服消息
    Custom,
    /// 订阅通知
    Subscription,
    /// 模板消息
    Template,
    /// A mass send's preview (群发, 预览): for what staff look at before it goes out.
    Preview,
}

impl Way {
    pub fn name(self) -> &'static str {
        match self {
            Way::Custom => "custom",
            Way::Subscription => "subscription",
            Way::Template => "template",
            Way::Preview => "preview",
        }
    }
}

impl Delivery {
    /// What [`Delivery::name`] may be.
    pub const NAMES: &[&str] = &[
        "pending",
        "in_flight",
        "waiting",
        "sent",
        "maybe_sent",
        "told",
        "unreachable",
        "failed",
        "dropped",
    ];

    /// Is there something left to do?
    pub fn is_open(&self) -> bool {
        matches!(self, Delivery::Pending | Delivery::InFlight { .. } | Delivery::Waiting)
    }

    /// It needs to be said no second time: a customer-service message is never told of as failed later.
    pub fn is_told(&self) -> bool {
        matches!(
            self,
            Delivery::Sent { way: Way::Custom, .. }
                | Delivery::WithReply { .. }
                | Delivery::Unreachable { .. }
        )
    }

    pub fn name(&self) -> &'static str {
        match self {
            Delivery::Pending => "pending",
            Delivery::InFlight { .. } => "in_flight",
            Delivery::Waiting => "waiting",
            Delivery::Sent { .. } => "sent",
            Delivery::MaybeSent { .. } => "maybe_sent",
            Delivery::WithReply { .. } => "told",
            Delivery::Unreachable { .. } => "unreachable",
            Delivery::Failed { .. } => "failed",
            Delivery::Dropped { .. } => "dropped",
        }
    }
}

impl Notice {
    pub fn name(&self) -> &'static str {
        match self {
            Notice::LateReply { .. } | Notice::OwnReply { .. } => "late_reply",
            Notice::Promoted { .. } => "promoted",
            Notice::SeatOffered { .. } => "seat_offered",
            Notice::OfferLapsed { .. } => "offer_lapsed",
            Notice::DrawWon { .. } => "draw_won",
            Notice::DrawLost { .. } => "draw_lost",
            Notice::Reminder { .. } => "reminder",
            Notice::Absent { .. } => "absent",
            Notice::AppealAnswered { .. } => "appeal_answered",
            Notice::Reviewed { .. } => "reviewed",
            Notice::TakenBack { .. } => "taken_back",
            Notice::KitSent { .. } => "kit_sent",
            Notice::KitReturned { .. } => "kit_returned",
            Notice::ActivityCancelled { .. } => "activity_cancelled",
            Notice::ActivityChanged { .. } => "activity_changed",
            Notice::PictureLost { .. } => "picture_lost",
            Notice::BroadcastPreview { .. } => "broadcast_preview",
            Notice::Said { .. } => "said",
            Notice::ApplicationApproved { .. } => "application_approved",
            Notice::ApplicationRefused { .. } => "application_refused",
            Notice::AccountMoved { .. } => "account_moved",
            Notice::Claim(news) => news.name(),
            Notice::Case(news) => news.name(),
            Notice::Welfare(welfare) => welfare.name(),
        }
    }

    /// May it stand in the place of an older one that wasn't told yet? WeChat lets few messages through.
    pub fn takes_place_of(&self, older: &Notice) -> bool {
        match (self, older) {
            (Notice::Claim(news), Notice::Claim(older)) => news.takes_place_of(older),
            _ => false,
        }
    }

    /// Takes out words that are for the follower alone. Who has read them, or never will, is not asked for them again.
    pub fn forget_words(&mut self) {
        match self {
            Notice::LateReply { reply: words, .. } | Notice::Said { text: words } => {
                *words = Sealed::default()
            }
            Notice::OwnReply { reply, .. } => *reply = Sealed::default(),
            _ => {}
        }
    }

    pub fn has_words(&self) -> bool {
        matches!(self, Notice::LateReply { .. } | Notice::OwnReply { .. } | Notice::Said { .. })
    }

    /// Which activity it is about, and which sign-up for it.
    pub fn seat(&self) -> Option<(u32, Option<RegistrationNumber>)> {
        match self {
            Notice::Promoted { number }
            | Notice::SeatOffered { number, .. }
            | Notice::OfferLapsed { number }
            | Notice::DrawWon { number }
            | Notice::DrawLost { number }
            | Notice::Reminder { number, .. }
            | Notice::Absent { number, .. }
            | Notice::AppealAnswered { number, .. }
            | Notice::Reviewed { number }
            | Notice::TakenBack { number }
            | Notice::KitSent { number }
            | Notice::KitReturned { number } => Some((number.activity, Some(*number))),
            Notice::ActivityCancelled { activity, .. } => Some((*activity, None)),
            Notice::ActivityChanged { activity, number, .. } => Some((*activity, *number)),
            _ => None,
        }
    }

    /// It tells of something else than the follower's last message, so that «为什么» below it doesn't mean that one's
    /// answer.
    pub fn is_news(&self) -> bool {
        !self.is_picture() && !matches!(self, Notice::LateReply { .. } | Notice::OwnReply { .. })
    }

    /// It can't be put before an answer in words, so it stays to be sent.
    pub fn is_picture(&self) -> bool {
        matches!(self, Notice::Welfare(Welfare::Picture { .. }))
    }
}

impl Welfare {
    pub fn name(&self) -> &'static str {
        match self {
            Welfare::Picture { .. } => "coupon_picture",
            Welfare::Won { .. } => "coupon_won",
            Welfare::NotDrawn { .. } => "not_drawn",
            Welfare::DrawOff { .. } => "draw_off",
            Welfare::Expiring { .. } => "coupon_expiring",
            Welfare::Expired { .. } => "coupon_expired",
            Welfare::Replaced { .. } => "coupon_replaced",
            Welfare::Voided { .. } => "coupon_voided",
            Welfare::ReleaseSoon { .. } => "release_soon",
            Welfare::ReleaseMoved { .. } => "release_moved",
            Welfare::ReleaseOff { .. } => "release_off",
        }
    }
}
