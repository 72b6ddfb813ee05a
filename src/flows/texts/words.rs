//! What stands in lists and lines rather than on its own: states, conditions, labels of answers
//! and of links.

use crate::content::{Slot, TextSpec};

/// Declares words and the list of them.
macro_rules! words {
    ($($name:ident = $text:literal $([$($kind:ident $slot:literal),+])?;)+) => {
        $(pub const $name: TextSpec = TextSpec::new($text, &[$($(Slot::$kind($slot)),+)?]);)+
        pub const ALL: &[&TextSpec] = &[$(&$name),+];
    };
}

words! {
    // Links, and what is chosen by one.
    LINK_NEXT_PAGE = "link.next_page";
    LINK_YES = "link.yes";
    LINK_AGAIN = "link.again";
    LINK_CONFIRM = "link.confirm";
    LINK_CORRECT = "link.correct";
    LINK_SKIP = "link.skip";
    LINK_APPLY = "link.apply";
    LINK_OTHER_SESSIONS = "link.other_sessions";
    LINK_CANCEL = "link.cancel";
    LINK_CONFIRM_CANCEL = "link.confirm_cancel";
    LINK_ACCEPT = "link.accept";
    LINK_DECLINE = "link.decline";
    LINK_APPEAL = "link.appeal";
    LINK_ABOUT_DRAW = "link.about_draw";
    LINK_TO_ADDRESS = "link.to_address";
    LINK_CHANGE_ADDRESS = "link.change_address";
    LINK_CLAIM = "link.claim";
    LINK_REMIND = "link.remind";
    LINK_ANSWER_AGAIN = "link.answer_again";
    LINK_SEE_COUPON = "link.see_coupon";
    LINK_PICTURE = "link.picture";
    LINK_RETURN = "link.return";
    LINK_CONFIRM_RETURN = "link.confirm_return";
    // An activity in the list, and its sessions.
    SEVERAL = "activity.several" [time "starts", number "count"];
    BEGUN = "activity.begun";
    OPENS = "activity.opens" [time "opens"];
    CLOSED = "activity.closed";
    TO_BE_DRAWN = "activity.to_be_drawn" [time "at"];
    TO_BE_REVIEWED = "activity.to_be_reviewed";
    LEFT = "activity.left" [number "left"];
    FULL = "activity.full";
    FULL_BUT_WAITING = "activity.full_but_waiting";
    APPLIED = "activity.applied" [number "seats", number "applied"];
    SHARE = "activity.share" [text "name", number "seats"];
    YOU_WAIT = "activity.you_wait";
    YOU_ARE_REVIEWED = "activity.you_are_reviewed";
    YOU_ARE_DRAWN = "activity.you_are_drawn";
    YOU_ARE_ASKED = "activity.you_are_asked";
    YOU_HAVE_IT = "activity.you_have_it";
    OR_A_NUMBER = "activity.or_a_number";
    // What was answered while signing up.
    ANSWERED_SESSION = "sign_up.answered_session" [text "when"];
    ANSWERED_COMPANIONS = "sign_up.answered_companions" [number "count"];
    ANSWERED_ADULT_AGES = "sign_up.answered_adult_ages" [text "ages"];
    ANSWERED_CHILDREN = "sign_up.answered_children" [number "count"];
    ANSWERED_CHILD_AGES = "sign_up.answered_child_ages" [number "count", text "ages"];
    AGE = "sign_up.age" [number "age"];
    PHONE = "sign_up.phone";
    ADDRESS = "sign_up.address";
    CONSENT_GUARDIAN = "sign_up.consent_guardian";
    CONSENT_HEALTH = "sign_up.consent_health";
    CONSENT_PHOTO = "sign_up.consent_photo";
    // A sign-up of one's own.
    SEE_SIGN_UP = "my.see";
    CALLED_OFF = "my.called_off";
    CAME = "my.came";
    ABSENT = "my.absent";
    EXCUSED = "my.excused";
    IN_REVIEW = "my.in_review";
    TURNED_DOWN = "my.turned_down";
    UNDECIDED = "my.undecided";
    TAKEN_BACK = "my.taken_back";
    IN_DRAW = "my.in_draw" [number "ticket", text "at"];
    LOST = "my.lost";
    OFFERED = "my.offered" [time "until"];
    LAPSED = "my.lapsed";
    DECLINED = "my.declined";
    WON_OTHER = "my.won_other";
    GIVEN_BACK_LATE = "my.given_back_late";
    GIVEN_BACK = "my.given_back";
    OVER = "my.over";
    CONFIRMED = "my.confirmed";
    WAITED_IN_VAIN = "my.waited_in_vain";
    WAITING = "my.waiting";
    WAITING_AT = "my.waiting_at" [number "position"];
    LESSON_LINK = "my.lesson_link" [text "link"];
    YOUR_TURN = "waiting.your_turn" [time "until"];
    POSITION = "waiting.position" [number "position"];
    // The same in a refusal.
    HELD_WAITING = "my.held_waiting";
    HELD_APPLIED = "my.held_applied";
    HELD_OFFERED = "my.held_offered";
    HELD = "my.held";
    EACH_MONTH = "my.each_month";
    EACH_QUARTER = "my.each_quarter";
    EACH_YEAR = "my.each_year";
    // A member, and what they agreed to.
    NO_CARD = "membership.no_card";
    CARD_ACTIVE = "membership.card_active" [text "bank"];
    CARD_ACTIVE_UNTIL = "membership.card_active_until" [text "bank", text "until"];
    CARD_LOST = "membership.card_lost" [text "bank"];
    CARD_EXPIRED = "membership.card_expired" [text "bank"];
    TIER_KEPT = "membership.tier_retained";
    IS_UNKNOWN = "membership.unknown";
    IS_PENDING = "membership.pending";
    IS_MISMATCH = "membership.mismatch";
    IS_VERIFIED = "membership.verified";
    IS_RETAINED = "membership.retained";
    IS_SUSPENDED = "membership.suspended";
    CHANGES_UNION = "membership.changes_union" [text "state"];
    AGREED = "membership.agreed" [text "what", text "at", text "text"];
    AGREED_UNTIL = "membership.agreed_until" [text "what", text "at", text "text", text "withdrawn"];
    TO_MEMBERSHIP = "membership.to_membership";
    TO_HEALTH = "membership.to_health";
    TO_BANK = "membership.to_bank";
    TO_SERVICE = "membership.to_service";
    TO_SERVICE_BY_TEXT = "membership.to_service_by_text" [text "text"];
    LOOK = "membership.look" [time "at", text "by", text "why"];
    LOOKER = "membership.looker";
    LOOKER_NAMED = "membership.looker_named" [text "by"];
    // What they asked for.
    WISH_JOIN = "membership.wish_join";
    WISH_MEMBER = "membership.wish_member";
    WISH_TRANSFER = "membership.wish_transfer";
    WISH_LEAVE = "membership.wish_leave";
    WISH_OPEN = "membership.wish_open";
    WISH_APPROVED = "membership.wish_approved";
    WISH_REFUSED = "membership.wish_refused";
    // All that is kept.
    KEPT_ADDRESS = "export.address";
    KEPT_COVER_DAYS = "export.cover_days" [text "from", text "until"];
    KEPT_AGREED = "export.agreed";
    KEPT_NOT_AGREED = "export.not_agreed";
    KEPT_CAME = "export.came";
    KEPT_MOVED = "export.moved";
    KEPT_STAYED_AWAY = "export.stayed_away";
    KEPT_PASSED = "export.passed";
    KEPT_NOT_PASSED = "export.not_passed";
    // A cover in the list.
    COVER_DAYS = "cover.days" [number "shares", text "from", text "until"];
    COVER_AHEAD = "cover.ahead" [text "days"];
    COVER_WAITS = "cover.waits" [text "days", text "until"];
    COVER_ENDED = "cover.ended" [text "days"];
    // A parcel.
    KIT_TO_SEND = "kit.to_send" [text "what", link "link"];
    KIT_ON_ITS_WAY = "kit.on_its_way" [text "what", text "courier", text "tracking"];
    KIT_DELIVERED = "kit.delivered" [text "what"];
    KIT_CAME_BACK = "kit.came_back" [text "what", link "link"];
    // What a claim is of, and what is told of it.
    KIND_INPATIENT = "claim_kind.inpatient";
    KIND_DISEASE = "claim_kind.disease";
    KIND_ACCIDENT = "claim_kind.accident";
    KIND_DEATH = "claim_kind.death";
    KIND_OUTPATIENT = "claim_kind.outpatient";
    FACT_FOR_WHOM = "claim_fact.for_whom";
    FACT_HOSPITAL = "claim_fact.hospital";
    FACT_ADMITTED = "claim_fact.admitted";
    FACT_DISCHARGED = "claim_fact.discharged";
    FACT_DIAGNOSED = "claim_fact.diagnosed";
    FACT_HAPPENED = "claim_fact.happened";
    FACT_DIAGNOSIS = "claim_fact.diagnosis";
    FACT_DISEASE = "claim_fact.disease";
    FACT_OPERATED = "claim_fact.operated";
    FACT_CAUSE = "claim_fact.cause";
    FACT_STAY = "claim_fact.stay";
    FACT_GRADE = "claim_fact.grade";
    FACT_UNIT = "claim_fact.unit";
    FACT_OUT_OF_TOWN = "claim_fact.out_of_town";
    FACT_INSURANCE = "claim_fact.insurance";
    FACT_INVOICE = "claim_fact.invoice";
    FACT_INVOICE_OF_SEVERAL = "claim_fact.invoice_of_several" [number "number"];
    FACT_PAID_TO = "claim_fact.paid_to";
    FACT_ACCOUNT = "claim_fact.account";
    INVOICE_CODE = "claim_fact.invoice_code";
    INVOICE_NUMBER = "claim_fact.invoice_number";
    INVOICE_ISSUED = "claim_fact.invoice_issued";
    INVOICE_AMOUNT = "claim_fact.invoice_amount";
    INVOICE_YUAN = "claim_fact.invoice_yuan" [text "amount"];
    // What isn't told yet, where its name alone doesn't ask for it.
    NOT_TOLD_OPERATED = "claim_fact.not_told_operated";
    NOT_TOLD_CAUSE = "claim_fact.not_told_cause";
    NOT_TOLD_STAY = "claim_fact.not_told_stay";
    NOT_TOLD_UNIT = "claim_fact.not_told_unit";
    NOT_TOLD_OUT_OF_TOWN = "claim_fact.not_told_out_of_town";
    NOT_TOLD_INSURED = "claim_fact.not_told_insured";
    NOT_TOLD_OTHER = "claim_fact.not_told_other";
    // What is wrong with a page, in the list of papers.
    PAGE_TOO_SMALL = "claim.page_too_small";
    PAGE_TOO_DARK = "claim.page_too_dark";
    PAGE_TOO_BRIGHT = "claim.page_too_bright";
    PAGE_BLURRED = "claim.page_blurred";
    // Where a day stands.
    DATED_BY_DISCHARGE = "claim.dated_by_discharge";
    DATED_BY_DIAGNOSIS = "claim.dated_by_diagnosis";
    DATED_BY_RECORD = "claim.dated_by_record";
    DATED_BY_DEATH = "claim.dated_by_death";
    // Links of a claim.
    WRITE_WHY_LATE = "claim.write_why_late";
    CLAIM_ALSO = "claim.claim_also";
    // A case: how long it takes, what was answered, stars.
    WORKING_DAYS = "service.working_days" [number "days"];
    MONTHS = "service.months" [number "months"];
    HOURS = "service.hours" [number "hours"];
    PICTURES = "service.pictures" [number "count"];
    STARS = "service.stars" [number "stars", text "word"];
    STARS_5 = "service.stars_5";
    STARS_4 = "service.stars_4";
    STARS_3 = "service.stars_3";
    STARS_2 = "service.stars_2";
    STARS_1 = "service.stars_1";
    // In notices.
    MOVED_TIME = "notice.moved_time";
    MOVED_PLACE = "notice.moved_place";
    MOVED_BOTH = "notice.moved_both";
    MOVED_EITHER = "notice.moved_either";
    SEE_ACTIVITY = "notice.see_activity";
    CHECK_DRAW = "notice.check_draw";
    SEE_CLAIM = "notice_claim.see";
    PHOTO = "notice_claim.photo";
    OTHER_PAPER = "notice_claim.other_paper";
    TOO_SMALL = "notice_claim.too_small";
    TOO_DARK = "notice_claim.too_dark";
    TOO_BRIGHT = "notice_claim.too_bright";
    BLURRED = "notice_claim.blurred";
    SEE_CASE = "notice_case.see";
    // Whom something is for.
    TIER_FULL = "whom.tier_full";
    TIER_INTERIM = "whom.tier_interim";
    TIER_RETAINED = "whom.tier_retained";
    AGES = "whom.ages" [number "min", number "max"];
    FEMALE = "whom.female";
    MALE = "whom.male";
    OF_SEX = "whom.of_sex" [text "sex"];
    BOUND_FOR = "whom.bound_for" [number "days"];
    OUT_LEFT = "whom.out_left";
    OUT_SUSPENDED = "whom.out_suspended";
    FOR_CARD_HOLDERS = "whom.card_holders";
    FOR_MEMBERS = "whom.members";
    FOR_LISTED = "whom.listed";
    FOR_TAGGED = "whom.tagged";
    FOR_ALL = "whom.all";
    FOR_ONLY = "whom.only" [text "asks"];
    FOR_SOME = "whom.some" [text "who", text "asks"];
    // A benefit in the list and on its page.
    COUPONS_DRAWN = "welfare.coupons_drawn" [number "left", text "at"];
    COUPONS_LEFT = "welfare.coupons_left" [number "left"];
    COUPONS_COME = "welfare.coupons_come" [text "at", number "stock"];
    COUPONS_GONE = "welfare.coupons_gone";
    COUPONS_GONE_UNTIL = "welfare.coupons_gone_until" [text "at"];
    NO_CODES = "welfare.no_codes";
    NO_CODES_UNTIL = "welfare.no_codes_until" [text "at"];
    SUSPENDED = "welfare.suspended";
    ENDED = "welfare.ended";
    NEXT_BEGINS = "welfare.next_begins" [text "at"];
    NO_NEXT = "welfare.no_next";
    AGAIN_FROM = "welfare.again_from" [time "again"];
    NOT_AGAIN = "welfare.not_again";
    FREE_FROM = "welfare.free_from" [text "next"];
    PER_RELEASE = "welfare.per_release";
    PER_DAY = "welfare.per_day";
    PER_WEEK = "welfare.per_week";
    PER_MONTH = "welfare.per_month";
    IN_ALL = "welfare.in_all";
    LIMIT = "welfare.limit" [text "period", number "max"];
    NO_LIMIT = "welfare.no_limit";
    GOOD_FOR = "welfare.good_for" [number "days"];
    GOOD_FOR_FROM = "welfare.good_for_from" [text "from", number "days"];
    QUIZ_FIRST = "welfare.quiz_first" [number "questions", number "needed"];
    PRICE = "welfare.price" [text "yuan"];
    // A coupon.
    PICTURE_COMES = "welfare.picture_comes";
    COUPON_NUMBER = "welfare.coupon_number" [text "number"];
    COUPON_LINK = "welfare.coupon_link" [text "link"];
    COUPON_CODE = "welfare.coupon_code" [text "code"];
    NO_CODE_NEEDED = "welfare.no_code_needed";
    USABLE_FROM = "welfare.usable_from" [text "from"];
    USABLE_UNTIL = "welfare.usable_until" [text "until"];
    UNUSED = "welfare.unused";
    UNUSED_UNTIL = "welfare.unused_until" [text "until"];
    USED = "welfare.used";
    USED_AT = "welfare.used_at" [time "at"];
    USED_AT_PLACE = "welfare.used_at_place" [time "at", text "place"];
    EXPIRED = "welfare.expired";
    RETURNED = "welfare.returned_state";
    VOID = "welfare.void";
    INVALID = "welfare.invalid";
}
