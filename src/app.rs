//! The composition root: opens the parts, names every domain, wires addresses, jobs and tables together.

use std::{
    net::TcpListener,
    sync::{Arc, LazyLock},
    time::Duration,
};

use actix_web::{
    App as ActixApp, HttpRequest, HttpResponse, HttpServer,
    dev::ResourceDef,
    http::{Method, header},
    middleware::{Compress, from_fn},
    web::{self, Data},
};
use utoipa::openapi::{
    ContentBuilder, InfoBuilder, OpenApi, Ref, RefOr, Required, ResponseBuilder,
    header::HeaderBuilder,
    security::{Http, HttpAuthScheme, SecurityScheme},
};

use crate::{
    access::{self, Passwords, TokenKeys},
    assets,
    calendar::Calendar,
    collectives,
    config::Config,
    contracts,
    db::{self, Db, LoggedTable, Options, SchemaState},
    disclosure, documents, erasures, homesteads, imports,
    jobs::{Job, Timetable},
    kernel::{Code, time::Clock},
    log::{
        self, Asker, Witnesses,
        note::{SignerKey, VerifierKey},
    },
    members,
    notify::{self, Messenger},
    ocds,
    policy::PolicyBook,
    reports, settlement, supervision, trading,
    vault::{self, Keys, Vault},
    web as shell,
};

/// The opened program: everything a handler, a job or a command needs. Cheap to clone.
#[derive(Clone)]
pub struct App {
    pub config: Arc<Config>,
    pub db: Db,
    pub keys: Arc<Keys>,
    /// Signs the log.
    pub log_key: Arc<SignerKey>,
    /// Who watches the log.
    pub witnesses: Witnesses,
    asker: Option<Arc<Asker>>,
    pub vault: Vault,
    pub tokens: TokenKeys,
    pub passwords: Passwords,
    pub calendar: Arc<Calendar>,
    pub policies: Arc<PolicyBook>,
    pub messenger: Arc<Messenger>,
}

/// Why the program does not start: one line for the operator.
pub type StartError = String;

impl App {
    /// Opens an installation whose tables are at this version. The key file is made at the first start only.
    pub fn open(config: Config, clock: Arc<dyn Clock>, options: &Options) -> Result<App, StartError> {
        let db = Db::open(&config.database_url, clock, options).map_err(|e| e.to_string())?;
        match db::schema_state(&db).map_err(|e| e.to_string())? {
            SchemaState::Current => {}
            SchemaState::Behind(n) => {
                return Err(format!("the database lacks {n} migrations: run `xiangji migrate` first"));
            }
            SchemaState::Newer(v) => return Err(format!("the database is at version {v}, newer than this program")),
        }
        let fresh =
            db.read_now(|rx| db::dialect::count_rows(rx.conn(), "log_entries")).map_err(|e| e.to_string())? == 0;
        if fresh {
            // Two instances that start together: the second finds the regions there.
            db.write_now(db::Lane::of("regions", "all"), collectives::seed_regions).map_err(|e| e.to_string())?;
        }
        if db.read_now(settlement::is_to_be_opened).map_err(|e| e.to_string())? {
            db.write_now(db::Lane::of("books", "all"), trading::award::open_books).map_err(|e| e.to_string())?;
        }
        let keys = Arc::new(Keys::load(&config.keys, fresh.then_some(&origin(&config)[..]))?);
        let log_key = Arc::new(keys.log_signer()?);
        let witnesses = witnesses(&config, log_key.verifier())?;
        let asker = Asker::new(&witnesses, log_key.verifier(), config.allow_plaintext_witnesses)
            .map_err(|e| format!("XIANGJI_WITNESS_POLICY: {e}"))?
            .map(Arc::new);
        let calendar = match &config.calendar {
            None => Calendar::shipped().clone(),
            Some(path) => {
                let text =
                    std::fs::read_to_string(path).map_err(|e| format!("XIANGJI_CALENDAR {}: {e}", path.display()))?;
                let update = Calendar::parse(&text).map_err(|e| format!("XIANGJI_CALENDAR {}: {e}", path.display()))?;
                Calendar::shipped().updated(&update)
            }
        };
        let policies = match &config.policies {
            None => PolicyBook::shipped().clone(),
            Some(path) => {
                let text =
                    std::fs::read_to_string(path).map_err(|e| format!("XIANGJI_POLICIES {}: {e}", path.display()))?;
                let set = crate::policy::RuleSet::parse(&text)
                    .map_err(|e| format!("XIANGJI_POLICIES {}: {e}", path.display()))?;
                PolicyBook::shipped().clone().with(set)
            }
        };
        let (vault, policies) = (Vault::new(keys.clone()), Arc::new(policies));
        Ok(App {
            messenger: Arc::new(Messenger::new(&config, &vault, &policies)?),
            db,
            vault,
            tokens: TokenKeys::new(keys.token),
            passwords: Passwords::default(),
            calendar: Arc::new(calendar),
            policies,
            log_key,
            witnesses,
            asker,
            keys,
            config: Arc::new(config),
        })
    }

    /// Due work of every domain.
    pub fn jobs(&self) -> Vec<Job> {
        let (calendar, vault, log_key) = (self.calendar.clone(), self.vault.clone(), self.log_key.clone());
        vec![
            Job {
                name: "answers.forget_old",
                every: Duration::from_secs(3600),
                run: Box::new(shell::idempotency::forget_old),
            },
            Job { name: "messages.forget_old", every: Duration::from_secs(3600), run: Box::new(notify::forget_old) },
            Job { name: "imports.forget_old", every: Duration::from_secs(3600), run: Box::new(imports::forget_old) },
            Job {
                name: "auctions.close",
                every: TICK,
                run: Box::new(move |db| trading::auction::close_due(db, &calendar, &vault).map(drop)),
            },
            Job {
                name: "log.integrate",
                every: TICK,
                run: Box::new(move |db| log::integrate_once(db, &log_key).map(drop)),
            },
        ]
    }

    /// Messages: nobody who bids or closes waits while they are written, so they have a timetable of their own.
    fn telling_jobs(&self) -> Vec<Job> {
        let job = |name, every, tell: fn(&Messenger, &Db) -> db::Result<usize>| {
            let messenger = self.messenger.clone();
            Job { name, every, run: Box::new(move |db| tell(&messenger, db).map(drop)) }
        };
        vec![
            job("messages.follow", Duration::from_secs(1), Messenger::follow),
            job("messages.watch_leaders", Duration::from_secs(2), Messenger::watch_leaders),
            job("messages.watch_openings", Duration::from_secs(30), Messenger::watch_openings),
        ]
    }

    /// Due work that waits for mail servers and gateways.
    fn sending_jobs(&self) -> Vec<Job> {
        if self.messenger.channels().is_empty() {
            return Vec::new();
        }
        let messenger = self.messenger.clone();
        let run = Box::new(move |db: &Db| messenger.deliver(db).map(drop));
        vec![Job { name: "messages.deliver", every: Duration::from_secs(1), run }]
    }

    /// Due work that waits for others and must not hold up the rest: it has a timetable of its own.
    fn slow_jobs(&self) -> Vec<Job> {
        let ask = |asker: Arc<Asker>| Job {
            name: "log.ask_witnesses",
            every: TICK,
            run: Box::new(move |db| asker.ask_once(db).map(drop)),
        };
        self.asker.clone().map(ask).into_iter().collect()
    }

    /// Asks the witnesses that are due for the newest head; returns how many cosigned. 0 without a policy.
    pub fn ask_witnesses(&self) -> db::Result<usize> {
        self.asker.as_ref().map_or(Ok(0), |asker| asker.ask_once(&self.db))
    }

    /// Serves on `listener` until SIGTERM or SIGINT; then ends cleanly: requests finish, jobs stop, the log is signed up to
    /// its last entry.
    pub async fn serve(self, listener: TcpListener) -> std::io::Result<()> {
        // What browsers will get stands in the log before the first of them gets it.
        let db = self.db.clone();
        let announced = tokio::task::spawn_blocking(move || supervision::announce_client_code(&db)).await;
        announced.map_err(std::io::Error::other)?.map_err(std::io::Error::other)?;
        let server = self.clone().server(listener, workers())?;
        let all = [self.jobs(), self.slow_jobs(), self.telling_jobs(), self.sending_jobs()];
        let started = all.into_iter().map(|jobs| Timetable::start(self.db.clone(), jobs));
        let timetables = started.collect::<std::io::Result<Vec<Timetable>>>()?;
        let result = server.await;
        let ended = tokio::task::spawn_blocking(move || {
            drop(timetables);
            if let Err(e) = self.integrate_log() {
                tracing::error!(error = %e, "the log could not be signed up to its last entry; the next start does it");
            }
            self.db.stop();
        });
        ended.await.map_err(std::io::Error::other)?;
        result
    }

    /// Gives every entry its place in the log and signs its head; returns the number of entries.
    pub fn integrate_log(&self) -> db::Result<u64> {
        log::integrate(&self.db, &self.log_key, |_| {})
    }

    /// The server without its timetable: tests turn the clock and call the jobs by hand.
    pub fn server(self, listener: TcpListener, workers: usize) -> std::io::Result<actix_web::dev::Server> {
        let metrics = shell::observe::Metrics::new().map_err(std::io::Error::other)?;
        metrics.registry().register(Box::new(self.db.write_seconds())).map_err(std::io::Error::other)?;
        let limits =
            Data::new(shell::limits::Limits::new(self.config.requests_per_minute, self.config.sign_ins_per_minute));
        let sessions = Data::new(access::Sessions::new(self.tokens.clone()));
        let unread = Data::new(notify::Unread::default());
        let halls = Data::new(trading::lots::Halls::default());
        let verifier = Data::new(supervision::Verifier::new(
            logged_tables(),
            checks(),
            self.log_key.clone(),
            &self.keys.former,
            self.witnesses.clone(),
        ));
        let_many_wait(&listener)?;
        let server = HttpServer::new(move || {
            ActixApp::new()
                .wrap(from_fn(notify::count_unread))
                .wrap(from_fn(access::authenticate))
                .wrap(from_fn(shell::csrf::same_site_only))
                .wrap(from_fn(shell::limits::limit))
                .wrap(from_fn(shell::plain_text::plain_address))
                .wrap(from_fn(shell::errors::render_errors))
                .wrap(from_fn(shell::headers::secure))
                .wrap(Compress::default())
                .wrap(from_fn(shell::observe::watch))
                .app_data(Data::new(self.clone()))
                .app_data(Data::new(self.db.clone()))
                .app_data(Data::new(self.witnesses.clone()))
                .app_data(Data::new(self.vault.clone()))
                .app_data(Data::new(self.tokens.clone()))
                .app_data(Data::new(self.passwords.clone()))
                .app_data(Data::from(self.config.clone()))
                .app_data(Data::from(self.calendar.clone()))
                .app_data(Data::from(self.policies.clone()))
                .app_data(Data::new(metrics.clone()))
                .app_data(Data::new(shell::html::Site::new(&self.config.help_phone, self.config.public_url.as_deref())))
                .app_data(Data::new(self.messenger.clone()))
                .app_data(unread.clone())
                .app_data(sessions.clone())
                .app_data(limits.clone())
                .app_data(halls.clone())
                .app_data(verifier.clone())
                .app_data(
                    web::PathConfig::default()
                        .error_handler(|_, _| shell::Error::from(&crate::kernel::error::NOT_FOUND).into()),
                )
                .app_data(web::QueryConfig::default().error_handler(|e, _| {
                    crate::web::Error::from(crate::kernel::Problem::field(
                        "query",
                        None,
                        format!("地址里的查询条件读不懂：{e}"),
                    ))
                    .into()
                }))
                .configure(|config| api_routes(&mut shell::Routes::Served(config)))
                .configure(page_routes)
                .configure(operator_routes)
                .default_service(web::to(no_such_address))
        })
        .workers(workers)
        // An answer in two halves (a stream's event, a packed page) must not wait for the reader's acknowledgement.
        .tcp_nodelay(true)
        .shutdown_timeout(10)
        .listen(listener)?;
        Ok(server.run())
    }
}

/// Connections that may wait to be accepted. std asks for 128: of a full hall that opens a lot in the same second the rest would be
/// turned away by the system, and cut off after a while (benches/bidding, 500 watchers).
const MOST_WAITING: i32 = 1024;

fn let_many_wait(listener: &TcpListener) -> std::io::Result<()> {
    socket2::SockRef::from(listener).listen(MOST_WAITING)
}

/// Threads that answer requests. One core is left to who writes: with as many threads as cores they are in each other's way,
/// and bids that come together overtake one another (benches/bidding).
fn workers() -> usize {
    std::thread::available_parallelism().map_or(1, |cores| cores.get().saturating_sub(1).max(1))
}

/// The log's name: where people reach the server, without the scheme.
fn origin(config: &Config) -> String {
    let place = config.public_url.as_deref().and_then(|u| u.split("://").nth(1)).unwrap_or("localhost");
    format!("{place}/xiangji")
}

/// JSON API of every domain.
fn api_routes(config: &mut shell::Routes<'_>) {
    config.configure(trading::api_routes);
    config.configure(access::api::routes);
    config.configure(collectives::api::routes);
    config.configure(supervision::api::routes);
    config.configure(documents::api::routes);
    config.configure(assets::api::routes);
    config.configure(homesteads::api::routes);
    config.configure(members::api::routes);
    config.configure(settlement::orders::api::routes);
    config.configure(settlement::bank::api::routes);
    config.configure(settlement::unidentified::api::routes);
    config.configure(settlement::payees::api::routes);
    config.configure(settlement::periods::api::routes);
    config.configure(contracts::api::routes);
    config.configure(ocds::api::routes);
    config.configure(erasures::api::routes);
    config.configure(notify::api::routes);
}

/// Pages of every domain.
fn page_routes(config: &mut web::ServiceConfig) {
    config
        .configure(shell::static_files::routes)
        .configure(shell::comfort::routes)
        .configure(access::pages::routes)
        .configure(collectives::pages::routes)
        .configure(erasures::pages::routes)
        .configure(members::pages::routes)
        .configure(assets::pages::routes)
        .configure(homesteads::pages::routes)
        .configure(contracts::pages::routes)
        .configure(settlement::orders::pages::routes)
        .configure(settlement::bank::pages::routes)
        .configure(settlement::unidentified::pages::routes)
        .configure(settlement::payees::pages::routes)
        .configure(settlement::periods::pages::routes)
        .configure(trading::market_routes)
        .configure(trading::desk_routes)
        .configure(disclosure::pages::routes)
        .configure(reports::pages::routes)
        .configure(notify::pages::routes);
    config
        .configure(supervision::page_routes)
        .configure(supervision::log_routes)
        .configure(ocds::api::extension_routes);
    config.configure(shell::static_files::routes);
}

/// Addresses for operators and for programs that read documents.
fn operator_routes(config: &mut web::ServiceConfig) {
    config
        .route("/healthz", web::get().to(|| async { HttpResponse::Ok().content_type("text/plain").body("ok\n") }))
        .route("/readyz", web::get().to(ready))
        .route("/metrics", web::get().to(shell::observe::metrics))
        .route("/api/v1/openapi.json", web::get().to(document))
        .route("/api/docs", web::get().to(|| async { shell::see_other("/api/docs/") }))
        .service(
            utoipa_swagger_ui::SwaggerUi::new("/api/docs/{_:.*}")
                .config(utoipa_swagger_ui::Config::from("/api/v1/openapi.json")),
        );
}

async fn ready(db: Data<Db>) -> HttpResponse {
    let db = db.get_ref().clone();
    match tokio::task::spawn_blocking(move || db::schema_state(&db)).await {
        Ok(Ok(SchemaState::Current)) => HttpResponse::Ok().content_type("text/plain").body("ready\n"),
        Ok(Ok(state)) => {
            HttpResponse::ServiceUnavailable().content_type("text/plain").body(format!("schema: {state:?}\n"))
        }
        _ => HttpResponse::ServiceUnavailable().content_type("text/plain").body("database not reachable\n"),
    }
}

async fn document() -> Result<HttpResponse, actix_web::Error> {
    let document = web::block(|| &*DOCUMENT).await?;
    Ok(HttpResponse::Ok().content_type("application/json").body(document.text.as_str()))
}

/// Made when somebody asks for it first: a server starts without it.
static DOCUMENT: LazyLock<Document> = LazyLock::new(|| {
    let document = openapi();
    let paths = document.paths.paths.iter();
    let addresses = paths.map(|(path, item)| (ResourceDef::new(path.as_str()), methods(item))).collect();
    Document { text: openapi_text(&document), addresses }
});

struct Document {
    text: String,
    /// With their methods, for telling 405 from 404.
    addresses: Vec<(ResourceDef, Vec<Method>)>,
}

fn methods(item: &utoipa::openapi::PathItem) -> Vec<Method> {
    [
        (&item.get, Method::GET),
        (&item.post, Method::POST),
        (&item.put, Method::PUT),
        (&item.patch, Method::PATCH),
        (&item.delete, Method::DELETE),
    ]
    .into_iter()
    .filter(|(operation, _)| operation.is_some())
    .map(|(_, method)| method)
    .collect()
}

async fn no_such_address(request: HttpRequest) -> Result<HttpResponse, actix_web::Error> {
    let document = web::block(|| &*DOCUMENT).await?;
    match document.addresses.iter().find(|(address, _)| address.is_match(request.path())) {
        Some((_, methods)) => {
            let allow = methods.iter().map(Method::as_str).collect::<Vec<_>>().join(", ");
            let mut response = shell::errors::respond(&(&shell::errors::METHOD_NOT_ALLOWED).into());
            if let Ok(value) = header::HeaderValue::from_str(&allow) {
                response.headers_mut().insert(header::ALLOW, value);
            }
            Ok(response)
        }
        None => Err(shell::Error::from(&shell::errors::NO_SUCH_PAGE).into()),
    }
}

/// The OpenAPI 3.1 document, generated from the handlers.
pub fn openapi() -> OpenApi {
    let mut told = shell::routes::Told::default();
    api_routes(&mut shell::Routes::Told(&mut told));
    let info = InfoBuilder::new()
        .title("Xiangji (乡集)")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(
            "The village ledger and market that anyone can verify. Times are RFC 3339 with an offset, money is yuan as text with two decimals, \
             areas are square metres as text with two decimals, identifiers are opaque.",
        ))
        .build();
    let mut document = OpenApi::new(info, told.paths);
    let components = document.components.get_or_insert_default();
    components.schemas.extend(told.schemas);
    components.add_security_scheme("bearer", SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer)));
    let too_many = ResponseBuilder::new()
        .description("Too many requests; try again after the seconds in Retry-After.")
        .header("Retry-After", HeaderBuilder::new().description(Some("seconds")).build())
        .content(
            "application/problem+json",
            ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build(),
        )
        .build();
    for item in document.paths.paths.values_mut() {
        for operation in
            [&mut item.get, &mut item.post, &mut item.put, &mut item.patch, &mut item.delete].into_iter().flatten()
        {
            operation.responses.responses.insert("429".into(), RefOr::T(too_many.clone()));
            for (status, response) in &mut operation.responses.responses {
                // Refusals travel as problem documents, whatever the handler's annotation says.
                if (status.starts_with('4') || status.starts_with('5'))
                    && let RefOr::T(response) = response
                    && let Some(content) = response.content.shift_remove("application/json")
                {
                    response.content.insert("application/problem+json".into(), content);
                }
            }
            if let Some(RefOr::T(body)) = &mut operation.request_body {
                body.required = Some(Required::True);
            }
        }
    }
    document
}

/// As it is served, printed and checked in: pretty JSON and a line end.
pub fn openapi_text(document: &OpenApi) -> String {
    document.to_pretty_json().unwrap_or_default() + "\n"
}

/// Every refusal code of every domain, for `openapi/error-codes.md`.
pub fn codes() -> Vec<&'static Code> {
    [
        crate::kernel::error::ALL,
        db::CODES,
        shell::errors::ALL,
        shell::csrf::ALL,
        shell::versions::ALL,
        shell::idempotency::ALL,
        shell::limits::ALL,
        access::CODES,
        access::ACTOR_CODES,
        access::PERSON_CODES,
        crate::calendar::ALL,
        crate::policy::ALL,
        crate::sheets::ALL,
        imports::CODES,
        collectives::CODES,
        documents::CODES,
        assets::CODES,
        homesteads::CODES,
        members::CODES,
        members::PAPER_CODES,
        settlement::CODES,
        settlement::LEDGER_CODES,
        settlement::orders::CODES,
        settlement::bank::CODES,
        settlement::unidentified::CODES,
        settlement::payees::CODES,
        settlement::periods::CODES,
        trading::listing::CODES,
        trading::notices::CODES,
        trading::questions::CODES,
        trading::objections::CODES,
        trading::confirmation::CODES,
        trading::negotiation::CODES,
        trading::enrolment::CODES,
        trading::joint::CODES,
        trading::exclusions::CODES,
        trading::confirmation::DEFAULT_CODES,
        trading::looks::CODES,
        trading::paddles::CODES,
        trading::auction::CODES,
        trading::auction::LIVE_CODES,
        trading::priority::CODES,
        trading::qualification::CODES,
        trading::merits::CODES,
        trading::draw::CODES,
        trading::ranking::CODES,
        trading::sealed::CODES,
        contracts::CODES,
        erasures::CODES,
        notify::CODES,
    ]
    .into_iter()
    .flatten()
    .copied()
    .collect()
}

/// Every table whose rows are in the log.
pub fn logged_tables() -> Vec<LoggedTable> {
    [
        vault::logged_tables(),
        access::logged_tables(),
        collectives::logged_tables(),
        documents::logged_tables(),
        assets::logged_tables(),
        homesteads::logged_tables(),
        members::logged_tables(),
        settlement::logged_tables(),
        trading::logged_tables(),
        contracts::logged_tables(),
        erasures::logged_tables(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// What the rows of every domain must say of each other, whatever the log says of each.
pub fn checks() -> Vec<log::Check> {
    [
        assets::checks(),
        homesteads::checks(),
        members::checks(),
        settlement::checks(),
        trading::checks(),
        contracts::checks(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The witnesses that the configuration names for the log of `key`.
///
/// Errors: one line.
pub fn witnesses(config: &Config, key: &VerifierKey) -> Result<Witnesses, StartError> {
    let Some(path) = &config.witness_policy else { return Ok(Witnesses::none()) };
    let read = std::fs::read(path).map_err(|e| e.to_string()).and_then(|file| Witnesses::read(&file, key));
    read.map_err(|e| format!("XIANGJI_WITNESS_POLICY {}: {e}", path.display()))
}

/// How often the log is integrated and auctions are looked at.
pub const TICK: Duration = Duration::from_millis(500);

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, TcpStream};

    use super::*;

    const HALL: usize = 300;

    /// How many get a connection at once while nobody accepts any.
    fn let_in(listener: &TcpListener) -> usize {
        let door = listener.local_addr().expect("an address");
        let come = |_| TcpStream::connect_timeout(&door, Duration::from_secs(3)).ok();
        (0..HALL).map_while(come).collect::<Vec<_>>().len()
    }

    #[test]
    fn a_full_hall_waits_to_be_let_in() {
        // What the system grants at most is its owner's to say.
        let granted = std::fs::read_to_string("/proc/sys/net/core/somaxconn").expect("the system's bound");
        let granted: usize = granted.trim().parse().expect("a number");
        let open = || TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a listener");
        assert!(let_in(&open()) < HALL, "control: std keeps a short queue");
        let listener = open();
        let_many_wait(&listener).expect("a longer queue");
        assert!(let_in(&listener) >= HALL.min(granted));
    }
}
