//! The staff's API: JSON over bearer tokens. A handler parses, calls one act and renders.

mod access;
mod activities;
mod benefits;
mod broadcasts;
mod cases;
mod claims;
mod coupons;
mod error;
mod events;
mod followers;
mod fund;
mod input;
mod members;
mod openapi;
mod outbox;
mod payments;
mod pictures;
mod questions;
mod schemes;
mod seats;
mod series;
mod store;
mod sync;
mod trail;

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use axum::extract::Request;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get, post, put};
use axum::{Json, Router};
use hyper::{Method, StatusCode, header};

use super::Metrics;
use super::metrics::ApiRequest;
use crate::content::Content;
use crate::dispatch::memory::Counts;
use crate::moment::Clock;
use crate::staff::broadcast::Policy;
use crate::staff::{Call, not_understood};
use crate::store::{SealedFiles, Store};
use crate::wechat::api::Client;

pub use access::{Access, Bearer};
pub use error::ApiError;
pub use store::{Outgoing, Verification};

/// What the handlers work with. Cheap to clone.
#[derive(Clone)]
pub struct Api {
    pub store: Store,
    pub clock: Arc<dyn Clock>,
    /// What staff edit, as it is now.
    pub content: Arc<ArcSwap<Content>>,
    pub access: Arc<Access>,
    pub metrics: Metrics,
    pub limits: Limits,
    pub outgoing: Outgoing,
    /// What holds for all broadcasts.
    pub broadcasts: Policy,
    /// Pictures that followers sent.
    pub documents: SealedFiles,
    /// What claims were told, since the start.
    pub claims: Counts,
    /// For QR codes that carry a scene; `None` where nothing is called.
    pub wechat: Option<Client>,
}

/// For the body of a staff call.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    pub body_max: usize,
    pub body_timeout: Duration,
}

type Answered<T> = Result<Json<T>, ApiError>;

struct Route {
    method: Method,
    path: &'static str,
    handler: fn() -> MethodRouter<Api>,
}

macro_rules! route {
    (GET $path:literal $handler:path) => {
        Route { method: Method::GET, path: $path, handler: || get($handler) }
    };
    (POST $path:literal $handler:path) => {
        Route { method: Method::POST, path: $path, handler: || post($handler) }
    };
    (PUT $path:literal $handler:path) => {
        Route { method: Method::PUT, path: $path, handler: || put($handler) }
    };
}

/// Every route, under `/api/v1`. The document at `/openapi.json` must tell of each.
const ROUTES: &[Route] = &[
    route!(GET "/openapi.json" openapi::get_openapi),
    route!(GET "/activities" activities::list_activities),
    route!(POST "/activities" activities::create_activity),
    route!(GET "/activities/{id}" activities::get_activity),
    route!(PUT "/activities/{id}" activities::change_activity),
    route!(POST "/activities/{id}/publish" activities::publish_activity),
    route!(POST "/activities/{id}/close" activities::close_activity),
    route!(POST "/activities/{id}/cancel" activities::cancel_activity),
    route!(GET "/activities/{id}/roster" activities::get_roster),
    route!(GET "/activities/{id}/draw" seats::get_draw),
    route!(POST "/activities/{id}/review" seats::review_activity),
    route!(GET "/activities/{id}/check-in" seats::get_check_in),
    route!(GET "/activities/{id}/check-in.png" seats::get_check_in_picture),
    route!(POST "/activities/{id}/attendance" seats::mark_attendance),
    route!(GET "/activities/{id}/kits" seats::list_kits),
    route!(POST "/activities/{id}/kits/tracking" seats::track_kits),
    route!(POST "/registrations/{number}/take-back" seats::take_back),
    route!(GET "/appeals" seats::list_appeals),
    route!(POST "/appeals/{number}/lift" seats::lift_absence),
    route!(POST "/appeals/{number}/reject" seats::reject_appeal),
    route!(GET "/series" series::list_series),
    route!(POST "/series" series::create_series),
    route!(GET "/series/{id}" series::get_series),
    route!(PUT "/series/{id}" series::change_series),
    route!(POST "/series/{id}/stop" series::stop_series),
    route!(GET "/broadcasts" broadcasts::list_broadcasts),
    route!(POST "/broadcasts" broadcasts::create_broadcast),
    route!(GET "/broadcasts/{id}" broadcasts::get_broadcast),
    route!(PUT "/broadcasts/{id}" broadcasts::change_broadcast),
    route!(POST "/broadcasts/{id}/list" broadcasts::add_to_list),
    route!(POST "/broadcasts/{id}/preview" broadcasts::preview_broadcast),
    route!(POST "/broadcasts/{id}/approve" broadcasts::approve_broadcast),
    route!(POST "/broadcasts/{id}/start" broadcasts::start_broadcast),
    route!(POST "/broadcasts/{id}/pause" broadcasts::pause_broadcast),
    route!(POST "/broadcasts/{id}/resume" broadcasts::resume_broadcast),
    route!(POST "/broadcasts/{id}/cancel" broadcasts::cancel_broadcast),
    route!(GET "/broadcasts/{id}/progress" broadcasts::get_progress),
    route!(GET "/broadcasts/{id}/report" broadcasts::get_report),
    route!(GET "/benefits" benefits::list_benefits),
    route!(POST "/benefits" benefits::create_benefit),
    route!(GET "/benefits/{id}" benefits::get_benefit),
    route!(PUT "/benefits/{id}" benefits::change_benefit),
    route!(POST "/benefits/{id}/publish" benefits::publish_benefit),
    route!(POST "/benefits/{id}/pause" benefits::pause_benefit),
    route!(POST "/benefits/{id}/close" benefits::close_benefit),
    route!(POST "/benefits/{id}/top_up" benefits::top_up_benefit),
    route!(POST "/benefits/{id}/list" benefits::list_people),
    route!(POST "/benefits/{id}/codes" benefits::load_codes),
    route!(POST "/benefits/{id}/used" benefits::report_used),
    route!(GET "/benefits/{id}/releases" benefits::list_releases),
    route!(POST "/people/{person}/pause" benefits::pause_person),
    route!(POST "/people/{person}/lift" benefits::lift_pause),
    route!(GET "/coupons/{code}" coupons::get_coupon),
    route!(POST "/coupons/{code}/redeem" coupons::redeem_coupon),
    route!(POST "/coupons/{code}/undo" coupons::undo_coupon),
    route!(POST "/coupons/{code}/void" coupons::void_coupon),
    route!(GET "/claims" claims::list_claims),
    route!(GET "/claims/{id}" claims::get_claim),
    route!(POST "/claims/{id}/look" claims::look_at_claim),
    route!(POST "/claims/{id}/acts" claims::act_on_claim),
    route!(GET "/claims/{id}/pages/{slot}/{page}" claims::get_claim_page),
    route!(GET "/cases" cases::list_cases),
    route!(GET "/cases/{id}" cases::get_case),
    route!(POST "/cases/{id}/look" cases::look_at_case),
    route!(POST "/cases/{id}/acts" cases::act_on_case),
    route!(GET "/cases/{id}/pictures/{picture}" cases::get_case_picture),
    route!(GET "/fund/report" fund::get_fund_report),
    route!(GET "/fund/entries" fund::list_entries),
    route!(GET "/fund/corrections" fund::list_corrections),
    route!(POST "/fund/corrections" fund::correct_entry),
    route!(POST "/fund/corrections/dismiss" fund::dismiss_correction),
    route!(POST "/fund/corrections/confirm" fund::confirm_correction),
    route!(POST "/fund/simulate" fund::simulate_scheme),
    route!(GET "/payments" payments::list_payments),
    route!(POST "/payments" payments::create_payment),
    route!(GET "/payments/{id}" payments::get_payment),
    route!(POST "/payments/{id}/export" payments::export_payment),
    route!(POST "/payments/{id}/release" payments::release_payment),
    route!(POST "/payments/{id}/drop" payments::drop_payment),
    route!(POST "/payments/{id}/recall" payments::recall_payment),
    route!(POST "/payments/{id}/recall/dismiss" payments::dismiss_recall),
    route!(POST "/payments/{id}/results" payments::import_results),
    route!(POST "/payments/{id}/returned" payments::return_payment),
    route!(GET "/followers" followers::find_followers),
    route!(GET "/followers/{openid}" followers::get_follower),
    route!(POST "/members" members::add_member),
    route!(POST "/members/find" members::find_member),
    route!(GET "/members/{id}" members::get_member),
    route!(POST "/members/{id}/look" members::look_at_member),
    route!(POST "/members/{id}/unbind" members::unbind_member),
    route!(POST "/members/{id}/card" members::set_card),
    route!(POST "/members/{id}/state" members::set_member_state),
    route!(POST "/members/imports" members::start_import),
    route!(POST "/members/imports/{file}/rows" members::import_rows),
    route!(GET "/members/applications" members::list_applications),
    route!(POST "/members/applications/{id}/look" members::look_at_application),
    route!(POST "/members/applications/{id}/approve" members::approve_application),
    route!(POST "/members/applications/{id}/refuse" members::refuse_application),
    route!(GET "/schemes" schemes::list_schemes),
    route!(GET "/schemes/{scheme}" schemes::get_scheme),
    route!(POST "/schemes/{scheme}/enrolments" schemes::start_enrolment),
    route!(POST "/schemes/{scheme}/enrolments/{file}/rows" schemes::enrol_rows),
    route!(GET "/schemes/{scheme}/refunds" schemes::list_refunds),
    route!(POST "/schemes/{scheme}/refunds" schemes::ask_refund),
    route!(POST "/schemes/{scheme}/refunds/confirm" schemes::confirm_refund),
    route!(POST "/schemes/{scheme}/refunds/dismiss" schemes::dismiss_refund),
    route!(POST "/policies/find" schemes::find_policies),
    route!(POST "/followers/{openid}/tags" followers::tag_follower),
    route!(GET "/followers/{openid}/timeline" followers::get_timeline),
    route!(GET "/followers/{openid}/pictures" pictures::list_pictures),
    route!(GET "/pictures/{id}" pictures::get_picture),
    route!(GET "/faq/missed" questions::list_missed),
    route!(POST "/faq/missed/{id}/settle" questions::settle_missed),
    route!(GET "/outbox" outbox::list_outbox),
    route!(POST "/outbox/{id}/retry" outbox::retry_row),
    route!(POST "/outbox/{id}/drop" outbox::drop_row),
    route!(POST "/followers/sync" sync::start_sync),
    route!(GET "/followers/sync" sync::get_sync),
    route!(GET "/trail" trail::list_trail),
    route!(POST "/store/audit" store::audit_store),
    route!(POST "/store/key-book" store::key_book),
    route!(POST "/store/backup" store::backup_store),
    route!(POST "/store/verify" store::verify_store),
];

/// The API under `/api/v1`, and 404 for everything else.
pub fn router(api: Api) -> Router {
    let mut routes = Router::new();
    for route in ROUTES {
        let kept = api.clone();
        let counted = middleware::from_fn(move |request, next| count(kept.clone(), route, request, next));
        routes = routes.route(route.path, (route.handler)().layer(counted));
    }
    let routes = routes
        .fallback(|| async { ApiError::not_found("such path") })
        .method_not_allowed_fallback(|| async { ApiError::method_not_allowed() })
        .layer(middleware::map_response(close_up))
        .with_state(api);
    Router::new().nest("/api/v1", routes)
}

async fn count(api: Api, route: &'static Route, request: Request, next: Next) -> Response {
    let arrived = tokio::time::Instant::now();
    let who = api.access.caller(request.headers(), api.clock.moment().now).cloned();
    let response = next.run(request).await;
    let status = response.status();
    let route = format!("{} {}", route.method, route.path);
    if let Some(who) = who
        && matches!(status, StatusCode::BAD_REQUEST | StatusCode::UNPROCESSABLE_ENTITY)
        && let Err(error) = not_understood(&Call::new(&api.store, api.clock.moment(), who), &route).await
    {
        tracing::warn!(route, %error, "a wrong call is not on the trail");
    }
    let (status, took_us) = (status.as_u16(), arrived.elapsed().as_micros() as u64);
    tracing::info!(route, status, took_us, "staff call");
    api.metrics.api_requests.get_or_create(&ApiRequest { route, status }).inc();
    response
}

/// Answers may hold personal data: nobody on the way keeps or reinterprets them.
async fn close_up(response: Response) -> Response {
    let headers = [(header::CACHE_CONTROL, "no-store"), (header::X_CONTENT_TYPE_OPTIONS, "nosniff")];
    let (mut parts, body) = response.into_parts();
    for (name, value) in headers {
        parts.headers.insert(name, header::HeaderValue::from_static(value));
    }
    (parts, body).into_response()
}

#[cfg(test)]
mod tests;
