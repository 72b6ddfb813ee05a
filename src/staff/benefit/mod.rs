//! What staff do with benefits and coupons, and what they see of them.

mod acts;
mod codes;
mod coupons;
mod form;
mod quiz_form;
mod release_form;
mod settings_form;
mod used;
mod view;

pub use acts::{
    add_to_list, change, close, create, get, lift, list, pause, pause_person, publish, releases, top_up,
};
pub use codes::{LoadedCodes, load};
pub use coupons::{Till, coupon, redeem, reveal, undo, void};
pub use form::parse;
pub use used::report_used;
pub use view::{BenefitBrief, BenefitList, BenefitView, CouponView, ReleaseView, Voided};
