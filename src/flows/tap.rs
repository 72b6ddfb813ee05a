use std::fmt;
use std::str::FromStr;

use crate::domain::activity::record::RegistrationNumber;
use crate::domain::benefit::record::CouponNumber;
use crate::flows::claim::Deed;
use crate::wechat::reply::menu_link;

/// What a tappable link of ours means: the id that comes back with the tap (`bizmsgmenuid`), so that an old
/// link still means what it said when it was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tap {
    /// What the words mean that it sends, and nothing else.
    Words,
    /// Show this activity.
    Activity(u32),
    /// Sign up for it.
    Apply(u32),
    /// An answer within the sign-up for this activity, to what has this place in it; what is answered is the text.
    Answer(u32, u32),
    Mine(RegistrationNumber),
    Cancel(RegistrationNumber),
    /// Yes, give it back.
    ConfirmCancel(RegistrationNumber),
    /// Take the seat that is offered.
    Accept(RegistrationNumber),
    /// Leave it to the next.
    Decline(RegistrationNumber),
    /// Say where the parcel goes.
    Kit(RegistrationNumber),
    /// Say why one wasn't there.
    Appeal(RegistrationNumber),
    /// How a draw is kept fair, and what came of it.
    Draw(u32),
    /// Show this cover of the member's, by its number from 1.
    Cover(u32),
    /// Answer this question of the FAQ, by what names it there.
    Question(u32),
    /// List the questions of this topic.
    Questions(u32),
    /// Turn this topic of broadcasts, by its number from 1, on or off.
    Topic(u32, bool),
    /// Show this benefit.
    Benefit(u32),
    /// Claim one of it.
    Claim(u32),
    /// An answer in its quiz: benefit, question and choice, both from 1.
    Quiz(u32, u8, u8),
    /// Tell me before its next release.
    Remind(u32),
    Coupon(CouponNumber),
    /// Send its picture.
    CouponPicture(CouponNumber),
    ReturnCoupon(CouponNumber),
    /// Yes, give it back.
    ConfirmReturn(CouponNumber),
    /// What became of a claim for the mutual aid.
    MyClaim(u32),
    /// The paper at that place of the list of a claim's programme.
    Paper(u32, u32),
    /// Do this with a claim.
    OfClaim(u32, Deed),
    /// What became of a case.
    Case(u32),
    /// So many stars for how a case was handled.
    Rate(u32, u8),
    /// Yes or no to who was proposed.
    Proposal(u32, bool),
}

impl Tap {
    /// The link; tapping it sends `content` as if typed.
    pub fn link(self, shown: &str, content: &str) -> String {
        menu_link(shown, content, &self.to_string())
    }
}

impl fmt::Display for Tap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let registration = |f: &mut fmt::Formatter<'_>, verb, n: &RegistrationNumber| {
            write!(f, "{verb}-{}-{}-{}", n.activity, n.session, n.number)
        };
        let coupon = |f: &mut fmt::Formatter<'_>, verb, n: &CouponNumber| {
            write!(f, "{verb}-{}-{}", n.benefit, n.number)
        };
        match self {
            Tap::Words => f.write_str("text"),
            Tap::Benefit(id) => write!(f, "benefit-{id}"),
            Tap::Claim(id) => write!(f, "claim-{id}"),
            Tap::Quiz(id, question, choice) => write!(f, "quiz-{id}-{question}-{choice}"),
            Tap::Remind(id) => write!(f, "remind-{id}"),
            Tap::MyClaim(id) => write!(f, "my_claim-{id}"),
            Tap::Paper(id, place) => write!(f, "paper-{id}-{place}"),
            Tap::OfClaim(id, deed) => write!(f, "{}-{id}", deed.name()),
            Tap::Case(id) => write!(f, "case-{id}"),
            Tap::Rate(id, stars) => write!(f, "rate-{id}-{stars}"),
            Tap::Proposal(id, yes) => write!(f, "proposal-{id}-{}", u8::from(*yes)),
            Tap::Coupon(number) => coupon(f, "coupon", number),
            Tap::CouponPicture(number) => coupon(f, "coupon_picture", number),
            Tap::ReturnCoupon(number) => coupon(f, "coupon_return", number),
            Tap::ConfirmReturn(number) => coupon(f, "coupon_returned", number),
            Tap::Activity(id) => write!(f, "activity-{id}"),
            Tap::Apply(id) => write!(f, "apply-{id}"),
            Tap::Answer(id, place) => write!(f, "answer-{id}-{place}"),
            Tap::Topic(number, on) => write!(f, "topic-{number}-{}", u8::from(*on)),
            Tap::Mine(number) => registration(f, "mine", number),
            Tap::Cancel(number) => registration(f, "cancel", number),
            Tap::ConfirmCancel(number) => registration(f, "give_back", number),
            Tap::Accept(number) => registration(f, "accept", number),
            Tap::Decline(number) => registration(f, "decline", number),
            Tap::Kit(number) => registration(f, "kit", number),
            Tap::Appeal(number) => registration(f, "appeal", number),
            Tap::Draw(id) => write!(f, "draw-{id}"),
            Tap::Question(key) => write!(f, "question-{key}"),
            Tap::Questions(key) => write!(f, "questions-{key}"),
            Tap::Cover(number) => write!(f, "cover-{number}"),
        }
    }
}

impl FromStr for Tap {
    type Err = ();

    fn from_str(id: &str) -> Result<Tap, ()> {
        let mut parts = id.split('-');
        let verb = parts.next().ok_or(())?;
        let numbers: Vec<u32> = parts.map(str::parse).collect::<Result<_, _>>().map_err(drop)?;
        match (verb, numbers.as_slice()) {
            ("text", []) => Ok(Tap::Words),
            ("activity", [id]) => Ok(Tap::Activity(*id)),
            ("apply", [id]) => Ok(Tap::Apply(*id)),
            ("answer", [id, place]) => Ok(Tap::Answer(*id, *place)),
            ("topic", [number, on @ (0 | 1)]) => Ok(Tap::Topic(*number, *on == 1)),
            ("benefit", [id]) => Ok(Tap::Benefit(*id)),
            ("claim", [id]) => Ok(Tap::Claim(*id)),
            ("quiz", [id, question, choice]) => {
                let small = |number: &u32| u8::try_from(*number).map_err(drop);
                Ok(Tap::Quiz(*id, small(question)?, small(choice)?))
            }
            ("remind", [id]) => Ok(Tap::Remind(*id)),
            ("my_claim", [id]) => Ok(Tap::MyClaim(*id)),
            ("paper", [id, place]) => Ok(Tap::Paper(*id, *place)),
            ("case", [id]) => Ok(Tap::Case(*id)),
            ("rate", [id, stars @ 1..=5]) => Ok(Tap::Rate(*id, u8::try_from(*stars).map_err(drop)?)),
            ("proposal", [id, yes @ (0 | 1)]) => Ok(Tap::Proposal(*id, *yes == 1)),
            ("coupon" | "coupon_picture" | "coupon_return" | "coupon_returned", [benefit, number]) => {
                let number = CouponNumber { benefit: *benefit, number: *number };
                Ok(match verb {
                    "coupon" => Tap::Coupon(number),
                    "coupon_picture" => Tap::CouponPicture(number),
                    "coupon_return" => Tap::ReturnCoupon(number),
                    _ => Tap::ConfirmReturn(number),
                })
            }
            ("draw", [id]) => Ok(Tap::Draw(*id)),
            ("question", [key]) => Ok(Tap::Question(*key)),
            ("questions", [key]) => Ok(Tap::Questions(*key)),
            ("cover", [number]) => Ok(Tap::Cover(*number)),
            (verb, [activity, session, number]) => {
                let session = u16::try_from(*session).map_err(drop)?;
                let number = RegistrationNumber { activity: *activity, session, number: *number };
                Ok(match verb {
                    "mine" => Tap::Mine(number),
                    "cancel" => Tap::Cancel(number),
                    "give_back" => Tap::ConfirmCancel(number),
                    "accept" => Tap::Accept(number),
                    "decline" => Tap::Decline(number),
                    "kit" => Tap::Kit(number),
                    "appeal" => Tap::Appeal(number),
                    _ => return Err(()),
                })
            }
            (verb, [id]) => Deed::named(verb).map(|deed| Tap::OfClaim(*id, deed)).ok_or(()),
            _ => Err(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tap_comes_back_as_it_was_sent() {
        let number = RegistrationNumber { activity: 12, session: 3, number: 7 };
        let coupon = CouponNumber { benefit: 4, number: 9 };
        let coupons = [
            Tap::Coupon(coupon),
            Tap::CouponPicture(coupon),
            Tap::ReturnCoupon(coupon),
            Tap::ConfirmReturn(coupon),
        ];
        let registrations = [
            Tap::Mine(number),
            Tap::Cancel(number),
            Tap::ConfirmCancel(number),
            Tap::Accept(number),
            Tap::Decline(number),
            Tap::Kit(number),
            Tap::Appeal(number),
            Tap::Draw(12),
            Tap::Cover(2),
            Tap::Question(u32::MAX),
            Tap::Questions(3),
        ];
        for tap in
            [Tap::Activity(1), Tap::Apply(2), Tap::Answer(3, 101), Tap::Topic(4, true), Tap::Topic(5, false)]
                .into_iter()
                .chain([Tap::Benefit(6), Tap::Claim(7), Tap::Remind(8), Tap::Quiz(9, 2, 3)])
                .chain([Tap::MyClaim(9), Tap::Paper(9, 2), Tap::Words])
                .chain(Deed::ALL.iter().map(|deed| Tap::OfClaim(9, *deed)))
                .chain([Tap::Case(10), Tap::Rate(10, 5), Tap::Proposal(11, false)])
                .chain(coupons)
                .chain(registrations)
        {
            assert_eq!(tap.to_string().parse(), Ok(tap));
        }
        for foreign in [
            "",
            "101",
            "activity",
            "activity-x",
            "mine-1-2",
            "cancel-1-70000-1",
            "quiz-1-2-300",
            "topic-1-2",
            "rate-1-6",
        ] {
            assert_eq!(foreign.parse::<Tap>(), Err(()));
        }
    }
}
