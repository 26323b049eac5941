//! The trades as they are told by the plot: every act through the use case of the person whose act it is.

use std::collections::BTreeMap;

use super::{
    papers,
    people::Census,
    places,
    plot::{Act, Hours, Scene},
    stage::Stage,
    trades::{Deal, Story},
};
use crate::{
    access::may,
    contracts,
    documents::{self, NewDocument, Visibility},
    kernel::{Day, Fen, codes::Sex},
    policy::Body,
    settlement::{
        Arrival,
        orders::{self, OrderKind, Paid, Wanted},
        payees::{self, NewPayee},
    },
    trading::{
        auction::{self, Bid},
        award,
        confirmation::{self, Days},
        enrolment::{self, BidderKind, EnrolmentId, NewEnrolment},
        listing::{self, DealForm, DecisionDraft, LotDraft, LotId, MethodDraft, NoticeDraft, Review, Schedule},
        paddles::{self, Shown},
        price::PriceUnit,
        qualification::Timing,
    },
};

/// Somebody who bids: the account and the papers.
struct Bidder {
    account: &'static str,
    kind: BidderKind,
    name: String,
    id_number: String,
    phone: String,
}

/// What the story knows by now.
pub(super) struct Market<'a> {
    stage: &'a Stage<'a>,
    deals: &'a [Deal],
    /// Identifiers of the deals' assets, in their order.
    assets: &'a [String],
    bidders: BTreeMap<&'static str, Bidder>,
    lots: BTreeMap<usize, LotId>,
    enrolments: BTreeMap<(usize, String), EnrolmentId>,
    /// Bid numbers of the paddles in the hall.
    paddles: BTreeMap<(usize, String), String>,
    transfers: u32,
    /// Whether it is on record where the collective's money goes.
    has_account: bool,
}

impl<'a> Market<'a> {
    pub fn new(stage: &'a Stage<'a>, deals: &'a [Deal], assets: &'a [String], census: &mut Census) -> Market<'a> {
        let mut person = |account, name: &str, sex, birth: Option<Day>| Bidder {
            account,
            kind: BidderKind::Person,
            name: name.to_owned(),
            id_number: birth.map(|b| census.id_number(b, sex)).unwrap_or_default(),
            phone: census.phone(),
        };
        let first = person("jingmai1", "区润坤", Sex::Male, Day::new(1979, 4, 12));
        let third = person("jingmai3", "司徒丽珊", Sex::Female, Day::new(1984, 9, 3));
        let firm = Bidder {
            account: "jingmai2",
            kind: BidderKind::Organisation,
            name: "江门市示例水产养殖有限公司".to_owned(),
            id_number: places::firm_code().map(|c| c.to_string()).unwrap_or_default(),
            phone: census.phone(),
        };
        Market {
            stage,
            deals,
            assets,
            bidders: BTreeMap::from([("A", first), ("B", firm), ("C", third)]),
            lots: BTreeMap::new(),
            enrolments: BTreeMap::new(),
            paddles: BTreeMap::new(),
            transfers: 0,
            has_account: false,
        }
    }

    /// Plays one scene at its moment.
    pub fn play(&mut self, scene: &Scene) -> Result<(), String> {
        self.stage.clock.turn_to(scene.at);
        let deal = self.deals.get(scene.deal).ok_or("demo: a scene without a trade")?;
        match &scene.act {
            Act::Draft => self.draft(scene, deal),
            Act::Submit => {
                let (allowed, lot) = (self.stage.allowed::<may::DraftListings>("lishi")?, self.lot(scene.deal)?);
                let policies = self.stage.app.policies.clone();
                self.stage.write(move |tx| listing::submit(tx, &allowed, &policies, &lot, |_| Ok(())).map(drop))
            }
            Act::SendBack => {
                self.review(scene.deal, false, "四至图不清楚，请补一张标明边界的图，并说明原承租人是否已经交还")
            }
            Act::Approve => self.review(scene.deal, true, ""),
            Act::Publish(hours) => self.publish(scene.deal, *hours),
            Act::Enrol(who) => self.enrol(scene.deal, who),
            Act::PayDeposit(who) => self.pay(scene, deal, who),
            // Who has no hand for a phone came to the hall.
            Act::Bid(who, amount) if who == "C" && deal.story == Story::Sold => self.raise(scene.deal, who, *amount),
            Act::Bid(who, amount) => {
                let account = self.bidder(who)?.account;
                let (allowed, lot) = (self.stage.allowed::<may::Bid>(account)?, self.lot(scene.deal)?);
                let bid = Bid::Amount(amount.to_string());
                self.stage.write(move |tx| auction::place_bid(tx, &allowed, &lot, &bid).map(drop))
            }
            Act::Confirm => {
                let (allowed, lot) = (self.stage.allowed::<may::RunAuctions>("jiaoyi")?, self.lot(scene.deal)?);
                let (policies, calendar) = (self.stage.app.policies.clone(), self.stage.app.calendar.clone());
                self.stage.write(move |tx| {
                    let days = Days { policies: &policies, calendar: &calendar };
                    confirmation::confirm(tx, &allowed, days, &lot).map(drop)
                })
            }
            Act::Sign => {
                let (allowed, lot) = (self.stage.allowed::<may::KeepContracts>("kuaiji")?, self.lot(scene.deal)?);
                self.stage.write(move |tx| {
                    let today = tx.now().day();
                    let facts = contracts::draft_of_award(tx, &allowed, &lot, today)?;
                    contracts::sign_award(tx, &allowed, &lot, facts).map(drop)
                })
            }
            Act::Close => {
                let app = &self.stage.app;
                auction::close_due(&app.db, &app.calendar, &app.vault).map_err(|e| format!("demo: {e}"))?;
                // What was auctioned last waits for its refunds, so that there is something to do.
                if deal.story == Story::Sold { self.settle(scene) } else { Ok(()) }
            }
        }
    }

    fn draft(&mut self, scene: &Scene, deal: &Deal) -> Result<(), String> {
        let decided = scene.at.day().minus_days(10);
        let votes = "成员代表会议应到 45 人，实到 41 人，赞成 39 票，反对 0 票，弃权 2 票";
        let (allowed, code) = (self.stage.allowed::<may::KeepDocuments>("lishi")?, places::SHANGXIANG.to_owned());
        let lines = [
            format!("会议日期：{decided}"),
            format!("议题：{}", deal.title),
            format!("底价 {} {}，保证金 {} 元，期限 {} 个月", deal.price, deal.unit, deal.deposit, deal.term_months),
            format!("表决：{votes}"),
            "决议：同意，报镇资产管理部门审核后公开交易".to_owned(),
            "（演示文件，内容虚构）".to_owned(),
        ];
        let minutes = NewDocument {
            collective_code: code,
            title: format!("成员代表会议记录：{}", deal.title),
            visibility: Visibility::Internal,
            bytes: papers::page("上巷村成员代表会议记录", &lines),
        };
        let vault = self.stage.app.vault.clone();
        let (minutes, _) = self.stage.write(move |tx| documents::add(tx, &allowed, &vault, &minutes))?;
        let unit: PriceUnit = deal.unit.parse().map_err(|e| format!("demo: {}: {e}", deal.title))?;
        let draft = LotDraft {
            asset_id: self.assets.get(scene.deal).cloned().unwrap_or_default(),
            title: deal.title.clone(),
            form: if deal.class.is_land() { DealForm::Contract } else { DealForm::Lease },
            usage: if deal.class.is_land() {
                "农业生产，不得改变土地用途"
            } else {
                "按现状用途使用，不得擅自转租"
            }
            .to_owned(),
            term_months: deal.term_months,
            starts_on: None,
            price_unit: unit,
            estimated_value: None,
            opening_price: deal.price.to_string(),
            reserve_price: None,
            ceiling_price: deal.ceiling.map(|c| c.to_string()),
            step_min: deal.step.to_string(),
            step_max: deal.step_max.map(|s| s.to_string()),
            step_multiple: deal.multiple.then(|| deal.step.to_string()),
            deposit: deal.deposit.to_string(),
            min_bidders: None,
            max_extensions: None,
            priority: String::new(),
            priority_kinds: Vec::new(),
            priority_claim_h: None,
            qualification: Timing::None,
            qualification_papers: String::new(),
            conditions: "具有完全民事行为能力的自然人、法人或其他组织；不在农村集体资产交易黑名单内".to_owned(),
            remarks: format!("演示标的：条款数据取自公开公告 {}（{}），地点改为本村", deal.source, deal.from),
            contact: "上巷村股份合作经济联合社（演示，无联系电话）".to_owned(),
            decision_document: Some(minutes.id.to_string()),
            decision_on: Some(decided.to_string()),
            decision_summary: "反对 0 票，弃权 2 票".to_owned(),
            decision: DecisionDraft {
                body: Some(Body::MemberRepresentatives),
                entitled: Some(45),
                present: Some(41),
                in_favour: Some(39),
                publicity_from: Some(decided.plus_days(1).to_string()),
                publicity_until: Some(decided.plus_days(7).to_string()),
                price_cuts: String::new(),
            },
            notice: NoticeDraft::default(),
            method: MethodDraft::default(),
        };
        let vault = self.stage.app.vault.clone();
        let allowed = self.stage.allowed::<may::DraftListings>("kuaiji")?;
        let policies = self.stage.app.policies.clone();
        let (lot, _) = self
            .stage
            .write(move |tx| listing::draft(tx, &allowed, &vault, &policies, &draft))
            .map_err(|e| format!("{e} ({})", deal.title))?;
        self.lots.insert(scene.deal, lot);
        Ok(())
    }

    fn review(&self, deal: usize, approve: bool, note: &str) -> Result<(), String> {
        let (allowed, lot) = (self.stage.allowed::<may::ReviewListings>("zichan")?, self.lot(deal)?);
        let review = Review { approve, note: note.to_owned() };
        self.stage.write(move |tx| listing::review(tx, &allowed, &lot, &review, |_| Ok(())).map(drop))
    }

    fn publish(&self, deal: usize, hours: Hours) -> Result<(), String> {
        let (allowed, lot) = (self.stage.allowed::<may::RunAuctions>("jiaoyi")?, self.lot(deal)?);
        let (calendar, policies) = (self.stage.app.calendar.clone(), self.stage.app.policies.clone());
        let Hours { enrol_until, opens_at, closes_at } = hours;
        let schedule = Schedule { enrol_until, opens_at, closes_at };
        self.stage.write(move |tx| {
            listing::publish(tx, &allowed, &calendar, &policies, &lot, &schedule, |_| Ok(())).map(drop)
        })
    }

    fn enrol(&mut self, deal: usize, who: &str) -> Result<(), String> {
        let bidder = self.bidder(who)?;
        let new = NewEnrolment {
            kind: bidder.kind,
            name: bidder.name.clone(),
            id_number: bidder.id_number.clone(),
            phone: bidder.phone.clone(),
            priority_claim: String::new(),
            accepts_terms: true,
            notice_version: None,
            declares_no_conflict: true,
            share: String::new(),
            partners: Vec::new(),
        };
        let (allowed, lot) = (self.stage.allowed::<may::Bid>(bidder.account)?, self.lot(deal)?);
        let vault = self.stage.app.vault.clone();
        let (made, _) = self.stage.write(move |tx| enrolment::enrol(tx, &allowed, &vault, &lot, &new))?;
        self.enrolments.insert((deal, who.to_owned()), made.id);
        Ok(())
    }

    /// A paddle is asked for and checked in before it is raised for the first time.
    fn raise(&mut self, deal: usize, who: &str, amount: Fen) -> Result<(), String> {
        let officer = self.stage.allowed::<may::EnterHallBids>("jiaoyi")?;
        let (key, lot) = ((deal, who.to_owned()), self.lot(deal)?);
        if !self.paddles.contains_key(&key) {
            let (allowed, vault) = (self.stage.allowed::<may::Bid>(self.bidder(who)?.account)?, &self.stage.app.vault);
            let (id, of, seal) = (lot.clone(), officer.clone(), vault.clone());
            let number = self.stage.write(move |tx| {
                let (issued, _) = paddles::issue(tx, &allowed, &seal, &id)?;
                let shown = Shown { number: issued.paddle.number.clone(), code: issued.code };
                paddles::check_in(tx, &of, &seal, &id, &shown).map(|_| issued.paddle.number)
            })?;
            self.paddles.insert(key.clone(), number);
        }
        let number = self.paddles.get(&key).cloned().unwrap_or_default();
        let bid = Bid::Amount(amount.to_string());
        self.stage.write(move |tx| paddles::raise(tx, &officer, &lot, &number, &bid).map(drop))
    }

    fn pay(&mut self, scene: &Scene, deal: &Deal, who: &str) -> Result<(), String> {
        let key = (scene.deal, who.to_owned());
        let id = self.enrolments.get(&key).cloned().ok_or("demo: a deposit before its enrolment")?;
        self.transfers += 1;
        let arrival = Arrival {
            amount: deal.deposit.to_string(),
            payer_name: self.bidder(who)?.name.clone(),
            payer_account: format!("6200000000{:06}", 104_729 + self.transfers * 7),
            reference: format!("YS{}{:04}", scene.at.day().as_number(), self.transfers),
            received_at: scene.at.plus_s(-1_200),
        };
        let allowed = self.stage.allowed::<may::ReceiveDeposits>("jiaoyi")?;
        let vault = self.stage.app.vault.clone();
        self.stage.write(move |tx| enrolment::receive_deposit(tx, &allowed, &vault, &id, &arrival).map(drop))
    }

    /// The account of the collective: one officer writes it down, another confirms it.
    fn account(&mut self) -> Result<(), String> {
        if std::mem::replace(&mut self.has_account, true) {
            return Ok(());
        }
        let one = self.stage.allowed::<may::PrepareMoney>("jiaoyi")?;
        let other = self.stage.allowed::<may::ConfirmMoney>("zichan")?;
        let vault = self.stage.app.vault.clone();
        let code = places::SHANGXIANG.parse().map_err(|_| "demo: the village has no code")?;
        let new = NewPayee {
            collective_code: code,
            deposit_id: None,
            holder: "江门市蓬江区杜阮镇上巷股份合作经济联合社".to_owned(),
            number: "80020000012345678".to_owned(),
            bank: "农商银行杜阮支行".to_owned(),
            grounds: "村集体开户许可证复印件".to_owned(),
        };
        self.stage.write(move |tx| {
            let (id, _) = payees::prepare(tx, &one, &vault, &new)?;
            payees::confirm(tx, &other, &id).map(drop)
        })
    }

    /// The losers are paid back and the winner's deposit is counted into the price, by one officer and another.
    fn settle(&mut self, scene: &Scene) -> Result<(), String> {
        self.account()?;
        let of_deal = self.enrolments.iter().filter(|((deal, _), _)| *deal == scene.deal).map(|(_, id)| id.clone());
        for id in of_deal.collect::<Vec<_>>() {
            self.transfers += 1;
            let reference = format!("TK{}{:04}", scene.at.day().as_number(), self.transfers);
            let one = self.stage.allowed::<may::PrepareMoney>("jiaoyi")?;
            let other = self.stage.allowed::<may::ConfirmMoney>("zichan")?;
            let policies = self.stage.app.policies.clone();
            self.stage.write(move |tx| {
                let order = match orders::find_open(tx, id.as_str())? {
                    Some(order) => {
                        orders::prepare(tx, &one, &order)?;
                        order
                    }
                    None => {
                        let grounds = "按公告，竞得人的保证金在签订合同后抵作首期价款".to_owned();
                        let wanted = Wanted { kind: OrderKind::Apply, grounds, decision_document: None, pays_on: None };
                        award::order_deposit(tx, &one, &policies, &id, &wanted)?.0
                    }
                };
                let paid = Paid { reference: reference.clone(), paid_at: Some(tx.now()) };
                orders::confirm(tx, &other, &order, &paid).map(drop)
            })?;
        }
        Ok(())
    }

    fn lot(&self, deal: usize) -> Result<LotId, String> {
        self.lots.get(&deal).cloned().ok_or_else(|| "demo: a trade before its draft".to_owned())
    }

    fn bidder(&self, who: &str) -> Result<&Bidder, String> {
        self.bidders.get(who).ok_or_else(|| format!("demo: nobody is called {who}"))
    }
}
