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
use crate::staff::AsOf;
use crate::staff::benefit::{self as staff, Till};

/// Makes it as the story's day begins, so that its releases of that day come.
pub async fn make(service: &Service, given: &GivenBenefit, folder: &Path) -> Done {
    let form = written(given.file.as_deref(), &given.with, folder)?;
    let mut call = service.call(editor());
    call.at.now = midnight(call.at.now, 0);
    let made = staff::create(&call, &form.to_string()).await?;
    let code: BenefitCode = made.id.parse().map_err(|()| format!("{} is no benefit's number", made.id))?;
    if !given.codes.is_empty() {
        load(service, code, &given.codes).await?;
    }
    if !given.list.is_empty() {
        staff::add_to_list(&call, code, &given.list).await?;
    }
    if given.published {
        staff::publish(&call, code).await?;
    }
    Ok(())
}

pub async fn act(service: &Service, act: &WelfareAct) -> Done {
    let call = service.call(editor());
    let id = |benefit: &u32| BenefitCode(*benefit);
    let acted = match act {
        WelfareAct::TopUp { benefit, stock } => staff::top_up(&call, id(benefit), *stock).await.map(drop),
        WelfareAct::Codes { benefit, codes } => return load(service, id(benefit), codes).await,
        WelfareAct::Pause { benefit, reason } => staff::pause(&call, id(benefit), reason).await.map(drop),
        WelfareAct::Publish { benefit } => staff::publish(&call, id(benefit)).await.map(drop),
        WelfareAct::Change { benefit, with } => return change(service, id(benefit), with).await,
        WelfareAct::Close { benefit } => staff::close(&call, id(benefit)).await.map(drop),
        WelfareAct::Redeem { coupon, place } => {
            let till = Till { place: place.clone() };
            staff::redeem(&call, coupon, till).await.map(drop)
        }
        WelfareAct::Reissue { coupon, reason } => staff::void(&call, coupon, reason, true).await.map(drop),
        WelfareAct::PausePerson { who: whom, days, reason } => {
            staff::pause_person(&call, whom, *days, reason).await
        }
        WelfareAct::Claim { benefit, who } => return claimed(service, *benefit, who).await,
        WelfareAct::Return { coupon, who } => return returned(service, coupon, who).await,
    };
    Ok(acted?)
}

async fn change(service: &Service, id: BenefitCode, with: &toml::Table) -> Done {
    let call = service.call(editor());
    let view = staff::get(&call, id).await?;
    let mut form = serde_json::to_value(&view.benefit).map_err(|error| error.to_string())?;
    let with = serde_json::to_value(with).map_err(|error| error.to_string())?;
    if let (Some(form), Some(with)) = (form.as_object_mut(), with.as_object()) {
        form.extend(with.clone());
    }
    staff::change(&call, id, AsOf(None), &form.to_string()).await?;
    Ok(())
}

async fn load(service: &Service, id: BenefitCode, codes: &[String]) -> Done {
    let csv = format!("code\n{}\n", codes.join("\n"));
    let loaded = staff::load(&service.call(editor()), id, "story", "story", &csv).await?;
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
