//! The quiz before a claim.

use super::super::claim::find;
use super::super::quiz::{Answered, answer};
use super::*;

fn quiz() -> Terms {
    let question =
        |right| Question { text: "？".to_owned(), choices: vec!["甲".to_owned(), "乙".to_owned()], right };
    with(|terms| {
        terms.mode = Mode::Quiz;
        terms.quiz =
            Some(Quiz { questions: vec![question(1), question(2), question(1)], needed: 2, tries: 2 });
        terms.releases[0].stock = 2;
    })
}

fn answers(bench: &mut Bench, name: &str, given: [u8; 3]) -> Answered {
    bench
        .run(|tx| {
            let found = find(tx, 1)?.unwrap();
            answer(tx, &found, &who(name), &given)
        })
        .unwrap()
}

#[test]
fn who_answers_enough_claims_and_so_often_in_a_release() {
    let mut bench = open(quiz());
    assert_eq!(bench.refuses("oMei"), Refusal::AnswerFirst { questions: 3, needed: 2 });
    assert_eq!(answers(&mut bench, "oMei", [2, 1, 1]), Answered::Failed { right: 1, tries_left: 1 });
    assert_eq!(answers(&mut bench, "oMei", [1, 2, 2]), Answered::Passed);
    assert!(bench.claims("oMei").is_ok());
    for left in [1, 0] {
        assert_eq!(answers(&mut bench, "oBo", [2, 1, 2]), Answered::Failed { right: 0, tries_left: left });
    }
    let next = Some(bench.moment.now.plus(DAY));
    assert_eq!(bench.refuses("oBo"), Refusal::QuizFailed { tries: 2, next });
    assert_eq!(
        answers(&mut bench, "oBo", [1, 2, 1]),
        Answered::Failed { right: 3, tries_left: 0 },
        "too late"
    );
    bench.goes_on(DAY);
    assert_eq!(bench.refuses("oBo"), Refusal::AnswerFirst { questions: 3, needed: 2 }, "a new release");
    assert_eq!(bench.refuses("oMei"), Refusal::AnswerFirst { questions: 3, needed: 2 });
}

#[test]
fn a_new_binding_gives_no_new_tries_and_nobody_is_asked_for_what_is_gone() {
    let mut bench = open(quiz());
    bench.enlists(1, None);
    for _ in 0..2 {
        answers(&mut bench, "oMei", [2, 1, 2]);
    }
    bench.recognises("oMei", 1, false);
    assert!(matches!(bench.refuses("oMei"), Refusal::QuizFailed { .. }));
    for name in ["oBo", "oLi"] {
        answers(&mut bench, name, [1, 2, 1]);
        bench.claims(name).unwrap();
    }
    assert!(matches!(bench.refuses("oWang"), Refusal::Gone { .. }));
}
