//! All that is kept of a follower, for themselves, some lines at a time.

use super::kept::kept;
use super::{State, Stepped, choices};
use crate::content::Value;
use crate::flows::spoken::{GO_ON, MORE, NEXT_PAGE};
use crate::flows::texts::export as texts;
use crate::flows::{Input, Step, Turn, done, next};

/// Of the lines of one page; an answer holds 1,800, and what is around them has to fit, too.
const PAGE_BYTES: usize = 1200;

/// From the line on.
pub fn page(turn: &mut Turn, from: usize) -> Stepped {
    let (all, cut) = {
        let kept = kept(turn)?;
        (kept.lines, kept.cut)
    };
    if all.is_empty() {
        return done(turn.say(&texts::NOTHING, &[]));
    }
    let rest = all.get(from..).unwrap_or_default();
    let mut bytes = 0;
    let fits = |line: &&String| {
        bytes += line.len() + 1;
        bytes <= PAGE_BYTES
    };
    let count = rest.iter().take_while(fits).count().max(1).min(rest.len());
    let data = rest.get(..count).unwrap_or_default().join("\n");
    let text = turn.say(&texts::PAGE, &[("data", data.into())]);
    if count < rest.len() {
        let more = turn.say(&texts::MORE, &[("choices", Value::raw(choices(&[NEXT_PAGE])))]);
        return next(State::Exporting { from: from + count }, format!("{text}\n{more}"));
    }
    let mut end = turn.say(&texts::END, &[]);
    if cut {
        end = format!("{}\n{end}", turn.say(&texts::CUT, &[("max", super::kept::OF_A_KIND.into())]));
    }
    done(format!("{text}\n{end}"))
}

pub fn step(turn: &mut Turn, from: usize, input: &Input) -> Stepped {
    let on = super::chosen(input, &[NEXT_PAGE]) == Some(0) || input.is(&[MORE, GO_ON]);
    if on { page(turn, from) } else { Ok(Step::Pass) }
}
