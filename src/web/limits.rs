//! Rate limits by client address: 429 with `Retry-After`.

use std::{net::IpAddr, num::NonZeroU32, sync::Arc};

use actix_web::{
    HttpRequest,
    body::{EitherBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    middleware::Next,
    web::Data,
};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter, clock::Clock};

use super::errors::Error;
use crate::kernel::Problem;

crate::codes! {
    TOO_MANY_REQUESTS 429 "too_many_requests" "操作太频繁，请稍等片刻再试";
}

/// The limits of this server.
pub struct Limits {
    all: Arc<DefaultKeyedRateLimiter<IpAddr>>,
    sign_in: Arc<DefaultKeyedRateLimiter<IpAddr>>,
}

impl Limits {
    /// Requests and sign-ins per minute and client address.
    pub fn new(all: u32, sign_in: u32) -> Limits {
        let limiter =
            |n: u32| Arc::new(RateLimiter::keyed(Quota::per_minute(NonZeroU32::new(n).unwrap_or(NonZeroU32::MIN))));
        Limits { all: limiter(all), sign_in: limiter(sign_in) }
    }

    /// For the sign-in forms and addresses.
    pub fn check_sign_in(&self, request: &HttpRequest) -> Result<(), Error> {
        check(&self.sign_in, request.peer_addr().map(|a| a.ip()))
    }

    /// Forgets addresses that have been quiet; called by the timetable.
    pub fn forget_quiet(&self) {
        self.all.retain_recent();
        self.sign_in.retain_recent();
    }
}

fn check(limiter: &DefaultKeyedRateLimiter<IpAddr>, from: Option<IpAddr>) -> Result<(), Error> {
    let Some(address) = from else { return Ok(()) };
    limiter.check_key(&address).map_err(|until| {
        let wait = until.wait_time_from(limiter.clock().now()).as_secs() + 1;
        Problem::new(&TOO_MANY_REQUESTS, format!("操作太频繁，请等 {wait} 秒再试")).with("retry_after_s", wait).into()
    })
}

/// Middleware over everything but static files (the log's tiles are such: an audit reads thousands) and the health checks.
pub async fn limit<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, actix_web::Error> {
    let path = request.path();
    let free = ["/static/", "/log/tile/"].iter().any(|p| path.starts_with(p)) || matches!(path, "/healthz" | "/readyz");
    let within = match request.app_data::<Data<Limits>>() {
        Some(limits) if !free => check(&limits.all, request.peer_addr().map(|a| a.ip())),
        _ => Ok(()),
    };
    if let Err(e) = within {
        return Ok(super::errors::refuse(request, e));
    }
    next.call(request).await.map(ServiceResponse::map_into_left_body)
}
