//! Endpoints of the API, listed once by each domain: to be served, and to be told of in the OpenAPI document.

use actix_web::{dev::HttpServiceFactory, web};
use utoipa::openapi::{Paths, RefOr, Schema};
use utoipa_actix_web::OpenApiFactory;

/// What the endpoints are listed for.
pub enum Routes<'r> {
    /// A server does without the document: to make it takes longer than the rest of a start.
    Served(&'r mut web::ServiceConfig),
    Told(&'r mut Told),
}

/// Addresses with their operations, and what these speak of.
#[derive(Default)]
pub struct Told {
    pub paths: Paths,
    pub schemas: Vec<(String, RefOr<Schema>)>,
}

impl Routes<'_> {
    pub fn service(&mut self, endpoint: impl HttpServiceFactory + OpenApiFactory + 'static) -> &mut Self {
        match self {
            Routes::Served(server) => drop(server.service(endpoint)),
            Routes::Told(told) => {
                told.paths.merge(endpoint.paths());
                endpoint.schemas(&mut told.schemas);
            }
        }
        self
    }

    pub fn configure(&mut self, domain: impl FnOnce(&mut Routes<'_>)) -> &mut Self {
        domain(self);
        self
    }
}
