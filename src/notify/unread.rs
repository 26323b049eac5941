//! How many messages wait, in the header of every page of whoever is signed in.

use std::collections::HashMap;

use actix_web::{
    HttpMessage,
    body::{EitherBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::Method,
    middleware::Next,
    web::Data,
};

use super::store;
use crate::{
    access::{Account, Actor},
    db::{Db, Desk, Result, Rx},
    kernel::Id,
    web::{self, html::SignedIn},
};

/// Where the pages ask. Cheap to clone.
#[derive(Clone)]
pub struct Unread(Desk<Id<Account>, i64>);

impl Default for Unread {
    fn default() -> Unread {
        Unread(Desk::new(counts))
    }
}

fn counts(rx: &mut Rx<'_>, asked: &[Id<Account>]) -> Result<Vec<i64>> {
    let counted: HashMap<_, _> = store::count_unread(rx, asked)?.into_iter().collect();
    Ok(asked.iter().map(|account| counted.get(account).copied().unwrap_or(0)).collect())
}

/// Middleware, inside of the one that finds the actor: puts the number beside a page's request.
pub async fn count_unread<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> std::result::Result<ServiceResponse<EitherBody<B>>, actix_web::Error> {
    let is_page = request.method() == Method::GET && request.extensions().contains::<SignedIn>();
    let account = is_page.then(|| request.extensions().get::<Actor>().map(|actor| actor.account.clone())).flatten();
    if let (Some(account), Some(db), Some(unread)) =
        (account, request.app_data::<Data<Db>>(), request.app_data::<Data<Unread>>())
    {
        let (db, unread) = (db.clone(), unread.clone());
        match db.ask(&unread.0, account).await {
            Ok(count) => {
                if let Some(signed_in) = request.extensions_mut().get_mut::<SignedIn>() {
                    signed_in.unread = Some(count);
                }
            }
            Err(e) => return Ok(web::errors::refuse(request, e)),
        }
    }
    next.call(request).await.map(ServiceResponse::map_into_left_body)
}
