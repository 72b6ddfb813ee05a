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

/// Every route, under `/api/v1`. The document at `/openapi.json` must tell of each.
const ROUTES: &[Route] = &[
    Route { method: Method::GET, path: "/openapi.json", handler: || get(openapi::get_openapi) },
    Route { method: Method::GET, path: "/activities", handler: || get(activities::list_activities) },
    Route { method: Method::POST, path: "/activities", handler: || post(activities::create_activity) },
    Route { method: Method::GET, path: "/activities/{id}", handler: || get(activities::get_activity) },
    Route { method: Method::PUT, path: "/activities/{id}", handler: || put(activities::change_activity) },
    Route {
        method: Method::POST,
        path: "/activities/{id}/publish",
        handler: || post(activities::publish_activity),
    },
    Route {
        method: Method::POST,
        path: "/activities/{id}/close",
        handler: || post(activities::close_activity),
    },
    Route {
        method: Method::POST,
        path: "/activities/{id}/cancel",
        handler: || post(activities::cancel_activity),
    },
    Route { method: Method::GET, path: "/activities/{id}/roster", handler: || get(activities::get_roster) },
    Route { method: Method::GET, path: "/activities/{id}/draw", handler: || get(seats::get_draw) },
    Route { method: Method::POST, path: "/activities/{id}/review", handler: || post(seats::review_activity) },
    Route { method: Method::GET, path: "/activities/{id}/check-in", handler: || get(seats::get_check_in) },
    Route {
        method: Method::GET,
        path: "/activities/{id}/check-in.png",
        handler: || get(seats::get_check_in_picture),
    },
    Route {
        method: Method::POST,
        path: "/activities/{id}/attendance",
        handler: || post(seats::mark_attendance),
    },
    Route { method: Method::GET, path: "/activities/{id}/kits", handler: || get(seats::list_kits) },
    Route {
        method: Method::POST,
        path: "/activities/{id}/kits/tracking",
        handler: || post(seats::track_kits),
    },
    Route { method: Method::GET, path: "/appeals", handler: || get(seats::list_appeals) },
    Route { method: Method::POST, path: "/appeals/{number}/lift", handler: || post(seats::lift_absence) },
    Route { method: Method::POST, path: "/appeals/{number}/reject", handler: || post(seats::reject_appeal) },
    Route { method: Method::GET, path: "/series", handler: || get(series::list_series) },
    Route { method: Method::POST, path: "/series", handler: || post(series::create_series) },
    Route { method: Method::GET, path: "/series/{id}", handler: || get(series::get_series) },
    Route { method: Method::PUT, path: "/series/{id}", handler: || put(series::change_series) },
    Route { method: Method::POST, path: "/series/{id}/stop", handler: || post(series::stop_series) },
    Route { method: Method::GET, path: "/broadcasts", handler: || get(broadcasts::list_broadcasts) },
    Route { method: Method::POST, path: "/broadcasts", handler: || post(broadcasts::create_broadcast) },
    Route { method: Method::GET, path: "/broadcasts/{id}", handler: || get(broadcasts::get_broadcast) },
    Route { method: Method::PUT, path: "/broadcasts/{id}", handler: || put(broadcasts::change_broadcast) },
    Route { method: Method::POST, path: "/broadcasts/{id}/list", handler: || post(broadcasts::add_to_list) },
    Route {
        method: Method::POST,
        path: "/broadcasts/{id}/preview",
        handler: || post(broadcasts::preview_broadcast),
    },
    Route {
        method: Method::POST,
        path: "/broadcasts/{id}/approve",
        handler: || post(broadcasts::approve_broadcast),
    },
    Route {
        method: Method::POST,
        path: "/broadcasts/{id}/start",
        handler: || post(broadcasts::start_broadcast),
    },
    Route {
        method: Method::POST,
        path: "/broadcasts/{id}/pause",
        handler: || post(broadcasts::pause_broadcast),
    },
    Route {
        method: Method::POST,
        path: "/broadcasts/{id}/resume",
        handler: || post(broadcasts::resume_broadcast),
    },
    Route {
        method: Method::POST,
        path: "/broadcasts/{id}/cancel",
        handler: || post(broadcasts::cancel_broadcast),
    },
    Route {
        method: Method::GET,
        path: "/broadcasts/{id}/progress",
        handler: || get(broadcasts::get_progress),
    },
    Route { method: Method::GET, path: "/broadcasts/{id}/report", handler: || get(broadcasts::get_report) },
    Route { method: Method::GET, path: "/benefits", handler: || get(benefits::list_benefits) },
    Route { method: Method::POST, path: "/benefits", handler: || post(benefits::create_benefit) },
    Route { method: Method::GET, path: "/benefits/{id}", handler: || get(benefits::get_benefit) },
    Route { method: Method::PUT, path: "/benefits/{id}", handler: || put(benefits::change_benefit) },
    Route {
        method: Method::POST,
        path: "/benefits/{id}/publish",
        handler: || post(benefits::publish_benefit),
    },
    Route { method: Method::POST, path: "/benefits/{id}/pause", handler: || post(benefits::pause_benefit) },
    Route { method: Method::POST, path: "/benefits/{id}/close", handler: || post(benefits::close_benefit) },
    Route { method: Method::POST, path: "/benefits/{id}/top_up", handler: || post(benefits::top_up_benefit) },
    Route { method: Method::POST, path: "/benefits/{id}/list", handler: || post(benefits::list_people) },
    Route { method: Method::POST, path: "/benefits/{id}/codes", handler: || post(benefits::load_codes) },
    Route { method: Method::POST, path: "/benefits/{id}/used", handler: || post(benefits::report_used) },
    Route { method: Method::GET, path: "/benefits/{id}/releases", handler: || get(benefits::list_releases) },
    Route { method: Method::POST, path: "/people/{person}/pause", handler: || post(benefits::pause_person) },
    Route { method: Method::POST, path: "/people/{person}/lift", handler: || post(benefits::lift_pause) },
    Route { method: Method::GET, path: "/coupons/{code}", handler: || get(coupons::get_coupon) },
    Route { method: Method::POST, path: "/coupons/{code}/redeem", handler: || post(coupons::redeem_coupon) },
    Route { method: Method::POST, path: "/coupons/{code}/undo", handler: || post(coupons::undo_coupon) },
    Route { method: Method::POST, path: "/coupons/{code}/void", handler: || post(coupons::void_coupon) },
    Route { method: Method::GET, path: "/claims", handler: || get(claims::list_claims) },
    Route { method: Method::GET, path: "/claims/{id}", handler: || get(claims::get_claim) },
    Route { method: Method::POST, path: "/claims/{id}/look", handler: || post(claims::look_at_claim) },
    Route { method: Method::POST, path: "/claims/{id}/acts", handler: || post(claims::act_on_claim) },
    Route {
        method: Method::GET,
        path: "/claims/{id}/pages/{slot}/{page}",
        handler: || get(claims::get_claim_page),
    },
    Route { method: Method::GET, path: "/cases", handler: || get(cases::list_cases) },
    Route { method: Method::GET, path: "/cases/{id}", handler: || get(cases::get_case) },
    Route { method: Method::POST, path: "/cases/{id}/look", handler: || post(cases::look_at_case) },
    Route { method: Method::POST, path: "/cases/{id}/acts", handler: || post(cases::act_on_case) },
    Route {
        method: Method::GET,
        path: "/cases/{id}/pictures/{picture}",
        handler: || get(cases::get_case_picture),
    },
    Route { method: Method::GET, path: "/fund/report", handler: || get(fund::get_fund_report) },
    Route { method: Method::GET, path: "/fund/entries", handler: || get(fund::list_entries) },
    Route { method: Method::GET, path: "/fund/corrections", handler: || get(fund::list_corrections) },
    Route { method: Method::POST, path: "/fund/corrections", handler: || post(fund::correct_entry) },
    Route {
        method: Method::POST,
        path: "/fund/corrections/dismiss",
        handler: || post(fund::dismiss_correction),
    },
    Route {
        method: Method::POST,
        path: "/fund/corrections/confirm",
        handler: || post(fund::confirm_correction),
    },
    Route { method: Method::POST, path: "/fund/simulate", handler: || post(fund::simulate_scheme) },
    Route { method: Method::GET, path: "/payments", handler: || get(payments::list_payments) },
    Route { method: Method::POST, path: "/payments", handler: || post(payments::create_payment) },
    Route { method: Method::GET, path: "/payments/{id}", handler: || get(payments::get_payment) },
    Route { method: Method::POST, path: "/payments/{id}/export", handler: || post(payments::export_payment) },
    Route {
        method: Method::POST,
        path: "/payments/{id}/release",
        handler: || post(payments::release_payment),
    },
    Route { method: Method::POST, path: "/payments/{id}/drop", handler: || post(payments::drop_payment) },
    Route { method: Method::POST, path: "/payments/{id}/recall", handler: || post(payments::recall_payment) },
    Route {
        method: Method::POST,
        path: "/payments/{id}/recall/dismiss",
        handler: || post(payments::dismiss_recall),
    },
    Route {
        method: Method::POST,
        path: "/payments/{id}/results",
        handler: || post(payments::import_results),
    },
    Route {
        method: Method::POST,
        path: "/payments/{id}/returned",
        handler: || post(payments::return_payment),
    },
    Route { method: Method::GET, path: "/followers", handler: || get(followers::find_followers) },
    Route { method: Method::GET, path: "/followers/{openid}", handler: || get(followers::get_follower) },
    Route { method: Method::POST, path: "/members", handler: || post(members::add_member) },
    Route { method: Method::POST, path: "/members/find", handler: || post(members::find_member) },
    Route { method: Method::GET, path: "/members/{id}", handler: || get(members::get_member) },
    Route { method: Method::POST, path: "/members/{id}/look", handler: || post(members::look_at_member) },
    Route { method: Method::POST, path: "/members/{id}/unbind", handler: || post(members::unbind_member) },
    Route { method: Method::POST, path: "/members/{id}/card", handler: || post(members::set_card) },
    Route { method: Method::POST, path: "/members/{id}/state", handler: || post(members::set_member_state) },
    Route { method: Method::POST, path: "/members/imports", handler: || post(members::start_import) },
    Route {
        method: Method::POST,
        path: "/members/imports/{file}/rows",
        handler: || post(members::import_rows),
    },
    Route { method: Method::GET, path: "/members/applications", handler: || get(members::list_applications) },
    Route {
        method: Method::POST,
        path: "/members/applications/{id}/look",
        handler: || post(members::look_at_application),
    },
    Route {
        method: Method::POST,
        path: "/members/applications/{id}/approve",
        handler: || post(members::approve_application),
    },
    Route {
        method: Method::POST,
        path: "/members/applications/{id}/refuse",
        handler: || post(members::refuse_application),
    },
    Route { method: Method::GET, path: "/schemes", handler: || get(schemes::list_schemes) },
    Route { method: Method::GET, path: "/schemes/{scheme}", handler: || get(schemes::get_scheme) },
    Route {
        method: Method::POST,
        path: "/schemes/{scheme}/enrolments",
        handler: || post(schemes::start_enrolment),
    },
    Route {
        method: Method::POST,
        path: "/schemes/{scheme}/enrolments/{file}/rows",
        handler: || post(schemes::enrol_rows),
    },
    Route { method: Method::GET, path: "/schemes/{scheme}/refunds", handler: || get(schemes::list_refunds) },
    Route { method: Method::POST, path: "/schemes/{scheme}/refunds", handler: || post(schemes::ask_refund) },
    Route {
        method: Method::POST,
        path: "/schemes/{scheme}/refunds/confirm",
        handler: || post(schemes::confirm_refund),
    },
    Route {
        method: Method::POST,
        path: "/schemes/{scheme}/refunds/dismiss",
        handler: || post(schemes::dismiss_refund),
    },
    Route { method: Method::POST, path: "/policies/find", handler: || post(schemes::find_policies) },
    Route {
        method: Method::POST,
        path: "/followers/{openid}/tags",
        handler: || post(followers::tag_follower),
    },
    Route {
        method: Method::GET,
        path: "/followers/{openid}/timeline",
        handler: || get(followers::get_timeline),
    },
    Route {
        method: Method::GET,
        path: "/followers/{openid}/pictures",
        handler: || get(pictures::list_pictures),
    },
    Route { method: Method::GET, path: "/pictures/{id}", handler: || get(pictures::get_picture) },
    Route { method: Method::GET, path: "/faq/missed", handler: || get(questions::list_missed) },
    Route {
        method: Method::POST,
        path: "/faq/missed/{id}/settle",
        handler: || post(questions::settle_missed),
    },
    Route { method: Method::GET, path: "/outbox", handler: || get(outbox::list_outbox) },
    Route { method: Method::POST, path: "/outbox/{id}/retry", handler: || post(outbox::retry_row) },
    Route { method: Method::POST, path: "/outbox/{id}/drop", handler: || post(outbox::drop_row) },
    Route { method: Method::POST, path: "/followers/sync", handler: || post(sync::start_sync) },
    Route { method: Method::GET, path: "/followers/sync", handler: || get(sync::get_sync) },
    Route { method: Method::GET, path: "/trail", handler: || get(trail::list_trail) },
    Route { method: Method::POST, path: "/store/audit", handler: || post(store::audit_store) },
    Route { method: Method::POST, path: "/store/key-book", handler: || post(store::key_book) },
    Route { method: Method::POST, path: "/store/backup", handler: || post(store::backup_store) },
    Route { method: Method::POST, path: "/store/verify", handler: || post(store::verify_store) },
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
