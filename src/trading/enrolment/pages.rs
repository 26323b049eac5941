//! `/lots/{lot}/enrol`, `/lots/{lot}/enrolment` and `/my/bids`: a bidder enrols, reads how the deposit is paid, and finds the
//! own lots again.

use actix_web::{
    HttpResponse,
    web::{self, Data, Path, Query},
};
use askama::Template;

use super::{BidderKind, DECLARATION_TEXT, Enrolment, NewEnrolment, reading, rules, service};
use crate::{
    access::{Allowed, may},
    calendar::Calendar,
    db::{Db, Lane},
    kernel::{PageRequest, Problem, error::NOT_FOUND},
    log,
    trading::{
        joint::{MOST_PARTNERS, NewPartner},
        listing::{LotId, Phase},
        lots::{self, LotView, OwnLot, Standing, Viewer},
        merits::ClaimView,
        qualification::{PaperState, Timing},
    },
    vault::Vault,
    web::{
        Error, FormFields,
        html::{self, Fact, FormState, Layout, Receipt, Slip, filters},
    },
};

pub fn routes(config: &mut web::ServiceConfig) {
    config
        .service(web::resource("/lots/{lot}/enrol").route(web::get().to(ask)).route(web::post().to(enrol)))
        .service(web::resource("/lots/{lot}/enrolment").route(web::get().to(receipt)))
        .service(web::resource("/my/bids").route(web::get().to(list)));
}

const PATH: &str = "/my/bids";

#[derive(Template)]
#[template(path = "trading/enrolment/pages/enrol.html")]
struct EnrolPage {
    layout: Layout,
    lot: LotView,
    form: FormState,
    kinds: Vec<(&'static str, &'static str)>,
    declaration: &'static str,
    /// Where the notice accepts joint bids: as many partners as there may be.
    partners: Vec<PartnerFields>,
    /// The version of the notice that the page shows.
    notice: i32,
}

/// The fields of one partner: pointers of the API serve as names.
struct PartnerFields {
    title: String,
    kind: String,
    name: String,
    id_number: String,
    share: String,
}

impl PartnerFields {
    fn nth(n: usize) -> PartnerFields {
        let field = |name: &str| format!("partners/{n}/{name}");
        let (kind, name, id_number, share) = (field("kind"), field("name"), field("id_number"), field("share"));
        PartnerFields { title: format!("联合的第 {} 方", n + 1), kind, name, id_number, share }
    }

    /// What was typed; `None` where all of it is empty.
    fn read(&self, fields: &FormFields) -> Result<Option<NewPartner>, Problem> {
        let text = |name: &str| fields.get(name).to_owned();
        let (name, id_number, share) = (text(&self.name), text(&self.id_number), text(&self.share));
        if [&name, &id_number, &share].iter().all(|typed| typed.trim().is_empty()) {
            return Ok(None);
        }
        let kind = fields.get(&self.kind).parse::<BidderKind>();
        let kind = kind.map_err(|_| Problem::field(&self.kind, None, "请选择是个人还是单位"))?;
        Ok(Some(NewPartner { kind, name, id_number, share }))
    }
}

/// What was typed of the partners; those that were left out are passed over.
fn typed_partners(fields: &FormFields) -> Result<Vec<NewPartner>, Problem> {
    let read = (0..MOST_PARTNERS).map(|n| PartnerFields::nth(n).read(fields));
    Ok(read.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
}

impl EnrolPage {
    fn new(layout: Layout, lot: LotView, form: FormState) -> EnrolPage {
        EnrolPage {
            layout: layout.titled("报名").under(lots::pages::PATH).with_form(&form),
            declaration: DECLARATION_TEXT,
            partners: if lot.terms.notice.as_ref().is_some_and(|notice| notice.joint_bidders) {
                (0..MOST_PARTNERS).map(PartnerFields::nth).collect()
            } else {
                Vec::new()
            },
            notice: lot.notices.last().map_or(1, |version| version.number),
            lot,
            form,
            kinds: BidderKind::ALL.iter().map(|kind| (kind.as_str(), kind.label())).collect(),
        }
    }
}

/// The lot and the own enrolment in it.
async fn look(
    allowed: Allowed<may::Bid>,
    db: &Db,
    vault: Data<Vault>,
    calendar: Data<Calendar>,
    id: LotId,
) -> Result<(LotView, Option<Enrolment>), Error> {
    let now = db.now();
    let found = db.read(move |rx| {
        let lot = lots::get(rx, Viewer::Public, &calendar, &id, now)?;
        Ok((lot, reading::own(rx, &allowed, &vault, &id)?))
    });
    Ok(found.await?)
}

async fn ask(
    allowed: Allowed<may::Bid>,
    layout: Layout,
    db: Data<Db>,
    vault: Data<Vault>,
    calendar: Data<Calendar>,
    id: Path<LotId>,
) -> Result<HttpResponse, Error> {
    let (lot, own) = look(allowed, &db, vault, calendar, id.into_inner()).await?;
    if own.is_some() {
        return Ok(html::see_other(&format!("/lots/{}/enrolment", lot.id)));
    }
    if lot.phase != Phase::Enrolling {
        rules::must_be_enrolling(lot.enrol_until, lot.now)?;
        return Err((&rules::NOT_ENROLLING).into());
    }
    Ok(html::ok(&EnrolPage::new(layout, lot, FormState::new([("kind", BidderKind::Person.as_str())]))))
}

async fn enrol(
    allowed: Allowed<may::Bid>,
    layout: Layout,
    db: Data<Db>,
    vault: Data<Vault>,
    calendar: Data<Calendar>,
    id: Path<LotId>,
    fields: FormFields,
) -> Result<HttpResponse, Error> {
    let id = id.into_inner();
    let by = allowed.clone();
    let kind = fields.get("kind").parse::<BidderKind>();
    let kind = kind.map_err(|_| Problem::field("kind", None, "请选择是个人还是单位报名"));
    let end: Result<(), Error> = match kind.and_then(|kind| Ok((kind, typed_partners(&fields)?))) {
        Err(problem) => Err(problem.into()),
        Ok((kind, partners)) => {
            let new = NewEnrolment {
                kind,
                name: fields.get("name").to_owned(),
                id_number: fields.get("id_number").to_owned(),
                phone: fields.get("phone").to_owned(),
                priority_claim: fields.get("priority_claim").to_owned(),
                accepts_terms: fields.ticked("accepts_terms"),
                notice_version: fields.get("notice_version").parse().ok(),
                declares_no_conflict: fields.ticked("declares_no_conflict"),
                share: fields.get("share").to_owned(),
                partners,
            };
            let (lot, seal) = (id.clone(), vault.clone());
            let done = db.write(Lane::of("lot", &id), move |tx| service::enrol(tx, &by, &seal, &lot, &new)).await;
            done.map(drop).map_err(Error::from)
        }
    };
    match end {
        Ok(()) => Ok(html::see_other(&format!("/lots/{id}/enrolment"))),
        Err(error) => {
            let page = async |form| {
                let (lot, _) = look(allowed, &db, vault, calendar, id).await?;
                Ok(EnrolPage::new(layout, lot, form))
            };
            html::again(error, &fields, page).await
        }
    }
}

async fn receipt(
    allowed: Allowed<may::Bid>,
    layout: Layout,
    db: Data<Db>,
    vault: Data<Vault>,
    calendar: Data<Calendar>,
    id: Path<LotId>,
) -> Result<HttpResponse, Error> {
    let (lot, own) = look(allowed, &db, vault, calendar, id.into_inner()).await?;
    let own = own.ok_or(&NOT_FOUND).map_err(Error::from)?;
    let id = own.id.clone();
    let record = db.read(move |rx| log::newest(rx, "enrolment", &id, &["enrolment.made", "deposit.received"])).await?;
    let title = if own.bid_number.is_some() { "保证金已到账，可以参加竞价" } else { "报名已收到" };
    let mut facts = vec![
        Fact::new("竞买什么", format!("{}，{}", lot.place(), lot.title)),
        Fact::new("报名人", format!("{}（{}）", own.name, own.kind.label())),
        Fact::new("证件号码", own.id_number.clone()),
        Fact::new("手机", own.phone.clone()),
    ];
    if !own.priority_claim.is_empty() {
        let rank = own.priority_rank.map_or("等镇街核定".to_owned(), |rank| format!("已核定，第 {rank} 顺位"));
        facts.push(Fact::new("申报的优先权", format!("{}（{rank}）", own.priority_claim)));
    }
    facts.extend(accepted_facts(&own));
    facts.extend(group_facts(&own));
    let due = own.deposit_due.grouped();
    let until = own.deposit_until.map(filters::deadline_text).unwrap_or_default();
    match (&own.deposit, &own.bid_number) {
        (Some(deposit), Some(number)) => {
            facts.push(Fact::new("我的竞买号", number.clone()));
            let arrived = deposit.received_at.minute_text();
            facts.push(Fact::new("保证金", format!("{} 元，{arrived} 到账", deposit.amount.grouped())));
        }
        _ => {
            facts.push(Fact::new("要缴保证金", format!("{due} 元")));
            facts.push(Fact::new("最迟到账", until.clone()));
            facts.push(Fact::new("转账备注（一定要写）", own.remark.clone()));
        }
    }
    facts.push(Fact::new("竞价开始", lot.opens_at.map(filters::deadline_text).unwrap_or_default()));
    let title = if own.deposit.is_some() && own.waits_for_partners() {
        "保证金已到账，还有人没有同意"
    } else if own.deposit.is_some() && own.bid_number.is_none() {
        "保证金已到账，资格还没有审查通过"
    } else {
        title
    };
    let papers = papers_step(&lot, &own).into_iter().chain(merits_step(&lot, &own));
    let next_steps = match (own.bid_number.is_some(), lot.phase) {
        (_, phase) if lot.is_over() => vec![format!("这次交易已经结束（{}），请看结果。", phase.label())],
        (false, Phase::Enrolling) if own.deposit.is_some() && own.waits_for_partners() => {
            vec!["请把联合竞买码分别交给各方，各方用自己的账号同意后，就有竞买号。".to_owned()]
        }
        (false, Phase::Enrolling | Phase::Waiting) if own.deposit.is_some() => {
            vec!["资格材料审查通过后，就有竞买号。".to_owned()]
        }
        (false, Phase::Enrolling) => vec![
            format!("用报名人“{}”本人的银行账户转账，别人代转不算数。", own.name),
            format!("一次转 {due} 元到公告写明的保证金账户；公告没有写，请打页脚的电话问。"),
            format!("转账备注只写 {}，镇街靠它认出是您的钱。", own.remark),
            format!("钱要在 {until} 之前到账，以到账时间为准；跨行转账请早一天。"),
            "到账后镇街登记，您会得到一个竞买号，在“我的竞买”里可以看到。".to_owned(),
        ],
        (false, _) => vec![
            "保证金没有在截止前登记到账，不能参加这次竞价。已经转出的钱会原路退回，有疑问请打页脚的电话。".to_owned(),
        ],
        (true, Phase::Enrolling) if lot.terms.priority_rights.is_some() => vec![
            format!("有优先权（{}）的，请到本项目的“优先权”那一页上传证明材料申报。", lot.terms.priority_words()),
            "竞价开始前几分钟，请打开竞价页面等着。".to_owned(),
        ],
        (true, _) => vec![
            "竞价开始前几分钟，请打开竞价页面等着。".to_owned(),
            "别人只看到您的竞买号，看不到姓名。请不要把竞买号告诉别人。".to_owned(),
            "没有竞得的，保证金原路退回。".to_owned(),
        ],
    };
    let next_steps = papers.chain(next_steps).collect();
    let layout = layout.titled(title).under(PATH);
    Ok(html::ok(&Receipt {
        number: own.id.to_string(),
        facts,
        slip: record.map(|record| Slip::of(&layout, &record)).transpose()?,
        layout,
        next_steps,
        onward: format!("/lots/{}", lot.id),
        onward_label: "到竞价页面".to_owned(),
    }))
}

/// What is to be done about answers that are worth something when prices are compared.
fn merits_step(lot: &LotView, own: &Enrolment) -> Option<String> {
    let (offered, claims) = (!lot.terms.merits().is_empty(), &own.merit_claims);
    match lot.phase {
        Phase::Enrolling if offered && claims.is_empty() => {
            Some("有可以加分的，请到本项目的“申报加分”那一页选选项、上传材料；不申报的按不加分的选项算。".to_owned())
        }
        Phase::Enrolling | Phase::Waiting if claims.iter().any(ClaimView::is_waiting) => {
            Some(format!("加分已申报，请把编码 {} 告诉镇街交易员，竞价开始前审核通过才加分。", own.remark))
        }
        _ => None,
    }
}

/// What is to be done about papers that are examined before the auction.
fn papers_step(lot: &LotView, own: &Enrolment) -> Option<String> {
    let asked = lot.terms.qualification.as_ref().filter(|asked| asked.timing == Timing::Before)?;
    match (lot.phase, own.last_paper()) {
        (Phase::Enrolling, None | Some(PaperState::Refused)) => Some(format!(
            "请到本项目的“资格材料”那一页上传：{}。再把编码 {} 告诉镇街交易员审查，通过了才有竞买号。",
            asked.papers.trim_end_matches('。'),
            own.remark
        )),
        (Phase::Enrolling | Phase::Waiting, Some(PaperState::Waiting)) => {
            Some(format!("资格材料已交，请把编码 {} 告诉镇街交易员审查。", own.remark))
        }
        _ => None,
    }
}

/// Which notice was accepted, and that the declaration was made.
fn accepted_facts(own: &Enrolment) -> Vec<Fact> {
    let accepted = own.accepted_notice.zip(own.accepted_at);
    let notice =
        accepted.map(|(version, at)| Fact::new("同意的公告", format!("第 {version} 版，{}", at.minute_text())));
    let declared = own.declaration.map(|_| Fact::new("已声明", "没有依法不得竞买的情形".to_owned()));
    notice.into_iter().chain(declared).collect()
}

/// Who bids together with the bidder, and the code for each who has not agreed.
fn group_facts(own: &Enrolment) -> Vec<Fact> {
    let Some(share) = own.share else { return Vec::new() };
    let mut facts = vec![Fact::new("我的份额", format!("{share}%"))];
    for partner in &own.partners {
        let standing = match (&partner.agreed_at, &partner.code) {
            (Some(at), _) => format!("{} 已同意", at.minute_text()),
            (None, Some(code)) => {
                format!("还没同意；请把联合竞买码 {code} 交给对方，对方登录自己的账号，在本项目页面同意")
            }
            (None, None) => "还没同意".to_owned(),
        };
        let who = format!("{}（{}），{}%：{standing}", partner.name, partner.id_number, partner.share);
        facts.push(Fact::new("联合竞买", who));
    }
    facts
}

#[derive(Template)]
#[template(path = "trading/enrolment/pages/own.html")]
struct ListPage {
    layout: Layout,
    lots: Vec<OwnLot>,
    first: String,
    next: String,
}

impl OwnLot {
    /// What to do next, and where.
    fn next_thing(&self) -> (&'static str, String) {
        let lot = format!("/lots/{}", self.lot.id);
        match self.standing {
            Standing::Outbid if self.lot.words().is_buying() => ("去降价", lot),
            Standing::Outbid if self.lot.words().is_floor_area() => ("去加面积", lot),
            Standing::Outbid => ("去加价", lot),
            Standing::Ready => ("去出价", lot),
            Standing::DepositDue => ("看怎么缴保证金", format!("{lot}/enrolment")),
            Standing::PapersDue => ("交资格材料", format!("{lot}/qualification")),
            Standing::Examined => ("看资格审查", format!("{lot}/qualification")),
            Standing::Won => ("看结果和签约", lot),
            Standing::Lost | Standing::Terminated => ("看结果", lot),
            Standing::Missed => ("看我的报名", format!("{lot}/enrolment")),
            _ => ("到竞价页面", lot),
        }
    }
}

async fn list(
    allowed: Allowed<may::Bid>,
    layout: Layout,
    db: Data<Db>,
    vault: Data<Vault>,
    page: Query<PageRequest>,
) -> Result<HttpResponse, Error> {
    let now = db.now();
    let asked = PageRequest { limit: None, after: page.after.clone() };
    let found = db.read(move |rx| lots::list_own(rx, &allowed, &vault, &asked, now)).await?;
    Ok(html::ok(&ListPage {
        layout: layout.titled("我的竞买").under(PATH),
        lots: found.items,
        first: page.after.as_ref().map(|_| PATH.to_owned()).unwrap_or_default(),
        next: found.next.map(|next| format!("{PATH}?after={next}")).unwrap_or_default(),
    }))
}
