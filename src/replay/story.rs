//! A story's folder: `story.toml`, and for each step what WeChat posts and what the service answers.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::given::*;
use crate::domain::case::record::CaseId;
use crate::domain::claim::record::ClaimId;
use crate::moment::{Span, Time, rfc3339};
use crate::staff::case::CaseAct;
use crate::staff::claim::ClaimAct;
use crate::staff::member::RowForm;
use crate::wechat::Mode;
use crate::wechat::reply::SUCCESS;

#[derive(Debug)]
pub struct Story {
    pub folder: PathBuf,
    pub setting: Setting,
    pub steps: Vec<Step>,
}

/// `NN-what.xml` and its `NN-what.reply.xml`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    pub number: u32,
    /// `03-confirm`
    pub name: String,
    pub message: String,
    /// The answer's body; `success` where the reply file is absent or empty.
    pub expected: String,
}

/// `story.toml`. Times are quoted, as in `"2026-11-25T09:00:00+08:00"`; spans are `"31m"` (s, m, h or d).
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Setting {
    /// What the story shows, in a sentence.
    pub about: String,
    /// The clock at the first step.
    #[serde(with = "rfc3339")]
    pub starts: Time,
    /// The clock while activities and sign-ups are made; `starts` if left out.
    #[serde(default, with = "rfc3339::option")]
    pub prepared: Option<Time>,
    #[serde(default = "plain")]
    pub mode: Mode,
    /// How far the clock moves from step to step.
    #[serde(default = "ten_seconds")]
    pub pace: Span,
    /// What exists, numbered from 1.
    #[serde(default)]
    pub activity: Vec<GivenActivity>,
    /// Who is on the federation's list, numbered from 1.
    #[serde(default)]
    pub member: Vec<GivenMember>,
    /// Files of schemes beside those that are shipped, from the story's folder.
    #[serde(default)]
    pub schemes: Vec<PathBuf>,
    /// What members are covered for; given any, the schemes are adopted.
    #[serde(default)]
    pub cover: Vec<GivenCover>,
    /// Districts that have a desk of their own, besides those of the services' file.
    #[serde(default)]
    pub district_desk: Vec<GivenDistrictDesk>,
    /// Benefits that exist, numbered from 1.
    #[serde(default)]
    pub benefit: Vec<GivenBenefit>,
    /// Who has signed up already, in this order.
    #[serde(default)]
    pub sign_up: Vec<GivenSignUp>,
    /// What happens between steps.
    #[serde(default)]
    pub before: Vec<Before>,
    /// Somebody sits at WeChat's customer-service desk.
    #[serde(default)]
    pub desk: bool,
    /// The setting `server.public_url`.
    #[serde(default)]
    pub public_url: Option<String>,
    /// The outbox and broadcasts work after each step and each event; else notices wait for their follower's tap.
    #[serde(default)]
    pub deliver: bool,
    /// What WeChat answers to calls, in order, as its errcode; 0 to those beyond.
    #[serde(default)]
    pub wechat_says: Vec<i64>,
    /// All calls that were made, those to each follower in order.
    #[serde(default)]
    pub expect_calls: Vec<Called>,
    /// All rows of the outbox at the end, oldest first.
    #[serde(default)]
    pub expect_outbox: Vec<Telling>,
    /// What was asked and nothing answered, as staff see it listed; not looked at if left out.
    #[serde(default)]
    pub expect_missed: Option<Vec<AskedInVain>>,
    /// Its answers hold numbers or dates that a store with anything else in it would not give.
    #[serde(default)]
    pub own_store: bool,
}

/// What happens before a step.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Before {
    pub step: u32,
    #[serde(flatten)]
    pub event: Event,
}

/// Time that passes, or an act of staff.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum Event {
    Wait {
        #[serde(rename = "for")]
        span: Span,
    },
    Publish {
        activity: u32,
    },
    Close {
        activity: u32,
    },
    /// The whole activity is called off.
    Cancel {
        activity: u32,
        reason: String,
    },
    Capacity {
        activity: u32,
        #[serde(default = "first")]
        session: u16,
        seats: u32,
    },
    /// Staff grant, or with a reason refuse, what a follower asked for as to their membership.
    Decide {
        application: u64,
        refuse: Option<String>,
    },
    /// The federation's list comes again, with this row.
    Listed {
        row: RowForm,
    },
    /// A unit's list of who is covered comes, with this person.
    Enrolled {
        identity: String,
        programme: String,
        from: jiff::civil::Date,
        until: jiff::civil::Date,
    },
    /// Staff look at what names a member (`M000001`).
    Look {
        member: String,
        reason: String,
    },
    /// Staff part a member from their account.
    Unbind {
        member: String,
        reason: String,
    },
    /// It takes place somewhere else.
    Place {
        activity: u32,
        place: String,
    },
    /// It takes place at another time, of the same length.
    Move {
        activity: u32,
        #[serde(default = "first")]
        session: u16,
        #[serde(with = "rfc3339")]
        to: Time,
    },
    /// Staff say who came.
    Attendance {
        activity: u32,
        #[serde(default)]
        present: Vec<String>,
        #[serde(default)]
        absent: Vec<String>,
    },
    /// Staff pick among those who applied.
    Review {
        activity: u32,
        #[serde(default)]
        accept: Vec<String>,
        #[serde(default)]
        refuse: Vec<String>,
        #[serde(default)]
        reason: String,
    },
    /// Staff give a sign-up back for its follower.
    TakeBack {
        number: String,
        reason: String,
    },
    /// Staff answer an appeal, or take an absence back.
    Appeal {
        number: String,
        lifted: bool,
        reason: String,
    },
    /// A tracking number from the courier.
    Parcel {
        number: String,
        courier: String,
        tracking: String,
    },
    /// A rule that makes sign-ups, as staff write it, beside or above the story's folder.
    Series {
        file: PathBuf,
    },
    /// Written by one member of staff, looked at, approved by another and started; the first is B1.
    Broadcast {
        /// A broadcast as staff write it, beside or above the story's folder.
        file: Option<PathBuf>,
        /// Fields that take the place of the file's.
        #[serde(default)]
        with: toml::Table,
    },
    /// An act of staff on benefits and coupons.
    Welfare {
        #[serde(flatten)]
        act: WelfareAct,
    },
    /// An act of staff on a claim: `do = "claim"`, and as `does` what `/claims/{id}/acts` takes.
    Claim {
        claim: ClaimId,
        /// Which of the staff; the first person who looks if nobody is named.
        #[serde(default)]
        by: Option<String>,
        does: ClaimAct,
        /// The code with which it is refused, if it is to be.
        #[serde(default)]
        refused: Option<String>,
    },
    /// An act of staff on a case: `do = "case"`, and as `does` what `/cases/{id}/acts` takes.
    Case {
        case: CaseId,
        /// Which of the staff; the first person at the desk if nobody is named.
        #[serde(default)]
        by: Option<String>,
        /// The one desk that is theirs; every desk is if none is named.
        #[serde(default)]
        desk: Option<String>,
        does: CaseAct,
        /// The code with which it is refused, if it is to be.
        #[serde(default)]
        refused: Option<String>,
    },
    /// A batch from its making to the bank's word: what isn't named as failed is paid.
    Pay {
        scheme: String,
        #[serde(default)]
        failed: Vec<ClaimId>,
        /// What the bank says of what failed.
        #[serde(default)]
        reason: String,
    },
    PauseBroadcast {
        broadcast: u32,
    },
    ResumeBroadcast {
        broadcast: u32,
    },
}

/// What staff and merchants do with benefits: `do = "welfare"` and one of these.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WelfareAct {
    TopUp {
        benefit: u32,
        stock: u32,
    },
    Codes {
        benefit: u32,
        codes: Vec<String>,
    },
    Pause {
        benefit: u32,
        reason: String,
    },
    Publish {
        benefit: u32,
    },
    /// Fields of it that staff write anew.
    Change {
        benefit: u32,
        with: toml::Table,
    },
    Close {
        benefit: u32,
    },
    /// By its number.
    Redeem {
        coupon: String,
        place: String,
    },
    Reissue {
        coupon: String,
        reason: String,
    },
    PausePerson {
        who: String,
        days: u16,
        reason: String,
    },
    /// Somebody else claims.
    Claim {
        benefit: u32,
        who: String,
    },
    /// Somebody else gives theirs back.
    Return {
        coupon: String,
        who: String,
    },
}

/// A call to WeChat.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Called {
    /// `custom`, `template`, `subscription` or `mass`.
    pub by: String,
    /// The follower, or several with a blank between.
    pub to: String,
    /// On one line.
    pub says: String,
    /// What WeChat answered.
    #[serde(default)]
    pub code: i64,
}

/// A question that nothing answered.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AskedInVain {
    pub text: String,
    pub count: u32,
}

/// A row of the outbox.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Telling {
    pub follower: String,
    /// `promoted`, `activity_cancelled`, `activity_changed` or `late_reply`.
    pub notice: String,
    /// `pending`, `told` (before an answer) or `unreachable`.
    pub state: String,
}

impl Event {
    /// The activity that it is done to, if it is done to one.
    fn activity(&self) -> Option<u32> {
        match self {
            Event::Publish { activity }
            | Event::Close { activity }
            | Event::Cancel { activity, .. }
            | Event::Capacity { activity, .. }
            | Event::Move { activity, .. }
            | Event::Attendance { activity, .. }
            | Event::Review { activity, .. }
            | Event::Place { activity, .. } => Some(*activity),
            _ => None,
        }
    }
}

fn plain() -> Mode {
    Mode::Plain
}

fn ten_seconds() -> Span {
    Span(Duration::from_secs(10))
}

fn first() -> u16 {
    1
}

impl Story {
    /// Reads the folder. Every problem is told at once.
    pub fn load(folder: &Path) -> Result<Story, Vec<String>> {
        let toml = fs::read_to_string(folder.join("story.toml"));
        let toml = toml.map_err(|error| vec![format!("story.toml: {error}")])?;
        let setting: Setting = toml::from_str(&toml).map_err(|error| vec![format!("story.toml: {error}")])?;
        let files = read(folder).map_err(|problem| vec![problem])?;
        let (steps, mut problems) = steps(files);
        problems.extend(setting.problems(&steps));
        if problems.is_empty() {
            Ok(Story { folder: folder.to_owned(), setting, steps })
        } else {
            Err(problems)
        }
    }

    pub fn place(&self) -> String {
        self.folder.display().to_string()
    }

    pub fn reply_file(&self, step: &Step) -> PathBuf {
        self.folder.join(format!("{}.reply.xml", step.name))
    }
}

impl Setting {
    /// What points to nothing.
    fn problems(&self, steps: &[Step]) -> Vec<String> {
        let mut problems = Vec::new();
        if self.about.trim().is_empty() {
            problems.push("story.toml: `about` says nothing".to_owned());
        }
        for Before { step: number, .. } in &self.before {
            if !steps.iter().any(|step| step.number == *number) {
                problems.push(format!("story.toml: there is no step {number} to do something before"));
            }
        }
        let known = 1..=self.activity.len() as u32;
        let events = self.before.iter().filter_map(|before| before.event.activity());
        for activity in self.sign_up.iter().map(|given| given.activity).chain(events) {
            if !known.contains(&activity) {
                problems.push(format!("story.toml: there is no activity {activity}"));
            }
        }
        problems
    }
}

/// The folder's files but `story.toml`, by name.
fn read(folder: &Path) -> Result<BTreeMap<String, String>, String> {
    let mut files = BTreeMap::new();
    let entries = fs::read_dir(folder).map_err(|error| error.to_string())?;
    for entry in entries {
        let entry = entry.map_err(|error| error.to_string())?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name != "story.toml" {
            let text = fs::read_to_string(entry.path()).map_err(|error| format!("{name}: {error}"))?;
            files.insert(name, text);
        }
    }
    Ok(files)
}

fn steps(mut files: BTreeMap<String, String>) -> (Vec<Step>, Vec<String>) {
    let is_message = |name: &&String| name.ends_with(".xml") && !name.ends_with(".reply.xml");
    let messages: Vec<String> = files.keys().filter(is_message).cloned().collect();
    let (mut steps, mut problems) = (Vec::new(), Vec::new());
    for file in messages {
        let name = file.trim_end_matches(".xml").to_owned();
        let message = files.remove(&file).unwrap_or_default();
        let reply = files.remove(&format!("{name}.reply.xml")).unwrap_or_default();
        let expected = match reply.trim_end_matches('\n') {
            "" => SUCCESS.to_owned(),
            reply => reply.to_owned(),
        };
        match name.split_once('-').and_then(|(number, _)| number.parse().ok()) {
            Some(number) => steps.push(Step { number, name, message, expected }),
            None => problems.push(format!("{file}: a step is named like 03-what.xml")),
        }
    }
    steps.sort_by_key(|step| step.number);
    for (index, step) in steps.iter().enumerate() {
        if step.number as usize != index + 1 {
            problems.push(format!("{}.xml: step {} should stand here", step.name, index + 1));
            break;
        }
    }
    if steps.is_empty() {
        problems.push("there is no step, such as 01-follow.xml".to_owned());
    }
    problems.extend(files.keys().map(|name| match name.strip_suffix(".reply.xml") {
        Some(step) => format!("{name}: there is no step {step}.xml that it answers"),
        None => format!("{name}: is no part of a story"),
    }));
    (steps, problems)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEAST: &str = "about = \"x\"\nstarts = \"2026-11-25T09:00:00+08:00\"\n";

    fn load(files: &[(&str, &str)]) -> Result<Story, Vec<String>> {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            fs::write(folder.path().join(name), text).unwrap();
        }
        Story::load(folder.path())
    }

    fn problem(toml: &str) -> String {
        load(&[("story.toml", toml), ("01-a.xml", "<xml/>")]).unwrap_err().join("; ")
    }

    #[test]
    fn staff_work_on_claims_in_a_story() {
        let claim = "[[before]]\nstep = 1\ndo = \"claim\"\nclaim = 1\n";
        let toml = format!(
            "{LEAST}\n{claim}does = {{ act = \"accept\" }}\n\
            {claim}by = \"li\"\ndoes = {{ act = \"ask\", papers = [{{ slot = \"discharge\", reason = \"missing\" }}] }}\n\
            {claim}does = {{ act = \"enter\", self_borne = \"3500.00\", admitted = \"2026-10-20\" }}\n\
            [[before]]\nstep = 1\ndo = \"pay\"\nscheme = \"ningbo\"\nfailed = [1]\nreason = \"户名不符\"\n"
        );
        let before = load(&[("story.toml", &toml), ("01-a.xml", "<xml/>")]).unwrap().setting.before;
        let acts: Vec<&str> = before
            .iter()
            .filter_map(|before| match &before.event {
                Event::Claim { does, .. } => Some(does.name()),
                _ => None,
            })
            .collect();
        assert_eq!(acts, ["claim.accept", "claim.ask", "claim.enter"]);
        assert!(
            matches!(&before[1].event, Event::Claim { claim: ClaimId(1), by: Some(by), .. } if by == "li")
        );
        assert!(matches!(&before[3].event, Event::Pay { failed, .. } if failed == &[ClaimId(1)]));
    }

    #[test]
    fn a_whole_setting_is_read() {
        let toml = format!(
            "{LEAST}mode = \"safe\"\npace = \"2m\"\n\
            expect_outbox = [{{ follower = \"o\", notice = \"promoted\", state = \"told\" }}]\n\
            [[activity]]\nfile = \"tea.json\"\nwith = {{ title = \"茶\" }}\npublished = false\n\
            [[sign_up]]\nfollower = \"o\"\nchildren = [7]\n\
            [[before]]\nstep = 1\ndo = \"wait\"\nfor = \"31m\"\n\
            [[before]]\nstep = 1\ndo = \"cancel\"\nactivity = 1\nreason = \"雨\"\n"
        );
        let story = load(&[("story.toml", &toml), ("01-a.xml", "<xml/>")]).unwrap();
        assert_eq!(story.setting.mode, Mode::Safe);
        assert_eq!(story.setting.pace, Span(Duration::from_secs(120)));
        let wait = Event::Wait { span: Span(Duration::from_secs(1860)) };
        assert_eq!(story.setting.before[0], Before { step: 1, event: wait });
        assert_eq!(story.setting.sign_up[0].activity, 1);
        assert!(!story.setting.activity[0].published);
    }

    #[test]
    fn unknown_keys_are_named() {
        assert!(problem(&format!("{LEAST}modus = 1")).contains("modus"));
        let wait = "[[before]]\nstep = 1\ndo = \"wait\"\nfor = \"1m\"\nwhy = 1\n";
        assert!(problem(&format!("{LEAST}{wait}")).contains("why"));
        assert!(problem(&format!("{LEAST}[[sign_up]]\nfollower = \"o\"\nsesion = 2")).contains("sesion"));
        assert!(problem(&format!("{LEAST}pace = \"5\"")).contains("span"));
        assert!(problem("about = \"x\"\nstarts = \"today\"").contains("today"));
    }

    #[test]
    fn what_points_to_nothing_is_told() {
        let toml = format!("{LEAST}[[before]]\nstep = 3\ndo = \"publish\"\nactivity = 1\n");
        let told = problem(&toml);
        assert!(told.contains("no step 3") && told.contains("no activity 1"), "{told}");
    }

    #[test]
    fn steps_come_in_order_with_their_answers() {
        let files = [
            ("story.toml", LEAST),
            ("02-b.xml", "<b/>"),
            ("01-a.xml", "<a/>"),
            ("01-a.reply.xml", "<r/>\n"),
            ("02-b.reply.xml", ""),
        ];
        let steps = load(&files).unwrap().steps;
        let shown: Vec<_> = steps.iter().map(|step| (step.name.as_str(), step.expected.as_str())).collect();
        assert_eq!(shown, [("01-a", "<r/>"), ("02-b", "success")]);
    }

    #[test]
    fn files_that_belong_to_no_step_are_told() {
        let told = |file: &str| load(&[("story.toml", LEAST), ("01-a.xml", ""), (file, "")]).unwrap_err();
        assert!(told("02-b.reply.xml")[0].contains("no step 02-b.xml"));
        assert!(told("notes.md")[0].contains("no part"));
        assert!(told("03-c.xml")[0].contains("step 2"));
        assert!(told("01-b.xml")[0].contains("step 2"));
        assert!(told("tap.xml")[0].contains("named like"));
        assert!(load(&[("story.toml", LEAST)]).unwrap_err()[0].contains("no step"));
    }
}
