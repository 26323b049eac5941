//! The demonstration: a real village's program with made-up people, served from a fresh database within seconds.
//!
//! Promise: everything in it came through the use cases that people use, with a clock that was turned through the past, so
//! every row has its entry in the log and `verify` passes. Nobody in it lives: see `people.rs`. A folder is only emptied if
//! it was a demonstration's before and no running one holds it.

mod clock;
mod draw;
mod folder;
mod market;
mod names;
mod papers;
mod people;
mod places;
mod plot;
mod plots;
mod stage;
mod trades;
mod wealth;

use std::{path::Path, sync::Arc};

use clock::StoryClock;
pub use folder::Folder;
pub use people::Census;
use stage::Stage;
pub use stage::{CLERK, found_one_village};

use crate::{
    access::Role,
    app::App,
    calendar::Calendar,
    config::Config,
    db::{self, Options},
    kernel::{Timestamp, time::Clock},
};

/// How much there is to see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scale {
    /// One village, in seconds.
    Village,
    /// 蓬江区: 139 villages with 169,100 members and 7,681,215,500.00 yuan quantified, in minutes.
    District,
}

/// An account to sign in with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Login {
    pub role: Role,
    pub name: &'static str,
    pub password: String,
}

/// `login ROLE NAME PASSWORD`, without further blanks.
impl std::fmt::Display for Login {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "login {} {} {}", self.role, self.name, self.password)
    }
}

/// A demonstration that is ready to be served.
pub struct Demo {
    pub app: App,
    pub logins: Vec<Login>,
    /// Keeps the folder from other demonstrations as long as it lives.
    pub folder: Folder,
}

/// Makes a fresh database in `dir` and tells the village's story up to the present moment of `clock`.
///
/// # Errors
/// One line for the person at the keyboard: a folder that holds something else, a clock before 2020.
pub fn prepare(dir: &Path, scale: Scale, password: &str, clock: Arc<dyn Clock>) -> Result<Demo, String> {
    let folder = Folder::take(dir)?;
    let config = folder.config()?;
    let target = db::Target::parse(&config.database_url).map_err(|e| e.to_string())?;
    db::migrate(&target).map_err(|e| e.to_string())?;
    let logins = tell(config.clone(), scale, password, clock.now())?;
    // From here on it is a server like any other: the machine's clock, every commit on the disk.
    let mut app = App::open(config, clock.clone(), &Options::default())?;
    app.calendar = Arc::new(covering(&app.calendar, clock.now())?);
    app.integrate_log().map_err(|e| e.to_string())?;
    Ok(Demo { app, logins, folder })
}

/// Opens the new database at the story's beginning and plays it up to `now`. It can be made again, so no commit waits for
/// the disk.
fn tell(config: Config, scale: Scale, password: &str, now: Timestamp) -> Result<Vec<Login>, String> {
    let clock = Arc::new(StoryClock::at(stage::beginning(now)));
    let mut app = App::open(config, clock.clone(), &Options { durable: false, ..Options::default() })?;
    app.calendar = Arc::new(covering(&app.calendar, now)?);
    let logins = Stage::new(&app, &clock, now).play(scale, password);
    app.db.stop();
    logins
}

impl Folder {
    fn config(&self) -> Result<Config, String> {
        let pairs = [
            ("XIANGJI_DATABASE_URL", format!("sqlite://{}", self.database().display())),
            ("XIANGJI_REQUESTS_PER_MINUTE", "1000000".to_owned()),
            ("XIANGJI_SIGN_INS_PER_MINUTE", "1000000".to_owned()),
            ("XIANGJI_HELP_PHONE", "演示数据，无人接听".to_owned()),
        ];
        Config::from_pairs(pairs.map(|(name, value)| (name.to_owned(), value)))
    }
}

/// The roster of a village with so many members, as a clerk's CSV file. One census gives no number twice.
pub fn roster(census: &mut Census, seed: u64, members: usize) -> String {
    people::roster_csv(&census.village(seed, "杜阮镇上巷村", members))
}

/// A calendar that reaches over the demonstration's notices: a year that the State Council's table does not cover yet has
/// Saturdays and Sundays off and nothing else. Good enough for a demonstration, never for real deadlines.
fn covering(calendar: &Calendar, now: Timestamp) -> Result<Calendar, String> {
    use chrono::Datelike;
    let year = now.day().0.year();
    let covered: Vec<i32> = calendar.years().collect();
    let missing: String =
        [year - 1, year, year + 1].iter().filter(|y| !covered.contains(y)).map(|y| format!("year,{y}\n")).collect();
    if missing.is_empty() {
        return Ok(calendar.clone());
    }
    Calendar::parse(&missing).map(|more| calendar.updated(&more)).map_err(|e| format!("the clock says {now}: {e}"))
}

#[cfg(test)]
mod tests;
