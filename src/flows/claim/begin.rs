//! From 医疗互保 to a draft: consent, for whom, what happened.

use super::spoken::{HOME, OTHER_KIND, RELATIONS, RESUME, WHOM};
use super::words;
use super::{State, Stepped, Whom, facts, papers, status, view, with};
use crate::content::Value;
use crate::domain::claim::draft::{self, Own};
use crate::domain::claim::judge;
use crate::domain::claim::record::ClaimId;
use crate::domain::claim::rules::Refusal;
use crate::domain::member::binding::{count_try, member_of, tries_left};
use crate::domain::member::consent::{self, Purpose};
use crate::domain::member::identity::{self, NotAnIdentity};
use crate::domain::member::list::named;
use crate::domain::scheme::commands as scheme;
use crate::domain::scheme::rules::{EventKind, NotCovered};
use crate::flows::membership::{choices, chosen};
use crate::flows::spoken::{AGREE, VERIFY};
use crate::flows::texts::{self as common, claiming as texts, membership as member_texts};
use crate::flows::{Input, Step, Turn, done, next, offers};
use crate::store::Fault;

const NAME_CHARS: std::ops::RangeInclusive<usize> = 2..=40;

/// 医疗互保
pub fn home(turn: &mut Turn) -> Stepped {
    next(State::Home, turn.say(&texts::HOME, &[("choices", Value::raw(choices(HOME)))]))
}

pub fn choose(turn: &mut Turn, input: &Input) -> Stepped {
    match chosen(input, HOME) {
        Some(0) => apply(turn),
        Some(1) => status::list(turn),
        // 我的保障: a flow of its own, found by its words.
        _ => Ok(Step::Pass),
    }
}

/// 申请理赔
pub fn apply(turn: &mut Turn) -> Stepped {
    if member_of(turn.tx, turn.who)?.is_none() {
        return no_member(turn);
    }
    if has_agreed(turn)? { agreed(turn) } else { ask_consent(turn) }
}

/// What may be done about it, where that is 会员认证.
pub fn no_member(turn: &mut Turn) -> Stepped {
    let refusal = draft::no_member(turn.tx, turn.who)?;
    let no = turn.explain(&refusal);
    match refusal {
        Refusal::NotMember => offers(&[VERIFY], format!("{no}\n{}", choices(&[VERIFY]))),
        _ => done(no),
    }
}

/// To what is asked today: other words are asked anew.
pub fn has_agreed(turn: &Turn) -> Result<bool, Fault> {
    let words = turn.say(&texts::HEALTH_CONSENT, &[]);
    consent::holds(turn.tx, turn.who, Purpose::Health, &words)
}

fn ask_consent(turn: &mut Turn) -> Stepped {
    next(State::Consent, consent_words(turn))
}

fn consent_words(turn: &Turn) -> String {
    let words = turn.say(&texts::HEALTH_CONSENT, &[]);
    let ask = turn.say(&texts::CONSENT, &[("choices", Value::raw(choices(AGREE)))]);
    format!("{words}\n\n{ask}")
}

pub fn consent(turn: &mut Turn, input: &Input) -> Stepped {
    match is_agreed(turn, input)? {
        Some(true) => agreed(turn),
        Some(false) => done(turn.say(&texts::NOT_AGREED, &[])),
        None if matches!(input, Input::Said { .. }) => {
            let text = turn.say(&common::CONSENT_AGAIN, &[("choices", Value::raw(choices(AGREE)))]);
            Ok(next(State::Consent, text)?.again())
        }
        None => Ok(ask_consent(turn)?.again()),
    }
}

/// Notes the consent. `None`: neither yes nor no.
fn is_agreed(turn: &mut Turn, input: &Input) -> Result<Option<bool>, Fault> {
    if chosen(input, AGREE) == Some(0) || input.agrees() {
        let words = turn.say(&texts::HEALTH_CONSENT, &[]);
        consent::give(turn.tx, turn.who, Purpose::Health, &words)?;
        return Ok(Some(true));
    }
    let no = chosen(input, AGREE).is_some() || input.is_no() || matches!(input, Input::Back);
    Ok(no.then_some(false))
}

/// Consent was taken back, or its words are others now, since the claim was begun: it is asked before anything more is
/// taken, and then it goes on where it was. `pictures` came meanwhile.
pub fn renew(turn: &mut Turn, id: ClaimId, pictures: Vec<u64>) -> Stepped {
    next(State::Renew(id, pictures), consent_words(turn))
}

pub fn renewed(turn: &mut Turn, id: ClaimId, pictures: Vec<u64>, input: &Input) -> Stepped {
    match is_agreed(turn, input)? {
        Some(true) => {}
        Some(false) => return done(turn.say(&texts::NOT_AGREED, &[])),
        None => return Ok(renew(turn, id, pictures)?.again()),
    }
    let mut last = with(turn, id, facts::go_on)?;
    for picture in pictures {
        last = papers::arrived(turn, id, None, picture)?;
    }
    Ok(last)
}

fn agreed(turn: &mut Turn) -> Stepped {
    let Some((member, _)) = member_of(turn.tx, turn.who)? else { return apply(turn) };
    match draft::of(turn.tx, member)? {
        Some((id, _)) => with(turn, id, ask_to_resume),
        None => ask_whom(turn),
    }
}

fn ask_to_resume(turn: &mut Turn, own: Own) -> Stepped {
    let values = [
        ("number", Value::from(own.id.to_string())),
        ("kind", view::title(turn, own.before.kind, own.before.ruling.as_ref())?.into()),
        ("since", own.before.created.into()),
        ("choices", Value::raw(choices(RESUME))),
    ];
    next(State::Resume(own.id), turn.say(&texts::RESUME, &values))
}

pub fn resume(turn: &mut Turn, id: ClaimId, input: &Input) -> Stepped {
    match chosen(input, RESUME) {
        Some(0) => with(turn, id, facts::go_on),
        Some(_) => with(turn, id, |turn, own| match draft::withdraw(turn.tx, &own)? {
            Ok(()) => ask_whom(turn),
            Err(refusal) => done(turn.explain(&refusal)),
        }),
        None if input.is_yes() || words::goes_on(input) => with(turn, id, facts::go_on),
        None if matches!(input, Input::Back) => Ok(Step::Pass),
        None => Ok(with(turn, id, ask_to_resume)?.again()),
    }
}

fn ask_whom(turn: &mut Turn) -> Stepped {
    if !judge::has_relatives(turn.tx)? {
        return ask_kind(turn, Whom::default());
    }
    next(State::Whom, turn.say(&texts::ASK_WHOM, &[("choices", Value::raw(choices(WHOM)))]))
}

pub fn whom(turn: &mut Turn, input: &Input) -> Stepped {
    let relation = words::relation(input);
    match chosen(input, WHOM) {
        Some(0) => ask_kind(turn, Whom::default()),
        None if words::oneself(input) => ask_kind(turn, Whom::default()),
        None if relation.is_some() => {
            ask_relative(turn, Whom { relation: relation.map(str::to_owned), ..Whom::default() })
        }
        Some(_) => ask_relative(turn, Whom::default()),
        None if matches!(input, Input::Back) => Ok(Step::Pass),
        None => Ok(ask_whom(turn)?.again()),
    }
}

fn ask_relative(turn: &mut Turn, whom: Whom) -> Stepped {
    let text = match &whom {
        Whom { relation: None, .. } => {
            turn.say(&texts::ASK_RELATION, &[("choices", Value::raw(choices(RELATIONS)))])
        }
        Whom { name: None, .. } => turn.say(&texts::ASK_RELATIVE_NAME, &[]),
        _ => turn.say(&texts::ASK_RELATIVE_IDENTITY, &[]),
    };
    next(State::Relative(whom), text)
}

pub fn relative(turn: &mut Turn, mut whom: Whom, input: &Input) -> Stepped {
    if matches!(input, Input::Back) {
        // To what was asked before this.
        return match whom.name.take().or_else(|| whom.relation.take()) {
            Some(_) => ask_relative(turn, whom),
            None => ask_whom(turn),
        };
    }
    let typed = input.words().unwrap_or_default().trim();
    let wrong = match &whom {
        Whom { relation: None, .. } => {
            let offered = || chosen(input, RELATIONS).and_then(|at| RELATIONS.get(at).copied());
            let Some(relation) = words::relation(input).or_else(offered) else {
                return Ok(ask_relative(turn, whom)?.again());
            };
            whom.relation = Some(relation.to_owned());
            None
        }
        Whom { name: None, .. } => {
            let name = identity::name(typed);
            let fits = NAME_CHARS.contains(&name.chars().count())
                && !name.chars().any(|c| c.is_ascii_digit())
                && input.is_own_words();
            whom.name = fits.then_some(name);
            (!fits).then_some(&member_texts::WRONG_NAME)
        }
        _ => match identity::parse(typed, turn.now.date()) {
            Ok(identity) => {
                if let Err(refusal) = tries_left(turn.tx, turn.who)? {
                    return done(turn.explain(&refusal));
                }
                whom.identity = Some(identity);
                return ask_kind(turn, whom);
            }
            Err(NotAnIdentity::Length) => Some(&member_texts::WRONG_LENGTH),
            Err(NotAnIdentity::FirstGeneration) => Some(&member_texts::WRONG_GENERATION),
            Err(_) => Some(&member_texts::WRONG_IDENTITY),
        },
    };
    match wrong {
        Some(spec) => Ok(next(State::Relative(whom), turn.say(spec, &[]))?.again()),
        None => ask_relative(turn, whom),
    }
}

/// What the person is covered for is offered first.
fn ask_kind(turn: &mut Turn, whom: Whom) -> Stepped {
    let kinds = match kinds(turn, &whom)? {
        Ok(kinds) => kinds,
        Err(no) => {
            let no = turn.explain(&no);
            return Ok(ask_other_kind(turn, whom)?.after(&no));
        }
    };
    if kinds.is_empty() {
        // Whether the name is another one or nothing is covered is not told.
        let no = match whom.identity {
            Some(_) => {
                count_try(turn.tx, turn.who)?;
                turn.say(&texts::RELATIVE_NOT_FOUND, &[])
            }
            None => turn.explain(&NotCovered::NoCover),
        };
        return Ok(ask_other_kind(turn, whom)?.after(&no));
    }
    let words = kind_words(&whom, &kinds);
    let text = turn.say(&texts::ASK_KIND, &[("choices", Value::raw(choices(&words)))]);
    next(State::Kind(whom), text)
}

/// What the person is covered for, and that it may be something else.
fn kind_words<'a>(whom: &Whom, kinds: &'a Kinds) -> Vec<&'a str> {
    let words = kinds.iter().map(|(_, named)| named.as_str());
    words.chain((kinds.len() < possible(whom).count()).then_some(OTHER_KIND)).collect()
}

/// What no cover is known for can be claimed all the same: staff decide, and say why.
fn ask_other_kind(turn: &mut Turn, whom: Whom) -> Stepped {
    let words = short(turn, other_kinds(turn, &whom)?);
    let text = turn.say(&texts::ASK_OTHER_KIND, &[("choices", Value::raw(choices(&words)))]);
    next(State::OtherKind(whom), text)
}

fn short(turn: &Turn, kinds: impl IntoIterator<Item = EventKind>) -> Vec<String> {
    kinds.into_iter().map(|kind| turn.say(words::kind(kind), &[])).collect()
}

fn other_kinds(turn: &Turn, whom: &Whom) -> Result<Vec<EventKind>, Fault> {
    let covered = kinds(turn, whom)?.unwrap_or_default();
    Ok(possible(whom).filter(|kind| covered.iter().all(|(other, _)| other != kind)).collect())
}

/// Of their own death nobody tells.
fn possible(whom: &Whom) -> impl Iterator<Item = EventKind> {
    let for_another = whom.identity.is_some();
    EventKind::ALL.iter().copied().filter(move |kind| for_another || *kind != EventKind::Death)
}

/// Each kind with the names of the person's programmes that pay for it.
type Kinds = Vec<(EventKind, String)>;

fn kinds(turn: &Turn, whom: &Whom) -> Result<Result<Kinds, NotCovered>, Fault> {
    let own = || -> Result<Option<String>, Fault> {
        let Some((_, member)) = member_of(turn.tx, turn.who)? else { return Ok(None) };
        Ok(named(turn.tx, &member)?.map(|named| named.identity))
    };
    let identity = match &whom.identity {
        Some(identity) => Some(identity.clone()),
        None => own()?,
    };
    let Some(identity) = identity else { return Ok(Ok(Vec::new())) };
    let covers = match judge::covers_for(turn.tx, &identity, whom.name.as_deref())? {
        Ok(covers) => covers,
        Err(no) => return Ok(Err(no)),
    };
    let mut kinds = Vec::new();
    for kind in possible(whom) {
        let mut titles: Vec<String> = Vec::new();
        for cover in covers.iter().filter(|cover| cover.kinds.contains(&kind)) {
            let title = scheme::title(turn.tx, &cover.scheme, cover.version, &cover.programme)?;
            titles.extend(title.filter(|title| !titles.contains(title)));
        }
        if !titles.is_empty() {
            kinds.push((kind, titles.join("、")));
        }
    }
    // One programme may pay for several kinds: its name alone doesn't tell them apart.
    let same = |named: &String| kinds.iter().filter(|(_, other)| other == named).count() > 1;
    let told = |(kind, named): &(EventKind, String)| {
        let both = || format!("{}（{named}）", turn.say(words::kind(*kind), &[]));
        (*kind, if same(named) { both() } else { named.clone() })
    };
    Ok(Ok(kinds.iter().map(told).collect()))
}

pub fn kind(turn: &mut Turn, whom: Whom, input: &Input) -> Stepped {
    let kinds = kinds(turn, &whom)?.unwrap_or_default();
    let short = short(turn, kinds.iter().map(|(kind, _)| *kind));
    let said = || kinds.iter().position(|(kind, _)| words::kind_said(input) == Some(*kind));
    match chosen(input, &kind_words(&whom, &kinds)).or_else(|| chosen(input, &short)).or_else(said) {
        Some(at) => match kinds.get(at) {
            Some((kind, _)) => begin(turn, &whom, *kind),
            None => ask_other_kind(turn, whom),
        },
        None if matches!(input, Input::Back) => ask_whom(turn),
        None => Ok(ask_kind(turn, whom)?.again()),
    }
}

pub fn other_kind(turn: &mut Turn, whom: Whom, input: &Input) -> Stepped {
    let kinds = other_kinds(turn, &whom)?;
    let short = short(turn, kinds.iter().copied());
    let said = || words::kind_said(input).and_then(|kind| kinds.iter().position(|other| *other == kind));
    match chosen(input, &short).or_else(said).and_then(|at| kinds.get(at)) {
        Some(kind) => begin(turn, &whom, *kind),
        None if matches!(input, Input::Back) => ask_whom(turn),
        None => Ok(ask_other_kind(turn, whom)?.again()),
    }
}

fn begin(turn: &mut Turn, whom: &Whom, kind: EventKind) -> Stepped {
    match draft::begin(turn.tx, turn.who, kind)? {
        Ok(id) => with(turn, id, |turn, own| {
            let relative = whom.relative();
            let told = draft::tell(turn.tx, &own, |details| {
                details.facts.relative = relative.is_some();
                details.relative.clone_from(&relative);
            })?;
            match told {
                Ok(_) => with(turn, id, facts::go_on),
                Err(refusal) => done(turn.explain(&refusal)),
            }
        }),
        Err(refusal) => done(turn.explain(&refusal)),
    }
}
