//! A city's claims: who is enrolled, what they claimed, and the two looks at it that must stay quick: a claimant's
//! 理赔进度, and a page of the staff's queue.

use std::path::Path;
use std::time::Duration;

use gonghui::app::Machine;
use gonghui::domain::claim::record::*;
use gonghui::domain::claim::{queue, retain};
use gonghui::domain::contact::record::{Contact, FollowerId};
use gonghui::domain::member::binding::attach;
use gonghui::domain::member::identity::check;
use gonghui::domain::member::list::{self, Entered, Listed};
use gonghui::domain::member::record::MemberId;
use gonghui::domain::scheme::enrol::{self, ListTerms, Row};
use gonghui::domain::scheme::file::{EMBEDDED, read_all};
use gonghui::domain::scheme::record::Fen;
use gonghui::domain::scheme::rules::EventKind;
use gonghui::domain::tables::{CLAIM_MOVES, CONTACTS, MEMBERS};
use gonghui::domain::timers::fire_due;
use gonghui::moment::{Clock as _, Moment, Time};
use gonghui::store::{Fault, Sealed, Store, Tx};
use jiff::civil::date;
use tokio::task::JoinSet;

use super::messages::follower;
use super::{Options, child};

pub const CLAIMS_EACH: u64 = 2;
const WAITING: u64 = 1_000;
const MEMBERS_A_COMMAND: u64 = 100;
const ENROLLED_A_COMMAND: u64 = enrol::ROWS_MAX as u64;
const LIST: &str = "bench";

/// The store of a union with so many claims and enrolments; each claimant is a bound member.
pub async fn fill(folder: &Path, claims: u64, enrolments: u64) {
    let store = child::open(folder).await;
    let moment = Machine::default().moment();
    adopt(&store, moment).await;
    let mut running = JoinSet::new();
    for first in (0..claims / CLAIMS_EACH).step_by(MEMBERS_A_COMMAND as usize) {
        if running.len() >= 8 {
            running.join_next().await;
        }
        let store = store.clone();
        running.spawn(async move {
            let members = first..(first + MEMBERS_A_COMMAND).min(claims / CLAIMS_EACH);
            let enter = move |tx: &mut Tx| members.clone().try_for_each(|n| member_with_claims(tx, n));
            store.submit(moment, enter).await.expect("claims are stored");
        });
    }
    while running.join_next().await.is_some() {}
    for first in (0..enrolments).step_by(ENROLLED_A_COMMAND as usize) {
        let rows: Vec<Row> = (first..(first + ENROLLED_A_COMMAND).min(enrolments)).map(enrolled).collect();
        let enrol = move |tx: &mut Tx| enrol::enrol(tx, LIST, first, &rows, "bench");
        let (list, notes) =
            store.submit(moment, enrol).await.expect("rows are stored").expect("a list that was begun");
        assert!(list.bad == 0, "{notes:?}");
    }
    // As the service does when it first starts on claims that have no timers.
    store.submit(moment, retain::begin_with_older).await.expect("timers are set");
    fire_due(&store, || Machine::default().moment()).await.expect("what is due is done");
    child::close_at_rest(store, folder).await;
}

async fn adopt(store: &Store, moment: Moment) {
    let files = read_all(EMBEDDED.iter().copied()).expect("sound schemes");
    let begin = move |tx: &mut Tx| {
        let adopted = gonghui::domain::scheme::commands::adopt(tx, &files)?;
        assert!(adopted.is_ok(), "{adopted:?}");
        let terms = ListTerms {
            scheme: "ningbo".to_owned(),
            programme: "inpatient_active".to_owned(),
            unit: String::new(),
            district: String::new(),
            entered: date(2026, 4, 15),
            years: 1,
            shares: 1,
            class: None,
            people: None,
            again: false,
            new_hires: false,
        };
        enrol::begin(tx, LIST, &terms, None)
    };
    store.submit(moment, begin).await.expect("a scheme is stored").expect("an open window");
}

/// Made-up, of a region that isn't given out.
fn identity(n: u64) -> String {
    let (day, serial) = (n / 1_000, n % 1_000);
    let (year, rest) = (1968 + day / 336, day % 336);
    let body = format!("330299{year}{:02}{:02}{serial:03}", rest / 28 + 1, rest % 28 + 1);
    format!("{body}{}", char::from(check(body.as_bytes())))
}

fn enrolled(n: u64) -> Row {
    Row {
        name: format!("样例{n}"),
        identity: identity(n),
        unit: format!("样例第{}工会", n / 700),
        district: format!("区{}", n % 10),
        shares: None,
    }
}

fn member_with_claims(tx: &mut Tx, n: u64) -> Result<(), Fault> {
    let row = Listed {
        name: format!("样例{n}"),
        identity: identity(n),
        union: format!("样例第{}工会", n / 700),
        district: format!("区{}", n % 10),
        ..Listed::default()
    };
    let Entered::Added(id) = list::enter(tx, &row, false)? else { panic!("entered twice") };
    let who = FollowerId::new(follower(n));
    tx.put(&CONTACTS, &who, &Contact::new(tx.moment().now))?;
    let member = tx.get(&MEMBERS, &id)?.expect("just entered");
    attach(tx, id, member, &who)?;
    (0..CLAIMS_EACH).try_for_each(|m| claim(tx, n * CLAIMS_EACH + m + 1, id))
}

/// Most are paid; one of ten waits for staff.
fn status(n: u64) -> Status {
    match n % 20 {
        0 => Status::Submitted,
        1 => Status::Accepted,
        2 => Status::NeedsMore,
        3 => Status::Rejected,
        _ => Status::Paid,
    }
}

fn claim(tx: &mut Tx, n: u64, member: MemberId) -> Result<(), Fault> {
    let (now, id, status) = (tx.moment().now, ClaimId(n), status(n));
    // Weeks ago at most: nothing of it is to be erased yet.
    let submitted: Time = now.minus(Duration::from_secs(3_600 + n * 2));
    let due = status.waits_for_staff().then(|| submitted.plus(Duration::from_secs(14 * 86_400)));
    let amount = Fen(10_000 + (n * 7_919 % 900_000) as i64);
    let details = Details {
        diagnosis: "样例诊断".to_owned(),
        invoices: vec![Invoice {
            code: "33060124".to_owned(),
            number: format!("{n:010}"),
            check: "a1b2c3".to_owned(),
            issued: None,
            amount,
            read: true,
            corrects: None,
            confirmed: true,
        }],
        ..Details::default()
    };
    let ruling = Ruling {
        scheme: "ningbo".to_owned(),
        version: 2024,
        programme: "inpatient_active".to_owned(),
        year: 2026,
        day: details.facts.day(),
    };
    let claim = Claim {
        ruling: Some(ruling),
        status,
        submitted: Some(submitted),
        details: Sealed::new(details),
        amount: Some(amount),
        clock: Clock { due, ..Clock::default() },
        moves: 2,
        ..Claim::draft(member, EventKind::Inpatient, submitted)
    };
    for (number, from, to) in [(1, Status::Draft, Status::Submitted), (2, Status::Submitted, status)] {
        let row = Move {
            at: submitted,
            by: By::Rule,
            from,
            to,
            reason: String::new(),
            words: Sealed::new(String::new()),
            asked: Vec::new(),
        };
        tx.put(&CLAIM_MOVES, &(id, number), &row)?;
    }
    queue::save(tx, id, None, &claim)
}

/// What is measured: see the module.
pub async fn measure(folder: &Path, options: &Options, rows: &mut Vec<super::table::Row>) {
    use super::client::{self, Load};
    use super::messages::Messages;
    use super::table::Row;

    let (claims, enrolments) = (options.claims, options.enrolments);
    let started = std::time::Instant::now();
    child::Child::fill_claims(folder, claims, enrolments);
    let name = format!("filling a store with {claims} claims and {enrolments} enrolments");
    rows.push(Row::time(&name, started.elapsed(), child::Used::default()));
    let service = child::Child::serve(folder);
    service.used();

    let time = Duration::from_secs(options.seconds);
    let looks = Messages::events("claim.status", claims / CLAIMS_EACH, 200_000);
    let measured = client::closed(service.address, &looks, options.connections, time, Load::Once).await;
    rows.push(Row::new("a claimant's 理赔进度", &measured, service.used()));
    // Who waits for money looks again and again.
    let again = Messages::events("claim.status", WAITING, 200_000);
    let measured = client::closed(service.address, &again, options.connections, time, Load::Once).await;
    rows.push(Row::new("the same of 1,000 who look every day", &measured, service.used()));
    for order in ["age", "amount"] {
        let pages = Messages::queue_pages(order);
        let measured = client::closed(service.address, &pages, 1, time, Load::Cycle).await;
        rows.push(Row::new(&format!("50 claims of a queue by {order}"), &measured, service.used()));
    }
}
