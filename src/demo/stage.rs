//! Who is there and what they have: accounts, collectives, members, assets, each through its own use case at its hour.

use std::sync::Arc;

use indicatif::{ProgressBar, ProgressStyle};

use super::{
    Login, Scale,
    clock::StoryClock,
    draw::Draw,
    market::Market,
    people::{Census, Household, Newcomer, roster_csv, take_youngest},
    places::{self, DURUAN, PENGJIANG, SHANGXIANG, Village},
    plot::plot,
    plots::parcels,
    trades::{Deal, deals},
    wealth::{self, Portion},
};
use crate::{
    access::{self, Allowed, NewAccount, Permission, Role, may},
    app::App,
    assets::{self, AssetFacts},
    collectives::{self, NewCollective, NewOfficer, Post},
    db::{self, Lane, Tx},
    homesteads,
    kernel::{Fen, Timestamp, codes::RegionCode},
    log::By,
    members::{self, Defaults, Plan, RegisterMember},
};

/// Every run tells the same story.
const SEED: u64 = 20_220_216;
/// Days the village has used the program.
const DAYS: u64 = 150;
/// Members of the village at village scale; 45,424.10 yuan a member is the district's average (domain 10.6).
const VILLAGE_MEMBERS: usize = 1_000;
const VILLAGE_QUANTIFIED: Fen = Fen(4_542_410_000);
const VILLAGE_ASSETS: usize = 46;
const DISTRICT_ASSETS: usize = 24;
const VILLAGE_PARCELS: usize = 80;
const NEWCOMERS: usize = 6;
const DAY_S: i64 = 86_400;

/// Name, role, home, shown name. The third bidder has no line of its own: two windows are enough.
pub(super) const PEOPLE: [(&str, Role, &str, &str); 11] = [
    ("guanli", Role::Admin, PENGJIANG, "蓬江区管理员"),
    ("zichan", Role::TownshipOfficer, DURUAN, "杜阮镇资产办"),
    ("jiaoyi", Role::TradingOfficer, DURUAN, "杜阮镇交易中心"),
    (CLERK, Role::Clerk, SHANGXIANG, "上巷村会计"),
    ("lishi", Role::Director, SHANGXIANG, "上巷村理事"),
    ("jianshi", Role::Supervisor, SHANGXIANG, "上巷村监事"),
    ("chengyuan", Role::Member, SHANGXIANG, "上巷村成员"),
    ("shenji", Role::Auditor, PENGJIANG, "蓬江区审计"),
    ("jingmai1", Role::Bidder, PENGJIANG, "竞买人甲"),
    ("jingmai2", Role::Bidder, PENGJIANG, "竞买人乙"),
    ("jingmai3", Role::Bidder, PENGJIANG, "竞买人丙"),
];

/// The account of 上巷村's accountant.
pub const CLERK: &str = "kuaiji";

/// 上巷村's collective and its clerk, and nothing else: where measurements begin.
///
/// # Errors
/// One line; the installation has accounts already.
pub fn found_one_village(app: &App, password: &str) -> Result<(), String> {
    let hash = access::hash_now(password).map_err(|e| e.to_string())?;
    let clock = StoryClock::at(app.db.now());
    let stage = Stage::new(app, &clock, app.db.now());
    for (name, role, home, shown) in PEOPLE.into_iter().filter(|(name, ..)| ["guanli", CLERK].contains(name)) {
        stage.account(name, role, home, shown, &hash)?;
    }
    let mut villages = places::villages().into_iter().filter(|v| v.code.as_str() == SHANGXIANG);
    villages.try_for_each(|v| stage.register(v.collective()))
}

/// The hour at which the story begins.
pub(super) fn beginning(now: Timestamp) -> Timestamp {
    now.day().minus_days(DAYS).at(9, 0)
}

/// The stage with its clock and everybody on it.
pub(super) struct Stage<'a> {
    pub app: &'a App,
    pub clock: &'a StoryClock,
    /// The present: where the story ends.
    pub now: Timestamp,
    bar: ProgressBar,
}

impl<'a> Stage<'a> {
    pub fn new(app: &'a App, clock: &'a StoryClock, now: Timestamp) -> Stage<'a> {
        Stage { app, clock, now, bar: ProgressBar::hidden() }
    }

    /// Tells the whole story and names who can sign in.
    pub fn play(&mut self, scale: Scale, password: &str) -> Result<Vec<Login>, String> {
        let deals = deals()?;
        let portions = portions(scale)?;
        let steps: usize = portions.iter().map(|p| p.members).sum::<usize>() + deals.len();
        self.bar = bar(steps);
        let hash = access::hash_now(password).map_err(|e| e.to_string())?;
        for (name, role, home, shown) in PEOPLE {
            self.account(name, role, home, shown, &hash)?;
        }
        self.found(&portions, &hash)?;
        let mut census = Census::new(beginning(self.now).day());
        for (portion, seed) in portions.iter().zip(SEED..) {
            self.village(&mut census, portion, seed)?;
        }
        let offered = self.offered(&deals)?;
        self.trade(&deals, &offered, &mut census)?;
        self.bar.finish_and_clear();
        let known = PEOPLE.iter().filter(|(name, ..)| *name != "jingmai3");
        Ok(known.map(|(name, role, ..)| Login { role: *role, name, password: password.to_owned() }).collect())
    }

    /// Registers the town's collective, every village's, and the groups of 上巷村, with officers where the story needs them.
    fn found(&self, portions: &[Portion], hash: &str) -> Result<(), String> {
        self.clock.turn_to(beginning(self.now).plus_s(1_800));
        self.register(places::town_collective())?;
        for portion in portions {
            let village = &portion.village;
            self.register(village.collective())?;
            if village.code.as_str() != SHANGXIANG {
                let name = clerk_of(village);
                let shown = format!("{}会计", village.name);
                self.account(&name, Role::Clerk, village.code.as_str(), &shown, hash)?;
                continue;
            }
            for group in (1..=5).filter_map(|n| village.group(n)) {
                self.register(group)?;
            }
        }
        self.officers()
    }

    fn register(&self, new: NewCollective) -> Result<(), String> {
        let allowed = self.allowed::<may::KeepCollectives>("guanli")?;
        self.write(move |tx| collectives::register(tx, &allowed, &new).map(drop))
    }

    /// Board and supervisors of 上巷村: nobody has two offices that exclude each other (LREC art. 34).
    fn officers(&self) -> Result<(), String> {
        let code: RegionCode = SHANGXIANG.parse().map_err(|e| format!("{e}"))?;
        let since = beginning(self.now).day().minus_days(900);
        let mut draw = Draw::new(SEED);
        let posts = [
            Post::Chair,
            Post::ViceChair,
            Post::Director,
            Post::HeadSupervisor,
            Post::Supervisor,
            Post::Accountant,
            Post::Cashier,
        ];
        for post in posts {
            let (sex, year) = (
                if draw.chance(60) { crate::kernel::codes::Sex::Male } else { crate::kernel::codes::Sex::Female },
                1976,
            );
            let name = format!("{}{}", super::names::surname(&mut draw), super::names::given(&mut draw, sex, year));
            let (allowed, code) = (self.allowed::<may::KeepCollectives>("zichan")?, code.clone());
            let new = NewOfficer { name, post, since };
            self.write(move |tx| collectives::start_term(tx, &allowed, &code, &new).map(drop))?;
        }
        Ok(())
    }

    /// Members and assets of one village, and the parcels of the story's.
    fn village(&self, census: &mut Census, portion: &Portion, seed: u64) -> Result<(), String> {
        let village = &portion.village;
        let home = village.code.as_str() == SHANGXIANG;
        let clerk = if home { "kuaiji".to_owned() } else { clerk_of(village) };
        self.bar.set_message(village.name.clone());
        self.clock.turn_to(beginning(self.now).plus_s(DAY_S));
        let mut households = census.village(seed, &village.place(), portion.members);
        let newcomers = take_youngest(&mut households, if home { NEWCOMERS } else { 0 });
        self.roster(&clerk, village, &households)?;
        self.clock.turn_to(beginning(self.now).plus_s(2 * DAY_S));
        let count = if home { VILLAGE_ASSETS } else { DISTRICT_ASSETS };
        self.assets(&clerk, village, wealth::assets(&mut Draw::new(seed), village, count, portion.quantified))?;
        if home {
            self.parcels(village, &households)?;
            self.newcomers(village, newcomers)?;
        }
        self.bar.inc(u64::try_from(portion.members).unwrap_or(0));
        Ok(())
    }

    /// The roster as the clerk's file, by the same import as on the page.
    fn roster(&self, clerk: &str, village: &Village, households: &[Household]) -> Result<(), String> {
        let (allowed, code) = (self.allowed::<may::KeepMembers>(clerk)?, village.code.clone());
        let today = self.app.db.now().day();
        let plan = Plan::read(&self.app.vault, roster_csv(households).as_bytes(), today);
        let plan = plan.map_err(|e| format!("demo: roster of {}: {e}", village.name))?;
        if let Some(row) = plan.report().refused.first() {
            return Err(format!("demo: roster of {}: {row:?}", village.name));
        }
        let sealed = Arc::new(plan.seal(&self.app.vault).map_err(|e| format!("demo: {e}"))?);
        self.write(move |tx| {
            members::write(tx, &allowed.by(), &allowed.scope, &code, &sealed, &Defaults::default()).map(drop)
        })
    }

    /// Children whose births were reported since (LREC art. 12), one by one.
    fn newcomers(&self, village: &Village, newcomers: Vec<Newcomer>) -> Result<(), String> {
        let mut hour = beginning(self.now).plus_s(30 * DAY_S);
        for Newcomer { household, address, papers } in newcomers {
            hour = hour.plus_s(11 * DAY_S + 1_740);
            self.clock.turn_to(hour);
            let new = RegisterMember {
                collective_code: village.code.to_string(),
                household_number: household,
                name: papers.name,
                id_number: papers.id_number,
                phone: String::new(),
                address,
                relation: papers.relation.to_owned(),
                ground: papers.ground.to_owned(),
                basis: papers.basis,
                acquired_on: papers.acquired_on.to_string(),
                note: "新生儿".to_owned(),
            };
            let (allowed, vault) = (self.allowed::<may::KeepMembers>("kuaiji")?, self.app.vault.clone());
            self.write(move |tx| members::register_member(tx, &vault, &allowed, &new).map(drop))?;
        }
        Ok(())
    }

    /// House plots, one by one, as the clerk drew them in.
    fn parcels(&self, village: &Village, households: &[Household]) -> Result<(), String> {
        let mut hour = beginning(self.now).plus_s(3 * DAY_S);
        for (facts, outline) in parcels(SEED, village, households, VILLAGE_PARCELS) {
            hour = hour.plus_s(240);
            self.clock.turn_to(hour);
            let (allowed, code) = (self.allowed::<may::KeepHomesteads>("kuaiji")?, village.code.clone());
            self.write(move |tx| {
                homesteads::create_parcel(tx, &allowed, code.as_str(), facts.clone(), &outline).map(drop)
            })?;
        }
        Ok(())
    }

    /// Registers what the trades offer; its identifiers in their order.
    fn offered(&self, deals: &[Deal]) -> Result<Vec<String>, String> {
        let mut hour = beginning(self.now).plus_s(4 * DAY_S);
        let mut ids = Vec::new();
        for (deal, number) in deals.iter().zip(1..) {
            hour = hour.plus_s(420);
            self.clock.turn_to(hour);
            let facts = deal.asset_facts(format!("T-{number:04}"), "杜阮镇上巷村");
            let allowed = self.allowed::<may::KeepAssets>("kuaiji")?;
            let (asset, _) = self.write(move |tx| assets::create_asset(tx, &allowed, SHANGXIANG, facts.clone()))?;
            ids.push(asset.id.to_string());
        }
        Ok(ids)
    }

    /// The trades up to the present moment.
    fn trade(&self, deals: &[Deal], offered: &[String], census: &mut Census) -> Result<(), String> {
        let code: RegionCode = SHANGXIANG.parse().map_err(|e| format!("{e}"))?;
        let rules = self.app.policies.rules_for(&code, self.now.day()).map_err(|e| format!("demo: {e}"))?;
        let scenes = plot(deals, self.now, &self.app.calendar, rules.notice_working_days.value);
        let mut market = Market::new(self, deals, offered, census);
        for scene in &scenes.map_err(|e| e.to_string())? {
            market.play(scene)?;
        }
        Ok(())
    }

    fn assets(&self, clerk: &str, village: &Village, owned: Vec<AssetFacts>) -> Result<(), String> {
        let (allowed, code) = (self.allowed::<may::KeepAssets>(clerk)?, village.code.clone());
        self.write(move |tx| assets::write_assets(tx, &allowed, code.as_str(), owned.clone()).map(drop))
    }

    fn account(&self, name: &str, role: Role, home: &str, shown: &str, hash: &str) -> Result<(), String> {
        let new = NewAccount {
            name: name.to_owned(),
            display_name: shown.to_owned(),
            role,
            scope: home.to_owned(),
            password_hash: hash.to_owned(),
        };
        self.write(move |tx| access::create_account(tx, &By::system(), &new).map(drop))
    }

    /// The proof of somebody's right, as a request of theirs would have it.
    pub fn allowed<P: Permission>(&self, name: &str) -> Result<Allowed<P>, String> {
        let found = self.app.db.read_now(|rx| access::find_actor(rx, name)).map_err(|e| e.to_string())?;
        let actor = found.ok_or_else(|| format!("demo: no account {name}"))?;
        actor.prove::<P>().map_err(|e| format!("demo: {name}: {e}"))
    }

    /// One use case, as the server would run it. A refusal is a fault of the story.
    pub fn write<T: Send + 'static>(
        &self,
        work: impl FnMut(&mut Tx<'_>) -> db::Result<T> + Send + 'static,
    ) -> Result<T, String> {
        self.app.db.write_now(Lane::Any, work).map_err(|e| format!("demo: {e}"))
    }
}

/// The villages of a scale: at district scale all 139, 上巷村 with its share; otherwise 上巷村 alone.
fn portions(scale: Scale) -> Result<Vec<Portion>, String> {
    let villages = places::villages();
    if scale == Scale::District {
        return Ok(wealth::district(SEED, villages));
    }
    let home = villages.into_iter().find(|v| v.code.as_str() == SHANGXIANG);
    let village = home.ok_or_else(|| format!("demo: the division table lacks {SHANGXIANG}"))?;
    Ok(vec![Portion { village, members: VILLAGE_MEMBERS, quantified: VILLAGE_QUANTIFIED }])
}

fn clerk_of(village: &Village) -> String {
    format!("kuaiji-{}", village.code)
}

fn bar(steps: usize) -> ProgressBar {
    let bar = ProgressBar::new(u64::try_from(steps).unwrap_or(0));
    if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len} {msg} {elapsed}") {
        bar.set_style(style);
    }
    bar
}
