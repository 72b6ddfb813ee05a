//! 理赔进度: what became of a claim, in plain words, and what can be done now.

use super::papers;
use super::words::kind_word;
use super::{State, Stepped, account, facts, review, view, with};
use crate::content::{TextSpec, Value};
use crate::domain::claim::draft::{self, Own};
use crate::domain::claim::record::{By, Claim, ClaimId, Move, Outline, Status};
use crate::domain::claim::rules::Refusal;
use crate::domain::claim::{judge, moves, queue};
use crate::domain::member::binding::id_of;
use crate::flows::membership::{choices, chosen};
use crate::flows::texts::{claiming as texts, claims};
use crate::flows::{Input, Step, Tap, Turn, done, next};
use crate::store::Fault;

const SHOWN: usize = 12;
const APPEAL_CHARS: std::ops::RangeInclusive<usize> = 4..=500;

const GO_ON: &str = "继续填";
const SUPPLY: &str = "补材料";
const CORRECT: &str = "核对资料";
const SUM: &str = "怎么算的";
const ACCOUNT: &str = "改银行账号";
const APPEAL: &str = "申诉";
const WITHDRAW: &str = "撤回申请";
const LIST: &str = "看全部申请";
const SURE: &[&str] = &["确认撤回", "不撤回"];

pub fn list(turn: &mut Turn) -> Stepped {
    let Some(member) = id_of(turn.tx, turn.who)? else {
        let no = turn.explain(&Refusal::NotMember);
        return done(format!("{no}\n{}", choices(&["会员认证"])));
    };
    let all = queue::outlines_of_member(turn.tx, member, SHOWN)?;
    if all.is_empty() {
        return done(turn.say(&texts::NONE, &[("choices", Value::raw(choices(&["申请理赔"])))]));
    }
    let line = |(index, (id, claim)): (usize, &(ClaimId, Outline))| {
        let number = index + 1;
        let label = format!("{number}. {} {id}", kind_word(claim.kind));
        let link = Tap::MyClaim(view::tap_number(*id)).link(&label, &number.to_string());
        format!("{link}\n   {}", view::status(turn, claim.status))
    };
    let items: Vec<String> = all.iter().enumerate().map(line).collect();
    let text = turn.say(&texts::LIST, &[("items", Value::raw(items.join("\n")))]);
    next(State::List(all.iter().map(|(id, _)| *id).collect()), text)
}

pub fn choose(turn: &mut Turn, ids: Vec<ClaimId>, input: &Input) -> Stepped {
    let at = input.number().and_then(|number| number.checked_sub(1));
    match at.map(|at| ids.get(at).copied()) {
        Some(Some(id)) => detail(turn, id),
        Some(None) => {
            let text = turn.say(&texts::NO_SUCH_NUMBER, &[("count", ids.len().into())]);
            next(State::List(ids), text)
        }
        None => Ok(Step::Pass),
    }
}

/// 补材料: the claim that waits for papers, or the choice if there are several.
pub fn supplement(turn: &mut Turn) -> Stepped {
    let Some(member) = id_of(turn.tx, turn.who)? else { return list(turn) };
    let mut open = queue::of_member(turn.tx, member, SHOWN)?;
    open.retain(|(_, claim)| claim.status.takes_papers());
    match open.as_slice() {
        [] => done(turn.say(&texts::NOTHING_TO_SUPPLY, &[])),
        [(id, _)] => papers::show(turn, *id, None),
        _ => list(turn),
    }
}

pub fn detail(turn: &mut Turn, id: ClaimId) -> Stepped {
    with(turn, id, |turn, own| {
        let claim = &own.before;
        let due = claim.clock.due.map(|due| due.chinese()).unwrap_or_default();
        let next_step =
            view::next_step(claim.status.name()).map(|spec| turn.say(spec, &[("due", due.into())]));
        let extra = review::extra(turn, own.id, claim)?;
        let values = [
            ("number", Value::from(own.id.to_string())),
            ("kind", kind_word(claim.kind).into()),
            ("status", view::status(turn, claim.status).into()),
            ("timeline", timeline(turn, &own)?.into()),
            ("next", next_step.unwrap_or_default().into()),
            ("asked", Value::raw(asked(turn, &own)?)),
            ("extra", Value::raw(extra)),
            ("choices", Value::raw(choices(&actions(&own)))),
        ];
        next(State::Detail(own.id), view::tight(&turn.say(&texts::STATUS, &values)))
    })
}

fn timeline(turn: &Turn, own: &Own) -> Result<String, Fault> {
    let mut lines = vec![format!("{} {}", own.before.created.chinese(), turn.say(&texts::BEGUN, &[]))];
    let moves = moves::of(turn.tx, own.id)?;
    let told = |step: &Move| step.from != step.to || step.to == Status::Paid;
    lines.extend(moves.iter().filter(|(_, step)| told(step)).map(|(_, step)| line(turn, step)));
    Ok(lines.join("\n"))
}

fn line(turn: &Turn, step: &Move) -> String {
    let status = step_name(step).map(|spec| turn.say(spec, &[])).unwrap_or_default();
    let reason = claims::reason(&step.reason).map(|(what, _)| turn.say(what, &[]));
    let words = Some(step.words.reveal().clone()).filter(|_| step.has_words_for_claimant());
    let why: Vec<String> = reason.into_iter().chain(words).collect();
    let why = if why.is_empty() { String::new() } else { format!("：{}", why.join("，")) };
    format!("{} {status}{why}", step.at.chinese())
}

/// What happened: the status that it led to, or that it led back there.
fn step_name(step: &Move) -> Option<&'static TextSpec> {
    match (step.from, step.to) {
        (Status::Rejected | Status::NotAccepted, _) if step.by == By::Claimant => Some(&texts::APPEALED_THEN),
        (Status::Rejected | Status::NotAccepted | Status::Expired | Status::WrittenOff, _) => {
            Some(&texts::TAKEN_UP_AGAIN)
        }
        (Status::Paid, Status::Paid) => Some(&claims::PART_RECOVERED),
        (Status::Reviewed | Status::Approved, Status::Accepted) => Some(&texts::SENT_BACK),
        (Status::Draft, Status::Withdrawn) if step.by == By::Rule => Some(&claims::DRAFT_DROPPED),
        _ => claims::status(step.to.name()),
    }
}

/// What staff asked for, each a link to where it is sent.
fn asked(turn: &Turn, own: &Own) -> Result<String, Fault> {
    let (asked, _) = moves::asked(turn.tx, own.id, &own.before)?;
    let items = papers::items(turn, own)?;
    let line = |asked: &crate::domain::claim::record::Asked| {
        let item = items.iter().find(|item| item.rule.slot == asked.slot)?;
        let index = u32::try_from(item.index).unwrap_or_default();
        let tap = Tap::Paper(view::tap_number(own.id), index);
        let link = tap.link(&format!("《{}》", item.rule.title), &item.rule.title);
        let mark = if item.is_there() { "✓" } else { "○" };
        let why = claims::reason(&asked.reason)
            .map(|(what, to_do)| format!("：{}，{}", turn.say(what, &[]), turn.say(to_do, &[])));
        Some(format!("{mark} {link}{}", why.unwrap_or_default()))
    };
    Ok(asked.iter().filter_map(line).collect::<Vec<_>>().join("\n"))
}

fn actions(own: &Own) -> Vec<&'static str> {
    let claim = &own.before;
    let mut words = Vec::new();
    match claim.status {
        Status::Draft => words.push(GO_ON),
        Status::NeedsMore => words.extend([SUPPLY, CORRECT]),
        Status::PayFailed => words.push(ACCOUNT),
        _ if may_appeal(claim) => words.push(APPEAL),
        _ => {}
    }
    if claim.sums > 0 && claim.status != Status::Draft {
        words.push(SUM);
    }
    if matches!(claim.status, Status::Draft | Status::Submitted | Status::NeedsMore | Status::Accepted) {
        words.push(WITHDRAW);
    }
    words.push(LIST);
    words
}

pub fn act(turn: &mut Turn, id: ClaimId, input: &Input) -> Stepped {
    with(turn, id, |turn, own| {
        let words = actions(&own);
        match chosen(input, &words).and_then(|at| words.get(at)).copied() {
            Some(GO_ON) => facts::go_on(turn, own),
            Some(SUPPLY) => papers::show(turn, own.id, None),
            Some(CORRECT) => review::show(turn, own.id),
            Some(SUM) => sum(turn, &own),
            Some(ACCOUNT) => account::begin(turn, own.id),
            Some(APPEAL) => ask_appeal(turn, own.id),
            Some(WITHDRAW) => ask_to_withdraw(turn, own.id),
            Some(_) => list(turn),
            None if matches!(input, Input::Back) => list(turn),
            None => Ok(Step::Pass),
        }
    })
}

/// How it was counted: the lines as they are kept.
fn sum(turn: &mut Turn, own: &Own) -> Stepped {
    let Some(sum) = judge::sum(turn.tx, own.id, &own.before)? else { return detail(turn, own.id) };
    let mut lines = view::lines(turn, sum.lines.reveal(), view::From::Settlement);
    for adjusted in sum.adjustments.reveal() {
        let amount = ("amount", Value::from(adjusted.amount.to_string()));
        lines.push('\n');
        lines.push_str(&match &adjusted.line {
            Some(line) => {
                let line = view::line(turn, line, view::From::Settlement);
                turn.say(&texts::ADJUSTED_LINE, &[("line", line.into()), amount])
            }
            None => turn.say(&texts::ADJUSTED, &[amount]),
        });
    }
    let text = turn.say(&texts::SUM, &[("lines", lines.into()), ("total", sum.total.to_string().into())]);
    next(State::Detail(own.id), text)
}

pub fn ask_to_withdraw(turn: &mut Turn, id: ClaimId) -> Stepped {
    let values = [("number", Value::from(id.to_string())), ("choices", Value::raw(choices(SURE)))];
    next(State::Withdrawing(id), turn.say(&texts::ASK_WITHDRAW, &values))
}

pub fn withdrawing(turn: &mut Turn, id: ClaimId, input: &Input) -> Stepped {
    if chosen(input, SURE) != Some(0) && !input.is_yes() {
        return Ok(detail(turn, id)?.again());
    }
    with(turn, id, |turn, own| match draft::withdraw(turn.tx, &own)? {
        Ok(()) => done(turn.say(&texts::WITHDRAWN, &[("number", own.id.to_string().into())])),
        Err(refusal) => done(turn.explain(&refusal)),
    })
}

/// 申诉, typed: the claim that was refused, or all of them if there are several; else where the latest appeal stands that
/// isn't decided. `None`: there is neither.
pub fn appeal(turn: &mut Turn) -> Result<Option<Step<State>>, Fault> {
    let Some(member) = id_of(turn.tx, turn.who)? else { return Ok(None) };
    let claims = queue::of_member(turn.tx, member, SHOWN)?;
    let of = |is: fn(&Claim) -> bool| claims.iter().filter(move |(_, claim)| is(claim)).map(|(id, _)| *id);
    let refused: Vec<ClaimId> = of(may_appeal).collect();
    match refused.as_slice() {
        [] => of(is_appealed).next().map(|id| detail(turn, id)).transpose(),
        [id] => ask_appeal(turn, *id).map(Some),
        _ => list(turn).map(Some),
    }
}

/// What is said to 申诉 if all there was to appeal against was refused again. `None`: nothing was.
pub fn appealed(turn: &mut Turn) -> Result<Option<Step<State>>, Fault> {
    let Some(member) = id_of(turn.tx, turn.who)? else { return Ok(None) };
    let claims = queue::of_member(turn.tx, member, SHOWN)?;
    let was_appealed = claims.iter().any(|(_, claim)| is_refused(claim) && claim.appeals > 0);
    was_appealed.then(|| done(turn.explain(&Refusal::AppealedAlready))).transpose()
}

/// Is there an appeal that somebody still has to decide?
fn is_appealed(claim: &Claim) -> bool {
    claim.appeals > 0 && (claim.status.waits_for_staff() || claim.status.waits_for_claimant())
}

fn may_appeal(claim: &Claim) -> bool {
    is_refused(claim) && claim.appeals == 0
}

fn is_refused(claim: &Claim) -> bool {
    matches!(claim.status, Status::Rejected | Status::NotAccepted)
}

fn ask_appeal(turn: &mut Turn, id: ClaimId) -> Stepped {
    next(State::Appealing(id), turn.say(&texts::ASK_APPEAL, &[("number", id.to_string().into())]))
}

pub fn appealing(turn: &mut Turn, id: ClaimId, input: &Input) -> Stepped {
    let words = input.words().unwrap_or_default().trim().to_owned();
    if !APPEAL_CHARS.contains(&words.chars().count()) || input.names_a_service() {
        return match input {
            Input::Back => detail(turn, id),
            _ => Ok(ask_appeal(turn, id)?.again()),
        };
    }
    with(turn, id, |turn, own| match draft::appeal(turn.tx, &own, &words)? {
        Ok(()) => done(turn.say(&texts::APPEALED, &[("number", own.id.to_string().into())])),
        Err(refusal) => done(turn.explain(&refusal)),
    })
}
