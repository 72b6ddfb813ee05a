//! Benefits and coupons, as staff and merchants call.

use super::*;

use crate::domain::benefit::claim::{Account, Claimed, claim};
use crate::domain::benefit::manage;
use crate::domain::benefit::record::{Coupon, CouponNumber, sample_terms};
use crate::domain::contact::record::FollowerId;
use crate::domain::tables::COUPONS;
use crate::staff::consistency;

fn bus() -> Value {
    json!({
        "title": "公交一分钱", "provider": "宁波公交", "eligibility": {"who": "anyone"}, "way": "own",
        "releases": [{"daily": "10:00", "stock": 3}], "newcomers": null, "alarm_below": 0,
    })
}

fn film() -> Value {
    json!({
        "title": "一元观影", "provider": "三江影城", "eligibility": {"who": "anyone"}, "way": "imported",
        "releases": [{"daily": "10:00", "stock": 100}], "newcomers": null, "alarm_below": 2,
    })
}

impl Desk {
    async fn staff(&self, path: &str, body: &Value) -> Answer {
        self.call(Method::POST, path, WELFARE, body.to_string(), &[]).await
    }

    async fn till(&self, token: &str, path: &str, key: &str) -> Answer {
        let extra = [("idempotency-key", key)];
        let extra: &[(&str, &str)] = if key.is_empty() { &[] } else { &extra };
        self.call(Method::POST, path, token, json!({"place": "1路车"}).to_string(), extra).await
    }

    async fn look(&self, path: &str) -> Answer {
        self.call(Method::GET, path, WELFARE, String::new(), &[]).await
    }

    /// Made and published.
    async fn open(&self, form: &Value) {
        let made = self.staff("/benefits", form).await;
        assert_eq!(made.status, 201, "{}", made.json());
        let id = made.json()["id"].as_str().unwrap().to_owned();
        let published = self.staff(&format!("/benefits/{id}/publish"), &json!({})).await;
        assert_eq!((published.status, published.json()["state"].as_str()), (200, Some("published")));
    }

    async fn load(&self, id: &str, csv: &str, key: &str) -> Answer {
        let path = format!("/benefits/{id}/codes?lot=december&supplier=%E4%B8%89%E6%B1%9F");
        self.call(Method::POST, &path, WELFARE, csv.to_owned(), &[("idempotency-key", key)]).await
    }

    async fn claim(&self, who: &'static str, id: u32) -> Coupon {
        let claimed = self.store.submit(Moment { now: NOW, seed: 1 }, move |tx| {
            claim(tx, Account { who: &FollowerId::new(who), followed: None, tags: &[] }, id)
        });
        match claimed.await.unwrap() {
            Ok(Claimed::Coupon(coupon)) => *coupon,
            other => panic!("{other:?}"),
        }
    }

    async fn is_consistent(&self) {
        let audit = consistency::audit(&self.store, Moment { now: NOW, seed: 1 }).await.unwrap();
        assert_eq!(audit.broken, Vec::<String>::new());
    }
}

fn code(coupon: &Coupon) -> String {
    coupon.code.as_ref().unwrap().reveal().clone()
}

#[tokio::test]
async fn a_benefit_is_written_published_paused_and_closed() {
    let desk = desk();
    desk.open(&bus()).await;
    let shown = desk.look("/benefits/W1").await.json();
    assert_eq!(
        shown["benefit"]["per_person"],
        json!({"batch": 1, "day": null, "week": null, "month": 2, "in_all": null})
    );
    assert_eq!(
        (&shown["release"]["left"], &shown["next_release"]),
        (&json!(3), &json!("2026-12-02T10:00:00+08:00"))
    );
    assert_eq!(shown["since_start"]["claims"], 0);

    let changed = {
        let mut form = shown["benefit"].clone();
        form["releases"][0]["stock"] = json!(5);
        desk.call(Method::PUT, "/benefits/W1", WELFARE, form.to_string(), &[]).await
    };
    assert_eq!(
        (changed.status, &changed.json()["release"]["left"]),
        (200, &json!(3)),
        "the release that is on stays"
    );
    let topped = desk.staff("/benefits/W1/top_up", &json!({"stock": 4})).await;
    assert_eq!((topped.status, &topped.json()["release"]["left"]), (200, &json!(7)));

    assert_eq!(desk.staff("/benefits/W1/pause", &json!({})).await.code(), (422, "invalid".to_owned()));
    assert_eq!(desk.staff("/benefits/W1/pause", &json!({"reason": "检修"})).await.json()["state"], "paused");
    assert_eq!(desk.staff("/benefits/W1/publish", &json!({})).await.json()["state"], "published");
    assert_eq!(desk.staff("/benefits/W1/close", &json!({})).await.json()["state"], "closed");
    assert_eq!(desk.staff("/benefits/W1/publish", &json!({})).await.code(), (409, "wrong_state".to_owned()));
    assert_eq!(desk.look("/benefits").await.json()["benefits"][0]["state"], "closed");
    assert_eq!(desk.look("/benefits/W9").await.code(), (404, "not_found".to_owned()));
}

#[tokio::test]
async fn an_unknown_setting_is_refused_with_the_nearest_and_a_missing_one_by_name() {
    let desk = desk();
    let mut form = bus();
    form["carry_ovr"] = json!(true);
    let answer = desk.staff("/benefits", &form).await;
    assert_eq!(answer.code(), (422, "invalid".to_owned()));
    let error = answer.json()["errors"][0].clone();
    assert_eq!(error["field"], "carry_ovr");
    assert!(error["message"].as_str().unwrap().contains("did you mean `carry_over`?"), "{error}");

    let mut quiz = bus();
    quiz["mode"] = json!("quiz");
    assert_eq!(desk.staff("/benefits", &quiz).await.json()["errors"][0]["field"], "quiz");
}

#[tokio::test]
async fn codes_are_loaded_once_and_duplicates_are_told_by_line() {
    let desk = desk();
    desk.open(&film()).await;
    let csv = "code,until\nFILM-1,\nFILM-2,2027-01-01T00:00:00+08:00\nFILM 1,\n,\nFILM-3,soon\nFILM-4,2026-01-01T00:00:00+08:00\n";
    let loaded = desk.load("W1", csv, "a").await;
    assert_eq!(loaded.status, 200, "{}", loaded.json());
    let lines = |answer: &Answer| {
        let refused = answer.json()["refused"].as_array().unwrap().clone();
        refused
            .iter()
            .map(|line| format!("{} {}", line["line"], line["why"].as_str().unwrap()))
            .collect::<Vec<_>>()
    };
    assert_eq!(loaded.json()["loaded"], 2);
    assert_eq!(lines(&loaded), ["4 duplicate_here", "5 empty", "6 until", "7 expired"]);
    assert!(!String::from_utf8_lossy(&loaded.body).contains("FILM"), "an answer holds no code");

    let again = desk.load("W1", csv, "a").await;
    assert_eq!(again.json(), loaded.json(), "the same call is answered as before");
    let other_key = desk.load("W1", csv, "b").await;
    assert_eq!((other_key.json()["loaded"].clone(), lines(&other_key).len()), (json!(0), 6));
    desk.open(&film()).await;
    let elsewhere = desk.load("W2", "code\nFILM-2\nFILM-9\n", "c").await;
    assert_eq!(
        (elsewhere.json()["loaded"].clone(), lines(&elsewhere)),
        (json!(1), vec!["2 duplicate".to_owned()])
    );

    let shown = desk.look("/benefits/W1").await.json();
    assert_eq!(shown["stock"], json!({"loaded": 2, "left": 2, "held": 0, "taken": 0, "void": 0}));
    let lot = &shown["lots"][0];
    assert_eq!(
        (&lot["codes"], &lot["first"], &lot["last"]),
        (&json!(2), &json!("W1-000001"), &json!("W1-000002"))
    );
    assert_eq!(desk.load("W1", "kode\nX\n", "d").await.code(), (422, "invalid".to_owned()));
    desk.open(&bus()).await;
    assert_eq!(desk.load("W3", "code\nX\n", "e").await.code(), (409, "own_codes".to_owned()));
    desk.is_consistent().await;
}

#[tokio::test]
async fn a_long_file_goes_in_by_the_hundred_and_goes_on_where_it_broke_off() {
    let desk = desk();
    desk.open(&film()).await;
    let all: Vec<String> = (1..=450).map(|n| format!("C{n:05}")).collect();
    let csv = |codes: &[String]| format!("code\n{}\n", codes.join("\n"));
    // As if the service had stopped after two hundred: that part has its answer already.
    let first = desk.load("W1", &csv(&all[..200]), "part").await;
    assert_eq!(first.json()["loaded"], 200);
    let whole = desk.load("W1", &csv(&all), "part").await;
    assert_eq!((whole.json()["loaded"].clone(), whole.json()["refused"].clone()), (json!(450), json!([])));
    assert_eq!(desk.look("/benefits/W1").await.json()["stock"]["loaded"], 450);
    desk.is_consistent().await;
}

#[tokio::test]
async fn a_till_takes_a_coupon_once_and_is_told_what_is_wrong() {
    let desk = desk();
    desk.open(&bus()).await;
    let coupon = desk.claim("oMei", 1).await;
    let path =
        format!("/coupons/{}/redeem", crate::domain::benefit::code::grouped(&code(&coupon)).to_lowercase());

    let told = desk.till(CINEMA, &path, "").await;
    assert_eq!(told.code(), (409, "other_provider".to_owned()));
    assert!(!told.json().to_string().contains("公交一分钱"), "another's coupon is nobody's business");
    assert_eq!(desk.till(BUS, "/coupons/99999999/redeem", "").await.code(), (404, "not_found".to_owned()));
    let wrong = format!("/coupons/{}X/redeem", &code(&coupon)[..16]);
    assert_eq!(desk.till(BUS, &wrong, "").await.code(), (409, "mistyped".to_owned()));
    let by_number = format!("/coupons/{}/redeem", coupon.number);
    assert_eq!(
        desk.till(BUS, &by_number, "").await.code(),
        (404, "not_found".to_owned()),
        "a number is no code"
    );

    let taken = desk.till(BUS, &path, "k").await;
    assert_eq!((taken.status, taken.json()["state"].clone()), (200, json!("redeemed")));
    assert_eq!(
        taken.json()["redeemed"],
        json!({"at": "2026-12-01T10:00:00+08:00", "by": "bus-till", "place": "1路车"})
    );
    assert!(taken.json()["code"].as_str().unwrap().starts_with('…'), "masked");
    assert_eq!(desk.till(BUS, &path, "k").await.json(), taken.json(), "the same call is answered as before");
    let again = desk.till(BUS, &path, "other").await;
    assert_eq!(again.code(), (409, "already_redeemed".to_owned()));
    let detail = again.json()["detail"].as_str().unwrap().to_owned();
    assert!(detail.contains("2026-12-01T10:00:00+08:00") && detail.contains("1路车"), "{detail}");

    let undo = format!("/coupons/{}/undo", coupon.number);
    assert_eq!(desk.till(BUS, &undo, "").await.status, 422, "a merchant's form has no reason");
    assert_eq!(desk.staff(&undo, &json!({"reason": "输错"})).await.json()["state"], "given");
    assert_eq!(desk.staff(&undo, &json!({"reason": "输错"})).await.code(), (409, "not_redeemed".to_owned()));
    assert_eq!(desk.till(BUS, &path, "third").await.status, 200);
    desk.is_consistent().await;
}

#[tokio::test]
async fn not_yet_valid_and_void_are_told_and_the_owner_gets_another() {
    let desk = desk();
    let mut later = bus();
    later["valid"] = json!({"days": 30, "not_before": "2026-12-05T00:00:00+08:00"});
    desk.open(&later).await;
    let coupon = desk.claim("oMei", 1).await;
    let path = format!("/coupons/{}", code(&coupon));
    let early = desk.till(BUS, &format!("{path}/redeem"), "").await;
    assert_eq!(early.code(), (409, "not_yet_valid".to_owned()));
    assert!(early.json()["detail"].as_str().unwrap().contains("2026-12-05"));

    let void =
        desk.staff(&format!("{path}/void"), &json!({"reason": "刷不出", "reissue": true})).await.json();
    assert_eq!((&void["void"]["state"], &void["instead"]["number"]), (&json!("void"), &json!("W1-000002")));
    assert_eq!(desk.till(BUS, &format!("{path}/redeem"), "").await.code(), (409, "void".to_owned()));
    let twice = desk.staff(&format!("{path}/void"), &json!({"reason": "刷不出"})).await;
    assert_eq!(twice.code(), (409, "coupon_state".to_owned()));
    let number = CouponNumber { benefit: 1, number: 2 };
    let kept = desk.store.read(Moment { now: NOW, seed: 1 }, move |tx| tx.get(&COUPONS, &number.key())).await;
    let owner = kept.unwrap().unwrap().owner.unwrap();
    assert_eq!((owner.follower, owner.instead_of), (FollowerId::new("oMei"), Some(coupon.number)));
    desk.is_consistent().await;
}

#[tokio::test]
async fn a_code_in_stock_that_the_provider_takes_back_is_given_to_nobody() {
    let desk = desk();
    desk.open(&film()).await;
    desk.load("W1", "code\nA1\nA2\nA3\n", "a").await;
    let void = |number: &str, again: bool| {
        let form = json!({"reason": "影城收回", "reissue": again});
        let path = format!("/coupons/{number}/void");
        let desk = &desk;
        async move { desk.staff(&path, &form).await }
    };
    assert_eq!(void("W1-000001", true).await.code(), (409, "nobodys".to_owned()));
    assert_eq!(void("W1-000001", false).await.json()["void"]["state"], "void");
    assert_eq!(code(&desk.claim("oMei", 1).await), "A2");
    let stock = desk.look("/benefits/W1").await.json()["stock"].clone();
    assert_eq!(stock, json!({"loaded": 3, "left": 1, "held": 0, "taken": 1, "void": 1}));
    desk.is_consistent().await;
}

#[tokio::test]
async fn a_grant_has_no_code_and_staff_mark_it_by_its_number() {
    let desk = desk();
    let mut grant = bus();
    (grant["way"], grant["title"]) = (json!("grant"), json!("生日慰问"));
    desk.open(&grant).await;
    let coupon = desk.claim("oMei", 1).await;
    assert_eq!((coupon.code.is_none(), coupon.number.to_string()), (true, "W1-000001".to_owned()));
    let path = format!("/coupons/{}/redeem", coupon.number);
    assert_eq!(desk.staff(&path, &json!({"place": "服务中心"})).await.json()["state"], "redeemed");
    desk.is_consistent().await;
}

#[tokio::test]
async fn everybody_does_their_own_work_alone() {
    let desk = desk();
    desk.open(&bus()).await;
    let coupon = desk.claim("oMei", 1).await;
    let own = format!("/coupons/{}", code(&coupon));
    for token in [BUS, STAFF, CASE] {
        let refused = desk.call(Method::POST, "/benefits", token, bus().to_string(), &[]).await;
        assert_eq!(refused.code(), (403, "not_allowed".to_owned()), "{token}");
        assert_eq!(desk.call(Method::GET, "/benefits/W1", token, String::new(), &[]).await.status, 403);
    }
    let seen = |token| desk.call(Method::GET, &own, token, String::new(), &[]);
    assert_eq!((seen(BUS).await.status, seen(CINEMA).await.status), (200, 409));
    assert_eq!((seen(AUDITOR).await.status, seen(CASE).await.status), (200, 403));
    let reveal = format!("/coupons/{}?reveal=%E6%9F%A5", coupon.number);
    assert_eq!(desk.call(Method::GET, &reveal, BUS, String::new(), &[]).await.status, 404, "by code alone");
    assert_eq!(desk.look(&reveal).await.json()["code"], json!(code(&coupon)));
}

#[tokio::test]
async fn a_person_is_paused_with_a_reason_and_the_pause_is_lifted() {
    let desk = desk();
    desk.open(&bus()).await;
    let pause = json!({"days": 30, "reason": "转卖券码"});
    assert_eq!(desk.staff("/people/oMei/pause", &pause).await.status, 204);
    let claimed = || {
        desk.store.submit(Moment { now: NOW, seed: 1 }, |tx| {
            claim(tx, Account { who: &FollowerId::new("oMei"), followed: None, tags: &[] }, 1)
        })
    };
    assert_eq!(claimed().await.unwrap().unwrap_err().code(), "paused_by_staff");
    assert_eq!(desk.staff("/people/oMei/lift", &json!({"reason": "核实"})).await.status, 204);
    assert!(claimed().await.unwrap().is_ok());
    assert_eq!(
        desk.staff("/people/oMei/lift", &json!({"reason": "核实"})).await.code(),
        (409, "not_paused".to_owned())
    );
    for wrong in ["1,2", "13900000001"] {
        let nobody = desk.staff("/benefits/W1/list", &json!({"people": ["oBo", wrong]})).await;
        assert_eq!((nobody.status, &nobody.json()["errors"][0]["field"]), (422, &json!("people[1]")));
    }
    let listed = desk.staff("/benefits/W1/list", &json!({"people": ["oBo", "oLi", "oBo"]})).await;
    assert_eq!(listed.json()["added"], 2);
    for (path, body) in [
        ("/benefits/W1/list", json!({"people": ["oMei", "m000123"]})),
        ("/people/M000123/pause", pause.clone()),
    ] {
        assert_eq!(desk.staff(path, &body).await.code(), (409, "unknown_member".to_owned()), "{path}");
    }
}

#[tokio::test]
async fn staff_are_alarmed_when_little_is_left() {
    let desk = desk();
    desk.open(&film()).await;
    desk.load("W1", "code\nA1\nA2\nA3\n", "a").await;
    for who in ["oMei", "oBo"] {
        desk.claim(who, 1).await;
    }
    let trail = |from: &Desk| {
        let store = from.store.clone();
        async move {
            let rows = store.read(Moment { now: NOW, seed: 1 }, |tx| {
                Ok(tx.scan(&crate::domain::tables::TRAIL, &(), None, 100)?.rows)
            });
            let rows = rows.await.unwrap();
            rows.into_iter()
                .filter(|(_, row)| row.act == "benefit.low")
                .map(|(_, row)| row.detail)
                .collect::<Vec<_>>()
        }
    };
    assert_eq!(trail(&desk).await, ["1 left"], "once");
    let low = |shown: Value| (shown["low"].clone(), shown["alarm_below"].clone());
    assert_eq!(low(desk.look("/benefits/W1").await.json()), (json!(true), json!(2)));
    desk.load("W1", "code\nA4\nA5\n", "b").await;
    desk.claim("oLi", 1).await;
    assert_eq!(trail(&desk).await.len(), 1, "enough again");
    assert_eq!(low(desk.look("/benefits").await.json()["benefits"][0].clone()).0, json!(false));
    desk.claim("oWang", 1).await;
    assert_eq!(trail(&desk).await.len(), 2, "and little again");
}

#[tokio::test]
async fn a_provider_tells_what_was_used() {
    let desk = desk();
    desk.open(&film()).await;
    desk.load("W1", "code\nA1\na1\n", "a").await;
    let number = desk.claim("oMei", 1).await.number;
    let tells = async |csv: &str| {
        let extra = [("content-type", "text/csv")];
        desk.call(Method::POST, "/benefits/W1/used", WELFARE, csv.to_owned(), &extra).await
    };
    let told = tells("code,at\nA1,\na1,\nB,\n").await.json();
    assert_eq!((&told["marked"], &told["known"]), (&json!(1), &json!(0)), "{told}");
    assert_eq!(told["refused"][0]["why"], "not_given");
    assert_eq!(told["refused"][1]["line"], 4);
    assert_eq!(tells("code\nA1\n").await.json()["known"], 1);
    assert_eq!(tells("kode\nA1\n").await.json()["errors"][0]["field"], "code");
    let coupon = desk.look(&format!("/coupons/{number}")).await.json();
    assert_eq!(coupon["state"], "redeemed");
    desk.is_consistent().await;
}

#[tokio::test]
async fn a_release_that_is_over_is_listed_before_anybody_claims_of_the_next() {
    let desk = desk();
    let yesterday = Moment { now: NOW.minus(std::time::Duration::from_secs(86_400)), seed: 1 };
    let claimed = desk.store.submit(yesterday, |tx| {
        let id = manage::create(tx, sample_terms())?.id;
        _ = manage::publish(tx, id)?;
        claim(tx, Account { who: &FollowerId::new("oMei"), followed: None, tags: &[] }, id)
    });
    assert!(claimed.await.unwrap().is_ok());
    let over = desk.look("/benefits/W1/releases").await.json()["releases"].clone();
    let told = (&over[0]["at"], &over[0]["given"], &over[0]["carried_out"], &over[1]);
    assert_eq!(told, (&json!("2026-11-30T10:00:00+08:00"), &json!(1), &json!(9), &Value::Null));
}

#[tokio::test]
async fn of_what_is_closed_nothing_more_is_said_to_come() {
    let desk = desk();
    let ago = |days: u64| Moment { now: NOW.minus(std::time::Duration::from_secs(days * 86_400)), seed: 1 };
    let opened = |tx: &mut crate::store::Tx| {
        let id = manage::create(tx, sample_terms())?.id;
        _ = manage::publish(tx, id)?;
        claim(tx, Account { who: &FollowerId::new("oMei"), followed: None, tags: &[] }, id).map(drop)
    };
    desk.store.submit(ago(5), opened).await.unwrap();
    assert!(desk.store.submit(ago(4), |tx| manage::close(tx, 1)).await.unwrap().is_ok());
    let shown = desk.look("/benefits/W1").await.json();
    assert_eq!((&shown["stock"]["left"], &shown["stock"]["loaded"]), (&json!(19), &json!(20)));
    assert_eq!((&shown["next_release"], &shown["release"]["open"]), (&Value::Null, &json!(false)));
    desk.is_consistent().await;
}
