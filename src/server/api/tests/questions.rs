//! Questions that nothing answered.

use super::*;
use crate::domain::question::commands::missed;

async fn settle(desk: &Desk, token: &str, path: &str) -> Answer {
    desk.call(Method::POST, path, token, String::new(), &[]).await
}

#[tokio::test]
async fn what_was_asked_in_vain_is_listed_for_case_staff_and_settled_by_them() {
    let desk = desk();
    let at = Moment { now: NOW, seed: 1 };
    for text in ["食堂几点开门", "停车场在哪里", "停车场在哪里"] {
        desk.store.submit(at, move |tx| missed(tx, text)).await.unwrap();
    }
    let list = desk.sees(CASE, "/faq/missed").await.json();
    assert_eq!(
        (&list["questions"][0]["text"], &list["questions"][0]["count"]),
        (&json!("停车场在哪里"), &json!(2))
    );
    assert_eq!((list["questions"].as_array().unwrap().len(), &list["full"]), (2, &json!(false)));
    assert_eq!(desk.sees(STAFF, "/faq/missed").await.code(), (403, "not_allowed".into()));

    let path = format!("/faq/missed/{}/settle", list["questions"][0]["id"].as_str().unwrap());
    assert_eq!(settle(&desk, AUDITOR, &path).await.code(), (403, "not_allowed".into()));
    assert_eq!(settle(&desk, CASE, &path).await.status, 200);
    assert_eq!(settle(&desk, CASE, &path).await.code(), (404, "not_found".into()));
    assert_eq!(settle(&desk, CASE, "/faq/missed/x/settle").await.code(), (404, "not_found".into()));
    let left = desk.sees(AUDITOR, "/faq/missed").await.json();
    assert_eq!(left["questions"][0]["text"], "食堂几点开门");
}
