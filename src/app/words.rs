//! What the outbox says, made of the flows' texts.

use std::sync::Arc;

use arc_swap::ArcSwap;

use crate::content::{Content, FormKind};
use crate::domain::outbox::record::{Notice, Way};
use crate::flows::notices;
use crate::flows::texts::ACTIVITY_ONLINE;
use crate::flows::welfare::notices::picture;
use crate::outbox::{Form, Message, Told, Words};
use crate::store::{Fault, Tx};
use crate::wechat::api::{CustomMessage, NewsArticle};
use crate::wechat::reply::Reply;

pub struct ContentWords(pub Arc<ArcSwap<Content>>);

impl Words for ContentWords {
    fn told(&self, tx: &Tx, notice: &Notice) -> Result<Option<Told>, Fault> {
        let content = self.0.load();
        if let Notice::Welfare(welfare) = notice
            && let Some(code) = picture(tx, welfare)?
        {
            return Ok(Some(Told { message: Message::Code(code), form: None }));
        }
        let Some(message) = notices::reply(tx, &content, notice)?.and_then(message) else { return Ok(None) };
        let form = notices::form(tx, &content, notice)?.map(form);
        Ok(Some(Told { message: Message::Ready(message), form }))
    }

    fn online(&self) -> String {
        self.0.load().texts.render(&ACTIVITY_ONLINE, &[])
    }
}

/// A reply as a customer-service message. Handing over to the desk is no message.
fn message(reply: Reply) -> Option<CustomMessage> {
    Some(match reply {
        Reply::Text { content } => CustomMessage::Text { content },
        Reply::Image { media_id } => CustomMessage::Image { media_id },
        Reply::Voice { media_id } => CustomMessage::Voice { media_id },
        Reply::News { articles } => {
            let article = articles.into_iter().next()?; // a customer-service message takes one
            CustomMessage::News {
                articles: NewsArticle {
                    title: article.title,
                    description: article.description,
                    url: article.url,
                    picurl: article.pic_url,
                },
            }
        }
        _ => return None,
    })
}

fn form(filled: notices::Form) -> Form {
    match filled {
        notices::Form::Service(filled) => {
            let way = match filled.kind {
                FormKind::Template => Way::Template,
                FormKind::Subscription => Way::Subscription,
            };
            Form { way, template: filled.template, fields: filled.fields, url: filled.url }
        }
        notices::Form::Welfare(filled) => {
            let way = Way::Subscription;
            Form { way, template: filled.template, fields: filled.fields, url: filled.url }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content::Source;
    use crate::dispatch::load_content;
    use crate::domain::benefit::claim::{Account, Claimed, claim};
    use crate::domain::benefit::manage::{close, create, publish};
    use crate::domain::benefit::record::{Coupon, CouponState, Redemption, sample_terms};
    use crate::domain::broadcast::manage;
    use crate::domain::broadcast::record::{Content as Wording, Plan, State, WayChoice};
    use crate::domain::contact::record::FollowerId;
    use crate::domain::outbox::record::Welfare;
    use crate::domain::tables::{BROADCASTS, CATALOG, COUPONS};
    use crate::flows::welfare::notices::words;
    use crate::store::testing::Bench;

    #[test]
    fn a_preview_is_told_as_long_as_the_broadcast_has_not_gone_out() {
        let (content, _) = load_content(&Source::Embedded).unwrap();
        let words = ContentWords(Arc::new(ArcSwap::from_pointee(content)));
        let mut bench = Bench::new(CATALOG);
        let plan = Plan {
            title: "节日问候".to_owned(),
            audience: "everyone".parse().unwrap(),
            content: Wording { text: Some("节日快乐".to_owned()), ..Wording::default() },
            way: WayChoice::Best,
            topic: None,
            about: None,
            not_before: None,
            quiet: None,
            rate_per_second: 50,
        };
        let written = bench.run(|tx| manage::create(tx, "wang", plan.clone())).unwrap().unwrap();
        let preview = Notice::BroadcastPreview { broadcast: written.id };
        for (state, told) in [(State::Draft, true), (State::Approved, true), (State::Running, false)] {
            let mut broadcast = written.clone();
            broadcast.state = state.clone();
            bench.run(|tx| tx.put(&BROADCASTS, &broadcast.id, &broadcast)).unwrap();
            let says = bench.run(|tx| words.told(tx, &preview)).unwrap();
            assert_eq!(says.is_some(), told, "{state:?}: {says:?}");
        }
    }

    #[test]
    fn what_is_told_late_of_a_benefit_is_told_as_it_is_by_then() {
        let (content, _) = load_content(&Source::Embedded).unwrap();
        let mut bench = Bench::new(CATALOG);
        let release = bench.moment.now;
        bench.run(|tx| create(tx, sample_terms())).unwrap();
        bench.run(|tx| publish(tx, 1)).unwrap().unwrap();
        let mei = FollowerId::new("oMei");
        let claimed = bench.run(|tx| claim(tx, Account { who: &mei, followed: None, tags: &[] }, 1)).unwrap();
        let Ok(Claimed::Coupon(coupon)) = claimed else { panic!("{claimed:?}") };
        let expired = Welfare::Expired { coupon: coupon.number, paused: Some(release) };
        let says = |bench: &mut Bench, what: &Welfare| bench.run(|tx| words(tx, &content, what)).unwrap();
        let becomes = |bench: &mut Bench, state: CouponState| {
            let kept = Coupon { state, ..(*coupon).clone() };
            bench.run(|tx| tx.put(&COUPONS, &kept.number.key(), &kept)).unwrap();
        };
        becomes(&mut bench, CouponState::Expired { at: release, back: false });
        assert!(says(&mut bench, &expired).unwrap().contains("福利领取暂停到"));
        let (by, place) = ("影城".to_owned(), String::new());
        becomes(&mut bench, CouponState::Redeemed(Redemption { at: release, by, place }));
        assert_eq!(says(&mut bench, &expired), None, "its provider has told since that it was used");

        let not_drawn = Welfare::NotDrawn { benefit: 1, release };
        assert!(says(&mut bench, &not_drawn).unwrap().contains("下一批 12月2日(周三) 10:00 开始"));
        bench.run(|tx| close(tx, 1)).unwrap().unwrap();
        assert_eq!(says(&mut bench, &not_drawn).unwrap(), "这次没有摇中【公交一分钱】。没有下一批了。");
        let off = says(&mut bench, &Welfare::DrawOff { benefit: 1, release }).unwrap();
        assert!(off.starts_with("【公交一分钱】12月1日(周二) 10:00 这一批不摇号了，也没有下一批。"), "{off}");
    }
}
