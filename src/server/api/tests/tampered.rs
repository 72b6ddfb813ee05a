//! Rows of a claim that somebody changed beside the service: the audit names each.

use super::*;
use crate::domain::claim::record::{Claim, ClaimId, Status};
use crate::domain::scheme::record::Fen;
use crate::domain::tables::{self, CLAIM_MOVES, CLAIM_SUMS, CLAIMS_BY_AGE, FUND_ENTRIES, PAY_LINES};
use crate::staff::consistency::audit;
use crate::store::{Fault, Tx};

const AT: Moment = Moment { now: NOW, seed: 1 };
const ID: ClaimId = ClaimId(1);

/// A claim that was paid, and a change that no command makes; what the audit says then.
async fn tampered(change: fn(&mut Tx) -> Result<(), Fault>) -> Vec<String> {
    let desk = desk();
    let id = desk.approved(1).await;
    assert_eq!(id, ID.to_string());
    for (token, path, body) in [
        (PAYER, "/payments", json!({"scheme": "ningbo"}).to_string()),
        (RELEASER, "/payments/1/release", String::new()),
        (PAYER, "/payments/1/results", format!("number,result\n{id},paid\n")),
    ] {
        let answer = desk.call(Method::POST, path, token, body, &[]).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.json());
    }
    assert_eq!(desk.sees(AUDITOR, &format!("/claims/{id}")).await.json()["status"], "paid");
    desk.books_balance().await;
    desk.store.submit(AT, change).await.unwrap();
    audit(&desk.store, AT).await.unwrap().broken
}

#[tokio::test]
async fn whatever_row_of_a_claim_is_changed_the_audit_names_it() {
    type Change = fn(&mut Tx) -> Result<(), Fault>;
    let changes: [(&str, Change, &str); 8] = [
        (
            "its amount",
            |tx| {
                let claim = tx.get(&tables::CLAIMS, &ID)?.unwrap();
                let amount = Some(Fen::yuan(2_800));
                tx.put(&tables::CLAIMS, &ID, &Claim { amount, ..claim })
            },
            "L000001 (paid): it was counted otherwise",
        ),
        (
            "its state",
            |tx| {
                let claim = tx.get(&tables::CLAIMS, &ID)?.unwrap();
                let status = Status::Approved;
                tx.put(&tables::CLAIMS, &ID, &Claim { status, ..claim })
            },
            "L000001 (approved): its last move leads elsewhere",
        ),
        (
            "how it was counted",
            |tx| {
                let (key, mut sum) = tx.scan(&CLAIM_SUMS, &(ID,), None, 9)?.rows.pop().unwrap();
                sum.total = Fen::yuan(2_800);
                tx.put(&CLAIM_SUMS, &key, &sum)
            },
            "L000001 (paid): it was counted otherwise",
        ),
        (
            "its last move",
            |tx| {
                let (key, mut row) = tx.scan(&CLAIM_MOVES, &(ID,), None, 99)?.rows.pop().unwrap();
                row.to = Status::Approved;
                tx.put(&CLAIM_MOVES, &key, &row)
            },
            "L000001 (paid): its last move leads elsewhere",
        ),
        (
            "where it is listed",
            |tx| {
                let claim = tx.get(&tables::CLAIMS, &ID)?.unwrap();
                tx.delete(&CLAIMS_BY_AGE, &(claim.status, claim.since, ID))
            },
            "L000001 (paid): the index by age disagrees",
        ),
        (
            "what the batch pays",
            |tx| {
                let mut line = tx.get(&PAY_LINES, &(1, ID))?.unwrap();
                line.amount = Fen::yuan(2_800);
                tx.put(&PAY_LINES, &(1, ID), &line)
            },
            "L000001 (paid): its batch says otherwise",
        ),
        (
            "what the bank said",
            |tx| {
                let mut line = tx.get(&PAY_LINES, &(1, ID))?.unwrap();
                line.outcome = None;
                tx.put(&PAY_LINES, &(1, ID), &line)
            },
            "L000001 (paid): its batch says otherwise",
        ),
        (
            "an entry of the book",
            |tx| {
                let (key, mut entry) = tx.scan(&FUND_ENTRIES, &(), None, 9)?.rows.pop().unwrap();
                entry.amount = Fen::yuan(2_800);
                tx.put(&FUND_ENTRIES, &key, &entry)
            },
            "L000001 (paid): the entry that says that it was paid doesn't fit",
        ),
    ];
    for (what, change, says) in changes {
        let broken = tampered(change).await;
        assert!(broken.iter().any(|line| line == says), "{what}: {broken:#?}");
    }
}
