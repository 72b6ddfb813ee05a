//! A draw is what its public record says, whoever recomputes it, however often the service was stopped while it ran.

use std::process::{Command, Output};
use std::time::Duration;

use gonghui::domain::activity::commands::{Application, Registered, cancel, register};
use gonghui::domain::activity::draw::{self, protocol, shuffle};
use gonghui::domain::activity::history::{History, Strike};
use gonghui::domain::activity::manage;
use gonghui::domain::activity::record::*;
use gonghui::domain::activity::waiting::waiting_position;
use gonghui::domain::contact::record::FollowerId;
use gonghui::domain::member::binding::attach;
use gonghui::domain::member::identity;
use gonghui::domain::member::list::{Entered, Listed, enter};
use gonghui::domain::member::standing::Person;
use gonghui::domain::outbox::record::Notice as Telling;
use gonghui::domain::tables::{CATALOG, HISTORIES, MEMBERS, OUTBOX, REGISTRATIONS, SESSION_COUNTS};
use gonghui::domain::timers::fire_due;
use gonghui::moment::{Moment, Time};
use gonghui::server::draws;
use gonghui::staff::activity::parse;
use gonghui::staff::consistency::audit;
use gonghui::store::engine::memory::Memory;
use gonghui::store::{Options, Sealer, Store, Tx};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

const START: Time = Time::from_unix_s(1_796_090_400);
const DRAW_AT: Time = Time::from_unix_s(1_796_090_400 + 30 * 3600);
const ACTIVITY: u32 = 1;

/// What one person does before the draw.
#[derive(Debug, Clone)]
struct Applicant {
    companions: u8,
    choices: Vec<u16>,
    lost_before: bool,
    absent_before: bool,
    withdraws: bool,
    /// Of which district the member is; `None`: no member at all.
    district: Option<&'static str>,
}

/// For whom some seats are first, where there are shares.
const DISTRICTS: [&str; 2] = ["鄞州", "海曙"];

struct Hall {
    memory: Memory,
    store: Store,
    now: Time,
}

impl Hall {
    /// `shares`: seats of each session that are for each district first.
    async fn open(seats: [u32; 2], waiting_max: u16, shares: Option<[u32; 2]>) -> Hall {
        let memory = Memory::default();
        let mut hall = Hall { store: open(&memory), memory, now: START };
        let mut form = serde_json::json!({
            "title": "摇号", "place": "三江口",
            "sessions": [
                { "starts": later(48), "ends": later(50), "capacity": seats[0] },
                { "starts": later(72), "ends": later(74), "capacity": seats[1] },
            ],
            "sign_up": { "opens": START.to_string(), "closes": later(24) },
            "waiting_list": waiting_max, "party": { "max_companions": 3 }, "remind_hours": [],
            "eligibility": { "who": "anyone" },
            "mode": { "draw": { "at": DRAW_AT.to_string(), "choices_max": 2 } },
        });
        if let Some(shares) = shares {
            let share = |(district, seats)| serde_json::json!({ "name": district, "seats": seats, "for": { "districts": [district] } });
            let shares: Vec<_> = DISTRICTS.into_iter().zip(shares).map(share).collect();
            form["quota_by"] = serde_json::json!({ "shares": shares });
        }
        let terms = parse(&form.to_string()).unwrap();
        hall.run(move |tx| {
            let activity = manage::create(tx, terms.clone())?;
            assert!(manage::publish(tx, activity.id)?.is_ok());
            Ok(())
        })
        .await;
        hall
    }

    async fn run<T: Send + 'static>(
        &mut self,
        command: impl Fn(&mut Tx) -> Result<T, gonghui::store::Fault> + Send + Sync + 'static,
    ) -> T {
        self.store.submit(Moment { now: self.now, seed: 7 }, command).await.unwrap()
    }

    async fn restart(&mut self) {
        self.store.close().await.unwrap();
        self.store = open(&self.memory);
    }

    async fn apply(&mut self, number: usize, applicant: &Applicant) {
        let who = follower(number);
        let history = History {
            lost: applicant.lost_before.then(|| START.minus(Duration::from_secs(86_400))),
            strikes: match applicant.absent_before {
                true => vec![Strike {
                    at: START.minus(Duration::from_secs(86_400)),
                    number: RegistrationNumber { activity: 99, session: 1, number: 1 },
                    halves: 2,
                    lifted: None,
                }],
                false => Vec::new(),
            },
            ..History::default()
        };
        let (person, applicant) = (Person::Follower(who.clone()), applicant.clone());
        self.run(move |tx| {
            tx.put(&HISTORIES, &person, &history)?;
            if let Some(district) = applicant.district {
                recognise(tx, &who, number, district)?;
            }
            let mut numbers = Vec::new();
            for session in &applicant.choices {
                let application = Application {
                    activity: ACTIVITY,
                    session: *session,
                    party: Companions { companions: applicant.companions, ..Companions::default() },
                    answers: Vec::new(),
                    agreed: None,
                    consents: Vec::new(),
                };
                // A party too large for a room is refused; that is no choice then.
                if let Ok(Registered::Applied { number, .. }) = register(tx, &who, &application)? {
                    numbers.push(number);
                }
            }
            if let Some(number) = numbers.first().filter(|_| applicant.withdraws) {
                assert!(cancel(tx, &who, *number)?.is_ok());
            }
            Ok(())
        })
        .await;
    }

    /// Draws, stopping the service after so many steps each time.
    async fn draw(&mut self, restarts: &[u8]) -> String {
        self.now = DRAW_AT;
        for steps in restarts {
            for _ in 0..*steps {
                self.run(|tx| draw::run::step(tx, ACTIVITY)).await;
            }
            self.restart().await;
        }
        fire_due(&self.store, || Moment { now: self.now, seed: 7 }).await.unwrap();
        self.record().await
    }

    async fn record(&self) -> String {
        let at = Moment { now: self.now, seed: 7 };
        draws::whole(&self.store, at, ActivityCode(ACTIVITY)).await.unwrap().unwrap()
    }
}

fn open(memory: &Memory) -> Store {
    let options = Options { run_twice: true, ..Options::new(Sealer::new(&[7; 32], &[]), CATALOG) };
    Store::open(Box::new(memory.clone()), options).unwrap()
}

fn recognise(
    tx: &mut Tx,
    who: &FollowerId,
    number: usize,
    district: &str,
) -> Result<(), gonghui::store::Fault> {
    let body = format!("33029919900101{number:03}");
    let row = Listed {
        name: format!("样例{number}"),
        identity: format!("{body}{}", char::from(identity::check(body.as_bytes()))),
        union: "样例厂工会".to_owned(),
        district: district.to_owned(),
        ..Listed::default()
    };
    let Entered::Added(id) = enter(tx, &row, false)? else { panic!("{row:?}") };
    let member = tx.get(&MEMBERS, &id)?.unwrap();
    attach(tx, id, member, who).map(drop)
}

fn later(hours: u64) -> String {
    START.plus(Duration::from_secs(hours * 3600)).to_string()
}

fn follower(number: usize) -> FollowerId {
    FollowerId::new(format!("oFollower{number:019}"))
}

fn applicant() -> impl Strategy<Value = Applicant> {
    let choices = prop_oneof![Just(vec![1]), Just(vec![2]), Just(vec![1, 2]), Just(vec![2, 1])];
    let district = prop::option::of(prop::sample::select(DISTRICTS.to_vec()));
    let weights = (prop::bool::weighted(0.3), prop::bool::weighted(0.2), prop::bool::weighted(0.1));
    (0u8..4, choices, weights, district).prop_map(
        |(companions, choices, (lost_before, absent_before, withdraws), district)| Applicant {
            companions,
            choices,
            lost_before,
            absent_before,
            withdraws,
            district,
        },
    )
}

fn config() -> ProptestConfig {
    let rng_seed = RngSeed::Fixed(20_261_210);
    ProptestConfig { cases: 24, rng_seed, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(config())]
    #[test]
    fn a_draw_is_the_same_however_it_was_interrupted_and_gives_no_seat_twice(
        applicants in prop::collection::vec(applicant(), 1..40),
        seats in (1u32..12, 1u32..12),
        waiting_max in 0u16..6,
        has_shares: bool,
        restarts in prop::collection::vec(1u8..5, 0..4),
    ) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
        runtime.block_on(async {
            let third = seats.0.min(seats.1) / 3;
            let shares = has_shares.then_some([third, third]);
            let straight = play(&applicants, seats, waiting_max, shares, &[]).await?;
            let interrupted = play(&applicants, seats, waiting_max, shares, &restarts).await?;
            prop_assert_eq!(straight, interrupted);
            Ok(())
        })?;
    }
}

async fn play(
    applicants: &[Applicant],
    (first, second): (u32, u32),
    waiting_max: u16,
    shares: Option<[u32; 2]>,
    restarts: &[u8],
) -> Result<String, TestCaseError> {
    let mut hall = Hall::open([first, second], waiting_max, shares).await;
    for (number, applicant) in applicants.iter().enumerate() {
        hall.apply(number, applicant).await;
    }
    let record = hall.draw(restarts).await;
    prop_assert!(
        protocol::verify(&record, None).is_ok(),
        "{:?}\n{}",
        protocol::verify(&record, None),
        record
    );
    as_recorded(&mut hall, &record).await?;
    let audit = audit(&hall.store, Moment { now: hall.now, seed: 7 }).await.unwrap();
    prop_assert!(audit.broken.is_empty(), "{:?}", audit.broken);
    Ok(record)
}

/// The sign-ups stand as the record says, and everybody on it was told once.
async fn as_recorded(hall: &mut Hall, record: &str) -> Result<(), TestCaseError> {
    let rows = hall.run(|tx| Ok(tx.scan(&REGISTRATIONS, &(ACTIVITY,), None, 1000)?.rows)).await;
    let mut persons = 0;
    for line in record.lines().filter(|line| line.starts_with("result ")) {
        persons += 1;
        for choice in line.split(' ').skip(3) {
            let parts: Vec<&str> = choice.split(':').collect();
            let key = (ACTIVITY, parts[0].parse().unwrap(), parts[1].parse().unwrap());
            let (_, row) = rows.iter().find(|(found, _)| *found == key).unwrap();
            match parts[2].strip_prefix("waits-") {
                Some(place) => {
                    prop_assert_eq!(&row.status, &Status::Waiting);
                    let number = row.number;
                    let position = hall.run(move |tx| waiting_position(tx, number)).await;
                    prop_assert_eq!(position, place.parse().ok(), "losers wait in draw order");
                }
                None if parts[2] == "seat" => prop_assert_eq!(&row.status, &Status::Confirmed),
                None => prop_assert_eq!(&row.status, &Status::Lost),
            }
        }
    }
    for session in 1..=2u16 {
        let count =
            hall.run(move |tx| tx.get(&SESSION_COUNTS, &(ACTIVITY, session))).await.unwrap_or_default();
        prop_assert_eq!(count.applied, 0, "nobody is left undecided");
    }
    let told = hall.run(|tx| Ok(tx.scan(&OUTBOX, &(), None, 1000)?.rows)).await;
    let drawn = |row: &&(u64, gonghui::domain::outbox::record::Outgoing)| {
        matches!(row.1.notice, Telling::DrawWon { .. } | Telling::DrawLost { .. })
    };
    prop_assert_eq!(told.iter().filter(drawn).count(), persons);
    Ok(())
}

fn some(count: usize) -> Vec<Applicant> {
    let one = |number: usize| Applicant {
        companions: (number % 3) as u8,
        choices: if number.is_multiple_of(2) { vec![1, 2] } else { vec![2, 1] },
        lost_before: number.is_multiple_of(5),
        absent_before: number.is_multiple_of(7),
        withdraws: number.is_multiple_of(11),
        district: DISTRICTS.get(number % 6).copied(),
    };
    (0..count).map(one).collect()
}

async fn drawn(count: usize, shares: Option<[u32; 2]>) -> String {
    let mut hall = Hall::open([20, 15], 10, shares).await;
    for (number, applicant) in some(count).iter().enumerate() {
        hall.apply(number, applicant).await;
    }
    hall.draw(&[]).await
}

fn python(record: &str, promised: Option<&str>) -> Output {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), record).unwrap();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/verify_draw.py");
    Command::new("python3").arg(script).arg(file.path()).args(promised).output().expect("python3 runs")
}

#[tokio::test(flavor = "multi_thread")]
async fn another_language_recomputes_it_from_the_record_alone() {
    for shares in [None, Some([3, 6])] {
        let record = drawn(90, shares).await;
        let ran = python(&record, None);
        assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
        assert_eq!(String::from_utf8_lossy(&ran.stdout).trim(), format!("verified {}", entries(&record)));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_without_shares_is_as_it_was_before_there_were_any() {
    let record = drawn(9, None).await;
    assert!(
        record.starts_with("gonghui draw 1\nactivity A1\nseats 1 20\nseats 2 15\nwaiting 10\n"),
        "{record}"
    );
    let entry = record.lines().find(|line| line.starts_with("entry 2 ")).unwrap();
    assert_eq!(entry, "entry 2 1 2:2:2 1:2:2");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_share_s_people_are_drawn_for_its_seats_and_what_they_leave_is_drawn_too() {
    let one = |district| Applicant { companions: 0, choices: vec![1], district, ..some(2)[1].clone() };
    let mut hall = Hall::open([6, 2], 10, Some([1, 1])).await;
    for number in 0..30 {
        hall.apply(number, &one(if number == 17 { Some(DISTRICTS[0]) } else { None })).await;
    }
    let record = hall.draw(&[2, 3]).await;
    assert!(record.contains("\nshare 1 1 1\nshare 1 2 1\n"), "{record}");
    let result = |ticket: u32| {
        let of = |line: &&str| line.split(' ').nth(2) == Some(&ticket.to_string());
        record.lines().filter(|line| line.starts_with("result ")).find(of).unwrap()
    };
    assert!(record.contains("\nentry 18 1 1:18:1:1\n") && result(18).ends_with(":seat"), "{}", result(18));
    // Nobody of the other district applied, so theirs went to the others: all six are given.
    let verified = protocol::verify(&record, None).unwrap();
    assert_eq!((verified.seated, verified.waiting), (6, 10));
    assert!(python(&record, None).status.success());
    let audit = audit(&hall.store, Moment { now: hall.now, seed: 7 }).await.unwrap();
    assert!(audit.broken.is_empty(), "{:?}", audit.broken);

    for (from, to) in
        [("\nshare 1 1 1\n", "\nshare 1 1 0\n"), ("\nshare 2 2 1\n", "\n"), ("1:18:1:1\n", "1:18:1:0\n")]
    {
        let changed = record.replacen(from, to, 1);
        assert_ne!(changed, record);
        assert!(
            protocol::verify(&changed, None).is_err() && !python(&changed, None).status.success(),
            "{from}"
        );
    }
}

fn entries(record: &str) -> usize {
    record.lines().filter(|line| line.starts_with("entry ")).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_changed_in_the_record_is_found() {
    let record = drawn(40, None).await;
    let line = |start: &str| record.lines().find(|line| line.starts_with(start)).unwrap().to_owned();
    let (entry, seed, result) = (line("entry 3 "), line("seed "), line("result 2 "));
    let mut other_seed = seed.clone();
    other_seed.replace_range(5..6, if seed.as_bytes()[5] == b'0' { "1" } else { "0" });
    let changes = [
        (record.replace(&entry, &format!("{entry} 1:99:1")), "the list is not the one"),
        (record.replace(&format!("{entry}\n"), ""), "the list is not the one"),
        (record.replace(&seed, &other_seed), "the seed is not the one"),
        (record.replace(&result, &result.replace("result 2 ", "result 2 9")), "place 2"),
        (record.replace(&format!("{}\n", line("result 1 ")), ""), "place 1"),
        (record.replace("\nwaiting 10\n", "\nwaiting 11\n"), "the list is not the one"),
        (record.replace("\nend\n", "\n"), "no `end`"),
    ];
    for (changed, found) in changes {
        assert_ne!(changed, record);
        let problems = protocol::verify(&changed, None).unwrap_err();
        assert!(problems.iter().any(|problem| problem.contains(found)), "{found}: {problems:?}");
        assert!(!python(&changed, None).status.success(), "{found}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_from_before_the_draw_is_said_to_be_one() {
    let mut hall = Hall::open([20, 15], 10, None).await;
    hall.apply(0, &some(1)[0]).await;
    let record = hall.record().await;
    assert_eq!(protocol::verify(&record, None).unwrap_err().len(), 1);
    assert!(protocol::verify(&record, None).unwrap_err()[0].contains("Was the draw done yet?"), "{record}");
    let ran = python(&record, None);
    let said = String::from_utf8_lossy(&ran.stderr);
    assert!(!ran.status.success() && said.contains("was the draw done yet?") && !said.contains("Traceback"));
}

/// Forged whole: another seed for the same list, with all that follows from it.
fn forged(record: &str) -> String {
    let seed = [9u8; 32];
    let of = |start: &str| record.lines().find_map(|line| line.strip_prefix(start)).unwrap();
    let list: [u8; 32] = hex::decode(of("list ")).unwrap().try_into().unwrap();
    let mut text: String = record
        .lines()
        .filter(|line| !line.starts_with("result ") && *line != "end")
        .fold(String::new(), |text, line| text + line + "\n");
    text = text.replace(of("commitment "), &hex::encode(shuffle::commitment(&seed)));
    text = text.replace(of("seed "), &hex::encode(seed));
    let mut entries: Vec<(u8, [u8; 32], &str)> = Vec::new();
    for line in record.lines().filter(|line| line.starts_with("entry ")) {
        let words: Vec<&str> = line.split(' ').collect();
        let (ticket, class) = (words[1].parse().unwrap(), words[2].parse().unwrap());
        entries.push((class, shuffle::place(&seed, &list, ticket), line));
    }
    entries.sort();
    let mut rooms = shuffle::Rooms {
        rooms: [20, 15].map(|free| shuffle::Room { free, ..Default::default() }).to_vec(),
        waiting_max: 10,
    };
    for (rank, (_, _, line)) in entries.into_iter().enumerate() {
        let words: Vec<&str> = line.split(' ').collect();
        let choices: Vec<draw::Choice> = words[3..]
            .iter()
            .map(|choice| {
                let n: Vec<u32> = choice.split(':').map(|n| n.parse().unwrap()).collect();
                draw::Choice { session: n[0] as u16, number: n[1], seats: n[2] as u16, share: None }
            })
            .collect();
        let outcomes = rooms.seat(&choices);
        text.push_str(&format!("result {} {}", rank + 1, words[1]));
        for (choice, outcome) in choices.iter().zip(outcomes) {
            let outcome = match outcome {
                draw::Outcome::Seat => "seat".to_owned(),
                draw::Outcome::Waits(place) => format!("waits-{place}"),
                draw::Outcome::Lost => "lost".to_owned(),
            };
            text.push_str(&format!(" {}:{}:{outcome}", choice.session, choice.number));
        }
        text.push('\n');
    }
    text + "end\n"
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_was_forged_whole_breaks_the_promise_that_was_published() {
    let record = drawn(40, None).await;
    let promised = record.lines().find_map(|line| line.strip_prefix("commitment ")).unwrap().to_owned();
    let forged = forged(&record);
    assert_ne!(forged, record);
    assert!(protocol::verify(&forged, None).is_ok() && python(&forged, None).status.success());
    let problems = protocol::verify(&forged, Some(&promised)).unwrap_err();
    assert!(problems[0].contains("published before the draw"), "{problems:?}");
    assert!(!python(&forged, Some(&promised)).status.success());
    assert!(protocol::verify(&record, Some(&promised.to_uppercase())).is_ok());
    assert!(python(&record, Some(&promised)).status.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn before_the_draw_the_promise_is_public_and_the_seed_is_not() {
    let mut hall = Hall::open([2, 2], 3, None).await;
    for (number, applicant) in some(9).iter().enumerate() {
        hall.apply(number, applicant).await;
    }
    let before = hall.record().await;
    assert!(before.contains("\ncommitment ") && !before.contains("seed"), "{before}");
    assert!(protocol::verify(&before, None).is_err(), "there is nothing to verify yet");
    let after = hall.draw(&[]).await;
    let promise = |text: &str| text.lines().find(|line| line.starts_with("commitment ")).unwrap().to_owned();
    assert_eq!(promise(&before), promise(&after));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_lost_goes_before_and_who_was_absent_after() {
    let record = drawn(60, None).await;
    let class = |ticket: &str| {
        let line = record.lines().find(|line| line.starts_with(&format!("entry {ticket} "))).unwrap();
        line.split(' ').nth(2).unwrap().to_owned()
    };
    let order: Vec<String> = record
        .lines()
        .filter_map(|line| line.strip_prefix("result "))
        .map(|line| class(line.split(' ').nth(1).unwrap()))
        .collect();
    assert!(order.is_sorted(), "{order:?}");
    assert_eq!([&order[0], &order[order.len() - 1]], ["0", "2"]);
}
