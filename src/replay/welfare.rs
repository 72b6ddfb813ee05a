//! Benefits that a story finds made, and what staff, merchants and other followers do with them.

use std::path::Path;

use super::acts::{Done, editor, written};
use super::given::GivenBenefit;
use super::service::Service;
use super::story::WelfareAct;
use crate::domain::benefit::calendar::midnight;
use crate::domain::benefit::claim::{Account, claim};
use crate::domain::benefit::keep::give_back;
use crate::domain::benefit::record::{BenefitCode, CouponNumber};
use crate::domain::contact::record::FollowerId;
use crate::staff::benefit::{self as staff, Till};

/// Makes it as the story's day begins, so that its releases of that day come.
pub async fn make(service: &Service, given: &GivenBenefit, folder: &Path) -> Done {
    let form = written(given.file.as_deref(), &given.with, folder)?;
    let (store, mut at, who) = (&service.store, service.moment(), editor());
    at.now = midnight(at.now, 0);
    let made = staff::create(store, at, &who, None, &form.to_string()).await?;
    let code: BenefitCode = made.id.parse().map_err(|()| format!("{} is no benefit's number", made.id))?;
    if !given.codes.is_empty() {
        load(service, code, &given.codes).await?;
    }
    if !given.list.is_empty() {
        staff::add_to_list(store, at, &who, None, code, &given.list).await?;
    }
    if given.published {
        staff::publish(store, at, &who, None, code).await?;
    }
    Ok(())
}

pub async fn act(service: &Service, act: &WelfareAct) -> Done {
    let (store, at, who) = (&service.store, service.moment(), editor());
    let id = |benefit: &u32| BenefitCode(*benefit);
    let acted = match act {
        WelfareAct::TopUp { benefit, stock } => {
            staff::top_up(store, at, &who, None, id(benefit), *stock).await.map(drop)
        }
        WelfareAct::Codes { benefit, codes } => return load(service, id(benefit), codes).await,
        WelfareAct::Pause { benefit, reason } => {
            staff::pause(store, at, &who, None, id(benefit), reason).await.map(drop)
        }
        WelfareAct::Publish { benefit } => staff::publish(store, at, &who, None, id(benefit)).await.map(drop),
        WelfareAct::Change { benefit, with } => return change(service, id(benefit), with).await,
        WelfareAct::Close { benefit } => staff::close(store, at, &who, None, id(benefit)).await.map(drop),
        WelfareAct::Redeem { coupon, place } => {
            let till = Till { place: place.clone() };
            staff::redeem(store, at, &who, None, coupon, till).await.map(drop)
        }
        WelfareAct::Reissue { coupon, reason } => {
            staff::void(store, at, &who, None, coupon, reason, true).await.map(drop)
        }
        WelfareAct::PausePerson { who: whom, days, reason } => {
            staff::pause_person(store, at, &who, None, whom, *days, reason).await
        }
        WelfareAct::Claim { benefit, who } => return claimed(service, *benefit, who).await,
        WelfareAct::Return { coupon, who } => return returned(service, coupon, who).await,
    };
    Ok(acted?)
}

async fn change(service: &Service, id: BenefitCode, with: &toml::Table) -> Done {
    let (store, at, who) = (&service.store, service.moment(), editor());
    let view = staff::get(store, at, &who, id).await?;
    let mut form = serde_json::to_value(&view.benefit).map_err(|error| error.to_string())?;
    let with = serde_json::to_value(with).map_err(|error| error.to_string())?;
    if let (Some(form), Some(with)) = (form.as_object_mut(), with.as_object()) {
        form.extend(with.clone());
    }
    staff::change(store, at, &who, None, id, &form.to_string()).await?;
    Ok(())
}

async fn load(service: &Service, id: BenefitCode, codes: &[String]) -> Done {
    let csv = format!("code\n{}\n", codes.join("\n"));
    let (at, who) = (service.moment(), editor());
    let loaded = staff::load(&service.store, at, &who, None, id, ("story", "story"), &csv).await?;
    match loaded.refused.first() {
        Some(no) => Err(format!("line {}: {}", no.line, no.message).into()),
        None => Ok(()),
    }
}

async fn claimed(service: &Service, benefit: u32, who: &str) -> Done {
    let who = FollowerId::new(who);
    let claimed = service.store.submit(service.moment(), move |tx| {
        claim(tx, Account { who: &who, followed: None, tags: &[] }, benefit)
    });
    claimed.await?.map(drop).map_err(|refusal| format!("the claim is refused: {refusal:?}").into())
}

async fn returned(service: &Service, coupon: &str, who: &str) -> Done {
    let number: CouponNumber = coupon.parse().map_err(|()| format!("{coupon} is no coupon's number"))?;
    let who = FollowerId::new(who);
    let returned = service.store.submit(service.moment(), move |tx| give_back(tx, &who, number)).await;
    returned?.map(drop).map_err(|refusal| format!("the return is refused: {refusal:?}").into())
}
