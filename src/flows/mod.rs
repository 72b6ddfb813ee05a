//! What to say: dialogues as plain functions.
//!
//! A flow is one state enum and one `step`: no I/O, no clock, no `await`. The same (snapshot, state, input,
//! moment) always gives the same (reply, next state, writes). To add one: its file here, a variant of
//! [`Dialogue`], its texts in [`texts`], its targets in [`targets`].

pub mod attending;
pub mod claim;
pub mod consult;
pub mod cover;
mod days;
mod draws;
mod explain;
mod input;
pub mod kit;
mod links;
pub mod membership;
pub mod my_sign_ups;
pub mod notices;
pub mod offer;
pub mod service;
pub mod sign_up;
pub mod spoken;
mod sums;
mod tap;
pub mod targets;
pub mod texts;
pub mod topics;
pub mod welfare;

use serde::{Deserialize, Serialize};

pub use input::Input;
pub use tap::Tap;

use claim::Deed;

use crate::content::{Content, Entry, TextSpec, Value, narrowed};
use crate::domain::activity::record::ActivityCode;
use crate::domain::case::record::CaseId;
use crate::domain::claim::record::ClaimId;
use crate::domain::contact::record::{FollowerId, Reach};
use crate::domain::member::binding::id_of;
use crate::domain::member::quality::{Quality, quality};
use crate::moment::Time;
use crate::store::{Fault, Tx};
use crate::wechat::reply::Reply;

/// What a step may use: the transaction, the words, who it is and when.
pub struct Turn<'a, 't> {
    pub tx: &'a mut Tx<'t>,
    pub content: &'a Content,
    pub who: &'a FollowerId,
    /// Of the follower; kept with their contact when the turn ends.
    pub reach: &'a mut Reach,
    pub now: Time,
    /// Since when they follow, if that is known.
    pub followed: Option<Time>,
    /// Set by [`Turn::explain`]: what «为什么» answers.
    pub why: Option<String>,
    /// Set when the follower wants to be forgotten: what was said before goes, too.
    pub forgets: bool,
    /// Set by a claim: how it ended.
    pub told: Option<welfare::Told>,
    /// The follower tried to claim too often in this minute: so often is allowed.
    pub held_back: Option<u8>,
    /// Where followers reach this service, as `https://gh.example.org`.
    pub public_url: Option<&'a str>,
}

impl Turn<'_, '_> {
    pub fn say(&self, spec: &TextSpec, values: &[(&str, Value)]) -> String {
        self.content.texts.render(spec, values)
    }

    /// Says no in one sentence, and keeps the whole reason for «为什么».
    pub fn explain(&mut self, refusal: &impl explain::Explained) -> String {
        let (sentence, why) = explain::words(self.content, refusal);
        self.why = Some(why);
        sentence
    }
}

/// What a step comes to.
#[derive(Debug, Clone, PartialEq)]
pub enum Step<S> {
    /// The dialogue goes on from this state.
    Next(S, Reply),
    /// What was said doesn't answer what is asked here, so it is asked again. If it names another service, that is meant.
    Again(S, Reply),
    Done(Reply),
    /// The end, with words that lead on: who sends their number says them.
    Offers(Vec<String>, Reply),
    /// Not meant for this dialogue: it is left, and the message is routed as if there had been none.
    Pass,
}

impl<S> Step<S> {
    fn into<T>(self, wrap: impl FnOnce(S) -> T) -> Step<T> {
        match self {
            Step::Next(state, reply) => Step::Next(wrap(state), reply),
            Step::Again(state, reply) => Step::Again(wrap(state), reply),
            Step::Done(reply) => Step::Done(reply),
            Step::Offers(words, reply) => Step::Offers(words, reply),
            Step::Pass => Step::Pass,
        }
    }

    /// Asked again, since what was said doesn't answer it.
    fn again(self) -> Step<S> {
        match self {
            Step::Next(state, reply) => Step::Again(state, reply),
            other => other,
        }
    }

    /// With words before its own.
    pub fn after(self, before: &str) -> Step<S> {
        let put = |reply: Reply| match reply {
            Reply::Text { content } => Reply::Text { content: format!("{before}\n\n{content}") },
            other => other,
        };
        match self {
            Step::Next(state, reply) => Step::Next(state, put(reply)),
            Step::Again(state, reply) => Step::Again(state, put(reply)),
            Step::Done(reply) => Step::Done(put(reply)),
            Step::Offers(words, reply) => Step::Offers(words, put(reply)),
            Step::Pass => Step::Pass,
        }
    }
}

fn next<S>(state: S, content: String) -> Result<Step<S>, Fault> {
    Ok(Step::Next(state, Reply::Text { content }))
}

fn done<S>(content: String) -> Result<Step<S>, Fault> {
    Ok(Step::Done(Reply::Text { content }))
}

/// The end of a dialogue that offers `words` by number.
fn offers<S>(words: &[&str], content: String) -> Result<Step<S>, Fault> {
    if words.is_empty() {
        return done(content);
    }
    Ok(Step::Offers(words.iter().map(|word| (*word).to_owned()).collect(), Reply::Text { content }))
}

/// Every dialogue there is. Stored as JSON in the contact, so it outlives releases: see [`VERSION`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Dialogue {
    SignUp(sign_up::State),
    Membership(membership::State),
    MySignUps(my_sign_ups::State),
    Topics(topics::State),
    Welfare(welfare::State),
    Offer(offer::State),
    Attending(attending::State),
    Kit(kit::State),
    Cover(cover::State),
    Claim(claim::State),
    Consult(consult::State),
    Service(service::State),
    /// None any more, but words that were offered by number at its end.
    Choices(Vec<String>),
}

/// Raised when a stored state changes its shape; [`restore`] then says how an older one is read.
pub const VERSION: u16 = 1;

/// A stored state that this release can't go on with.
#[derive(Debug)]
pub struct Outlived;

/// Reads a state that an older or the same release stored.
pub fn restore(version: u16, state: &str) -> Result<Dialogue, Outlived> {
    match version {
        VERSION => serde_json::from_str(state).map_err(|_| Outlived),
        _ => Err(Outlived),
    }
}

impl Dialogue {
    /// For metrics and logs.
    pub fn name(&self) -> &'static str {
        match self {
            Dialogue::SignUp(_) => "sign_up",
            Dialogue::Membership(_) => "membership",
            Dialogue::MySignUps(_) => "my_sign_ups",
            Dialogue::Topics(_) => "topics",
            Dialogue::Welfare(_) => "welfare",
            Dialogue::Offer(_) => "offer",
            Dialogue::Attending(_) => "attending",
            Dialogue::Kit(_) => "kit",
            Dialogue::Cover(_) => "cover",
            Dialogue::Claim(_) => "claim",
            Dialogue::Consult(_) => "consult",
            Dialogue::Service(_) => "service",
            Dialogue::Choices(_) => "choices",
        }
    }

    /// Does the state hold a follower's own data? Then it is sealed, and leaving it is said.
    pub fn is_draft(&self) -> bool {
        match self {
            Dialogue::SignUp(state) => state.is_draft(),
            Dialogue::Membership(state) => state.is_draft(),
            Dialogue::Kit(_) => true,
            Dialogue::Claim(state) => state.is_draft(),
            Dialogue::Welfare(state) => state.is_draft(),
            Dialogue::MySignUps(_)
            | Dialogue::Topics(_)
            | Dialogue::Offer(_)
            | Dialogue::Attending(_)
            | Dialogue::Cover(_)
            | Dialogue::Consult(_)
            | Dialogue::Service(_)
            | Dialogue::Choices(_) => false,
        }
    }

    /// Is something left undone unless there is an answer?
    pub fn is_undone(&self, turn: &Turn) -> Result<bool, Fault> {
        Ok(self.is_question()
            && match self {
                Dialogue::Claim(state) => claim::is_undone(turn, state)?,
                _ => true,
            })
    }

    /// Where stands what it is about, if that is handed in: who leaves it must not read that nothing is.
    pub fn stands(&self, turn: &mut Turn) -> Result<Option<String>, Fault> {
        match self {
            Dialogue::Claim(state) => claim::stands(turn, state),
            Dialogue::MySignUps(state) => my_sign_ups::stands(turn, state),
            _ => Ok(None),
        }
    }

    /// Does it wait for an answer? A list doesn't, nor a page to look at.
    fn is_question(&self) -> bool {
        match self {
            Dialogue::SignUp(state) => state.is_draft(),
            Dialogue::Membership(state) => state.is_question(),
            Dialogue::MySignUps(state) => state.is_question(),
            Dialogue::Welfare(state) => state.is_question(),
            Dialogue::Claim(state) => state.is_question(),
            Dialogue::Service(state) => state.is_question(),
            Dialogue::Offer(_) | Dialogue::Attending(_) | Dialogue::Kit(_) => true,
            Dialogue::Topics(_) | Dialogue::Cover(_) | Dialogue::Consult(_) | Dialogue::Choices(_) => false,
        }
    }

    /// Is a picture an answer to what was asked?
    pub fn wants_picture(&self) -> bool {
        match self {
            Dialogue::Membership(state) => state.wants_picture(),
            Dialogue::Claim(state) => state.wants_picture(),
            Dialogue::Service(state) => state.wants_picture(),
            _ => false,
        }
    }

    /// What is asked names the way out; where it is 要取消…吗, another 取消 beside it would mean something else.
    fn says_way_out(&self) -> bool {
        matches!(self, Dialogue::MySignUps(_))
    }

    /// Where words answered nothing and the same is asked again, the way out is said besides.
    pub fn step(self, turn: &mut Turn, input: &Input) -> Result<Step<Dialogue>, Fault> {
        Ok(match self.answered(turn, input)? {
            Step::Again(next, Reply::Text { content })
                if !matches!(input, Input::Picture(_)) && !next.says_way_out() =>
            {
                let content = format!("{content}\n{}", turn.say(&texts::WAY_OUT, &[]));
                Step::Again(next, Reply::Text { content })
            }
            step => step,
        })
    }

    fn answered(self, turn: &mut Turn, input: &Input) -> Result<Step<Dialogue>, Fault> {
        match self {
            Dialogue::SignUp(state) => Ok(sign_up::step(turn, state, input)?.into(Dialogue::SignUp)),
            Dialogue::Membership(state) => {
                Ok(membership::step(turn, state, input)?.into(Dialogue::Membership))
            }
            Dialogue::MySignUps(state) => {
                Ok(my_sign_ups::step(turn, state, input)?.into(Dialogue::MySignUps))
            }
            Dialogue::Topics(state) => Ok(topics::step(turn, state, input)?.into(Dialogue::Topics)),
            Dialogue::Welfare(state) => Ok(welfare::step(turn, state, input)?.into(Dialogue::Welfare)),
            Dialogue::Offer(state) => Ok(offer::step(turn, state, input)?.into(Dialogue::Offer)),
            Dialogue::Attending(state) => Ok(attending::step(turn, state, input)?.into(Dialogue::Attending)),
            Dialogue::Kit(state) => Ok(kit::step(turn, state, input)?.into(Dialogue::Kit)),
            Dialogue::Cover(state) => Ok(cover::step(turn, state, input)?.into(Dialogue::Cover)),
            Dialogue::Claim(state) => Ok(claim::step(turn, state, input)?.into(Dialogue::Claim)),
            Dialogue::Consult(state) => Ok(consult::step(turn, state, input)?.into(Dialogue::Consult)),
            Dialogue::Service(state) => Ok(service::step(turn, state, input)?.into(Dialogue::Service)),
            Dialogue::Choices(_) => Ok(Step::Pass),
        }
    }
}

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

/// `1. 确认` above `2. 重填`: what links of one meaning are called, and what each sends.
pub fn numbered(turn: &Turn, tap: Tap, choices: &[(&TextSpec, &str)]) -> String {
    let line = |(number, (shown, sent)): (usize, &(&TextSpec, &str))| {
        tap.link(&format!("{number}. {}", turn.say(shown, &[])), sent)
    };
    (1..).zip(choices).map(line).collect::<Vec<_>>().join("\n")
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
    Ok(Some(match tap {
        Tap::Words => return Ok(None),
        Tap::Activity(id) => sign_up::detail(turn, *id)?.into(Dialogue::SignUp),
        Tap::Apply(id) => match running {
            Some(Dialogue::SignUp(state)) if state.is_draft() && state.activity() == Some(*id) => {
                return Ok(None);
            }
            _ => sign_up::begin(turn, *id)?.into(Dialogue::SignUp),
        },
        Tap::Answer(id, _) => match running {
            Some(Dialogue::SignUp(state)) if state.is_draft() => return Ok(None),
            // The sign-up that the link belonged to is over: back at the nearest step.
            _ => sign_up::detail(turn, *id)?.into(Dialogue::SignUp),
        },
        Tap::Topic(number, on) => topics::switch(turn, *number, *on)?.into(Dialogue::Topics),
        Tap::Accept(number) => offer::settle(turn, *number, true)?.into(Dialogue::Offer),
        Tap::Decline(number) => offer::settle(turn, *number, false)?.into(Dialogue::Offer),
        Tap::Appeal(number) => attending::appeal(turn, Some(*number))?.into(Dialogue::Attending),
        Tap::Draw(id) => draws::explain(turn, *id)?,
        Tap::Question(key) => consult::answer(turn, *key)?.into(Dialogue::Consult),
        Tap::Questions(key) => consult::topic(turn, *key)?.into(Dialogue::Consult),
        Tap::Cover(number) => cover::detail(turn, *number)?.into(Dialogue::Cover),
        Tap::Kit(number) => match running {
            Some(Dialogue::Kit(state)) if state.is_about(*number) => return Ok(None),
            _ => kit::begin(turn, *number)?.into(Dialogue::Kit),
        },
        Tap::Mine(number) => my_sign_ups::detail(turn, *number)?.into(Dialogue::MySignUps),
        Tap::Cancel(number) => my_sign_ups::ask_to_cancel(turn, *number)?.into(Dialogue::MySignUps),
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
        Tap::Claim(id) => welfare::take(turn, *id)?.into(Dialogue::Welfare),
        Tap::Quiz(id, ..) => match running {
            Some(Dialogue::Welfare(state)) if state.is_quiz_of(*id) => return Ok(None),
            _ => welfare::take(turn, *id)?.into(Dialogue::Welfare),
        },
        Tap::Remind(id) => welfare::remind(turn, *id)?.into(Dialogue::Welfare),
        Tap::Coupon(number) => welfare::coupon(turn, *number)?.into(Dialogue::Welfare),
        Tap::CouponPicture(number) => welfare::picture(turn, *number)?.into(Dialogue::Welfare),
        Tap::ReturnCoupon(number) => welfare::ask_to_return(turn, *number)?.into(Dialogue::Welfare),
        Tap::ConfirmReturn(number) => match running {
            Some(Dialogue::Welfare(welfare::State::Returning { number: asked })) if asked == number => {
                return Ok(None);
            }
            _ => welfare::ask_to_return(turn, *number)?.into(Dialogue::Welfare),
        },
        Tap::ConfirmCancel(number) => match running {
            Some(Dialogue::MySignUps(my_sign_ups::State::Cancelling { number: asked, .. }))
                if asked == number =>
            {
                return Ok(None);
            }
            _ => my_sign_ups::ask_to_cancel(turn, *number)?.into(Dialogue::MySignUps),
        },
    }))
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

/// What may have been asked besides what a keyword led to.
pub fn besides(content: &Content, questions: &[&Entry]) -> String {
    consult::besides(content, questions)
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
