//! What comes after a claim was handed in: pictures, facts, an account; and what doesn't come.

use std::time::Duration;

use jiff::civil::date;

use super::draft::{own, tell, tell_account};
use super::news::News;
use super::notes::NoteKind;
use super::record::*;
use super::review::{self, Reviewer};
use super::rules::{Act, Refusal};
use super::tests::{a_stay, binds, covered, mei};
use super::{audit, moves, pages, queue, retain, second};
use crate::domain::contact::record::FollowerId;
use crate::domain::media::commands::{Fetched, settle, want};
use crate::domain::media::record::{Flaw, Look};
use crate::domain::member::binding::{REBOUND_EVERY, unbind};
use crate::domain::member::erase::erase;
use crate::domain::outbox::commands;
use crate::domain::outbox::record::Notice;
use crate::domain::scheme::record::{Fen, Policy};
use crate::domain::scheme::rules::EventKind;
use crate::domain::tables::{CLAIM_NEWS, CLAIM_PICTURES, FUND_ENTRIES, MEDIA, POLICIES};
use crate::store::testing::Bench;

/// Handed in, its invoice typed, so that staff look at it.
fn handed_in() -> (Bench, ClaimId) {
    let mut bench = covered();
    let id = bench.begins("oMei", EventKind::Inpatient, |details| {
        a_stay(details);
        details.invoices[0].read = false;
    });
    bench.sends_all("oMei", id);
    bench.submits("oMei", id).unwrap();
    (bench, id)
}

fn wang() -> Reviewer {
    Reviewer { name: "wang".to_owned(), member: None, levels: Vec::new() }
}

fn asks(bench: &mut Bench, id: ClaimId) {
    let asked = [Asked { slot: "discharge".to_owned(), reason: "unreadable".to_owned() }];
    bench.run(|tx| review::ask(tx, &wang(), id, &asked, "")).unwrap().unwrap();
    bench.time_goes(Duration::from_secs(60));
}

#[test]
fn once_a_sum_is_granted_only_the_account_is_told() {
    let (mut bench, id) = handed_in();
    for act in [Act::Accept, Act::Approve, Act::Pay, Act::Bounce] {
        bench.staff(id, act).unwrap();
    }
    let own = bench.own_of("oMei", id);
    let earlier = |details: &mut Details| details.facts.discharged = Some(date(2026, 4, 28));
    let no = bench.run(|tx| tell(tx, &own, earlier)).unwrap().unwrap_err();
    assert_eq!(no, Refusal::NotNow { status: Status::PayFailed });
    let account = own.before.details.reveal().account.clone().unwrap();
    bench.run(|tx| tell_account(tx, &own, &account)).unwrap().unwrap();
    let claim = bench.claim_of(id);
    assert_eq!((claim.ruling, claim.amount), (own.before.ruling, own.before.amount));
    let (broken, _) = bench.run(|tx| audit::entries(tx, None)).unwrap();
    assert_eq!(broken, Vec::<String>::new());
}

#[test]
fn what_was_told_can_be_changed_until_staff_have_it() {
    let (mut bench, id) = handed_in();
    let elsewhere = |details: &mut Details| {
        details.facts.hospital = "市第二医院".to_owned();
        details.facts.self_borne = Some(Fen::yuan(1_000));
    };
    let own = bench.own_of("oMei", id);
    let before = own.before.amount;
    bench.run(|tx| tell(tx, &own, elsewhere)).unwrap().unwrap();
    let claim = bench.claim_of(id);
    assert_eq!(claim.status, Status::Submitted);
    assert!(claim.amount < before, "it is counted anew: {:?}", claim.amount);
    let noted = bench.run(|tx| super::notes::of(tx, id)).unwrap();
    let noted: Vec<_> = noted.iter().map(|note| (note.kind, note.words.reveal().as_str())).collect();
    assert_eq!(noted, [(NoteKind::Corrected, "hospital")]);

    // A day outside of the cover is refused, and nothing of it kept.
    let own = bench.own_of("oMei", id);
    let earlier = |details: &mut Details| details.facts.discharged = Some(date(2026, 4, 28));
    let no = bench.run(|tx| tell(tx, &own, earlier)).unwrap().unwrap_err();
    assert!(matches!(no, Refusal::NotCovered(_)), "{no:?}");
    assert_eq!(bench.claim_of(id), own.before);

    // Whoever of the staff has it hears of it from the claimant.
    bench.run(|tx| review::take(tx, &wang(), id)).unwrap().unwrap();
    let own = bench.own_of("oMei", id);
    let no = bench.run(|tx| tell(tx, &own, elsewhere)).unwrap().unwrap_err();
    assert_eq!(no, Refusal::NotNow { status: Status::Submitted }, "staff have it");
    bench.run(|tx| super::draft::say(tx, &own, "写错了医院")).unwrap().unwrap();
    let noted = bench.run(|tx| super::notes::of(tx, id)).unwrap();
    let said = noted.iter().find(|note| note.kind == NoteKind::Said).unwrap();
    assert_eq!((said.by.as_str(), said.words.reveal().as_str()), ("claimant", "写错了医院"));
}

#[test]
fn what_is_changed_may_ask_for_a_paper() {
    let mut bench = covered();
    let id = bench.begins("oMei", EventKind::Disease, |details| {
        a_stay(details);
        details.invoices.clear();
        details.facts.diagnosed = Some(date(2026, 11, 10));
        details.facts.disease = Some("malignancy".to_owned());
        details.diagnosis = "甲状腺乳头状癌".to_owned();
    });
    let claim = bench.claim_of(id);
    for (rule, _) in bench.run(|tx| super::completeness::checklist(tx, id, &claim)).unwrap() {
        bench.sends("oMei", id, &rule.slot, &format!("c-{}", rule.slot), &Look::default());
    }
    bench.submits("oMei", id).unwrap();
    let own = bench.own_of("oMei", id);
    bench.run(|tx| tell(tx, &own, |details| details.facts.operated = true)).unwrap().unwrap();
    let claim = bench.claim_of(id);
    let (asked, _) = bench.run(|tx| moves::asked(tx, id, &claim)).unwrap();
    let asked: Vec<_> = asked.iter().map(|asked| asked.slot.as_str()).collect();
    assert_eq!((claim.status, asked.as_slice()), (Status::NeedsMore, &["operation"][..]));
}

#[test]
fn of_changes_that_wait_to_be_told_the_newest_is() {
    let (mut bench, id) = handed_in();
    for act in [Act::Accept, Act::Review, Act::Approve, Act::Pay] {
        bench.staff(id, act).unwrap();
    }
    let moved = |bench: &mut Bench| {
        let told = bench.told().into_iter().filter(|news| matches!(news, News::Moved { .. }));
        told.collect::<Vec<_>>()
    };
    let number = bench.claim_of(id).moves;
    assert_eq!(moved(&mut bench), [News::Moved { claim: id, number }]);
    bench.run(|tx| crate::domain::outbox::commands::take(tx, &mei(), 9)).unwrap();
    bench.staff(id, Act::Settle).unwrap();
    let later = News::Moved { claim: id, number: number + 1 };
    assert_eq!(moved(&mut bench), [News::Moved { claim: id, number }, later], "what was told stays");
}

#[test]
fn an_entry_that_is_another_claims_is_found() {
    let (mut bench, id) = handed_in();
    for act in [Act::Accept, Act::Approve, Act::Pay, Act::Settle] {
        bench.staff(id, act).unwrap();
    }
    let found = |bench: &mut Bench| {
        let (claims, ..) = bench.run(|tx| audit::claims(tx, None)).unwrap();
        let (entries, _) = bench.run(|tx| audit::entries(tx, None)).unwrap();
        let of_books = |line: &String| line.contains("the entry that says") || line.contains("knows nothing");
        claims.into_iter().chain(entries).filter(of_books).count()
    };
    assert_eq!(found(&mut bench), 0);
    let forge = |bench: &mut Bench, edit: fn(&mut Claim)| {
        let mut claim = bench.claim_of(id);
        edit(&mut claim);
        bench.run(|tx| tx.put(&crate::domain::tables::CLAIMS, &id, &claim)).unwrap();
    };
    forge(&mut bench, |claim| claim.ruling.as_mut().unwrap().year = 2025);
    assert!(found(&mut bench) >= 2, "its book has moved from under it");
    forge(&mut bench, |claim| claim.ruling.as_mut().unwrap().year = 2026);
    // An entry of the same sum, and of the same book, and not the payout.
    forge(&mut bench, |claim| claim.paid = claim.granted);
    assert!(found(&mut bench) >= 2);
    forge(&mut bench, |claim| claim.paid = Some(2));
    assert_eq!(found(&mut bench), 0);
    let claim = bench.claim_of(id);
    let place = (super::money::book_of(&claim).unwrap(), claim.granted.unwrap());
    let mut entry = bench.run(|tx| tx.get(&FUND_ENTRIES, &place)).unwrap().unwrap();
    entry.about = crate::domain::fund::record::About::Claim(ClaimId(9));
    bench.run(|tx| tx.put(&FUND_ENTRIES, &place, &entry)).unwrap();
    assert!(found(&mut bench) >= 2, "it is about another");
}

#[test]
fn what_was_sent_and_not_handed_in_is_looked_at_all_the_same() {
    for days in [8, 31] {
        let (mut bench, id) = handed_in();
        asks(&mut bench, id);
        if days == 31 {
            bench.time_goes(moves::DAY * 28);
        }
        bench.sends("oMei", id, "discharge", "a better one", &Look::default());
        bench.time_goes(moves::DAY * days);
        let claim = bench.claim_of(id);
        assert_eq!(claim.status, Status::Submitted, "after {days} days");
        assert_eq!(bench.told().last(), Some(&News::Moved { claim: id, number: claim.moves }));
    }
    let (mut bench, id) = handed_in();
    asks(&mut bench, id);
    bench.time_goes(moves::DAY * 31);
    assert_eq!(bench.claim_of(id).status, Status::Expired, "nothing came");
}

#[test]
fn pictures_keep_a_draft_and_its_end_is_told_before() {
    let mut bench = covered();
    let id = bench.begins("oMei", EventKind::Inpatient, a_stay);
    bench.time_goes(moves::DAY * 26);
    bench.sends("oMei", id, "discharge", "one", &Look::default());
    bench.time_goes(moves::DAY * 26);
    assert_eq!((bench.claim_of(id).status, bench.told().len()), (Status::Draft, 0));
    bench.time_goes(moves::DAY);
    assert_eq!(bench.told(), [News::DraftEnds { claim: id }]);
    bench.time_goes(moves::DAY * 3);
    assert_eq!(bench.claim_of(id).status, Status::Withdrawn);
}

#[test]
fn a_picture_that_turns_out_bad_is_asked_for_again_and_can_be_sent() {
    let bad = Look { flaw: Some(Flaw::TooDark), ..Look::default() };
    let kept = |look: Look| Fetched::Kept {
        document: "slow".to_owned(),
        bytes: 9,
        content_type: "image/jpeg".to_owned(),
        look,
    };
    let lost = Fetched::Gone { why: "lost".to_owned() };
    for (fetched, reason) in [(kept(bad), "unreadable"), (lost, "missing")] {
        let mut bench = covered();
        let id = bench.begins("oMei", EventKind::Inpatient, a_stay);
        for slot in ["invoice", "settlement", "id_card", "bank_card"] {
            bench.sends("oMei", id, slot, slot, &Look::default());
        }
        let slow = bench.run(|tx| want(tx, &mei(), "slow")).unwrap().unwrap();
        bench.run(|tx| pages::add(tx, id, "discharge", slow, 9)).unwrap().unwrap();
        assert_eq!(bench.submits("oMei", id).unwrap().status, Status::Submitted);
        bench.run(|tx| settle(tx, slow, &fetched)).unwrap();
        let claim = bench.claim_of(id);
        assert_eq!(claim.status, Status::NeedsMore);
        let asked = bench.run(|tx| moves::asked(tx, id, &claim)).unwrap().0;
        assert_eq!(asked, [Asked { slot: "discharge".to_owned(), reason: reason.to_owned() }]);
        bench.time_goes(Duration::from_secs(60));
        bench.sends("oMei", id, "discharge", "a better one", &Look::default());
        assert_eq!(bench.submits("oMei", id).unwrap().status, Status::Submitted);
    }
}

#[test]
fn a_picture_that_two_claims_show_is_kept_for_the_one_that_is_left_with_it() {
    let mut bench = covered();
    let id = bench.begins("oMei", EventKind::Inpatient, |details| {
        a_stay(details);
        details.diagnosis = "甲状腺乳头状癌".to_owned();
    });
    bench.sends_all("oMei", id);
    let first = bench.own_of("oMei", id);
    let extra = bench.run(|tx| second::begin(tx, &mei(), &first)).unwrap().unwrap().unwrap();
    let shown = bench.run(|tx| pages::of(tx, extra)).unwrap();
    let (slot, number, page) = shown.iter().find(|(slot, ..)| slot == "discharge").unwrap();
    assert!(bench.run(|tx| pages::remove(tx, id, slot, *number)).unwrap());
    let owner = bench.run(|tx| tx.get(&CLAIM_PICTURES, &page.picture)).unwrap();
    assert_eq!(owner, Some((extra, slot.clone(), *number)));
    bench.time_goes(moves::DAY * 2);
    let there = bench.run(|tx| crate::domain::media::commands::seen(tx, page.picture)).unwrap();
    assert!(matches!(there, Some(crate::domain::media::commands::Seen::Kept { .. })));
}

#[test]
fn what_staff_read_from_a_paper_is_not_told_otherwise_unseen() {
    let (mut bench, id) = handed_in();
    let read = |details: &mut Details| details.facts.admitted = Some(date(2026, 10, 20));
    bench.run(|tx| review::enter(tx, &wang(), id, &["admitted"], read)).unwrap().unwrap();
    assert_eq!(bench.claim_of(id).flags, []);
    asks(&mut bench, id);
    let mine = bench.run(|tx| own(tx, &mei(), id)).unwrap().unwrap();
    let longer = |details: &mut Details| details.facts.admitted = Some(date(2025, 4, 20));
    let claim = bench.run(|tx| tell(tx, &mine, longer)).unwrap().unwrap();
    assert_eq!(claim.flags, [Flag::Differs { field: "admitted".to_owned() }]);
}

#[test]
fn pictures_that_two_claims_show_are_kept_with_whichever_is_left_and_is_paid_last() {
    let mut bench = covered();
    let first = bench.begins("oMei", EventKind::Inpatient, |details| {
        a_stay(details);
        details.diagnosis = "甲状腺乳头状癌".to_owned();
    });
    bench.sends_all("oMei", first);
    let own = bench.own_of("oMei", first);
    let second = bench.run(|tx| second::begin(tx, &mei(), &own)).unwrap().unwrap().unwrap();
    let picture = bench.run(|tx| pages::of(tx, second)).unwrap()[0].2.picture;
    let kept = |bench: &mut Bench| bench.run(|tx| tx.get(&MEDIA, &picture)).unwrap().unwrap().until;
    let before = kept(&mut bench);
    bench.run(|tx| pages::let_go(tx, first, tx.moment().now.plus(moves::DAY))).unwrap();
    assert_eq!(kept(&mut bench), before, "the other claim has it");
    let owner = bench.run(|tx| tx.get(&CLAIM_PICTURES, &picture)).unwrap().map(|(claim, ..)| claim);
    assert_eq!(owner, Some(second));
    bench.time_goes(moves::DAY * 20);
    bench.run(|tx| pages::keep(tx, first, tx.moment().now.plus(retain::WITH_ACCOUNTS))).unwrap();
    assert_eq!(kept(&mut bench), before.plus(moves::DAY * 20), "ten years from the day on which it is paid");
}

#[test]
fn claims_that_wait_for_their_claimants_take_no_place_among_the_pressing() {
    let (mut bench, asked) = handed_in();
    asks(&mut bench, asked);
    bench.time_goes(moves::DAY * 28);
    let fresh = bench.begins("oMei", EventKind::Inpatient, |details| {
        a_stay(details);
        details.invoices[0].read = false;
        details.invoices[0].number = "77".to_owned();
        details.facts.admitted = Some(date(2026, 11, 2));
        details.facts.discharged = Some(date(2026, 11, 6));
    });
    bench.sends_all("oMei", fresh);
    bench.submits("oMei", fresh).unwrap();
    bench.time_goes(moves::DAY);
    assert_eq!(bench.claim_of(asked).status, Status::NeedsMore);
    assert_eq!(bench.run(|tx| queue::pressing(tx, 1)).unwrap(), (0, 1), "of which one is counted");
}

/// The claim's news that wait for an account.
fn waits_for(bench: &mut Bench, who: &str) -> Vec<News> {
    let notices = bench.run(|tx| commands::take(tx, &FollowerId::new(who), 100)).unwrap();
    let news = |notice| if let Notice::Claim(news) = notice { Some(news) } else { None };
    notices.into_iter().filter_map(news).collect()
}

#[test]
fn a_claim_is_told_to_the_account_that_its_member_has_by_then() {
    let (mut bench, id) = handed_in();
    bench.staff(id, Act::Accept).unwrap();
    let accepted = News::Moved { claim: id, number: bench.claim_of(id).moves };
    binds(&mut bench, "oNew", "李梅", 1);
    assert_eq!(waits_for(&mut bench, "oMei"), [], "what it wasn't told yet it isn't told any more");
    assert_eq!(waits_for(&mut bench, "oNew"), [accepted]);

    asks(&mut bench, id);
    let asked = News::Moved { claim: id, number: bench.claim_of(id).moves };
    assert_eq!(waits_for(&mut bench, "oMei"), []);
    assert_eq!(waits_for(&mut bench, "oNew"), [asked]);
    bench.time_goes(8 * moves::DAY);
    assert_eq!(waits_for(&mut bench, "oNew").len(), 1, "it is reminded as well");
    assert_eq!(waits_for(&mut bench, "oMei"), []);
}

#[test]
fn where_a_claim_stands_is_kept_for_the_next_account_and_for_nobody_after_an_erasure() {
    let kept = |bench: &mut Bench| bench.run(|tx| tx.scan(&CLAIM_NEWS, &(), None, 9)).unwrap().rows.len();
    let (mut bench, id) = handed_in();
    bench.run(|tx| unbind(tx, &mei())).unwrap().unwrap();
    asks(&mut bench, id);
    let asked = News::Moved { claim: id, number: bench.claim_of(id).moves };
    assert_eq!(waits_for(&mut bench, "oMei"), [], "the account is nobody's");
    bench.time_goes(REBOUND_EVERY);
    binds(&mut bench, "oNew", "李梅", 1);
    let told = waits_for(&mut bench, "oNew");
    assert!(told.iter().all(|news| news.claim() == id) && told.len() == 1, "{told:?} after {asked:?}");
    assert_eq!(kept(&mut bench), 0);

    bench.staff(id, Act::Reopen).unwrap();
    bench.run(|tx| erase(tx, &FollowerId::new("oNew"))).unwrap();
    bench.time_goes(40 * moves::DAY);
    assert_eq!((waits_for(&mut bench, "oNew"), kept(&mut bench)), (Vec::new(), 0));
}

#[test]
fn what_is_sent_on_the_last_day_is_promised_for_a_day_to_come() {
    let (mut bench, id) = handed_in();
    bench.moment.now = bench.claim_of(id).clock.due.unwrap().minus(Duration::from_secs(3_600));
    asks(&mut bench, id);
    bench.time_goes(Duration::from_secs(4 * 3_600));
    bench.sends("oMei", id, "discharge", "discharge-again", &Look::default());
    let claim = bench.submits("oMei", id).unwrap();
    assert!(claim.clock.due.unwrap() > bench.moment.now, "{:?}", claim.clock);
}

#[test]
fn a_benefit_counts_for_the_unit_whose_premium_covers_it_and_so_does_what_comes_after() {
    let (mut bench, id) = handed_in();
    let person = bench.claim_of(id).insured.unwrap();
    let covered_through = |bench: &mut Bench, unit: &str| {
        let key = (person, "ningbo".to_owned(), "inpatient_active".to_owned(), 20_260_501);
        let policy = bench.run(|tx| tx.get(&POLICIES, &key)).unwrap().unwrap();
        let policy = Policy { unit: unit.to_owned(), district: "海曙".to_owned(), ..policy };
        bench.run(|tx| tx.put(&POLICIES, &key, &policy)).unwrap();
    };
    covered_through(&mut bench, "二中工会");
    for act in [Act::Accept, Act::Approve, Act::Pay] {
        bench.staff(id, act).unwrap();
    }
    covered_through(&mut bench, "三中工会");
    bench.staff(id, Act::Settle).unwrap();
    let entries = bench.run(|tx| tx.scan(&FUND_ENTRIES, &(), None, 9)).unwrap().rows;
    let under: Vec<_> = entries.iter().map(|(_, entry)| (&entry.union[..], &entry.district[..])).collect();
    assert_eq!(under, [("二中工会", "海曙"); 2], "its member's own union is 一中工会");
}
