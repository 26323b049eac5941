//! The command line: reads the configuration, opens the program, runs one command. Errors are one line on standard error
//! and exit code 1; a misused command line is exit code 2 (clap's).

use std::{
    io::Write,
    net::{SocketAddr, TcpListener},
    path::PathBuf,
    process::ExitCode,
    sync::Arc,
};

use clap::{Parser, Subcommand};
use xiangji::{
    access::{self, NewAccount, Role},
    app::{self, App},
    config::{Config, SystemClock},
    console,
    db::{self, Lane, Options},
    demo,
    log::{By, note::VerifierKey},
    maintain,
    trading::sealed::command as sealed,
    witness::{self, Witness},
};

/// Xiangji (乡集): the village ledger and market that anyone can verify.
#[derive(Parser)]
#[command(version, about)]
struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Make a fresh embedded database with a village in it, and serve it.
    Demo {
        #[arg(long, value_enum, default_value_t = Scale::Village)]
        scale: Scale,
        /// Address and port; port 0 takes any that is free.
        #[arg(long, default_value = "127.0.0.1:8080")]
        listen: SocketAddr,
        /// Folder of the database, made anew at each start.
        #[arg(long, default_value = "xiangji-demo")]
        dir: PathBuf,
    },
    /// Serve the configured database.
    Serve,
    /// Bring the database to this version.
    Migrate,
    /// Keep accounts.
    User {
        #[command(subcommand)]
        command: UserCommand,
    },
    /// Bring records from a file, as the import pages do: read, report, then write the whole or nothing.
    Import {
        matter: Matter,
        file: PathBuf,
        /// Region code of the collective, such as 440703103213.
        #[arg(long)]
        collective: String,
        /// Only report.
        #[arg(long)]
        dry_run: bool,
    },
    /// Write what others can check.
    Export {
        #[command(subcommand)]
        command: ExportCommand,
    },
    /// Recompute the log and every table from the log: one line a fault, then a summary; exit 1 where there are faults.
    Verify(Box<Verify>),
    /// Fold every table again out of the log into a new folder, one JSON row a line, and compare it with the table as it
    /// stands; exit 1 where they differ. The folder holds personal data.
    Rebuild { dir: PathBuf },
    /// Write the database's files anew, so that they hold nothing of what was erased or overwritten; after erasures, in a quiet
    /// hour: others wait meanwhile.
    Scrub,
    /// Copy the embedded database into a new file, also while it is served.
    Backup { file: PathBuf },
    /// Put a backup in the place of the embedded database, once it has passed `verify`; persons who were erased since are erased
    /// in it again.
    Restore { file: PathBuf },
    /// Recompute the award of an auction from its trace alone.
    Replay { file: PathBuf },
    /// Make a sealed bid on your own machine; needs no database and no network. Print the envelope.
    Seal {
        /// What `/api/v1/lots/ID` answered, as a file.
        #[arg(long)]
        lot: PathBuf,
        /// Your bid number, such as 03; `reserve` for the secret floor of the collective.
        #[arg(long)]
        bidder: String,
        /// In yuan, such as 820.00.
        #[arg(long)]
        amount: String,
    },
    /// After the deadline: decrypt a trustee's shares, or with no key open every bid again with the published keys; exit 1 where
    /// they say something else than the server. Needs no database and no network.
    Unseal {
        /// What `/api/v1/lots/ID/sealed-bids` answered, as a file.
        #[arg(long)]
        bids: PathBuf,
        /// The trustee's file of `age-keygen`; it stays on this machine.
        #[arg(long)]
        key: Option<PathBuf>,
    },
    /// Give the log another key, and with --origin another name, under which it goes on; the old name is frozen. Stop the
    /// servers first, and copy the key file to every instance afterwards.
    ChangeKey {
        /// Why; public, and for ever.
        #[arg(long)]
        reason: String,
        /// New file for the receipt of the announcement, signed by the old key: for those who have only that.
        #[arg(long, value_name = "FILE")]
        receipt: PathBuf,
        /// The log's new name, such as xiangji.example/duruan.
        #[arg(long)]
        origin: Option<String>,
    },
    /// Be a witness for the logs of others: cosign what only grows, keep what does not as evidence. Needs no database.
    Witness {
        /// Folder of this witness: its key, made at the first start, and what it has seen. If it is lost, make a new witness.
        #[arg(long)]
        dir: PathBuf,
        /// Address and port; port 0 takes any that is free.
        #[arg(long, default_value = "127.0.0.1:8090")]
        listen: SocketAddr,
        /// Public key of a log to witness, `name+id+base64`, from its people and not from its server; may be given again.
        #[arg(long = "log", value_name = "VKEY", required = true)]
        logs: Vec<VerifierKey>,
        /// Name of the key, best an address without https://; drawn where it is left out. Only the first start asks.
        #[arg(long)]
        name: Option<String>,
    },
    /// Print the OpenAPI document.
    Openapi,
}

#[derive(clap::Args)]
struct Verify {
    /// The log's public key, `name+id+base64`, from somewhere else than this machine; else the key file's.
    #[arg(long)]
    key: Option<VerifierKey>,
    /// Check this receipt instead, a .tlog-proof file; needs no database and no network, but the key.
    #[arg(long, value_name = "FILE", requires = "key")]
    receipt: Option<PathBuf>,
    /// The entry's bytes, for a receipt that does not hold them.
    #[arg(long, value_name = "FILE", requires = "receipt")]
    entry: Option<PathBuf>,
    /// A head of this log that you kept, a checkpoint, a receipt, or three lines typed from the board (name, number of entries,
    /// root): the log must continue it, and only what came after it is looked at.
    #[arg(long, value_name = "FILE", conflicts_with = "receipt")]
    since: Option<PathBuf>,
    /// Write what was found into a new file, signed by the log's key.
    #[arg(long, value_name = "FILE", conflicts_with = "receipt")]
    write_report: Option<PathBuf>,
    /// Check the signature of such a report instead; needs no database and no network, but the key.
    #[arg(long, value_name = "FILE", requires = "key", conflicts_with_all = ["receipt", "since", "write_report"])]
    report: Option<PathBuf>,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Scale {
    /// One village, ready in seconds.
    Village,
    /// All 139 villages of the district with 169,100 members, ready in minutes.
    District,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Matter {
    Members,
    Assets,
    Contracts,
    Parcels,
}

#[derive(Subcommand)]
enum ExportCommand {
    /// The transparency log as C2SP tlog-tiles files in a new folder; the key that checks it goes to standard error.
    Log { dir: PathBuf },
    /// The sheet for the village's notice board as an HTML file to be printed: what the log stands at, its public key, a QR
    /// code. Not to be served.
    Board { file: PathBuf },
    /// The money ledger as a plain-text journal that hledger reads, on standard output.
    Journal {
        /// Only collectives below this region code, such as 440703103000 for a town or 440703103213 for a village.
        #[arg(long, visible_alias = "collective", value_name = "CODE")]
        region: Option<String>,
    },
    /// Every public trade as an OCDS 1.1 release package, `OCID.json` in a new folder.
    Ocds { dir: PathBuf },
    /// The trace of an ended auction on standard output, or of all of them into a new folder.
    #[command(group(clap::ArgGroup::new("which").required(true)))]
    Auction {
        /// Identifier of the lot.
        #[arg(group = "which")]
        id: Option<String>,
        /// Writes `ID.trace.json` and `ID.result.json` of every closed auction.
        #[arg(long, value_name = "DIR", group = "which")]
        all: Option<PathBuf>,
    },
}

#[derive(Subcommand)]
enum UserCommand {
    /// Create an account; the password is read from standard input, or generated and printed once.
    Add {
        #[arg(long)]
        role: String,
        /// Region code the role is held at, such as 440703103000.
        #[arg(long)]
        scope: String,
        name: String,
    },
}

fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| "warn,xiangji=info".into()),
        )
        .with_writer(std::io::stderr)
        .with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr()))
        .init();
    match run(CommandLine::parse().command) {
        Ok(code) => code,
        Err(line) => {
            let _closed = writeln!(std::io::stderr(), "xiangji: {}", line.replace('\n', " "));
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<ExitCode, String> {
    match command {
        Command::Openapi => {
            print(&app::openapi_text(&app::openapi()));
            Ok(ExitCode::SUCCESS)
        }
        Command::Demo { scale, listen, dir } => demo(scale, listen, &dir),
        Command::Replay { file } => replay(&file),
        Command::Migrate => {
            let config = Config::from_env()?;
            let target = db::Target::parse(&config.database_url).map_err(|e| e.to_string())?;
            let n = db::migrate(&target).map_err(|e| e.to_string())?;
            print(&format!("{n} migrations run; the database is at this version\n"));
            Ok(ExitCode::SUCCESS)
        }
        Command::Serve => {
            let app = open()?;
            tracing::info!("{}", app.config.redacted());
            let listen = app.config.listen;
            let listener = TcpListener::bind(listen).map_err(|e| format!("cannot listen on {listen}: {e}"))?;
            let address = listener.local_addr().map_err(|e| e.to_string())?;
            print(&format!("http://{address}\n"));
            actix_web::rt::System::new().block_on(app.serve(listener)).map_err(|e| e.to_string())?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Import { matter, file, collective, dry_run } => {
            let collective = collective.parse().map_err(|e| format!("--collective {collective}: {e}"))?;
            let matter = match matter {
                Matter::Members => console::Matter::Members,
                Matter::Assets => console::Matter::Assets,
                Matter::Contracts => console::Matter::Contracts,
                Matter::Parcels => console::Matter::Parcels,
            };
            let app = open()?;
            let written = console::import(&app, matter, &file, &collective, dry_run, &mut std::io::stdout())?;
            app.integrate_log().map_err(|e| e.to_string())?;
            Ok(if written { ExitCode::SUCCESS } else { ExitCode::FAILURE })
        }
        Command::Export { command: ExportCommand::Log { dir } } => {
            let key = maintain::export_log(&Config::from_env()?, &dir)?;
            let _closed = writeln!(std::io::stderr(), "{key}");
            Ok(ExitCode::SUCCESS)
        }
        Command::Export { command: ExportCommand::Journal { region } } => {
            let db = maintain::open(&Config::from_env()?.database_url)?;
            let mut out = std::io::BufWriter::new(std::io::stdout());
            console::export_journal(&db, region.as_deref(), &mut out)?;
            out.flush().map_err(|e| format!("the journal cannot be written: {e}"))?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Export { command: ExportCommand::Ocds { dir } } => {
            let config = Config::from_env()?;
            let db = maintain::open(&config.database_url)?;
            print(&format!("{} trades\n", console::export_ocds(&db, &config, &dir)?));
            Ok(ExitCode::SUCCESS)
        }
        Command::Export { command: ExportCommand::Auction { id, all } } => {
            let db = maintain::open(&Config::from_env()?.database_url)?;
            match (id, all) {
                (Some(id), _) => print(&console::export_auction(&db, &id)?.trace),
                (None, Some(dir)) => print(&format!("{} auctions\n", console::export_auctions(&db, &dir)?)),
                (None, None) => {}
            }
            Ok(ExitCode::SUCCESS)
        }
        Command::Export { command: ExportCommand::Board { file } } => {
            maintain::export_board(&Config::from_env()?, &file)?;
            print(&format!("board sheet {}\n", file.display()));
            Ok(ExitCode::SUCCESS)
        }
        Command::Rebuild { dir } => {
            let same = maintain::rebuild(&Config::from_env()?, &dir, &mut std::io::stdout())?;
            Ok(if same { ExitCode::SUCCESS } else { ExitCode::FAILURE })
        }
        Command::Seal { lot, bidder, amount } => {
            print(&sealed::seal_bid(&lot, &bidder, &amount)?);
            Ok(ExitCode::SUCCESS)
        }
        Command::Unseal { bids, key: Some(key) } => {
            let (shares, left_out) = sealed::unseal_shares(&bids, &key)?;
            print(&shares);
            let _closed = write!(std::io::stderr(), "{left_out}");
            Ok(ExitCode::SUCCESS)
        }
        Command::Unseal { bids, key: None } => {
            let (lines, all_agree) = sealed::unseal_bids(&bids)?;
            print(&lines);
            Ok(if all_agree { ExitCode::SUCCESS } else { ExitCode::FAILURE })
        }
        Command::Verify(asked) => verify(*asked),
        Command::ChangeKey { reason, receipt, origin } => {
            let key = maintain::change_key(&Config::from_env()?, origin.as_deref(), &reason, &receipt)?;
            print(&format!("{key}\nreceipt under the old key: {}\n", receipt.display()));
            Ok(ExitCode::SUCCESS)
        }
        Command::Scrub => {
            maintain::scrub(&Config::from_env()?)?;
            print("scrubbed\n");
            Ok(ExitCode::SUCCESS)
        }
        Command::Backup { file } => {
            maintain::back_up(&Config::from_env()?, &file)?;
            print(&format!("backup {}\n", file.display()));
            Ok(ExitCode::SUCCESS)
        }
        Command::Restore { file } => {
            maintain::restore(&Config::from_env()?, &file, &mut std::io::stdout())?;
            print(&format!("restored from {}\n", file.display()));
            Ok(ExitCode::SUCCESS)
        }
        Command::Witness { dir, listen, logs, name } => {
            let witness = Witness::open(&dir, name.as_deref(), logs)?;
            let listener = TcpListener::bind(listen).map_err(|e| format!("cannot listen on {listen}: {e}"))?;
            let address = listener.local_addr().map_err(|e| e.to_string())?;
            let key = witness.key();
            print(&format!(
                "http://{address}\nkey {key}\npolicy line: witness {} {key} http://{address}\n",
                key.name()
            ));
            actix_web::rt::System::new().block_on(witness::serve(witness, listener)).map_err(|e| e.to_string())?;
            Ok(ExitCode::SUCCESS)
        }
        Command::User { command: UserCommand::Add { role, scope, name } } => add_user(&role, scope, name),
    }
}

fn verify(asked: Verify) -> Result<ExitCode, String> {
    let Verify { key, receipt, entry, since, write_report, report } = asked;
    match (key, receipt, report) {
        (Some(key), _, Some(report)) => print(&maintain::check_report(&key, &report)?),
        (Some(key), Some(receipt), _) => print(&maintain::check_receipt(&key, &receipt, entry.as_deref())?),
        (key, ..) => {
            let config = Config::from_env()?;
            let since = match since.map(|file| maintain::kept_head(&config, &file, key.as_ref())).transpose() {
                Ok(since) => since,
                Err(line) => return Ok(unfit(&line)),
            };
            let asked = maintain::Verifying { key, since, report: write_report };
            let summary = maintain::verify(&config, &asked, &mut std::io::stdout())?;
            return Ok(if summary.faults == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE });
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn open() -> Result<App, String> {
    App::open(Config::from_env()?, Arc::new(SystemClock), &Options::default())
}

/// Ready to be clicked through: the address first, then who can sign in.
fn demo(scale: Scale, listen: SocketAddr, dir: &std::path::Path) -> Result<ExitCode, String> {
    let listener = TcpListener::bind(listen).map_err(|e| {
        format!("cannot listen on {listen}: {e}; another address can be named with --listen 127.0.0.1:0")
    })?;
    let address = listener.local_addr().map_err(|e| e.to_string())?;
    let scale = match scale {
        Scale::Village => demo::Scale::Village,
        Scale::District => demo::Scale::District,
    };
    // Known to everybody who reads the documents, so it is only good where nobody else gets in.
    let password = if address.ip().is_loopback() { "xiangji-demo".to_owned() } else { db::new_token() };
    let made = demo::prepare(dir, scale, &password, Arc::new(SystemClock))?;
    let mut text = format!("http://{address}\n");
    for login in &made.logins {
        text.push_str(&format!("{login}\n"));
    }
    text.push_str(&format!("folder {} (made anew at each start; Ctrl-C stops)\n", made.folder.path().display()));
    print(&text);
    actix_web::rt::System::new().block_on(made.app.serve(listener)).map_err(|e| e.to_string())?;
    Ok(ExitCode::SUCCESS)
}

/// A reader that went away (`| head`) is no error worth a panic.
fn print(text: &str) {
    let _closed = std::io::stdout().write_all(text.as_bytes());
}

/// Exit 2 for a trace that is not well-formed: contracts and scripts tell it from a file that cannot be read (1).
fn replay(file: &std::path::Path) -> Result<ExitCode, String> {
    let bytes = std::fs::read(file).map_err(|e| format!("{}: {e}", file.display()))?;
    match xiangji::trading::auction::replay_main(&bytes) {
        Ok(result) => {
            print(&result);
            Ok(ExitCode::SUCCESS)
        }
        Err(line) => Ok(unfit(&format!("{}: {line}", file.display()))),
    }
}

/// What was given is not what the command works on: exit 2, where 1 is what the command found.
fn unfit(line: &str) -> ExitCode {
    let _closed = writeln!(std::io::stderr(), "xiangji: {line}");
    ExitCode::from(2)
}

fn add_user(role: &str, scope: String, name: String) -> Result<ExitCode, String> {
    let role: Role = role.parse().map_err(|_| {
        let known: Vec<_> = Role::ALL.iter().map(Role::as_str).collect();
        format!("--role {role}: give one of {}", known.join(", "))
    })?;
    let app = open()?;
    let typed = if std::io::IsTerminal::is_terminal(&std::io::stdin()) {
        String::new()
    } else {
        std::io::read_to_string(std::io::stdin()).map_err(|e| format!("password from standard input: {e}"))?
    };
    let typed = typed.trim_end_matches(['\r', '\n']).to_owned();
    let generated = typed.is_empty();
    let password = if generated { db::new_token() } else { typed };
    let password_hash = access::hash_now(&password).map_err(|e| e.to_string())?;
    let new = NewAccount { display_name: name.clone(), name, role, scope, password_hash };
    let made = app.db.write_now(Lane::Any, move |tx| access::create_account(tx, &By::system(), &new));
    let (account, _) = made.map_err(|e| e.to_string())?;
    app.integrate_log().map_err(|e| e.to_string())?;
    print(&format!("account {} {} {}\n", account.id, account.role, account.name));
    if generated {
        print(&format!("password {password}\n"));
    }
    Ok(ExitCode::SUCCESS)
}
