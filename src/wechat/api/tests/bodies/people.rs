//! Followers, the people at the desk, and who opens a page.

use serde_json::json;

use super::*;
use crate::moment::Time;

#[tokio::test]
async fn followers() {
    let stub = Stub::start().await;
    let client = stub.client();
    stub.says(Told::json(json!({ "subscribe": 0, "openid": "o9" })));
    assert_eq!(client.user_info("o9").await.unwrap(), UserInfo { openid: s("o9"), ..UserInfo::default() });
    sent(&stub, "GET", "/cgi-bin/user/info", json!({ "openid": "o9", "lang": "zh_CN" }));
    let info = json!({ "subscribe": 1, "openid": "o1", "tagid_list": [2, 100], "subscribe_scene": "ADD_SCENE_QR_CODE", "qr_scene": 98765, "unionid": "u" });
    stub.says(Told::json(json!({ "user_info_list": [info] })));
    let infos = client.user_infos(&[s("o1")]).await.unwrap();
    assert_eq!(
        (infos[0].follows, infos[0].tags.as_slice(), infos[0].qr_scene.as_str()),
        (true, &[2, 100][..], "98765")
    );
    let body = json!({ "user_list": [{ "openid": "o1", "lang": "zh_CN" }] });
    sent(&stub, "POST", "/cgi-bin/user/info/batchget", body);
    assert!(client.user_infos(&vec![s("o"); 101]).await.is_err());
    let asked = stub.asked("/cgi-bin/user/info/batchget").len();
    assert_eq!(client.user_infos(&[]).await.unwrap(), []);
    assert_eq!(stub.asked("/cgi-bin/user/info/batchget").len(), asked);
    client.set_remark("o1", "老王").await.unwrap();
    sent(&stub, "POST", "/cgi-bin/user/info/updateremark", json!({ "openid": "o1", "remark": "老王" }));
    assert!(client.set_remark("o1", &"长".repeat(30)).await.is_err());
}

#[tokio::test]
async fn all_followers_page_by_page_to_the_last() {
    let stub = Stub::start().await;
    let client = stub.client();
    stub.says(Told::json(
        json!({ "total": 3, "count": 2, "data": { "openid": ["o1", "o2"] }, "next_openid": "o2" }),
    ));
    let page = client.users(None).await.unwrap();
    assert_eq!((page.total, page.openids, page.next.as_deref()), (3, vec![s("o1"), s("o2")], Some("o2")));
    sent(&stub, "GET", "/cgi-bin/user/get", json!({}));
    for last_page in [
        json!({ "total": 3, "count": 0, "next_openid": "" }),
        json!({ "total": 3, "count": 0, "data": [], "next_openid": "o3" }),
        json!({ "total": 3, "count": 0, "data": { "openid": [] } }),
    ] {
        stub.says(Told::json(last_page));
        assert_eq!(client.users(Some("o3")).await.unwrap(), UserPage { total: 3, ..UserPage::default() });
    }
    sent(&stub, "GET", "/cgi-bin/user/get", json!({ "next_openid": "o3" }));
    stub.says(Told::json(json!({ "count": 1, "data": { "openid": ["o3"] }, "next_openid": "" })));
    assert_eq!(client.tagged_users(2, Some("o2")).await.unwrap().next, None);
    sent(&stub, "POST", "/cgi-bin/user/tag/get", json!({ "tagid": 2, "next_openid": "o2" }));
    client.blacklist(None).await.unwrap();
    sent(&stub, "POST", "/cgi-bin/tags/members/getblacklist", json!({ "begin_openid": "" }));
}

#[tokio::test]
async fn tags_and_the_blacklist() {
    let stub = Stub::start().await;
    let client = stub.client();
    stub.says(Told::json(json!({ "tag": { "id": 134, "name": "鄞州" } })));
    assert_eq!(client.create_tag("鄞州").await.unwrap(), Tag { id: 134, name: s("鄞州"), count: 0 });
    sent(&stub, "POST", "/cgi-bin/tags/create", json!({ "tag": { "name": "鄞州" } }));
    assert!(client.create_tag(&"州".repeat(11)).await.is_err());
    stub.says(Told::json(json!({ "tags": [{ "id": 2, "name": "星标组", "count": "7" }] })));
    assert_eq!(client.tags().await.unwrap()[0].count, 7);
    sent(&stub, "GET", "/cgi-bin/tags/get", json!({}));
    stub.says(Told::error(0, "ok"));
    client.rename_tag(134, "海曙").await.unwrap();
    sent(&stub, "POST", "/cgi-bin/tags/update", json!({ "tag": { "id": 134, "name": "海曙" } }));
    client.delete_tag(134).await.unwrap();
    sent(&stub, "POST", "/cgi-bin/tags/delete", json!({ "tag": { "id": 134 } }));
    let two = [s("o1"), s("o2")];
    client.tag_users(134, &two).await.unwrap();
    let body = json!({ "openid_list": ["o1", "o2"], "tagid": 134 });
    sent(&stub, "POST", "/cgi-bin/tags/members/batchtagging", body.clone());
    client.untag_users(134, &two).await.unwrap();
    sent(&stub, "POST", "/cgi-bin/tags/members/batchuntagging", body);
    assert!(client.tag_users(134, &vec![s("o"); 51]).await.is_err());
    client.tag_users(134, &[]).await.unwrap();
    assert_eq!(stub.asked("/cgi-bin/tags/members/batchtagging").len(), 1);
    stub.says(Told::json(json!({ "tagid_list": [134, 2] })));
    assert_eq!(client.tags_of("o1").await.unwrap(), [134, 2]);
    sent(&stub, "POST", "/cgi-bin/tags/getidlist", json!({ "openid": "o1" }));
    client.add_to_blacklist(&two).await.unwrap();
    sent(&stub, "POST", "/cgi-bin/tags/members/batchblacklist", json!({ "openid_list": ["o1", "o2"] }));
    client.remove_from_blacklist(&two).await.unwrap();
    sent(&stub, "POST", "/cgi-bin/tags/members/batchunblacklist", json!({ "openid_list": ["o1", "o2"] }));
    assert!(client.add_to_blacklist(&vec![s("o"); 21]).await.is_err());
}

#[tokio::test]
async fn the_customer_service_desk() {
    let stub = Stub::start().await;
    let client = stub.client();
    client.add_desk_account("staff1@gh", "小王").await.unwrap();
    let body = json!({ "kf_account": "staff1@gh", "nickname": "小王" });
    sent(&stub, "POST", "/customservice/kfaccount/add", body.clone());
    client.update_desk_account("staff1@gh", "小王").await.unwrap();
    sent(&stub, "POST", "/customservice/kfaccount/update", body);
    assert!(client.add_desk_account("elevenchars@gh", "小王").await.is_err());
    client.invite_desk_worker("staff1@gh", "wang").await.unwrap();
    let body = json!({ "kf_account": "staff1@gh", "invite_wx": "wang" });
    sent(&stub, "POST", "/customservice/kfaccount/inviteworker", body);
    client.delete_desk_account("staff1@gh").await.unwrap();
    sent(&stub, "POST", "/customservice/kfaccount/del", json!({ "kf_account": "staff1@gh" }));
    let body = json!({ "kf_account": "staff1@gh", "openid": "o1" });
    client.open_session("staff1@gh", "o1").await.unwrap();
    sent(&stub, "POST", "/customservice/kfsession/create", body.clone());
    client.close_session("staff1@gh", "o1").await.unwrap();
    sent(&stub, "POST", "/customservice/kfsession/close", body);
    assert_eq!(client.session_of("o1").await.unwrap(), None);
    sent(&stub, "GET", "/customservice/kfsession/getsession", json!({ "openid": "o1" }));
    stub.says(Told::json(json!({ "kf_account": "staff1@gh", "createtime": 123 })));
    assert_eq!(client.session_of("o1").await.unwrap().unwrap().createtime, 123);
    stub.says(Told::json(json!({ "sessionlist": [{ "openid": "o1", "createtime": 123 }] })));
    assert_eq!(client.sessions_of_worker("staff1@gh").await.unwrap()[0].openid, "o1");
    sent(&stub, "GET", "/customservice/kfsession/getsessionlist", json!({ "kf_account": "staff1@gh" }));
    stub.says(Told::json(json!({ "count": 150, "waitcaselist": [{ "openid": "o1", "latest_time": 5 }] })));
    let waiting = client.waiting_cases().await.unwrap();
    assert_eq!((waiting.count, waiting.longest[0].latest_time), (150, 5));
    stub.says(Told::json(
        json!({ "kf_list": [{ "kf_account": "staff1@gh", "kf_nick": "小王", "kf_id": 1001 }] }),
    ));
    assert_eq!(client.desk_accounts().await.unwrap()[0].kf_id, "1001");
    stub.says(Told::json(
        json!({ "kf_online_list": [{ "kf_account": "staff1@gh", "status": 1, "accepted_case": 2 }] }),
    ));
    assert_eq!(client.desk_online().await.unwrap()[0].accepted_case, 2);
    let record =
        json!({ "openid": "o1", "opercode": 2003, "text": "您好", "time": 1, "worker": "staff1@gh" });
    stub.says(Told::json(json!({ "recordlist": [record], "number": 1, "msgid": 20_165_267 })));
    let (from, to) = (Time::from_unix_s(100), Time::from_unix_s(200));
    let (records, after) = client.desk_records(from, to, 1, 10_000).await.unwrap();
    assert_eq!((records[0].text.as_str(), after), ("您好", 20_165_267));
    let body = json!({ "starttime": 100, "endtime": 200, "msgid": 1, "number": 10_000 });
    sent(&stub, "POST", "/customservice/msgrecord/getmsglist", body);
}

#[tokio::test]
async fn who_opened_a_page() {
    let stub = Stub::start().await;
    let client = stub.client();
    let granted = json!({ "access_token": "PAGE", "expires_in": 7200, "refresh_token": "AGAIN", "openid": "o1",
        "scope": "snsapi_base", "is_snapshotuser": 1 });
    stub.answers(move |asked| match asked.path.as_str() {
        "/sns/userinfo" => {
            Some(Told::json(json!({ "openid": "o1", "nickname": "小\u{1}梅", "privilege": [] })))
        }
        "/sns/auth" => None,
        _ => Some(Told::json(granted.clone())),
    });
    let person = client.authorised_by("CODE").await.unwrap();
    assert_eq!((person.openid.as_str(), person.is_snapshot), ("o1", true));
    let asked = stub.last();
    let query = json!({ "appid": "wx5823bf96d3bd56c7", "secret": "the-app-secret", "code": "CODE",
        "grant_type": "authorization_code" });
    assert_eq!((asked.path.as_str(), json!(asked.query)), ("/sns/oauth2/access_token", query));
    let printed = format!("{person:?}");
    assert!(!printed.contains("PAGE") && !printed.contains("AGAIN"), "{printed}");
    client.authorised_again(&person.refresh_token).await.unwrap();
    assert_eq!(stub.last().query["refresh_token"], "AGAIN");
    assert!(client.is_still_authorised(&person).await.unwrap());
    client.page_user(&person).await.unwrap();
    assert_eq!(json!(stub.last().query), json!({ "access_token": "PAGE", "openid": "o1", "lang": "zh_CN" }));
    stub.answers(|_| Some(Told::error(40003, "invalid openid")));
    assert!(!client.is_still_authorised(&person).await.unwrap());
    stub.answers(|_| Some(Told::error(40163, "code been used")));
    let used = client.authorised_by("CODE").await.unwrap_err();
    assert_eq!((used.code, used.reaction), (Some(40163), Reaction::Permanent));
    assert_eq!(stub.fetches(), 0, "none of it needs the account's token");
}
