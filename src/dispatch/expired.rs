use super::texts;
use crate::content::Content;
use crate::flows::{Dialogue, Tap, spoken};

/// What comes after hours: that it has ended, and where to go on.
pub fn words(content: &Content, dialogue: Option<&Dialogue>) -> String {
    let say = |spec| content.texts.render(spec, &[]);
    let on = match dialogue {
        Some(Dialogue::SignUp(state)) => state
            .activity()
            .map(|activity| Tap::Apply(activity).link(&say(&texts::LINK_SIGN_UP_AGAIN), spoken::SIGN_UP)),
        Some(Dialogue::Membership(state)) if state.is_draft() => {
            Some(Tap::Words.link(&say(&texts::LINK_VERIFY_AGAIN), spoken::VERIFY))
        }
        Some(Dialogue::Claim(_)) => Some(Tap::Words.link(&say(&texts::LINK_CLAIM_ON), spoken::CLAIM)),
        Some(Dialogue::Service(_)) => Some(Tap::Words.link(&say(&texts::LINK_MY_CASES), spoken::MY_CASES)),
        _ => None,
    };
    say(&texts::DIALOGUE_EXPIRED) + &on.map(|link| format!("\n{link}")).unwrap_or_default()
}
