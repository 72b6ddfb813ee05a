//! How a follower gets into a dialogue: by a menu key or a keyword, a link, a name, a picture, a scanned code.

use super::claim::{self, Deed};
use super::{
    Dialogue, Step, Tap, Turn, attending, consult, cover, done, draws, kit, links, membership, my_sign_ups,
    offer, service, sign_up, spoken, targets, texts, topics, welfare,
};
use crate::content::{Content, Entry, narrowed};
use crate::domain::activity::record::ActivityCode;
use crate::domain::case::record::CaseId;
use crate::domain::claim::record::ClaimId;
use crate::domain::member::binding::id_of;
use crate::domain::member::quality::{Quality, quality};
use crate::store::Fault;

/// Starts what a menu key or keyword names; `rest` is what followed the keyword. `None`: no such target here.
pub fn start(turn: &mut Turn, target: &str, rest: &str) -> Result<Option<Step<Dialogue>>, Fault> {
    use sign_up::Filter;
    let mut list =
        |filter| -> Result<Step<Dialogue>, Fault> { Ok(sign_up::list(turn, filter)?.into(Dialogue::SignUp)) };
    let step = match target {
        "activity.list" if rest.trim().is_empty() => list(Filter::All)?,
        "activity.list" => list(Filter::Words(rest.trim().to_owned()))?,
        "activity.craft" => list(Filter::Craft)?,
        "activity.family" => list(Filter::Family)?,
        "activity.mine" => my_sign_ups::list(turn)?.into(Dialogue::MySignUps),
        "activity.cancel" => my_sign_ups::which_to_cancel(turn)?.into(Dialogue::MySignUps),
        "welfare.list" => welfare::list(turn)?.into(Dialogue::Welfare),
        "welfare.mine" => welfare::mine(turn)?.into(Dialogue::Welfare),
        "activity.check_in" => attending::check_in(turn, rest)?.into(Dialogue::Attending),
        "activity.accept" => offer::answer(turn, true)?.into(Dialogue::Offer),
        "activity.decline" => offer::answer(turn, false)?.into(Dialogue::Offer),
        "activity.waiting" => offer::positions(turn)?.into(Dialogue::MySignUps),
        "activity.appeal" => appeal(turn)?,
        "member.verify" => membership::verify(turn)?.into(Dialogue::Membership),
        "member.home" => membership::home(turn)?.into(Dialogue::Membership),
        "member.unbind" => membership::ask_to_unbind(turn)?.into(Dialogue::Membership),
        "member.erase" => membership::ask_to_erase(turn)?.into(Dialogue::Membership),
        "member.data" => membership::data(turn)?.into(Dialogue::Membership),
        "member.export" => membership::export_all(turn)?.into(Dialogue::Membership),
        "member.withdraw" => membership::ask_to_withdraw(turn)?.into(Dialogue::Membership),
        "member.leave" => membership::ask_to_leave(turn)?.into(Dialogue::Membership),
        "member.join" => membership::join(turn)?.into(Dialogue::Membership),
        "cover.mine" => cover::mine(turn)?.into(Dialogue::Cover),
        "cover.retired" => cover::retired(turn)?.into(Dialogue::Cover),
        "claim.home" => claim::home(turn)?.into(Dialogue::Claim),
        "claim.apply" => claim::apply(turn)?.into(Dialogue::Claim),
        "claim.status" => claim::list(turn)?.into(Dialogue::Claim),
        "claim.take_back" => take_back(turn)?,
        "consult.home" => consult::home(turn)?.into(Dialogue::Consult),
        "links.home" => links::home(turn)?,
        "topics.home" => topics::show(turn)?.into(Dialogue::Topics),
        "topics.stop" => topics::stop(turn)?.into(Dialogue::Topics),
        "topics.resume" => topics::resume(turn)?.into(Dialogue::Topics),
        "service.home" => service::home(turn)?.into(Dialogue::Service),
        "service.mine" => service::list(turn)?.into(Dialogue::Service),
        "hardship.test" => service::self_test(turn)?.into(Dialogue::Service),
        "staff.talk" => service::talk(turn)?.into(Dialogue::Service),
        claim if claim.starts_with("claim.") => match claim.strip_prefix("claim.").and_then(Deed::named) {
            Some(deed) => of_claim(turn, deed)?.into(Dialogue::Claim),
            None => return Ok(None),
        },
        form if targets::SERVICES.contains(&form) => service::lead(turn, form, rest)?.into(Dialogue::Service),
        _ => return Ok(None),
    };
    Ok(Some(step))
}

/// What can be done with a claim, typed.
fn of_claim(turn: &mut Turn, deed: Deed) -> Result<Step<claim::State>, Fault> {
    match claim::typed(turn, deed)? {
        Some(step) => Ok(step),
        None if id_of(turn.tx, turn.who)?.is_none() => claim::list(turn),
        None => done(turn.say(&texts::claiming::NONE_FOR_IT, &[("what", deed.word().into())])),
    }
}

/// 撤回申请: of a claim; else of who asked to be a member; else it is asked what is meant.
fn take_back(turn: &mut Turn) -> Result<Step<Dialogue>, Fault> {
    if let Some(step) = claim::typed(turn, Deed::Withdraw)? {
        return Ok(step.into(Dialogue::Claim));
    }
    match quality(turn.tx, turn.who)? {
        Quality::Pending { .. } => Ok(membership::ask_to_withdraw(turn)?.into(Dialogue::Membership)),
        _ => done(turn.say(&texts::claiming::NOTHING_TO_WITHDRAW, &[])),
    }
}

/// 申诉: of a claim that was refused or whose appeal goes on, or else of an absence, which its own notice links to besides.
fn appeal(turn: &mut Turn) -> Result<Step<Dialogue>, Fault> {
    let of_claim = match claim::appeal(turn)? {
        None if !attending::has_strike(turn)? => claim::appealed(turn)?,
        found => found,
    };
    match of_claim {
        Some(step) => Ok(step.into(Dialogue::Claim)),
        None => Ok(attending::appeal(turn, None)?.into(Dialogue::Attending)),
    }
}

/// What says, typed, what a link says: `领取W12`, or a number that we gave, such as `A12-1-0003`.
pub fn written(words: &str) -> Option<Tap> {
    let words = narrowed(words);
    let words = words.trim();
    let number = spoken::OF_NUMBER.iter().find_map(|what| words.strip_prefix(what)).unwrap_or(words);
    let number = number.trim_start_matches([':', ' ']);
    let small = |id: u64| u32::try_from(id).ok();
    let activity = || number.parse().ok().map(|ActivityCode(id)| Tap::Activity(id));
    let sign_up = || number.parse().ok().map(Tap::Mine);
    let claim = || number.parse().ok().and_then(|ClaimId(id)| small(id)).map(Tap::MyClaim);
    let case = || number.parse().ok().and_then(|CaseId(id)| small(id)).map(Tap::Case);
    spoken::coupon_claimed(words)
        .map(Tap::Claim)
        .or_else(activity)
        .or_else(sign_up)
        .or_else(claim)
        .or_else(case)
}

/// Follows a tapped link of an earlier answer, whatever dialogue runs now. `None`: it answers what the running
/// dialogue asks.
pub fn follow(
    turn: &mut Turn,
    tap: &Tap,
    running: Option<&Dialogue>,
) -> Result<Option<Step<Dialogue>>, Fault> {
    if running.is_some_and(|running| is_answer(tap, running)) {
        return Ok(None);
    }
    Ok(Some(match tap {
        Tap::Words => return Ok(None),
        // The sign-up that an answer belonged to is over: back at the nearest step.
        Tap::Activity(id) | Tap::Answer(id, _) => sign_up::detail(turn, *id)?.into(Dialogue::SignUp),
        Tap::Apply(id) => sign_up::begin(turn, *id)?.into(Dialogue::SignUp),
        Tap::Topic(number, on) => topics::switch(turn, *number, *on)?.into(Dialogue::Topics),
        Tap::Accept(number) => offer::settle(turn, *number, true)?.into(Dialogue::Offer),
        Tap::Decline(number) => offer::settle(turn, *number, false)?.into(Dialogue::Offer),
        Tap::Appeal(number) => attending::appeal(turn, Some(*number))?.into(Dialogue::Attending),
        Tap::Draw(id) => draws::explain(turn, *id)?,
        Tap::Question(key) => consult::answer(turn, *key)?.into(Dialogue::Consult),
        Tap::Questions(key) => consult::topic(turn, *key)?.into(Dialogue::Consult),
        Tap::Cover(number) => cover::detail(turn, *number)?.into(Dialogue::Cover),
        Tap::Kit(number) => kit::begin(turn, *number)?.into(Dialogue::Kit),
        Tap::Mine(number) => my_sign_ups::detail(turn, *number)?.into(Dialogue::MySignUps),
        Tap::Cancel(number) | Tap::ConfirmCancel(number) => {
            my_sign_ups::ask_to_cancel(turn, *number)?.into(Dialogue::MySignUps)
        }
        Tap::MyClaim(id) => claim::detail(turn, ClaimId(u64::from(*id)))?.into(Dialogue::Claim),
        Tap::Paper(id, place) => {
            claim::open_paper(turn, ClaimId(u64::from(*id)), *place)?.into(Dialogue::Claim)
        }
        Tap::OfClaim(id, deed) => claim::follow(turn, ClaimId(u64::from(*id)), *deed)?.into(Dialogue::Claim),
        Tap::Case(id) => service::detail(turn, CaseId(u64::from(*id)))?.into(Dialogue::Service),
        Tap::Rate(id, stars) => service::rate(turn, CaseId(u64::from(*id)), *stars)?.into(Dialogue::Service),
        Tap::Proposal(id, yes) => {
            service::answer_proposal(turn, u64::from(*id), *yes)?.into(Dialogue::Service)
        }
        Tap::Benefit(id) => welfare::detail(turn, *id)?.into(Dialogue::Welfare),
        Tap::Claim(id) | Tap::Quiz(id, ..) => welfare::take(turn, *id)?.into(Dialogue::Welfare),
        Tap::Remind(id) => welfare::remind(turn, *id)?.into(Dialogue::Welfare),
        Tap::Coupon(number) => welfare::coupon(turn, *number)?.into(Dialogue::Welfare),
        Tap::CouponPicture(number) => welfare::picture(turn, *number)?.into(Dialogue::Welfare),
        Tap::ReturnCoupon(number) | Tap::ConfirmReturn(number) => {
            welfare::ask_to_return(turn, *number)?.into(Dialogue::Welfare)
        }
    }))
}

/// Does the link stand below what the running dialogue asks?
fn is_answer(tap: &Tap, running: &Dialogue) -> bool {
    match (tap, running) {
        (Tap::Apply(id), Dialogue::SignUp(state)) => state.is_draft() && state.activity() == Some(*id),
        (Tap::Answer(..), Dialogue::SignUp(state)) => state.is_draft(),
        (Tap::Kit(number), Dialogue::Kit(state)) => state.is_about(*number),
        (Tap::Quiz(id, ..), Dialogue::Welfare(state)) => state.is_quiz_of(*id),
        (Tap::ConfirmReturn(number), Dialogue::Welfare(welfare::State::Returning { number: asked })) => {
            asked == number
        }
        (
            Tap::ConfirmCancel(number),
            Dialogue::MySignUps(my_sign_ups::State::Cancelling { number: asked, .. }),
        ) => asked == number,
        _ => false,
    }
}

/// Words that name an activity, or some of them; `None`: they name none.
pub fn named(turn: &mut Turn, words: &str) -> Result<Option<Step<Dialogue>>, Fault> {
    match sign_up::named(turn, words)? {
        Some(step) => Ok(Some(step.into(Dialogue::SignUp))),
        None => benefit(turn, words, false),
    }
}

fn benefit(turn: &mut Turn, words: &str, is_whole: bool) -> Result<Option<Step<Dialogue>>, Fault> {
    Ok(welfare::named(turn, words, is_whole)?.map(|step| step.into(Dialogue::Welfare)))
}

/// Words that want to sign up, and for which activity.
pub fn wanted(turn: &mut Turn, words: &str) -> Result<Option<Step<Dialogue>>, Fault> {
    Ok(sign_up::wanted(turn, words)?.map(|step| step.into(Dialogue::SignUp)))
}

/// Words that are an activity's title, or a benefit's.
pub fn titled(turn: &mut Turn, words: &str) -> Result<Option<Step<Dialogue>>, Fault> {
    match sign_up::titled(turn, words)? {
        Some(step) => Ok(Some(step.into(Dialogue::SignUp))),
        None => benefit(turn, words, true),
    }
}

/// The answer to a question of the FAQ.
pub fn answered(turn: &mut Turn, question: &Entry) -> Result<Step<Dialogue>, Fault> {
    Ok(consult::answer(turn, question.key())?.into(Dialogue::Consult))
}

/// Asks which question of the FAQ was meant.
pub fn which(turn: &mut Turn, questions: &[&Entry]) -> Result<Step<Dialogue>, Fault> {
    Ok(consult::choices(turn, questions)?.into(Dialogue::Consult))
}

/// Below what a keyword led to: what may have been asked besides, if anything.
pub fn besides(content: &Content, questions: &[&Entry]) -> String {
    match questions {
        [] => String::new(),
        _ => format!("\n\n{}", consult::besides(content, questions)),
    }
}

/// A picture that no dialogue asked for, by its number. `None`: nothing of the follower's waits for one.
pub fn pictured(turn: &mut Turn, picture: u64) -> Result<Option<Step<Dialogue>>, Fault> {
    if let Some(step) = claim::offered(turn, picture)? {
        return Ok(Some(step.into(Dialogue::Claim)));
    }
    Ok(service::offered(turn, picture)?.map(|step| step.into(Dialogue::Service)))
}

/// A scanned code that means something to a flow; `None`: none of ours.
pub fn scanned(turn: &mut Turn, scene: &str) -> Result<Option<Step<Dialogue>>, Fault> {
    Ok(attending::scanned(turn, scene)?.map(|step| step.into(Dialogue::Attending)))
}
