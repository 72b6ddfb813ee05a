//! Tags (标签) of followers as staff want them, until WeChat has them so.

use crate::domain::contact::record::FollowerId;
use crate::domain::tables::{CONTACTS, TAG_CHANGES};
use crate::store::{Fault, Tx};

/// Tags that WeChat allows one follower (45059).
pub const TAGS_MAX: usize = 20;

/// One call's worth: a tag that is to be put on these followers, or taken off them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    pub tag: u32,
    pub add: bool,
    pub followers: Vec<FollowerId>,
}

/// Notes that a follower should have the tag, or not. The later word holds.
pub fn want(tx: &mut Tx, who: &FollowerId, tag: u32, add: bool) -> Result<(), Fault> {
    tx.delete(&TAG_CHANGES, &(tag, !add, who.clone()))?;
    tx.put(&TAG_CHANGES, &(tag, add, who.clone()), &())
}

/// What to ask WeChat for next, for at most `limit` followers.
pub fn next(tx: &Tx, limit: usize) -> Result<Option<Change>, Fault> {
    let rows = tx.scan(&TAG_CHANGES, &(), None, limit)?.rows;
    let Some(((tag, add, _), ())) = rows.first() else { return Ok(None) };
    let (tag, add) = (*tag, *add);
    let same = rows.into_iter().map(|(key, ())| key).take_while(|(t, a, _)| (*t, *a) == (tag, add));
    Ok(Some(Change { tag, add, followers: same.map(|(_, _, who)| who).collect() }))
}

/// WeChat did it, or (`done` is false) never will.
pub fn settle(tx: &mut Tx, change: &Change, done: bool) -> Result<(), Fault> {
    for who in &change.followers {
        tx.delete(&TAG_CHANGES, &(change.tag, change.add, who.clone()))?;
        let Some(mut contact) = tx.get(&CONTACTS, who)?.filter(|_| done) else { continue };
        contact.reach.tags.retain(|tag| *tag != change.tag);
        if change.add {
            contact.reach.tags.push(change.tag);
        }
        tx.put(&CONTACTS, who, &contact)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::contact::record::Contact;
    use crate::domain::tables::CATALOG;
    use crate::store::testing::Bench;

    fn who(n: u8) -> FollowerId {
        FollowerId::new(format!("o{n}"))
    }

    #[test]
    fn a_tag_is_asked_for_once_for_several_and_holds_when_wechat_has_it() {
        let mut bench = Bench::new(CATALOG);
        for n in 1..=3 {
            bench.run(|tx| tx.put(&CONTACTS, &who(n), &Contact::new(tx.moment().now))).unwrap();
            bench.run(|tx| want(tx, &who(n), 101, true)).unwrap();
        }
        bench.run(|tx| want(tx, &who(3), 101, false)).unwrap();
        let add = bench.run(|tx| next(tx, 50)).unwrap().unwrap();
        // Whoever is to lose it comes first: `false` sorts before `true`.
        assert_eq!(add, Change { tag: 101, add: false, followers: vec![who(3)] });
        bench.run(|tx| settle(tx, &add, true)).unwrap();
        let add = bench.run(|tx| next(tx, 50)).unwrap().unwrap();
        assert_eq!(add, Change { tag: 101, add: true, followers: vec![who(1), who(2)] });
        bench.run(|tx| settle(tx, &add, true)).unwrap();
        assert_eq!(bench.run(|tx| next(tx, 50)).unwrap(), None);
        let tags =
            |bench: &mut Bench, n| bench.run(|tx| tx.get(&CONTACTS, &who(n))).unwrap().unwrap().reach.tags;
        assert_eq!((tags(&mut bench, 1), tags(&mut bench, 3)), (vec![101], vec![]));
    }
}
