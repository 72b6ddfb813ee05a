//! Who of the staff has a piece of work: taking it and giving it back go alike for claims and cases.

/// What nobody has is theirs from now on; false: it was already. Refused with whoever has it.
pub fn take(assignee: &mut Option<String>, who: &str) -> Result<bool, String> {
    match assignee {
        Some(other) if other != who => Err(other.clone()),
        Some(_) => Ok(false),
        None => {
            *assignee = Some(who.to_owned());
            Ok(true)
        }
    }
}

/// Gives it back, whoever has it: who is ill gives back nothing themselves, and somebody else says why. False: nobody
/// had it. Refused with whoever has it.
pub fn release(assignee: &mut Option<String>, who: &str, words: &str) -> Result<bool, String> {
    match assignee {
        Some(other) if other != who && words.is_empty() => Err(other.clone()),
        _ => Ok(assignee.take().is_some()),
    }
}
