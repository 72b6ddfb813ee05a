//! WeChat's error codes (全局返回码) and what each asks for: one table.
//!
//! Source: «全局返回码» and the error lists of the single endpoints on developers.weixin.qq.com/doc/service.

use std::time::Duration;

use super::failure::{Pause, Reaction, Unreachable};

struct Row {
    /// The first and the last code of a run.
    codes: (i64, i64),
    reaction: Reaction,
    /// For staff and operators.
    advice: &'static str,
}

/// What to do about a code other than 0. One that isn't in the table is permanent for its call.
pub fn reaction(code: i64) -> Reaction {
    row(code).map_or(Reaction::Permanent, |row| row.reaction.clone())
}

/// What a code means and what to do about it, in English.
pub fn advice(code: i64) -> Option<&'static str> {
    row(code).map(|row| row.advice)
}

/// Does WeChat refuse the message itself with it, so that nobody would get the same one?
pub fn is_for_everybody(code: i64) -> bool {
    // A template or a draft that isn't there, a mini-program that can't be opened.
    matches!(code, 40007 | 40037 | 40165 | 40166 | 41030)
}

fn row(code: i64) -> Option<&'static Row> {
    TABLE.iter().find(|row| (row.codes.0..=row.codes.1).contains(&code))
}

const fn retry(code: i64, advice: &'static str) -> Row {
    Row { codes: (code, code), reaction: Reaction::Retry, advice }
}

const fn slow(code: i64, pause: Pause, advice: &'static str) -> Row {
    Row { codes: (code, code), reaction: Reaction::SlowDown(pause), advice }
}

const fn nobody(code: i64, why: Unreachable, advice: &'static str) -> Row {
    Row { codes: (code, code), reaction: Reaction::Unreachable(why), advice }
}

const fn never(first: i64, last: i64, advice: &'static str) -> Row {
    Row { codes: (first, last), reaction: Reaction::Permanent, advice }
}

const fn setting(first: i64, last: i64, advice: &'static str) -> Row {
    Row { codes: (first, last), reaction: Reaction::Misconfigured(advice), advice }
}

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3_600);
const DAY: Duration = Duration::from_secs(86_400);

const TABLE: &[Row] = &[
    retry(-1, "WeChat is busy; it is tried again"),
    // Once a fresh token was tried. For a call that fetches one, see `token`.
    retry(40001, "WeChat refuses the access token; another program may fetch tokens of the plain kind"),
    setting(
        40002,
        40002,
        "WeChat refuses the kind of token asked for: set wechat.token_kind to \"stable\" or \"plain\"",
    ),
    nobody(40003, Unreachable::UnknownId, "no openid of this account, or it does not follow any more"),
    never(40004, 40006, "the file's type or size is not taken"),
    never(40007, 40007, "the media_id is wrong or older than three days: upload the file again"),
    never(40008, 40012, "the file's or message's type or size is not taken"),
    setting(
        40013,
        40013,
        "account.app_id is not the AppID of an account: compare it with the console (设置与开发 › 开发接口管理)",
    ),
    retry(40014, "WeChat refuses the access token"),
    never(40015, 40028, "the menu is not taken: see the button that the message names"),
    never(40029, 40030, "the authorisation code is wrong or was used: the page must ask again"),
    never(40031, 40032, "the list of openids is empty, too long or holds a wrong one"),
    never(40033, 40033, "the text holds \\u escapes, which WeChat does not read"),
    never(40037, 40037, "there is no such template in the account, or it is of the other kind"),
    retry(40059, "WeChat does not know the message's id yet: ask later"),
    never(40119, 40120, "the button's type is not taken for this account"),
    setting(
        40125,
        40125,
        "account.app_secret is wrong: copy or reset it in the console (设置与开发 › 开发接口管理)",
    ),
    never(40130, 40130, "a mass send to a list needs at least two openids"),
    never(40163, 40163, "the authorisation code was used: the page must ask again"),
    setting(
        40164,
        40164,
        "this machine's address is not on the account's list of IPs: add the one that the message names in the console (开发接口管理 › IP白名单)",
    ),
    never(40165, 40166, "the mini-program's page or AppID is wrong, or it is not linked to the account"),
    never(40201, 40203, "the check of the callback address was asked for wrongly"),
    setting(
        40243,
        40243,
        "the AppSecret is frozen: unfreeze or reset it in the console (设置与开发 › 开发接口管理)",
    ),
    never(41001, 41001, "the call had no access token"),
    setting(41002, 41002, "account.app_id is missing"),
    setting(41004, 41004, "account.app_secret is missing"),
    never(41028, 41029, "form ids of old template messages are retired"),
    never(41030, 41030, "the mini-program's page does not exist"),
    retry(42001, "the access token has expired"),
    never(42002, 42003, "the page's authorisation has expired: it must ask again"),
    never(42007, 42007, "the follower changed their password: the page must ask for authorisation again"),
    never(43001, 43003, "the call's method or scheme is wrong"),
    nobody(43004, Unreachable::NotFollowing, "only followers get this message"),
    nobody(43019, Unreachable::Refused, "the follower is on the account's blacklist"),
    nobody(43101, Unreachable::Refused, "the follower gave no consent to this notice, or it is used up"),
    never(44002, 44004, "the call's body is empty"),
    never(45001, 45001, "the file is too large"),
    never(45002, 45008, "the text is too long or has too many articles: shorten it"),
    slow(45009, Pause::NextDay, "the day's number of these calls is used up; it starts anew at midnight"),
    slow(45011, Pause::NextMinute, "too many calls a minute"),
    nobody(
        45015,
        Unreachable::WindowClosed,
        "more than 48 hours since the follower last wrote, or they left",
    ),
    slow(45028, Pause::NextMonth, "no mass sends are left for this month"),
    never(45029, 45029, "all 100,000 permanent QR codes are used up: make temporary ones"),
    nobody(45047, Unreachable::QuotaUsed, "as many messages were sent as a follower's own message allows"),
    never(45056, 45059, "over the limits of tags, or one of WeChat's own"),
    Row {
        codes: (45065, 45065),
        reaction: Reaction::AlreadyDone { msg_id: None },
        advice: "an earlier call with this client id was taken",
    },
    slow(45066, Pause::For(MINUTE), "the same client id came within a minute"),
    never(45067, 45067, "the client id has more than 64 bytes"),
    never(45072, 45072, "the typing command is not known"),
    never(45080, 45081, "the typing sign can't be shown now"),
    never(45083, 45084, "the speed of mass sends is given from 0 to 4"),
    never(45157, 45159, "the tag's name is taken, too long or not allowed, or there is no such tag"),
    never(46003, 46003, "the account has no menu made by the API"),
    never(47001, 47001, "the call's body is no JSON"),
    never(
        47003,
        47003,
        "a field of the template has a value that WeChat does not take: the message names it",
    ),
    setting(
        48001,
        48001,
        "the account has no right to this call: see 开发接口管理 › 接口权限 in the console",
    ),
    nobody(48002, Unreachable::Refused, "the follower switched off messages of the account"),
    setting(
        48003,
        48003,
        "the terms of mass sends were not accepted: an administrator opens 群发 in the console once",
    ),
    setting(48004, 48004, "WeChat has banned this call for the account: see the notices in the console"),
    never(48005, 48005, "the material is used by a menu or an automatic reply"),
    slow(48006, Pause::NextMonth, "the counters were cleared as often as a month allows"),
    setting(48008, 48008, "the account has no right to this kind of message"),
    nobody(49003, Unreachable::UnknownId, "the openid belongs to another account"),
    nobody(50001, Unreachable::Limited, "the person has not authorised this"),
    nobody(50002, Unreachable::Limited, "the person's WeChat is frozen or closed"),
    setting(50004, 50004, "WeChat forbids the account to fetch tokens: see the notices in the console"),
    nobody(50005, Unreachable::NotFollowing, "the person does not follow"),
    setting(50007, 50007, "WeChat has frozen the account: see the notices in the console"),
    never(53503, 53505, "the draft can't be published: open it in the console"),
    never(53600, 53600, "there is no such article"),
    setting(
        61003,
        61005,
        "an authorisation by a third-party platform is missing: call with the account's own AppSecret",
    ),
    setting(61007, 61007, "the call was not granted to the third-party platform: grant it in the console"),
    setting(61023, 61023, "the third-party platform's refresh token is wrong: authorise it again"),
    retry(61450, "WeChat's customer service has a fault; it is tried again"),
    never(61451, 61457, "the customer-service account is wrong, taken or not allowed"),
    never(65301, 65319, "the personalised menu is not taken"),
    never(65320, 65320, "the menu's condition is private: only tag_id and client_platform_type are left"),
    setting(
        65400,
        65400,
        "the new customer service (客服功能) is not switched on: add it in the console under 新的功能",
    ),
    never(65401, 65417, "the customer-service desk did not take it: the account, session or span is wrong"),
    never(76001, 76022, "the counter or request id that was asked for does not exist"),
    never(
        87009,
        87009,
        "the call's signature is wrong: switch off API encryption in the console, which is not supported",
    ),
    setting(89501, 89501, "the machine's address waits for an administrator to confirm it in WeChat"),
    setting(
        89503,
        89504,
        "an administrator of the account must confirm this machine: see the message that they got in WeChat",
    ),
    slow(89506, Pause::For(DAY), "an administrator refused this machine for a day"),
    slow(89507, Pause::For(HOUR), "an administrator refused this machine for an hour"),
    never(
        200011,
        200021,
        "the template of subscription notices can't be added: wrong ids, or 25 are there already",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_in_order_and_no_code_is_told_twice() {
        for pair in TABLE.windows(2) {
            assert!(pair[0].codes.1 < pair[1].codes.0, "{:?} and {:?}", pair[0].codes, pair[1].codes);
        }
        assert!(TABLE.iter().all(|row| row.codes.0 <= row.codes.1 && !row.advice.is_empty()));
    }

    #[test]
    fn codes_ask_for_what_they_mean() {
        let day = Reaction::SlowDown(Pause::NextDay);
        let cases: &[(&[i64], Reaction)] = &[
            (&[-1, 40059, 61450], Reaction::Retry),
            (&[45009], day),
            (&[45011], Reaction::SlowDown(Pause::NextMinute)),
            (&[45028, 48006], Reaction::SlowDown(Pause::NextMonth)),
            (&[45066], Reaction::SlowDown(Pause::For(MINUTE))),
            (&[89507], Reaction::SlowDown(Pause::For(HOUR))),
            (&[89506], Reaction::SlowDown(Pause::For(DAY))),
            (&[43004, 50005], Reaction::Unreachable(Unreachable::NotFollowing)),
            (&[45015], Reaction::Unreachable(Unreachable::WindowClosed)),
            (&[45047], Reaction::Unreachable(Unreachable::QuotaUsed)),
            (&[43101, 43019, 48002], Reaction::Unreachable(Unreachable::Refused)),
            (&[40003, 49003], Reaction::Unreachable(Unreachable::UnknownId)),
            (&[50001, 50002], Reaction::Unreachable(Unreachable::Limited)),
            (&[45065], Reaction::AlreadyDone { msg_id: None }),
            (&[40007, 40037, 45002, 45008, 47001, 47003, 65320, 40130, 45157, 12345], Reaction::Permanent),
        ];
        for (codes, expected) in cases {
            for code in *codes {
                assert_eq!(reaction(*code), *expected, "{code}");
            }
        }
        let settings = [
            40002, 40013, 40125, 40164, 40243, 41002, 41004, 48001, 48003, 48004, 48008, 50004, 50007, 61003,
            61004, 61005, 61007, 61023, 65400, 89501, 89503, 89504,
        ];
        for code in settings {
            assert!(matches!(reaction(code), Reaction::Misconfigured(advice) if advice.len() > 10), "{code}");
        }
        assert!(advice(40164).is_some_and(|advice| advice.contains("IP白名单")));
        assert_eq!(advice(12345), None);
    }
}
