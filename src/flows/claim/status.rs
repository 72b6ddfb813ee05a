//! 理赔进度: what became of a claim, in plain words, and what can be done now.

use super::deeds::{self, Deed};
use super::papers;
use super::spoken::{LIST, OLDER};
use super::{State, Stepped, begin, review, view, with};
use crate::content::{TextSpec, Value};
use crate::domain::claim::account::AFTER_MOVE;
use crate::domain::claim::draft::{self, Own};
use crate::domain::claim::exclusion::{CLEARED, FALSE_PAPERS, UPHELD};
use crate::domain::claim::notes::NoteKind;
use crate::domain::claim::record::{By, Claim, ClaimId, Flag, Move, Status, Summary};
use crate::domain::claim::rules::Refusal;
use crate::domain::claim::{judge, moves, notes, queue};
use crate::domain::member::binding::id_of;
use crate::flows::days::written;
use crate::flows::membership::{choices, chosen};
use crate::flows::spoken::{CLAIM, WITHDRAW};
use crate::flows::texts::{claiming as texts, claims};
use crate::flows::{Input, Step, Tap, Turn, done, next, offers};
use crate::moment::Time;
use crate::store::Fault;
use crate::wechat::reply::menu_link;

const SHOWN: usize = 12;
const LOOKED_AT: usize = 100;
const WORDS_CHARS: std::ops::RangeInclusive<usize> = 4..=500;

pub fn list(turn: &mut Turn) -> Stepped {
    page(turn, None)
}

/// Those before that one.
fn page(turn: &mut Turn, after: Option<ClaimId>) -> Stepped {
    let Some(member) = id_of(turn.tx, turn.who)? else { return begin::no_member(turn) };
    let (all, has_older) = queue::summaries_of_member(turn.tx, member, after, SHOWN)?;
    if all.is_empty() && after.is_some() {
        return page(turn, None);
    }
    if all.is_empty() {
        return offers(&[CLAIM], turn.say(&texts::NONE, &[("choices", Value::raw(choices(&[CLAIM])))]));
    }
    let line = |(number, (id, claim)): (usize, &(ClaimId, Summary))| -> Result<String, Fault> {
        let label = format!("{number}. {} {id}", view::title(turn, claim.kind, claim.ruling.as_ref())?);
        let link = Tap::MyClaim(view::tap_number(*id)).link(&label, &number.to_string());
        Ok(format!("{link}\n   {}", view::status(turn, claim.status)))
    };
    let mut items: Vec<String> = (1..).zip(&all).map(line).collect::<Result<_, _>>()?;
    items.extend(has_older.then(|| menu_link(OLDER, OLDER, "text")));
    let text = turn.say(&texts::LIST, &[("items", Value::raw(items.join("\n")))]);
    next(State::List(all.iter().map(|(id, _)| *id).collect()), text)
}

pub fn choose(turn: &mut Turn, ids: Vec<ClaimId>, input: &Input) -> Stepped {
    if input.is(&[OLDER]) {
        return page(turn, ids.last().copied());
    }
    if let Some(id) = input.words().and_then(|words| words.trim().parse().ok()) {
        return detail(turn, id);
    }
    match input.chosen(&ids) {
        Some(id) => detail(turn, *id),
        None if input.number().is_some() => {
            let text = turn.say(&texts::NO_SUCH_NUMBER, &[("count", ids.len().into())]);
            next(State::List(ids), text)
        }
        None => Ok(Step::Pass),
    }
}

pub fn detail(turn: &mut Turn, id: ClaimId) -> Stepped {
    with(turn, id, |turn, own| {
        let claim = &own.before;
        let extra = review::extra(turn, own.id, claim)?;
        let deeds = actions(turn, &own)?;
        let all = menu_link(&format!("{}. {LIST}", deeds.len() + 1), LIST, "text");
        let values = [
            ("number", Value::from(own.id.to_string())),
            ("kind", view::title(turn, claim.kind, claim.ruling.as_ref())?.into()),
            ("status", view::status(turn, claim.status).into()),
            ("timeline", timeline(turn, &own)?.into()),
            ("erased", erased(turn, claim).into()),
            ("excluded", excluded(turn, claim).into()),
            ("pay_back", pay_back(turn, claim).into()),
            ("next", Value::raw(next_with_move(turn, claim)?)),
            ("late", late(turn, &own)?.into()),
            ("asked", Value::raw(asked(turn, &own)?)),
            ("extra", Value::raw(extra)),
            ("choices", Value::raw(format!("{}\n{all}", deeds::links(own.id, &deeds)))),
        ];
        let text = view::tight(&turn.say(&texts::STATUS, &values));
        // What was refused just now is what 为什么 asks about.
        if turn.why.is_none() {
            turn.why = why(turn, &own)?;
        }
        next(State::Detail(own.id), text)
    })
}

/// Why it stands where it does, if a reason of the list was given. What somebody wrote may name an illness: it is read in
/// the claim.
fn why(turn: &Turn, own: &Own) -> Result<Option<String>, Fault> {
    let Some((_, step)) = moves::of(turn.tx, own.id)?.pop() else { return Ok(None) };
    let Some((what, to_do)) = claims::reason(&step.reason) else { return Ok(None) };
    let status = step_name(&step).map(|spec| turn.say(spec, &[])).unwrap_or_default();
    let values = [
        ("number", Value::from(own.id.to_string())),
        ("status", status.into()),
        ("what", turn.say(what, &[]).into()),
        ("to_do", turn.say(to_do, &[]).into()),
        ("next", Value::raw(next_with_move(turn, &own.before)?)),
    ];
    Ok(Some(view::tight(&turn.say(&texts::STANDS_SO, &values))))
}

/// What comes next, and by when.
fn next_step(turn: &Turn, claim: &Claim) -> Result<String, Fault> {
    let appeal = appeal_until(turn, claim)?;
    if is_refused(claim) && appeal.is_none() {
        return Ok(String::new());
    }
    let due = claim.clock.due.or(appeal).map(|due| due.chinese()).unwrap_or_default();
    let days = match claim.clock.left {
        Some(left) => left,
        None => judge::times(turn.tx, claim)?.first_look,
    };
    let spec = match claim.status {
        Status::PayFailed if claim.account_told.is_some_and(|told| told >= claim.since) => {
            Some(&texts::NEXT_ACCOUNT_TOLD)
        }
        Status::Paid if claim.is_contested() && !is_overdue(claim, turn.now) => Some(&texts::NEXT_CONTESTED),
        _ if is_overdue(claim, turn.now) => Some(&texts::NEXT_OVERDUE),
        // As if all of it were back already.
        Status::Paid if appeal.is_some() => view::next_step(Status::Reversed.name()),
        status => view::next_step(status.name()),
    };
    let values = [("due", Value::from(due)), ("days", days.into())];
    Ok(spec.map(|spec| turn.say(spec, &values)).unwrap_or_default())
}

/// And that the account has to be looked at first.
fn next_with_move(turn: &Turn, claim: &Claim) -> Result<String, Fault> {
    let lines = [next_step(turn, claim)?, told_after_move(turn, claim)];
    Ok(lines.into_iter().filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n"))
}

/// Why nothing is paid to the account yet, as long as something may be.
pub fn told_after_move(turn: &Turn, claim: &Claim) -> String {
    let may_be_paid = claim.status == Status::Draft || draft::may_say(claim);
    if !may_be_paid || !claim.is_told_after_move() {
        return String::new();
    }
    let days = AFTER_MOVE.as_secs() / 86_400;
    turn.say(&texts::TOLD_AFTER_MOVE, &[("days", days.into())])
}

/// Is what was promised over, and nothing came of it?
fn is_overdue(claim: &Claim, now: Time) -> bool {
    let promised = claim.status.is_timed() || claim.is_contested();
    promised && claim.clock.due.is_some_and(|due| due < now)
}

/// What is left of a payment whose papers were found false.
fn pay_back(turn: &Turn, claim: &Claim) -> String {
    if claim.status != Status::Paid || !is_refused(claim) {
        return String::new();
    }
    let left = claim.amount.unwrap_or_default().minus(claim.recovered);
    turn.say(&texts::PAY_BACK, &[("amount", left.to_string().into())])
}

fn erased(turn: &Turn, claim: &Claim) -> String {
    if claim.erased { turn.say(&texts::ERASED, &[]) } else { String::new() }
}

fn excluded(turn: &Turn, claim: &Claim) -> String {
    let found = claim.exclusion();
    found
        .map(|found| turn.say(&texts::EXCLUDED, &[("until", written(found.until).into())]))
        .unwrap_or_default()
}

/// Until when an appeal may be made; `None`: none may be.
fn appeal_until(turn: &Turn, claim: &Claim) -> Result<Option<Time>, Fault> {
    let may = draft::may_appeal(turn.tx, claim)?.is_ok();
    may.then(|| judge::appeal_ends(turn.tx, claim)).transpose()
}

/// That it was late, as long as somebody decides and the claimant hasn't said why.
fn late(turn: &Turn, own: &Own) -> Result<String, Fault> {
    let claim = &own.before;
    let since = claim.flags.iter().find_map(|flag| match flag {
        Flag::Late { since } if draft::may_say(claim) => Some(*since),
        _ => None,
    });
    let Some(since) = since else { return Ok(String::new()) };
    if notes::of(turn.tx, own.id)?.iter().any(|note| note.kind == NoteKind::Said) {
        return Ok(String::new());
    }
    let last = since.yesterday().unwrap_or(since);
    Ok(turn.say(&texts::LATE_SAY_WHY, &[("until", written(last).into())]))
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
pub fn step_name(step: &Move) -> Option<&'static TextSpec> {
    match (step.from, step.to) {
        (Status::Rejected | Status::NotAccepted | Status::Reversed | Status::Paid, _)
            if step.by == By::Claimant =>
        {
            Some(&texts::APPEALED_THEN)
        }
        (Status::Rejected | Status::NotAccepted | Status::Expired | Status::WrittenOff, _) => {
            Some(&texts::TAKEN_UP_AGAIN)
        }
        (Status::Paid, Status::Paid) => Some(match step.reason.as_str() {
            FALSE_PAPERS => &claims::FOUND_FALSE,
            UPHELD => &claims::UPHELD,
            CLEARED => &claims::CLEARED,
            _ => &claims::PART_RECOVERED,
        }),
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

fn actions(turn: &Turn, own: &Own) -> Result<Vec<Deed>, Fault> {
    let claim = &own.before;
    let mut deeds = Vec::new();
    match claim.status {
        Status::Draft => deeds.push(Deed::GoOn),
        Status::NeedsMore => deeds.extend([Deed::Supply, Deed::Check]),
        Status::PayFailed => deeds.push(Deed::Account),
        Status::Submitted if draft::may_tell(claim) => deeds.push(Deed::Correct),
        _ if appeal_until(turn, claim)?.is_some() => deeds.push(Deed::Appeal),
        _ => {}
    }
    if draft::may_say(claim) {
        deeds.push(Deed::Say);
    }
    if has_sum(claim) {
        deeds.push(Deed::Sum);
    }
    if matches!(claim.status, Status::Draft | Status::Submitted | Status::NeedsMore | Status::Accepted) {
        deeds.push(Deed::Withdraw);
    }
    Ok(deeds)
}

pub fn act(turn: &mut Turn, id: ClaimId, input: &Input) -> Stepped {
    with(turn, id, |turn, own| {
        let deeds = actions(turn, &own)?;
        let words: Vec<&str> = deeds::words(&deeds).into_iter().chain([LIST]).collect();
        match chosen(input, &words).map(|at| deeds.get(at).copied()) {
            Some(Some(deed)) => deeds::go(turn, own, deed),
            Some(None) => list(turn),
            None if matches!(input, Input::Back) => list(turn),
            None => Ok(Step::Pass),
        }
    })
}

/// Is it counted, and neither refused nor over? What a claim came to that pays nothing is no sum of it.
pub fn has_sum(claim: &Claim) -> bool {
    let stands = claim.status.waits_for_staff()
        || claim.status.is_granted()
        || matches!(claim.status, Status::NeedsMore | Status::Reversed);
    stands && claim.amount.is_some()
}

/// How it was counted: the lines as they are kept. Until it is granted that is an estimate.
pub fn sum(turn: &mut Turn, own: &Own) -> Stepped {
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
    let is_granted = own.before.status.is_granted() || own.before.status == Status::Reversed;
    let spec = if is_granted { &texts::SUM } else { &texts::ESTIMATE };
    let text = turn.say(spec, &[("lines", lines.into()), ("total", sum.total.to_string().into())]);
    next(State::Detail(own.id), text)
}

pub fn ask_words(turn: &mut Turn, id: ClaimId) -> Stepped {
    next(State::Saying(id), turn.say(&texts::ASK_WORDS, &[("number", id.to_string().into())]))
}

/// The words, or what to answer if these are none.
fn written_words(
    turn: &mut Turn,
    id: ClaimId,
    input: &Input,
    ask: fn(&mut Turn, ClaimId) -> Stepped,
) -> Result<Result<String, Step<State>>, Fault> {
    let words = input.words().unwrap_or_default().trim();
    if WORDS_CHARS.contains(&words.chars().count()) && input.is_own_words() {
        return Ok(Ok(words.to_owned()));
    }
    Ok(Err(match input {
        Input::Back => detail(turn, id)?,
        _ => ask(turn, id)?.again(),
    }))
}

/// Words for the staff: why it is late, what is to be changed.
pub fn saying(turn: &mut Turn, id: ClaimId, input: &Input) -> Stepped {
    let words = match written_words(turn, id, input, ask_words)? {
        Ok(words) => words,
        Err(step) => return Ok(step),
    };
    with(turn, id, |turn, own| match draft::say(turn.tx, &own, &words)? {
        Ok(()) => {
            let noted = turn.say(&texts::WORDS_NOTED, &[]);
            Ok(detail(turn, own.id)?.after(&noted))
        }
        Err(refusal) => done(turn.explain(&refusal)),
    })
}

pub fn ask_to_withdraw(turn: &mut Turn, id: ClaimId) -> Stepped {
    let values = [("number", Value::from(id.to_string())), ("choices", Value::raw(choices(WITHDRAW)))];
    next(State::Withdrawing(id), turn.say(&texts::ASK_WITHDRAW, &values))
}

pub fn withdrawing(turn: &mut Turn, id: ClaimId, input: &Input) -> Stepped {
    if chosen(input, WITHDRAW) == Some(1) || input.is_no() || matches!(input, Input::Back) {
        return detail(turn, id);
    }
    if chosen(input, WITHDRAW) != Some(0) && !input.is_yes() {
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
    let claims = queue::of_member(turn.tx, member, LOOKED_AT)?;
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
    let claims = queue::of_member(turn.tx, member, LOOKED_AT)?;
    let was_appealed = claims.iter().any(|(_, claim)| is_refused(claim) && claim.appeals > 0);
    was_appealed.then(|| done(turn.explain(&Refusal::AppealedAlready))).transpose()
}

/// Is there an appeal that somebody still has to decide?
fn is_appealed(claim: &Claim) -> bool {
    let waits = claim.status.waits_for_staff() || claim.status.waits_for_claimant();
    claim.appeals > 0 && (waits || claim.is_contested())
}

pub fn may_appeal(claim: &Claim) -> bool {
    is_refused(claim) && claim.appeals == 0
}

/// Decided against the claimant: refused, claimed back whole, or found false after it was paid.
fn is_refused(claim: &Claim) -> bool {
    match claim.status {
        Status::Paid => claim.exclusion().is_some(),
        status => matches!(status, Status::Rejected | Status::NotAccepted | Status::Reversed),
    }
}

/// Why, if it may be appealed against.
pub fn ask_appeal(turn: &mut Turn, id: ClaimId) -> Stepped {
    with(turn, id, |turn, own| match draft::may_appeal(turn.tx, &own.before)? {
        Ok(()) => {
            let text = turn.say(&texts::ASK_APPEAL, &[("number", own.id.to_string().into())]);
            next(State::Appealing(own.id), text)
        }
        Err(refusal) => done(turn.explain(&refusal)),
    })
}

pub fn appealing(turn: &mut Turn, id: ClaimId, input: &Input) -> Stepped {
    let words = match written_words(turn, id, input, ask_appeal)? {
        Ok(words) => words,
        Err(step) => return Ok(step),
    };
    with(turn, id, |turn, own| match draft::appeal(turn.tx, &own, &words)? {
        Ok(()) => done(turn.say(&texts::APPEALED, &[("number", own.id.to_string().into())])),
        Err(refusal) => done(turn.explain(&refusal)),
    })
}
