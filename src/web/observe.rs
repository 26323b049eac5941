//! What the operator sees: one log line a request, and `/metrics` in Prometheus' text form.

use std::{sync::Arc, time::Instant};

use actix_web::{
    HttpResponse,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    middleware::Next,
    web::Data,
};
use prometheus::{Encoder, HistogramOpts, HistogramVec, IntCounterVec, Opts, Registry, TextEncoder};

/// Counters of this process.
#[derive(Clone)]
pub struct Metrics(Arc<Inner>);

struct Inner {
    registry: Registry,
    requests: IntCounterVec,
    seconds: HistogramVec,
}

impl Metrics {
    /// Errors only where two metrics had one name: a bug.
    pub fn new() -> Result<Metrics, prometheus::Error> {
        let registry = Registry::new();
        let requests = IntCounterVec::new(
            Opts::new("xiangji_requests_total", "Requests by method and status"),
            &["method", "status"],
        )?;
        let seconds =
            HistogramVec::new(HistogramOpts::new("xiangji_request_seconds", "Time to the answer's head"), &["method"])?;
        registry.register(Box::new(requests.clone()))?;
        registry.register(Box::new(seconds.clone()))?;
        Ok(Metrics(Arc::new(Inner { registry, requests, seconds })))
    }

    /// For further collectors.
    pub fn registry(&self) -> &Registry {
        &self.0.registry
    }
}

/// `GET /metrics`.
pub async fn metrics(metrics: Data<Metrics>) -> HttpResponse {
    let mut text = Vec::new();
    match TextEncoder::new().encode(&metrics.0.registry.gather(), &mut text) {
        Ok(()) => HttpResponse::Ok().content_type("text/plain; version=0.0.4").body(text),
        Err(e) => {
            tracing::error!(error = %e, "metrics cannot be written");
            HttpResponse::InternalServerError().finish()
        }
    }
}

/// Middleware: counts, times and logs. Paths are logged without their query, which may hold a name that was searched.
pub async fn watch<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, actix_web::Error> {
    let metrics = request.app_data::<Data<Metrics>>().cloned();
    let (method, path) = (request.method().to_string(), request.path().to_owned());
    let started = Instant::now();
    let response = next.call(request).await?;
    let (status, took) = (response.status().as_u16(), started.elapsed());
    if let Some(m) = metrics {
        m.0.requests.with_label_values(&[method.as_str(), &status.to_string()]).inc();
        m.0.seconds.with_label_values(&[method.as_str()]).observe(took.as_secs_f64());
    }
    tracing::info!(method, path, status, ms = took.as_millis(), "request");
    Ok(response)
}
