//! What the method of a listing must be: every fault by its field, with what would be accepted. Pure.

use super::Faults;
use crate::{
    kernel::{Fen, Problem, text},
    policy,
    trading::{
        auction::Mode,
        listing::model::{
            AfterClockTerms, DrawTerms, Falling, FinalPeriod, LotDraft, Method, MethodDraft, NamedTrustee, OutageRule,
            RentIncrease, ReserveCommitment, SealedTerms, StepFrom, Terms, TurnTerms,
        },
        merits::{self, Merit},
    },
};

/// Modes that a listing can choose.
pub const MODES: [Mode; 7] =
    [Mode::Ascending, Mode::Proxy, Mode::Countdown, Mode::Turns, Mode::Clock, Mode::ClockSealed, Mode::Sealed];

/// More trustees would only make an opening slower.
const MOST_TRUSTEES: usize = 7;

/// A countdown lasts at most an hour, and so does a turn or a pause between rounds.
const LONGEST_COUNTDOWN_S: u32 = 3600;
/// A turn has to be long enough to read a price, type another and confirm it.
const SHORTEST_TURN_S: u32 = 30;
/// Others learn only when the clock stops at which price they have to think again.
const SHORTEST_SEALED_S: u32 = 60;
/// Rounds where the draft does not say how many, and the most.
const ROUNDS: u32 = 3;
const MOST_ROUNDS: u32 = 10;

/// Reads the method of a draft; `None` where it is the open auction by plain steps.
pub(super) fn read(faults: &mut Faults, draft: &LotDraft, terms: &Terms, policies: &policy::Rules) -> Option<Method> {
    let typed = &draft.method;
    if *typed == MethodDraft::default() {
        return None;
    }
    if !MODES.contains(&typed.mode) {
        let known = MODES.map(|mode| mode.label()).join("、");
        faults.add("method/mode", Some(typed.mode.as_str()), format!("这里可以选：{known}"));
    }
    if typed.hard_close_after_s.is_some_and(|s| s < 60) {
        faults.add("method/hard_close_after_s", None, "最晚结束至少在预计结束之后 60 秒；不设的请留空");
    }
    Some(Method {
        mode: typed.mode,
        steps: steps(faults, typed),
        extension_from: typed.extension_from,
        hard_close_after_s: typed.hard_close_after_s,
        leader_may_raise: typed.leader_may_raise && !ends_by_its_parts(typed.mode),
        fallback: typed.fallback,
        clock: falls(typed.mode).then(|| falling(faults, typed, terms)),
        countdown: (typed.mode == Mode::Countdown).then(|| final_period(faults, typed)),
        outage: typed.outage_at_least_s.map(|at_least_s| OutageRule { at_least_s, window_s: typed.outage_window_s }),
        increases: increases(faults, typed),
        practice: typed.practice,
        sealed: (typed.mode == Mode::Sealed).then(|| sealed(faults, typed, policies.sealed_opening_hours.value)),
        turns: (typed.mode == Mode::Turns).then(|| turns(faults, typed)),
        after_clock: (typed.mode == Mode::ClockSealed).then(|| after_clock(faults, typed)),
        draw: draw(faults, typed, draft),
        ceiling_criterion: criterion(faults, typed, draft),
        merits: beside_the_price(faults, typed, draft, &policies.merit_points_bp),
    })
}

/// Whether the price falls by itself.
fn falls(mode: Mode) -> bool {
    matches!(mode, Mode::Clock | Mode::ClockSealed)
}

/// Whether nothing that a bidder does puts the end off, and nobody leads who could raise.
fn ends_by_its_parts(mode: Mode) -> bool {
    falls(mode) || matches!(mode, Mode::Sealed | Mode::Turns)
}

/// What the whole of the terms must be under their method.
pub(super) fn fits(faults: &mut Faults, terms: &Terms) {
    let Some(method) = &terms.method else { return };
    if let Err(problem) = check_reserve(terms) {
        problem.fields.into_iter().for_each(|f| faults.add(f.field(), None, f.detail.clone()));
    }
    if falls(method.mode) {
        let name = method.mode.label();
        if !terms.price_unit.is_money() {
            let detail = format!("按建筑面积竞价的，面积大者得，不能用{name}；请选其他竞价方式");
            faults.add("method/mode", Some(name), detail);
        }
        if terms.is_purchase() {
            let known: Vec<&str> = MODES.iter().filter(|mode| !falls(**mode)).map(Mode::label).collect();
            let detail = format!("采购服务价低者得，不能用{name}；可以选：{}", known.join("、"));
            faults.add("method/mode", Some(name), detail);
        }
        if terms.ceiling_price.is_some() {
            faults.add("ceiling_price", None, format!("{name}从起拍价往下降，不设最高限价，请留空"));
        }
        if terms.min_bidders > 1 && method.mode == Mode::Clock {
            let seen = terms.min_bidders.to_string();
            faults.add("min_bidders", Some(&seen), "降价竞价第一个应价的人成交，最少竞买人数只能是 1 人");
        }
    }
    if method.mode == Mode::Sealed {
        for (field, given) in [
            ("step_max", terms.step_max.is_some()),
            ("step_multiple", terms.step_multiple.is_some()),
            ("method/steps", !method.steps.is_empty()),
            ("method/hard_close_after_s", method.hard_close_after_s.is_some()),
        ] {
            if given {
                faults.add(field, None, "暗标各报各的价，不加价也不延时，请留空");
            }
        }
    }
    if method.mode == Mode::ClockSealed {
        if terms.step_max.is_some() {
            faults.add("step_max", None, "降价后暗标只规定至少比停住的价高多少，不限最多高多少，请留空");
        }
        if method.hard_close_after_s.is_some() {
            let detail = "降价后暗标按暗标和最后报价的时间结束，不延时，请留空";
            faults.add("method/hard_close_after_s", None, detail);
        }
        // Nobody can match the price of the clock or the last word, so the right would be one among sealed prices alone.
        let (kinds, words) = (terms.priority_rights.is_some(), !terms.priority.is_empty());
        for (field, given) in [("priority_kinds/0", kinds), ("priority", words)] {
            if given {
                let detail = "降价后暗标里，应价和最后报价都不能按同样的价优先，优先权行使不了，请留空；有优先权的，请改用明标、限时报价、轮次报价或者暗标";
                faults.add(field, None, detail);
            }
        }
    }
    if method.mode == Mode::Turns && method.hard_close_after_s.is_some() {
        let detail = "轮次报价按轮次和时段结束，不延时，请留空";
        faults.add("method/hard_close_after_s", None, detail);
    }
    if method.practice && method.draw.is_some() {
        faults.add("method/practice", None, "演练没有竞得人，不抽签；请不选抽签");
    }
    if method.practice && method.ceiling_criterion.is_some() {
        faults.add("method/practice", None, "演练没有竞得人，不评定先后；请把评定办法留空");
    }
    if method.practice && terms.deposit > Fen::ZERO {
        let seen = terms.deposit.to_string();
        faults.add("deposit", Some(&seen), "演练不收保证金，请写 0");
    }
    if !method.increases.is_empty()
        && let Some(price) = terms.price_terms()
        && let Err(fault) = price.checked()
    {
        faults.add("method/increases", Some(&method.increases_text()), fault.to_string());
    }
    let last = method.increases.last().map_or(0, |i| i.from_year);
    if last > 1 && (last - 1).saturating_mul(12) >= terms.term_months {
        let years = terms.term_months.div_ceil(12);
        let detail = format!("合同只有 {years} 年，递增最晚从第 {years} 年起");
        faults.add("method/increases", Some(&method.increases_text()), detail);
    }
}

/// Where the price that everybody sees would tell the reserve price, there is none; that of sealed bids is not for us to keep.
pub fn check_reserve(terms: &Terms) -> Result<(), Problem> {
    let detail = match terms.method.as_ref().map(|m| m.mode) {
        _ if !terms.has_reserve => return Ok(()),
        Some(Mode::Sealed) => {
            "暗标的保留价也装进信封，服务器上不留：请在保留价里填“无”，在竞价方式里选“保留价由密钥保管人封存”"
        }
        Some(Mode::Clock | Mode::ClockSealed) => "价格自动下降的，最低价就是底线，不另设保留价：请在保留价里填“无”",
        Some(Mode::Proxy) if terms.is_purchase() => {
            "代理出价的当前价会泄露保留价，不能设保留价：请在保留价里填“无”，把最高限价定低"
        }
        Some(Mode::Proxy) => "代理出价的当前价会泄露保留价，不能设保留价：请在保留价里填“无”，把起拍价定高",
        _ => return Ok(()),
    };
    Err(Problem::field("reserve_price", None, detail))
}

fn amount(faults: &mut Faults, field: &str, typed: &str) -> Fen {
    faults.read_price(typed).map_err(|detail| faults.add(field, Some(typed), detail)).unwrap_or_default()
}

fn falling(faults: &mut Faults, typed: &MethodDraft, terms: &Terms) -> Falling {
    let decrement = amount(faults, "method/clock_decrement", &typed.clock_decrement);
    let floor = amount(faults, "method/clock_floor", &typed.clock_floor);
    let tick_s = typed.clock_tick_s.unwrap_or_default();
    if decrement == Fen::ZERO && !faults.has("method/clock_decrement") {
        faults.add("method/clock_decrement", Some(&typed.clock_decrement), "每次降价应大于 0");
    }
    if tick_s == 0 {
        faults.add("method/clock_tick_s", None, "请填写每隔多少秒降一次，至少 1 秒");
    }
    if floor > terms.opening_price && terms.is_priced() {
        let detail = format!("最低价不能高于起拍价 {} 元", terms.opening_price);
        faults.add("method/clock_floor", Some(&typed.clock_floor), detail);
    }
    Falling { decrement, tick_s, floor }
}

fn final_period(faults: &mut Faults, typed: &MethodDraft) -> FinalPeriod {
    let seconds = typed.countdown_s.unwrap_or_default();
    if seconds == 0 || seconds > LONGEST_COUNTDOWN_S {
        let detail = format!("请填写限时报价的秒数，1 到 {LONGEST_COUNTDOWN_S} 秒");
        faults.add("method/countdown_s", typed.countdown_s.map(|s| s.to_string()).as_deref(), detail);
    }
    FinalPeriod {
        seconds,
        wait_s: typed.wait_s.unwrap_or_default(),
        needs_bidders: typed.needs_bidders.unwrap_or_default(),
    }
}

/// More hours than this would leave a lot open for weeks.
const MOST_DRAW_HOURS: u32 = 168;

fn draw(faults: &mut Faults, typed: &MethodDraft, draft: &LotDraft) -> Option<DrawTerms> {
    let open = matches!(typed.mode, Mode::Ascending | Mode::Countdown);
    let no_ceiling = draft.ceiling_price.as_ref().is_none_or(|price| price.trim().is_empty());
    for (field, given, fits, detail) in [
        (
            "method/draw_ceiling",
            typed.draw_ceiling,
            open || typed.mode == Mode::Turns,
            "到限价后抽签用于明标、限时报价和轮次报价",
        ),
        ("method/draw_ceiling", typed.draw_ceiling, !no_ceiling, "到限价后抽签，应在“价格”那一步填写限价"),
        (
            "method/draw_ties",
            typed.draw_ties,
            matches!(typed.mode, Mode::Sealed | Mode::Turns),
            "同价抽签用于暗标和轮次报价；公开出价时，同价的只有先出的一个",
        ),
        ("method/draw_holders", typed.draw_holders, open, "优先权人之间抽签用于明标和限时报价"),
        (
            "method/draw_holders",
            typed.draw_holders,
            !draft.priority_kinds.is_empty(),
            "优先权人之间抽签，应选择优先权的种类",
        ),
    ] {
        if given && !fits && !faults.has(field) {
            faults.add(field, None, detail);
        }
    }
    let hours = typed.draw_h.unwrap_or(24);
    if !(1..=MOST_DRAW_HOURS).contains(&hours) {
        let detail = format!("抽签每一步的时限应为 1 到 {MOST_DRAW_HOURS} 小时");
        faults.add("method/draw_h", Some(&hours.to_string()), detail);
    }
    let any = typed.draw_ceiling || typed.draw_ties || typed.draw_holders;
    any.then_some(DrawTerms { ceiling: typed.draw_ceiling, ties: typed.draw_ties, holders: typed.draw_holders, hours })
}

/// What a notice can say of a criterion, and a reader take in.
const LONGEST_CRITERION: usize = 500;

/// What is compared, and how: whoever reads the notice must be able to tell beforehand who would go first.
fn criterion(faults: &mut Faults, typed: &MethodDraft, draft: &LotDraft) -> Option<String> {
    const FIELD: &str = "method/ceiling_criterion";
    let text = typed.ceiling_criterion.trim();
    if text.is_empty() {
        return None;
    }
    let fits = matches!(typed.mode, Mode::Ascending | Mode::Countdown | Mode::Turns | Mode::Sealed);
    let has_ceiling = draft.ceiling_price.as_ref().is_some_and(|price| !price.trim().is_empty());
    let fault = if text.chars().count() > LONGEST_CRITERION || text.chars().any(char::is_control) {
        Some(format!("评定办法最多 {LONGEST_CRITERION} 个字，写成一段；评分表放在附件里"))
    } else if !fits {
        Some("到限价后按办法评定用于明标、限时报价、轮次报价和暗标".to_owned())
    } else if !has_ceiling {
        Some("到限价后按办法评定，应在“价格”那一步填写限价".to_owned())
    } else if typed.draw_ceiling {
        Some("到限价后抽签和按办法评定只能选一样：抽签的，请把评定办法留空".to_owned())
    } else {
        None
    };
    if let Some(detail) = fault {
        faults.add(FIELD, Some(text), detail);
    }
    Some(text.trim_end_matches('。').to_owned())
}

/// A number between the least and the most.
fn within(faults: &mut Faults, field: &str, given: u32, (least, most): (u32, u32), what: &str) -> u32 {
    if !(least..=most).contains(&given) {
        faults.add(field, Some(&given.to_string()), format!("{what}：{least} 到 {most}"));
    }
    given
}

fn after_clock(faults: &mut Faults, typed: &MethodDraft) -> AfterClockTerms {
    let longest = LONGEST_COUNTDOWN_S;
    let (sealed_s, best_s) = (typed.sealed_s.unwrap_or_default(), typed.best_s.unwrap_or_default());
    let sealed = (SHORTEST_SEALED_S, longest);
    AfterClockTerms {
        pause_s: within(faults, "method/pause_s", typed.pause_s.unwrap_or_default(), (0, longest), "两段之间停多少秒"),
        sealed_s: within(faults, "method/sealed_s", sealed_s, sealed, "请填写停价以后暗标的秒数"),
        best_s: match best_s {
            0 => 0,
            given => {
                let what = "最后报价的秒数（不设最后报价的留空）";
                within(faults, "method/best_s", given, (SHORTEST_TURN_S, longest), what)
            }
        },
        revisions: typed.revisions,
    }
}

/// What counts beside the price. Where prices are shown while people bid nobody could tell who leads; priority and a ceiling ask
/// which prices are equal, and points make that another question.
fn beside_the_price(
    faults: &mut Faults,
    typed: &MethodDraft,
    draft: &LotDraft,
    most: &policy::Rule<u32>,
) -> Vec<Merit> {
    const FIELD: &str = "method/merits";
    let text = typed.merits.trim();
    if text.is_empty() {
        return Vec::new();
    }
    let gives_priority = !draft.priority_kinds.is_empty() || !draft.priority.trim().is_empty();
    let has_ceiling = draft.ceiling_price.as_ref().is_some_and(|price| !price.trim().is_empty());
    let read = merits::read(text, most.value);
    let against = if typed.mode != Mode::Sealed {
        Some(
            "加分标准只用于暗标：公开出价时大家看着价格出价，加分会让人看不明白谁领先；请把竞价方式改为暗标，或者把加分标准留空",
        )
    } else if gives_priority {
        Some(
            "有加分标准的不再设优先权：优先权看谁同价，加分改变了谁同价；想照顾本集体成员的，可以写成一项加分标准，把优先权留空",
        )
    } else if has_ceiling {
        Some("有加分标准的不设限价：几个人都报到限价时，加分会替公告写明的办法定先后；请在“价格”那一步把限价留空")
    } else {
        None
    };
    if let Some(detail) = against.map(str::to_owned).or(read.as_ref().err().cloned()) {
        faults.add(FIELD, Some(text), detail);
    }
    read.unwrap_or_default()
}

fn turns(faults: &mut Faults, typed: &MethodDraft) -> TurnTerms {
    let mut within =
        |field: &str, given: u32, least: u32, most: u32, what: &str| within(faults, field, given, (least, most), what);
    let longest = LONGEST_COUNTDOWN_S;
    TurnTerms {
        rounds: within("method/turn_rounds", typed.turn_rounds.unwrap_or(ROUNDS), 1, MOST_ROUNDS, "请填写报价的轮数"),
        turn_s: within(
            "method/turn_s",
            typed.turn_s.unwrap_or_default(),
            SHORTEST_TURN_S,
            longest,
            "请填写每人每轮的报价秒数",
        ),
        first_pause_s: within(
            "method/first_pause_s",
            typed.first_pause_s.unwrap_or_default(),
            0,
            longest,
            "首次报价后停多少秒",
        ),
        pause_s: within("method/pause_s", typed.pause_s.unwrap_or_default(), 0, longest, "两轮之间停多少秒"),
        revisions: typed.revisions,
    }
}

/// Who the trustees are is looked up afterwards; here they stand by identifier.
fn sealed(faults: &mut Faults, typed: &MethodDraft, open_within_h: u32) -> SealedTerms {
    let (count, ids) = (typed.trustees.len(), &typed.trustees);
    let seen = ids.join("、");
    if !(2..=MOST_TRUSTEES).contains(&count) {
        let detail = format!("请选 2 到 {MOST_TRUSTEES} 位密钥保管人，例如监事会、镇街经管站、抽签的村民各一位");
        faults.add("method/trustees", Some(&seen), detail);
    } else if ids.iter().enumerate().any(|(i, id)| ids.iter().skip(i + 1).any(|other| other == id)) {
        faults.add("method/trustees", Some(&seen), "同一位密钥保管人只能选一次");
    }
    let needed = typed.trustees_needed.unwrap_or_default();
    if needed < 2 || usize::try_from(needed).is_ok_and(|needed| needed > count) {
        let seen = typed.trustees_needed.map(|n| n.to_string());
        let detail = format!("请填写几位保管人一起才能开标：2 到 {} 位", count.max(2));
        faults.add("method/trustees_needed", seen.as_deref(), detail);
    }
    let unnamed = |id: &String| NamedTrustee {
        id: id.trim().to_owned(),
        name: String::new(),
        office: String::new(),
        recipient: String::new(),
    };
    SealedTerms {
        trustees: ids.iter().map(unnamed).collect(),
        needed,
        revisions: typed.revisions,
        open_within_h,
        reserve: typed.sealed_reserve.then(ReserveCommitment::default),
    }
}

fn parts(typed: &str) -> impl Iterator<Item = &str> {
    typed.split(['；', ';', '\n']).map(str::trim).filter(|part| !part.is_empty())
}

fn steps(faults: &mut Faults, typed: &MethodDraft) -> Vec<StepFrom> {
    const SHAPE: &str = "请按“0起5；1000起10”的样式填写：从什么价起，每次至少加多少";
    let read = |part: &str| {
        let (from, min) = part.split_once('起')?;
        Some(StepFrom { from: faults.read_price(from).ok()?, min: faults.read_price(min).ok()? })
    };
    let Some(mut rows) = parts(&typed.steps).map(read).collect::<Option<Vec<StepFrom>>>() else {
        faults.add("method/steps", Some(&typed.steps), SHAPE);
        return Vec::new();
    };
    rows.sort_by_key(|row| row.from);
    let twice = rows.windows(2).any(|w| matches!(w, [a, b] if a.from == b.from));
    if rows.iter().any(|row| row.min == Fen::ZERO) {
        faults.add("method/steps", Some(&typed.steps), "各段的加价幅度应大于 0");
    } else if rows.first().is_some_and(|row| row.from != Fen::ZERO) || twice {
        faults.add("method/steps", Some(&typed.steps), "第一段应从 0 起，各段的起点不能相同，例如“0起5；1000起10”");
    }
    rows
}

fn increases(faults: &mut Faults, typed: &MethodDraft) -> Vec<RentIncrease> {
    let read = |part: &str| {
        let (year, by) = part.strip_prefix('第')?.split_once('年')?;
        let from_year = text::half_width(year.trim()).parse().ok()?;
        Some(match (by.trim().strip_suffix(['%', '％']), by.trim().strip_prefix('加')) {
            (Some(percent), _) => {
                // Hundredths of a per cent are read like fen.
                let percent_bp = u32::try_from(text::read_yuan(percent).ok()?.0).ok()?;
                RentIncrease { from_year, percent_bp: Some(percent_bp), amount: None }
            }
            (None, Some(amount)) => {
                RentIncrease { from_year, percent_bp: None, amount: Some(text::read_yuan(amount).ok()?) }
            }
            (None, None) => return None,
        })
    };
    parts(&typed.increases).map(read).collect::<Option<Vec<RentIncrease>>>().unwrap_or_else(|| {
        let detail = "请按“第5年10%；第8年加50”的样式填写：从第几年起，涨百分之几或加多少";
        faults.add("method/increases", Some(&typed.increases), detail);
        Vec::new()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft(change: impl Fn(&mut MethodDraft)) -> MethodDraft {
        let mut typed = MethodDraft::default();
        change(&mut typed);
        typed
    }

    #[test]
    fn steps_and_increases_are_read_as_they_are_written() {
        let mut faults = Faults::default();
        let typed = draft(|d| {
            d.steps = "1000起10；0起5".into();
            d.increases = "第5年10%; 第8年加50".into();
        });
        assert_eq!(
            steps(&mut faults, &typed),
            [StepFrom { from: Fen::ZERO, min: Fen(500) }, StepFrom { from: Fen(100_000), min: Fen(1_000) }]
        );
        let rises = increases(&mut faults, &typed);
        assert_eq!((rises[0].percent_bp, rises[1].amount), (Some(1_000), Some(Fen(5_000))));
        assert!(faults.found.is_empty());
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        for (field, typed) in [
            ("method/steps", draft(|d| d.steps = "5".into())),
            ("method/steps", draft(|d| d.steps = "10起5".into())),
            ("method/steps", draft(|d| d.steps = "0起5；0起6".into())),
            ("method/steps", draft(|d| d.steps = "0起0".into())),
        ] {
            let mut faults = Faults::default();
            steps(&mut faults, &typed);
            assert!(faults.has(field), "{typed:?}");
        }
        let mut faults = Faults::default();
        increases(&mut faults, &draft(|d| d.increases = "每年10%".into()));
        final_period(&mut faults, &draft(|_| ()));
        assert!(faults.has("method/increases") && faults.has("method/countdown_s"));
    }
}
