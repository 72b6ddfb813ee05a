use std::time::Duration;

use super::commands::*;
use super::record::*;
use crate::domain::tables::CATALOG;
use crate::domain::timers::fire;
use crate::store::testing::Bench;

fn texts(bench: &mut Bench) -> Vec<(String, u32)> {
    let listed = bench.run(|tx| list(tx)).unwrap();
    listed.into_iter().map(|(_, missed)| (missed.text.into_revealed(), missed.count)).collect()
}

fn days(bench: &mut Bench, days: u64) {
    bench.moment.now = bench.moment.now.plus(Duration::from_secs(days * 86_400));
    while bench.run(fire).unwrap() {}
}

#[test]
fn what_is_asked_again_is_counted_and_the_most_asked_comes_first() {
    let mut bench = Bench::new(CATALOG);
    for text in
        ["食堂几点开门", "停车场在哪里", "停车场在哪里", "停车场在哪里", "停车场在哪里13800001234", "嗯嗯"]
    {
        bench.run(|tx| missed(tx, text)).unwrap();
    }
    assert_eq!(texts(&mut bench), [("停车场在哪里".to_owned(), 3), ("食堂几点开门".to_owned(), 1)]);
    assert_eq!(bench.run(|tx| audit(tx)).unwrap(), [""; 0]);
}

#[test]
fn a_question_goes_when_staff_settle_it_or_nobody_asks_it_for_long() {
    let mut bench = Bench::new(CATALOG);
    for text in ["食堂几点开门", "停车场在哪里", "游泳馆有淋浴吗"] {
        bench.run(|tx| missed(tx, text)).unwrap();
    }
    let of = |bench: &mut Bench, text: &str| {
        let listed = bench.run(|tx| list(tx)).unwrap();
        listed.into_iter().find(|(_, missed)| missed.text.reveal() == text).unwrap().0
    };
    let id = of(&mut bench, "游泳馆有淋浴吗");
    assert_eq!(bench.run(|tx| settle(tx, id)).unwrap(), Ok(()));
    assert_eq!(bench.run(|tx| settle(tx, id)).unwrap(), Err(NotSettled::Unknown));
    days(&mut bench, 60);
    bench.run(|tx| missed(tx, "停车场在哪里")).unwrap();
    days(&mut bench, 31);
    assert_eq!(texts(&mut bench), [("停车场在哪里".to_owned(), 2)]);
    days(&mut bench, 60);
    assert_eq!(texts(&mut bench), []);
    assert_eq!(bench.run(|tx| audit(tx)).unwrap(), [""; 0]);
}

#[test]
fn there_is_room_for_so_many_and_a_settled_one_makes_room() {
    let mut bench = Bench::new(CATALOG);
    let asked = |n: usize| format!("第{n}个问题是什么意思");
    for n in 0..MISSED_MAX + 5 {
        let text = asked(n);
        bench.run(move |tx| missed(tx, &text)).unwrap();
    }
    assert_eq!(texts(&mut bench).len(), MISSED_MAX);
    let (id, _) = bench.run(|tx| list(tx)).unwrap().remove(0);
    bench.run(|tx| settle(tx, id)).unwrap().unwrap();
    bench.run(|tx| missed(tx, "食堂几点开门")).unwrap();
    assert!(texts(&mut bench).iter().any(|(text, _)| text == "食堂几点开门"));
    assert_eq!(bench.run(|tx| audit(tx)).unwrap(), [""; 0]);
}
