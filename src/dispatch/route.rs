//! Who answers: global command > running dialogue > menu key > keyword > question of the FAQ > an activity's or benefit's
//! name > fallback.

use super::dialogue::{Expired, Running, left};
use super::turn::{Answered, Context};
use super::{Outcome, desk, expired, length, own, texts};
use crate::content::{Asked, Content, RuleTarget, TextSpec, Understood, Value, normalise};
use crate::domain::contact::record::{Contact, FollowerId, StoredDialogue};
use crate::domain::media;
use crate::domain::media::record::UNASKED_DAYS;
use crate::domain::question;
use crate::flows::spoken;
use crate::flows::texts::service::{DESK_BACK, DESK_ENDED, DESK_RESUMES};
use crate::flows::welfare::Told;
use crate::flows::{self, Dialogue, Input, Step, Tap, Turn};
use crate::store::{Fault, Tx};
use crate::wechat::reply::{Reply, menu_link};

/// After so many messages in a row that nothing answered, a person is offered.
const MISSES: u8 = 2;

/// What works everywhere, whatever runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command {
    Cancel,
    Back,
    Help,
    Person,
    Why,
    More,
}

impl Command {
    /// The target that it leads to, if it is one.
    pub fn target(self) -> Option<&'static str> {
        (self == Command::Person).then_some(PERSON)
    }
}

pub const COMMANDS: &[(Command, &[&str])] = &[
    (Command::Cancel, spoken::STOP),
    (Command::Back, spoken::BACK),
    (Command::Help, spoken::HELP),
    (Command::Person, spoken::PERSON),
    (Command::Why, spoken::WHY),
    (Command::More, &[spoken::MORE]),
];

pub struct Router<'a, 't> {
    pub tx: &'a mut Tx<'t>,
    pub context: Context<'a>,
    pub who: &'a FollowerId,
    pub contact: &'a mut Contact,
    /// The follower wants to be forgotten.
    pub forgets: bool,
    /// How a claim of this turn ended.
    pub told: Option<Told>,
    /// The follower was at WeChat's desk, and that is over.
    pub from_desk: bool,
}

/// The target that leads to a person.
const PERSON: &str = "staff.talk";

impl Router<'_, '_> {
    pub fn said(&mut self, words: &str, tap: Option<&str>) -> Result<Answered, Fault> {
        let folded = normalise(words);
        if let Some(answered) = self.global(&folded, tap)? {
            return Ok(answered);
        }
        let waits = if self.is_over() { self.contact.dialogue.clone() } else { None };
        let is_meant = self.contact.dialogue.as_ref().is_some_and(|at| at.offered.as_ref() == Some(&folded));
        let running = self.take_dialogue()?;
        let tap = tap.and_then(|id| id.parse::<Tap>().ok());
        let input = Input::said(words, tap);
        if let Some(tap) = &tap {
            let live = if let Running::Live(dialogue, _) = &running { Some(dialogue) } else { None };
            let before = live.and_then(left);
            if let Some(step) = self.in_turn(|turn| flows::follow(turn, tap, live))? {
                return self.settle_first(step, flow_of_tap(tap), before);
            }
        }
        let mut before = None;
        match running {
            Running::Live(dialogue, _) if is_meant => before = left(&dialogue),
            Running::Live(Dialogue::Choices(choices), _) => {
                let words = input.chosen(&choices).map_or(words, String::as_str);
                return self.keyword(words, None, None);
            }
            Running::Live(dialogue, turns) => {
                // What is said after a talk is no answer to what was asked before it.
                if self.from_desk
                    && input.is_written()
                    && let Some((dialogue, reply)) = self.asked_again(&dialogue, &DESK_ENDED)?
                {
                    return self.unanswered(words, dialogue, reply, turns);
                }
                let (name, left) = (dialogue.name(), left(&dialogue));
                // In a claim people tell how they were hurt, long after.
                let (is_written, of_past) = (input.is_written(), matches!(dialogue, Dialogue::Claim(_)));
                match self.in_turn(|turn| dialogue.step(turn, &input))? {
                    Step::Pass => before = left,
                    Step::Again(dialogue, reply) => return self.unanswered(words, dialogue, reply, turns),
                    step => {
                        let step = match is_written.then(|| self.urgent(words, of_past)).flatten() {
                            Some(help) => step.after(&help),
                            None => step,
                        };
                        return self.settle(step, turns, name);
                    }
                }
            }
            Running::Expired(expired) => return self.after_expiry(words, expired, waits),
            Running::Outlived => before = Some(&texts::DIALOGUE_OUTLIVED),
            Running::None => {}
        }
        self.keyword(words, before, None)
    }

    /// A 好的 half an hour after a question is no answer to it any more, and who says it may think that it was one. Where
    /// nothing is left undone a 谢谢 is answered as ever, as a greeting always is, and what ended is told when something
    /// comes that meant it.
    fn after_expiry(
        &mut self,
        words: &str,
        expired: Expired,
        waits: Option<StoredDialogue>,
    ) -> Result<Answered, Fault> {
        let Some(answer) = self.context.content.keywords.courtesy(words) else {
            return self.keyword(words, None, Some(expired));
        };
        if answer != texts::HELP.name
            && let Expired(Some(dialogue)) = &expired
            && self.in_turn(|turn| dialogue.is_undone(turn))?
        {
            return self.expired(&expired);
        }
        let answered = self.keyword(words, None, None)?;
        self.contact.dialogue = waits;
        Ok(answered)
    }

    /// From WeChat's desk by their own word: what was asked before stands again.
    pub fn back_from_desk(&mut self) -> Result<Answered, Fault> {
        let waits = self.contact.dialogue.clone();
        if let Running::Live(dialogue, turns) = self.take_dialogue()?
            && let Some((dialogue, reply)) = self.asked_again(&dialogue, &DESK_RESUMES)?
        {
            let name = dialogue.name();
            return self.settle(Step::Next(dialogue, reply), turns, name);
        }
        self.contact.dialogue = waits;
        Ok(self.text(desk::FLOW, Outcome::Answered, &DESK_BACK, &[]))
    }

    /// What a dialogue asks, with words before it; `None`: it asks for nothing.
    fn asked_again(
        &mut self,
        dialogue: &Dialogue,
        before: &TextSpec,
    ) -> Result<Option<(Dialogue, Reply)>, Fault> {
        let before = self.context.content.texts.render(before, &[]);
        let step = self.in_turn(|turn| dialogue.clone().step(turn, &Input::Other))?;
        Ok(match step.after(&before) {
            Step::Next(dialogue, reply) | Step::Again(dialogue, reply) => Some((dialogue, reply)),
            Step::Done(_) | Step::Offers(..) | Step::Pass => None,
        })
    }

    /// Where help is, if the words tell of danger.
    fn urgent(&self, words: &str, of_past: bool) -> Option<String> {
        let content = self.context.content;
        content.keywords.urgent(words, of_past).map(|answer| content.texts.answer(answer))
    }

    /// Words that are no answer to what is asked. Who is in danger is told where help is. A question of their own is
    /// answered, and what was asked stays. What names a service leads there if nothing is lost by that; else it is
    /// offered, and what was filled in stays until the follower decides.
    fn unanswered(
        &mut self,
        words: &str,
        dialogue: Dialogue,
        reply: Reply,
        turns: u16,
    ) -> Result<Answered, Fault> {
        let (content, name) = (self.context.content, dialogue.name());
        if let Some(help) = self.urgent(words, false) {
            // Whatever bounds the dialogue has: this is said.
            self.contact.dialogue = Some(self.stored(&dialogue, turns)?);
            return Ok(Answered::text(name, help));
        }
        let named = content.keywords.named(words).filter(|rule| matches!(rule.target, RuleTarget::Flow(_)));
        let folded = normalise(words);
        match (named, reply) {
            (Some(_), _) if !dialogue.is_draft() => self.keyword(words, left(&dialogue), None),
            // One word alone is rather a wrong answer than a question.
            (_, Reply::Text { content: asked })
                if let Asked::Sure(entry) = content.asked(words)
                    && content.faq.terms(words).len() > 1 =>
            {
                let reply = Reply::Text { content: format!("{}\n\n{asked}", entry.answer()) };
                self.settle(Step::Next(dialogue, reply), turns, name)
            }
            (Some(rule), Reply::Text { content: asked }) => {
                let values = [
                    ("words", Value::from(&folded)),
                    ("go", Value::raw(menu_link(&rule.title, &folded, "text"))),
                ];
                let offer = content.texts.render(&texts::SERVICE_NAMED, &values);
                let reply = Reply::Text { content: format!("{asked}\n\n{offer}") };
                let answered = self.settle(Step::Next(dialogue, reply), turns, name)?;
                if let Some(stored) = &mut self.contact.dialogue {
                    stored.offered = Some(folded);
                }
                Ok(answered)
            }
            (_, reply) => self.settle(Step::Next(dialogue, reply), turns, name),
        }
    }

    /// A scanned code, if it means something to a flow.
    pub fn scanned(&mut self, scene: &str) -> Result<Option<Answered>, Fault> {
        let Some(step) = self.in_turn(|turn| flows::scanned(turn, scene))? else { return Ok(None) };
        let before = self.leave()?;
        self.settle_first(step, "attending", before).map(Some)
    }

    pub fn menu(&mut self, key: &str) -> Result<Answered, Fault> {
        if key == PERSON {
            return self.person(false);
        }
        let before = self.leave()?;
        self.start(key, "", before)
    }

    /// A place, a file. In a dialogue it is an answer of a kind; otherwise it gets a kind one.
    pub fn wordless(&mut self, spec: &'static TextSpec) -> Result<Answered, Fault> {
        if let Some((dialogue, turns)) = self.take_live()?
            && let Some(answered) = self.stepped(dialogue, turns, &Input::Other)?
        {
            return Ok(answered);
        }
        Ok(self.text("wordless", Outcome::Answered, spec, &[]))
    }

    /// A picture is kept whatever comes of it: for the dialogue that asked for it, else for what waits for one, else for
    /// staff to look at.
    pub fn picture(&mut self, spec: &'static TextSpec, media_id: &str) -> Result<Answered, Fault> {
        let Some(id) = media::commands::want(self.tx, self.who, media_id)? else {
            return Ok(self.text("picture", Outcome::Refused, &texts::PICTURES_TOO_MANY, &[]));
        };
        let live = self.take_live()?;
        let wanted = live.as_ref().is_some_and(|(dialogue, _)| dialogue.wants_picture());
        if !wanted && let Some(step) = self.in_turn(|turn| flows::pictured(turn, id))? {
            let before = live.and_then(|(dialogue, _)| left(&dialogue));
            return self.settle_first(step, "claim", before);
        }
        if let Some((dialogue, turns)) = live {
            let input = if wanted { Input::Picture(id) } else { Input::Other };
            if let Some(answered) = self.stepped(dialogue, turns, &input)? {
                return Ok(answered);
            }
        }
        Ok(self.text("picture", Outcome::Answered, spec, &[("days", UNASKED_DAYS.into())]))
    }

    /// `None`: the dialogue had no use for it and is left.
    fn stepped(&mut self, dialogue: Dialogue, turns: u16, input: &Input) -> Result<Option<Answered>, Fault> {
        let name = dialogue.name();
        match self.in_turn(|turn| dialogue.step(turn, input))? {
            Step::Pass => Ok(None),
            step => self.settle(step, turns, name).map(Some),
        }
    }

    fn global(&mut self, folded: &str, tap: Option<&str>) -> Result<Option<Answered>, Fault> {
        let said = [folded, spoken::resigned(folded)];
        let is_said = |words: &[&str]| said.iter().any(|said| words.contains(said));
        let Some((command, _)) = COMMANDS.iter().find(|(_, words)| is_said(words)) else { return Ok(None) };
        let spec = match command {
            Command::Cancel => match self.take_dialogue()? {
                Running::Live(dialogue, _) => {
                    if let Some(content) = self.stands(&dialogue, &texts::STOPPED)? {
                        return Ok(Some(Answered::text("global", content)));
                    }
                    &texts::CANCELLED
                }
                _ => &texts::NOTHING_TO_CANCEL,
            },
            Command::Back => {
                let stays = self.contact.dialogue.clone();
                if let Running::Live(dialogue, turns) = self.take_dialogue()? {
                    let name = dialogue.name();
                    match self.in_turn(|turn| dialogue.step(turn, &Input::Back))? {
                        // What was asked is asked still.
                        Step::Pass => self.contact.dialogue = stays,
                        step => return self.settle(step, turns, name).map(Some),
                    }
                }
                &texts::NOTHING_TO_GO_BACK
            }
            Command::Help => &texts::HELP,
            Command::Person => return self.person(false).map(Some),
            Command::Why => {
                return Ok(self.contact.why.clone().map(|why| Answered::text("global", why)));
            }
            Command::More => match own::take_rest(self.tx, self.contact)? {
                Some(rest) => return Ok(Some(Answered::text("global", rest))),
                // The link stands under an earlier answer, and is no word on what is asked now.
                None if tap == Some(length::MORE_TAP) => &texts::REST_GONE,
                None => return Ok(None),
            },
        };
        Ok(Some(self.text("global", Outcome::Answered, spec, &[])))
    }

    /// 人工: over to the desk, or what is asked is written down for who answers it. A dialogue waits meanwhile.
    fn person(&mut self, says_more: bool) -> Result<Answered, Fault> {
        if self.context.desk_on {
            return Ok(desk::open(self.contact, self.context.content, self.tx.moment().now, says_more));
        }
        let before = self.leave()?;
        self.start(PERSON, "", before)
    }

    fn keyword(
        &mut self,
        words: &str,
        before: Option<&'static TextSpec>,
        expired: Option<Expired>,
    ) -> Result<Answered, Fault> {
        let content = self.context.content;
        let bare = without_faces(words);
        let words = if normalise(&bare).is_empty() { words } else { &bare };
        if let Some(tap) = flows::written(words)
            && let Some(step) = self.in_turn(|turn| flows::follow(turn, &tap, None))?
        {
            return self.settle_first(step, flow_of_tap(&tap), before);
        }
        let understood = content.understand(words);
        let titled = match title_in(content, &understood, words) {
            Title::Part => self.in_turn(|turn| flows::named(turn, words))?,
            Title::Piece => self.in_turn(|turn| match flows::named(turn, words)? {
                None => flows::wanted(turn, words),
                named => Ok(named),
            })?,
            Title::Whole => self.in_turn(|turn| flows::titled(turn, words))?,
            Title::None => None,
        };
        if let Some(step) = titled {
            return self.settle_first(step, "sign_up", before);
        }
        match understood {
            Understood::Rule { target: RuleTarget::Flow(PERSON), rest, .. } if self.context.desk_on => {
                self.person(!rest.is_empty())
            }
            Understood::Rule { target: RuleTarget::Flow(key), rest, near } => {
                let mut answered = self.start(key, &rest, before)?;
                if let Some(Reply::Text { content: said }) = &mut answered.reply {
                    said.push_str(&flows::besides(content, &near));
                }
                Ok(answered)
            }
            Understood::Rule { target: RuleTarget::Answer(name), near, .. } => {
                let answer = content.texts.answer(name) + &flows::besides(content, &near);
                Ok(Answered::text("answer", self.prefixed(before, answer)))
            }
            Understood::Question(entry) => {
                let step = self.in_turn(|turn| flows::answered(turn, entry))?;
                self.settle_first(step, "consult", before)
            }
            Understood::Questions(entries) => {
                let step = self.in_turn(|turn| flows::which(turn, &entries))?;
                self.settle_first(step, "consult", before)
            }
            Understood::Nothing { near } => {
                if let Some(expired) = expired
                    && self.may_answer(&expired, words)?
                {
                    return self.expired(&expired);
                }
                let folded = normalise(&without_faces(words));
                if folded.is_empty() {
                    return Ok(self.no_word(words, before));
                }
                question::commands::missed(self.tx, &folded)?;
                let suggestions: Vec<String> =
                    near.iter().map(|near| menu_link(near.words, near.words, "near")).collect();
                Ok(self.missed(words, before, suggestions))
            }
        }
    }

    fn start(
        &mut self,
        target: &str,
        rest: &str,
        before: Option<&'static TextSpec>,
    ) -> Result<Answered, Fault> {
        let Some(step) = self.in_turn(|turn| flows::start(turn, target, rest))? else {
            return Ok(self.text("unknown_menu", Outcome::Missed, &texts::HELP, &[]));
        };
        self.settle_first(step, flow_of_target(target), before)
    }

    /// The first step of a dialogue, after a word on the one that it takes the place of.
    fn settle_first(
        &mut self,
        step: Step<Dialogue>,
        flow: &'static str,
        before: Option<&'static TextSpec>,
    ) -> Result<Answered, Fault> {
        let mut answered = self.settle(step, 0, flow)?;
        if let Some(Reply::Text { content }) = &mut answered.reply {
            *content = self.prefixed(before, std::mem::take(content));
        }
        Ok(answered)
    }

    fn missed(
        &mut self,
        words: &str,
        before: Option<&'static TextSpec>,
        suggestions: Vec<String>,
    ) -> Answered {
        self.contact.misses = self.contact.misses.saturating_add(1);
        let quoted = Value::quote(words);
        let near = Value::raw(suggestions.join("\n"));
        let content = if self.contact.misses >= MISSES && suggestions.is_empty() {
            self.context.content.texts.render(&texts::MISSED_AGAIN, &[])
        } else if self.contact.misses >= MISSES {
            self.context.content.texts.render(&texts::MISSED_AGAIN_NEAR, &[("choices", near)])
        } else if suggestions.is_empty() {
            self.context.content.texts.render(&texts::MISSED, &[("words", quoted)])
        } else {
            self.context.content.texts.render(&texts::MISSED_NEAR, &[("words", quoted), ("choices", near)])
        };
        Answered { outcome: Outcome::Missed, ..Answered::text("fallback", self.prefixed(before, content)) }
    }

    /// Pictures or marks, or nothing at all: no question that was missed.
    fn no_word(&self, words: &str, before: Option<&'static TextSpec>) -> Answered {
        let is_blank = words.chars().all(|c| c.is_whitespace() || c.is_control());
        let spec = if is_blank { &texts::UNKNOWN_KIND } else { &texts::STICKER };
        let content = self.context.content.texts.render(spec, &[]);
        Answered::text("wordless", self.prefixed(before, content))
    }

    /// May words be meant for what ended? Of a page to look at only a number is.
    fn may_answer(&mut self, Expired(dialogue): &Expired, words: &str) -> Result<bool, Fault> {
        let Some(dialogue) = dialogue else { return Ok(true) };
        Ok(Input::said(words, None).number().is_some() || self.in_turn(|turn| dialogue.is_undone(turn))?)
    }

    fn expired(&mut self, Expired(dialogue): &Expired) -> Result<Answered, Fault> {
        if let Some(dialogue) = dialogue
            && let Some(content) = self.stands(dialogue, &texts::DIALOGUE_OVER)?
        {
            return Ok(Answered::text("expired", content));
        }
        let content = expired::words(self.context.content, dialogue.as_ref());
        Ok(Answered::text("expired", content))
    }

    /// That it is left, and where stands what of it is handed in.
    fn stands(&mut self, dialogue: &Dialogue, left: &TextSpec) -> Result<Option<String>, Fault> {
        let left = self.context.content.texts.render(left, &[]);
        let stands = self.in_turn(|turn| dialogue.stands(turn))?;
        Ok(stands.map(|stands| format!("{left}\n{stands}")))
    }

    /// Runs flow code, and keeps why it said no.
    fn in_turn<T>(&mut self, run: impl FnOnce(&mut Turn) -> Result<T, Fault>) -> Result<T, Fault> {
        let now = self.tx.moment().now;
        let reach = &mut self.contact.reach;
        let followed = self.contact.followed;
        let (tx, content, who) = (&mut *self.tx, self.context.content, self.who);
        let Context { held_back, public_url, .. } = self.context;
        let (why, forgets, told) = (None, false, None);
        let mut turn =
            Turn { tx, content, who, reach, now, followed, why, forgets, told, held_back, public_url };
        let result = run(&mut turn)?;
        self.contact.why = turn.why;
        self.forgets |= turn.forgets;
        self.told = turn.told.or(self.told.take());
        Ok(result)
    }

    pub fn text(
        &self,
        flow: &'static str,
        outcome: Outcome,
        spec: &TextSpec,
        values: &[(&str, Value)],
    ) -> Answered {
        Answered { outcome, ..Answered::text(flow, self.context.content.texts.render(spec, values)) }
    }

    fn prefixed(&self, before: Option<&'static TextSpec>, content: String) -> String {
        match before {
            Some(spec) => format!("{}\n\n{content}", self.context.content.texts.render(spec, &[])),
            None => content,
        }
    }
}

/// Without WeChat's own faces, which come as their names: `[微笑]`.
fn without_faces(words: &str) -> String {
    const NAME_CHARS_MAX: usize = 4;
    let (mut rest, mut without) = (words, String::new());
    while let Some((before, behind)) = rest.split_once('[') {
        without.push_str(before);
        match behind.split_once(']') {
            Some((name, after)) if name.chars().count() <= NAME_CHARS_MAX => rest = after,
            _ => {
                without.push('[');
                rest = behind;
            }
        }
    }
    without + rest
}

/// So much of an activity's title words may be.
enum Title {
    None,
    /// The words hold a piece of it.
    Piece,
    Part,
    Whole,
}

/// There is nothing surer to words that only hold a keyword, or are near a question, than a title that they are.
fn title_in(content: &Content, understood: &Understood, words: &str) -> Title {
    match understood {
        Understood::Nothing { .. } => Title::Part,
        Understood::Rule { target: RuleTarget::Flow(key), .. } if content.keywords.named(words).is_none() => {
            match *key {
                "activity.list" | "activity.craft" | "activity.family" => Title::Piece,
                key if key.starts_with("activity.") => Title::Part,
                _ => Title::Whole,
            }
        }
        Understood::Question(_) | Understood::Questions(_) => Title::Whole,
        Understood::Rule { .. } => Title::None,
    }
}

/// Targets become labels of a metric, so they come from a fixed list.
fn flow_of_target(target: &str) -> &'static str {
    flows::targets::TARGETS.iter().find(|known| known.key == target).map_or("unknown", |known| known.key)
}

fn flow_of_tap(tap: &Tap) -> &'static str {
    match tap {
        Tap::Activity(_) | Tap::Apply(_) | Tap::Answer(..) => "sign_up",
        Tap::Topic(..) => "topics",
        Tap::Benefit(_)
        | Tap::Claim(_)
        | Tap::Quiz(..)
        | Tap::Remind(_)
        | Tap::Coupon(_)
        | Tap::CouponPicture(_)
        | Tap::ReturnCoupon(_)
        | Tap::ConfirmReturn(_) => "welfare",
        Tap::MyClaim(_) | Tap::Paper(..) | Tap::OfClaim(..) => "claim",
        Tap::Case(_) | Tap::Rate(..) | Tap::Proposal(..) => "service",
        Tap::Draw(_) => "sign_up",
        Tap::Question(_) | Tap::Questions(_) => "consult",
        Tap::Cover(_) => "cover",
        Tap::Accept(_) | Tap::Decline(_) => "offer",
        Tap::Kit(_) => "kit",
        Tap::Appeal(_) => "attending",
        Tap::Mine(_) | Tap::Cancel(_) | Tap::ConfirmCancel(_) => "my_sign_ups",
        Tap::Words => "none",
    }
}
