//! Draws that staff pause, and one ticket for one person.

use super::super::manage::{close, pause};
use super::*;
use crate::domain::contact::record::Contact;

const MINUTE: Duration = Duration::from_secs(60);

fn lottery() -> Terms {
    with(|terms| {
        terms.mode = Mode::Lottery { collect_minutes: 10 };
        terms.releases[0].stock = 1;
    })
}

fn enters(bench: &mut Bench, name: &str) -> Result<Claimed, Refusal> {
    bench.claims_as(name, None, &[])
}

fn results(bench: &mut Bench) -> Vec<bool> {
    let told = bench.told_of_welfare();
    told.iter()
        .filter_map(|(_, told)| match told {
            Welfare::Won { .. } => Some(true),
            Welfare::NotDrawn { .. } => Some(false),
            _ => None,
        })
        .collect()
}

#[test]
fn who_entered_before_a_pause_is_drawn_after_it() {
    for (pause_for, what) in
        [(20 * MINUTE, "past the draw"), (3 * DAY, "past other releases"), (MINUTE, "short")]
    {
        let mut bench = open(lottery());
        for name in ["oMei", "oBo"] {
            enters(&mut bench, name).unwrap();
        }
        bench.run(|tx| pause(tx, 1, "停电")).unwrap().unwrap();
        bench.goes_on(pause_for);
        assert_eq!(results(&mut bench), [] as [bool; 0], "{what}: nothing is drawn meanwhile");
        let waits = Refusal::DrawWaits { reason: "停电".to_owned() };
        assert_eq!(enters(&mut bench, "oMei").unwrap_err(), waits);
        assert!(matches!(enters(&mut bench, "oLi"), Err(Refusal::Suspended { .. })));
        bench.run(|tx| publish(tx, 1)).unwrap().unwrap();
        bench.goes_on(10 * MINUTE);
        let mut drawn = results(&mut bench);
        drawn.sort();
        assert_eq!(drawn, [false, true], "{what}");
    }
}

#[test]
fn a_draw_waits_even_past_the_end_and_closing_tells_everybody() {
    let mut terms = lottery();
    terms.ends = Some(Time::parse("2026-12-01T12:00:00+08:00").unwrap());
    let mut bench = open(terms);
    enters(&mut bench, "oMei").unwrap();
    bench.run(|tx| pause(tx, 1, "停电")).unwrap().unwrap();
    bench.goes_on(DAY);
    bench.run(|tx| publish(tx, 1)).unwrap().unwrap();
    bench.goes_on(MINUTE);
    assert_eq!(results(&mut bench), [true]);

    let mut bench = open(lottery());
    enters(&mut bench, "oMei").unwrap();
    bench.run(|tx| pause(tx, 1, "停电")).unwrap().unwrap();
    bench.goes_on(DAY);
    bench.run(|tx| close(tx, 1)).unwrap().unwrap();
    bench.goes_on(MINUTE);
    let release = Time::parse("2026-12-01T10:00:00+08:00").unwrap();
    let off = Welfare::DrawOff { benefit: 1, release };
    assert_eq!(bench.told_of_welfare(), [("oMei".to_owned(), off)], "nobody was drawn");
}

#[test]
fn a_person_has_one_ticket_as_an_account_and_as_a_member() {
    let mut bench = open(lottery());
    bench.enlists(1, None);
    enters(&mut bench, "oMei").unwrap();
    bench.recognises("oMei", 1, false);
    assert!(matches!(enters(&mut bench, "oMei"), Err(Refusal::AlreadyEntered { .. })));

    let mut bench = open(lottery());
    bench.enlists(1, None);
    bench.recognises("oMei", 1, false);
    enters(&mut bench, "oMei").unwrap();
    bench.run(|tx| unbind(tx, &who("oMei"))).unwrap().unwrap();
    assert!(matches!(enters(&mut bench, "oMei"), Err(Refusal::AlreadyEntered { .. })));
    bench.goes_on(10 * MINUTE);
    assert_eq!(results(&mut bench), [true]);
    assert_eq!(bench.run(|tx| Ok(tx.scan(&TICKET_HOLDERS, &(), None, 9)?.rows.len())).unwrap(), 0);
}

#[test]
fn who_comes_while_tickets_are_drawn_stands_behind_all_that_came_in_time() {
    let mut terms = lottery();
    terms.releases[0].stock = 22;
    terms.per_person.release = Some(2);
    let mut bench = open(terms);
    let names: Vec<String> = (0..20).map(|n| format!("oFollower{n:02}")).collect();
    for name in &names {
        enters(&mut bench, name).unwrap();
    }
    bench.moment.now = bench.moment.now.plus(10 * MINUTE);
    assert!(bench.run(fire).unwrap());
    let first = bench.told_of_welfare();
    assert_eq!((first.len(), bench.claims_as("oLate", None, &[]).is_ok()), (10, true));
    bench.moment.now = bench.moment.now.plus(Duration::from_secs(1));
    for (winner, _) in &first {
        enters(&mut bench, winner).unwrap();
    }
    bench.goes_on(Duration::ZERO);
    let told = bench.told_of_welfare();
    let won = |told: &[(String, Welfare)]| -> BTreeSet<String> {
        let won = told.iter().filter(|(_, told)| matches!(told, Welfare::Won { .. }));
        won.map(|(who, _)| who.clone()).collect()
    };
    assert_eq!(won(&told[..20]), names.iter().cloned().collect(), "all that came in time, before any other");
    let late: Vec<_> = told[20..].iter().filter(|(_, told)| matches!(told, Welfare::Won { .. })).collect();
    assert_eq!((late.len(), late[0].0.as_str()), (2, "oLate"), "then first come, first served");
    assert_eq!(codes::audited(&mut bench), [] as [String; 0]);
}

#[test]
fn who_stopped_following_takes_nothing_from_the_others() {
    let mut bench = open(lottery());
    for name in ["oMei", "oBo"] {
        enters(&mut bench, name).unwrap();
    }
    bench.goes_on(MINUTE);
    let now = bench.moment.now;
    for (name, subscribed) in [("oMei", false), ("oBo", true)] {
        let contact = Contact { subscribed, ..Contact::new(now) };
        bench.run(|tx| tx.put(&CONTACTS, &who(name), &contact)).unwrap();
    }
    bench.goes_on(10 * MINUTE);
    let told = bench.told_of_welfare();
    let won: Vec<_> = told.iter().filter(|(_, told)| matches!(told, Welfare::Won { .. })).collect();
    assert_eq!((won.len(), won[0].0.as_str()), (1, "oBo"));

    let mut bench = open(lottery());
    enters(&mut bench, "oMei").unwrap();
    let contact = Contact { subscribed: false, ..Contact::new(now) };
    bench.run(|tx| tx.put(&CONTACTS, &who("oMei"), &contact)).unwrap();
    bench.goes_on(10 * MINUTE);
    assert_eq!(results(&mut bench), [false], "nor is one lost to nobody");
    assert!(bench.claims("oBo").is_ok());
}

#[test]
fn a_draw_without_a_single_code_waits_for_some() {
    let mut terms = lottery();
    (terms.way, terms.releases[0].stock) = (Way::Imported, 2);
    let mut bench = open(terms);
    for name in ["oMei", "oBo"] {
        enters(&mut bench, name).unwrap();
    }
    bench.goes_on(10 * MINUTE);
    assert_eq!(results(&mut bench), [] as [bool; 0], "nobody lost");
    assert!(matches!(enters(&mut bench, "oLi"), Err(Refusal::NoCodes { .. })));
    bench.goes_on(DAY);
    assert_eq!(enters(&mut bench, "oMei").unwrap_err(), Refusal::DrawLacksCodes);
    let told = bench.run(|tx| Ok(tx.scan(&TRAIL, &(), None, 100)?.rows)).unwrap();
    let told: Vec<_> = told.iter().map(|(_, entry)| (entry.act.as_str(), entry.detail.as_str())).collect();
    assert_eq!(told.last(), Some(&("benefit.draw_waits", "2 take part, and no code is loaded")));

    let origin = Origin { lot: "a".to_owned(), supplier: String::new(), by: "staff".to_owned() };
    for code in ["X", "Y"] {
        let code = NewCode { line: 1, code: code.to_owned(), until: None };
        bench.run(|tx| import(tx, 1, &origin, std::slice::from_ref(&code))).unwrap().unwrap();
        bench.goes_on(MINUTE);
    }
    bench.goes_on(10 * MINUTE);
    assert_eq!(results(&mut bench), [true, true], "all that came together counts");
    assert_eq!(codes::audited(&mut bench), [] as [String; 0]);
}

#[test]
fn nobody_loses_a_draw_for_standing_before_codes_that_ended() {
    let mut terms = lottery();
    (terms.way, terms.releases[0].stock) = (Way::Imported, 2);
    let mut bench = open(terms);
    let origin = Origin { lot: "a".to_owned(), supplier: String::new(), by: "staff".to_owned() };
    let until = Some(bench.moment.now.plus(5 * MINUTE));
    let code = |code: String, until| NewCode { line: 2, code, until };
    let mut all: Vec<_> = (0..450).map(|n| code(format!("E{n}"), until)).collect();
    all.extend(["X", "Y"].map(|good| code(good.to_owned(), None)));
    for codes in all.chunks(crate::domain::benefit::import::CODES_PER_COMMIT) {
        bench.run(|tx| import(tx, 1, &origin, codes)).unwrap().unwrap();
    }
    for name in ["oMei", "oBo"] {
        enters(&mut bench, name).unwrap();
    }
    bench.goes_on(10 * MINUTE);
    assert_eq!(results(&mut bench), [true, true], "two good codes, two who take part");
    assert_eq!(codes::audited(&mut bench), [] as [String; 0]);
}
