//! How the price of a lot is found, in villagers' words: for the notice, the rules beside the auction, and the review. Pure.

use super::{Method, NamedTrustee, StepFrom, Terms, merit_words};
use crate::trading::auction::{Direction, ExtensionFrom, Fallback, Mode};

/// A length of time that is configured in seconds.
pub fn span(seconds: u32) -> String {
    match (seconds / 60, seconds % 60) {
        (0, seconds) => format!("{seconds} 秒"),
        (minutes, 0) => format!("{minutes} 分钟"),
        (minutes, seconds) => format!("{minutes} 分 {seconds} 秒"),
    }
}

/// How one bids, in one sentence.
pub fn how(terms: &Terms) -> &'static str {
    if let Some(words) = merit_words::how(terms) {
        return words;
    }
    if terms.words().is_floor_area() {
        return how_floor_area(terms.mode());
    }
    match (terms.mode(), terms.direction()) {
        (Mode::Proxy, Direction::Down) => {
            "您填愿意报的最低价，只有您自己看得到；系统替您按最小降价报价，够领先就不再往下降"
        }
        (Mode::Sealed, Direction::Down) => {
            "各人在自己的电脑上把报价加密后交来，结束之前谁也看不到，系统管理员也看不到；结束后由密钥保管人一起开标，价低者得"
        }
        (Mode::Countdown, Direction::Down) => "先自由报价，再限时报价：限时内每有人出价就重新计时，没有人再降价才结束",
        (Mode::Turns, Direction::Down) => {
            "先各报一次首次报价，互相看不到；再分轮报价，每轮每人一个时段，价高的先报，最后报价最低的成交"
        }
        (Mode::Turns, Direction::Up) => {
            "先各报一次首次报价，互相看不到；再分轮报价，每轮每人一个时段，价低的先报，最后报价最高的成交"
        }
        (_, Direction::Down) => "谁的出价低、被系统接受，谁就领先",
        (Mode::Proxy, Direction::Up) => {
            "您填愿意出的最高价，只有您自己看得到；系统替您按最小加价出价，够领先就不再往上加"
        }
        (Mode::Clock, Direction::Up) => "价格从起拍价自动往下降，第一个应价的人按当时的价成交",
        (Mode::Sealed, Direction::Up) => {
            "各人在自己的电脑上把报价加密后交来，结束之前谁也看不到，系统管理员也看不到；结束后由密钥保管人一起开标，价高者得"
        }
        (Mode::Countdown, Direction::Up) => "先自由报价，再限时报价：限时内每有人出价就重新计时，没有人再加价才结束",
        (Mode::ClockSealed, Direction::Up) if has_last_word(terms) => {
            "价格从起拍价自动往下降，第一个应价的人停住降价；然后其他人交暗标，要比停住的价高；有人交了暗标的，停住降价的人最后还可以报一次超过他们，价高者得"
        }
        (Mode::ClockSealed, Direction::Up) => {
            "价格从起拍价自动往下降，第一个应价的人停住降价；然后其他人交暗标，要比停住的价高，价高者得；没有人交暗标的，停住降价的人按停住的价成交"
        }
        (_, Direction::Up) => "谁的出价高、被系统接受，谁就领先",
    }
}

/// What is bid is the floor area that is handed over to the collective.
fn how_floor_area(mode: Mode) -> &'static str {
    match mode {
        Mode::Proxy => "您填愿意交给集体的最大建筑面积，只有您自己看得到；系统替您按最小幅度往上加，够领先就不再加",
        Mode::Sealed => {
            "各人在自己的电脑上把报的建筑面积加密后交来，结束之前谁也看不到，系统管理员也看不到；结束后由密钥保管人一起开标，面积大者得"
        }
        Mode::Countdown => "先自由报建筑面积，再限时报：限时内每有人报就重新计时，没有人再加面积才结束",
        Mode::Turns => "先各报一次建筑面积，互相看不到；再分轮报，每轮每人一个时段，面积小的先报，最后报得最大的成交",
        _ => "报的是建成后交给集体的建筑面积，谁报的面积大、被系统接受，谁就领先",
    }
}

/// How the deal is made, for the line of the notice.
pub fn deal(terms: &Terms) -> String {
    let way = match terms.mode() {
        Mode::Clock => return "网上降价竞价，先应价者得".to_owned(),
        Mode::ClockSealed => "网上降价后暗标",
        Mode::Proxy => "网上代理出价",
        Mode::Sealed => "网上暗标",
        Mode::Countdown => "网上自由报价加限时报价",
        Mode::Turns => "网上轮次报价",
        _ if terms.is_purchase() => "网上公开降价",
        _ if terms.words().is_floor_area() => "网上公开竞报建筑面积",
        _ => "网上公开加价",
    };
    let after = if terms.merits().is_empty() { "" } else { "加分后" };
    format!("{way}，{after}{}", terms.words().wins)
}

/// What the method says, rule by rule: name and words. An open auction by plain steps without a limit says nothing of its own.
pub fn lines(terms: &Terms) -> Vec<(&'static str, String)> {
    let first = first_at_limit(terms).map(|words| ("到限价后", words));
    let Some(method) = &terms.method else { return first.into_iter().collect() };
    let step = terms.words().step;
    let mut lines = vec![("竞价方式", format!("{}：{}", method.mode.label(), how(terms)))];
    lines.extend(clock(method, terms.price_unit.label()).map(|words| ("降价", words)));
    lines.extend(countdown(method).map(|words| ("限时报价", words)));
    lines.extend(turns(method, terms));
    lines.extend(after_clock(method, terms));
    lines.extend(sealed(method));
    lines.extend(first);
    lines.extend(terms.merit_lines());
    lines.extend(draw(method, terms).map(|words| ("抽签", words)));
    lines.extend(criterion(method, terms).map(|words| ("到限价后的评定", words)));
    lines.extend(hard_close(method).map(|words| ("最晚结束", words)));
    if method.leader_may_raise {
        lines.push(("领先者再出价", format!("领先的人也可以再{step}")));
    }
    lines.extend(method.fallback.map(|next| ("人数不足时", fallback(next))));
    lines.extend(outage(method).map(|words| ("停机补时", words)));
    if !method.increases.is_empty() {
        lines.push(("租金递增", format!("{}；成交价是第一年的价", method.increases_text())));
    }
    if method.practice {
        lines.push(("演练", "这是练习，不产生成交结果，不收保证金".to_owned()));
    }
    lines
}

/// The least raise by price; `None`: it is the same at every price.
pub fn steps(terms: &Terms) -> Option<String> {
    let method = terms.method.as_ref().filter(|method| !method.steps.is_empty())?;
    let words = terms.words();
    let row =
        |row: &StepFrom| format!("{}起每次至少{} {}", words.counted(row.from), words.verb, words.counted(row.min));
    let rows = method.steps.iter().map(row);
    Some(rows.collect::<Vec<_>>().join("，"))
}

/// How the end moves; `None`: as in every open auction, from the time of a late bid.
pub fn end(terms: &Terms) -> Option<String> {
    let method = terms.method.as_ref()?;
    match method.mode {
        Mode::Clock => Some("有人应价马上结束；到时间没有人应价也结束，不延时".to_owned()),
        Mode::ClockSealed => {
            Some("到时间没有人应价就结束；有人应价的，暗标和最后报价的时间走完就结束，不延时".to_owned())
        }
        Mode::Countdown => countdown(method),
        Mode::Sealed => Some("到时间就结束，不延时；之后开标".to_owned()),
        Mode::Turns => Some("各轮各人的报价时段走完就结束，不延时".to_owned()),
        _ if method.extension_from == ExtensionFrom::Close => {
            let most = terms.max_extensions.map_or("次数不限".to_owned(), |n| format!("最多 {n} 次"));
            let (window, by) = (span(terms.window_s), span(terms.by_s));
            Some(format!("结束前 {window}内有人出价，结束时间往后推 {by}；{most}"))
        }
        _ => None,
    }
}

fn clock(method: &Method, unit: &str) -> Option<String> {
    let clock = method.clock?;
    let (by, floor) = (clock.decrement.grouped(), clock.floor.grouped());
    Some(format!("每 {}降 {by} 元，最低降到 {floor} {unit}", span(clock.tick_s)))
}

fn countdown(method: &Method) -> Option<String> {
    let countdown = method.countdown?;
    let mut words =
        format!("最后 {}为限时报价，每有人出价就重新计 {}", span(countdown.seconds), span(countdown.seconds));
    if countdown.wait_s > 0 {
        words.push_str(&format!("；之前停 {}不出价", span(countdown.wait_s)));
    }
    if countdown.needs_bidders > 0 {
        words.push_str(&format!("；此前出过价的人少于 {} 个就不进入限时报价", countdown.needs_bidders));
    }
    Some(words)
}

fn turns(method: &Method, terms: &Terms) -> Vec<(&'static str, String)> {
    let Some(turns) = method.turns else { return Vec::new() };
    let pause = |seconds: u32, when: &str| {
        if seconds > 0 { format!("；{when}停 {}", span(seconds)) } else { String::new() }
    };
    let worst = match (terms.is_purchase(), terms.words().is_floor_area()) {
        (true, _) => "报价高",
        (_, true) => "面积小",
        _ => "报价低",
    };
    let rounds = format!(
        "首次报价截止后，报过价的人分 {} 轮报价，每轮每人一个时段，每段 {}；{worst}的先报，报价相同的后报的先报；         每个时段里只能在自己的价上{}，可以改，以最后一次为准，不报的仍是原来的价；时段结束后公布{}{}",
        turns.rounds,
        span(turns.turn_s),
        terms.words().step,
        pause(turns.first_pause_s, "首次报价后"),
        pause(turns.pause_s, "两轮之间"),
    );
    let first = revised(turns.revisions);
    vec![("首次报价", format!("竞价开始到首次报价截止，各报一个价，截止之前别人看不到；{first}")), ("轮次", rounds)]
}

/// Whether who stops the clock may beat the best sealed price.
pub fn has_last_word(terms: &Terms) -> bool {
    terms.method.as_ref().and_then(|method| method.after_clock).is_some_and(|after| after.best_s > 0)
}

/// Who keeps a sealed price that follows a clock: said wherever one is asked for, so that nobody takes it for an envelope.
pub const KEPT_BY_THE_SYSTEM: &str = "暗标由本系统保管，截止之前不显示给任何人；它没有用密钥保管人的密钥加密，管系统的人在技术上能看到，这一点和“暗标（一次性报价）”不同";

fn after_clock(method: &Method, terms: &Terms) -> Vec<(&'static str, String)> {
    let Some(after) = method.after_clock else { return Vec::new() };
    let pause = if after.pause_s > 0 { format!("停 {}，然后", span(after.pause_s)) } else { String::new() };
    let step = match steps(terms) {
        Some(rows) => rows,
        None => format!("至少高 {}", terms.words().counted(terms.step_min)),
    };
    let sealed = format!(
        "有人应价后，{pause}其他人在 {}内各报一个比停住的价高的价（{step}），互相看不到，截止后公布；{}；停住降价的人不参加；没有人报的，停住降价的人按停住的价成交",
        span(after.sealed_s),
        revised(after.revisions),
    );
    let mut lines = vec![("停价后的暗标", sealed), ("暗标由谁保管", KEPT_BY_THE_SYSTEM.to_owned())];
    if after.best_s > 0 {
        let word = format!(
            "有人交了暗标的，{pause}停住降价的人在 {}内可以报一次，比最高的暗标高的才算（{step}）；不报就是放弃，由暗标最高的成交",
            span(after.best_s)
        );
        lines.push(("最后报价", word));
    }
    lines
}

/// How often a price that others do not see may be replaced.
fn revised(revisions: Option<u32>) -> String {
    match revisions {
        None => "截止之前可以不限次数地修改，以最后一次为准".to_owned(),
        Some(0) => "每人只能报一次，不能修改".to_owned(),
        Some(n) => format!("截止之前可以修改 {n} 次，以最后一次为准"),
    }
}

fn draw(method: &Method, terms: &Terms) -> Option<String> {
    let draw = method.draw?;
    let mut cases = Vec::new();
    if draw.ceiling {
        cases.push(format!("几个人都报到{}", terms.words().limit));
    }
    if draw.ties {
        cases.push("几个人最后报价相同".to_owned());
    }
    if draw.holders {
        cases.push("同一顺位的优先权人都按同样的价行使优先权".to_owned());
    }
    Some(format!(
        "{}的，抽签定先后：竞价开始前各竞买人和集体先交承诺值，结束后以公开存证的检查点和各方公开的数值算出结果，         任何人都可以重算；每一步最多 {} 小时，不按时公开数值的排到最后",
        cases.join("，或者"),
        draw.hours
    ))
}

/// Where nothing else decides among several at the limit, no step leads beyond the first one there: a fixed price at which
/// whoever comes first buys, except that everybody can still watch it to the announced end.
fn first_at_limit(terms: &Terms) -> Option<String> {
    let decided = |method: &Method| method.draw.is_some_and(|draw| draw.ceiling) || method.ceiling_criterion.is_some();
    let is_open = terms.mode().is_open() || terms.mode() == Mode::Proxy;
    if terms.ceiling_price.is_none() || !is_open || terms.method.as_ref().is_some_and(decided) {
        return None;
    }
    let words = terms.words();
    let rights = if terms.priority_rights.is_some() {
        "；优先权人按同样的价行使优先权的，按优先权的办法"
    } else {
        ""
    };
    Some(format!("谁先报到{}，别人就不能再{}，结束时由他竞得{rights}", words.limit, words.step))
}

fn criterion(method: &Method, terms: &Terms) -> Option<String> {
    let text = method.ceiling_criterion.as_ref()?;
    Some(format!(
        "几个人都报到{}的，按下面的办法评定先后：{text}；评定由镇街交易员拟定、镇街资产管理员复核，先后、理由和评定文书都公布，排第一的竞得，其余的依次递补",
        terms.words().limit
    ))
}

fn sealed(method: &Method) -> Vec<(&'static str, String)> {
    let Some(sealed) = &method.sealed else { return Vec::new() };
    let name = |trustee: &NamedTrustee| format!("{}（{}，公钥 {}）", trustee.name, trustee.office, trustee.recipient);
    let names: Vec<String> = sealed.trustees.iter().map(name).collect();
    let needed = format!("{} 位中任意 {} 位一起才能开标", names.len(), sealed.needed);
    let revisions = match sealed.revisions {
        None => "结束之前可以不限次数地修改或撤回，以最后一次为准".to_owned(),
        Some(0) => "每人只能报一次价，报后可以撤回，不能修改".to_owned(),
        Some(n) => format!("结束之前可以修改 {n} 次，以最后一次为准；也可以撤回"),
    };
    let hours = format!("结束后 {} 小时内开标；到时开不了标的，本次不成交，退还保证金", sealed.open_within_h);
    let mut lines =
        vec![("密钥保管人", format!("{needed}：{}", names.join("；"))), ("修改报价", revisions), ("开标", hours)];
    lines.extend(sealed.reserve.as_ref().map(|reserve| {
        let digest = match reserve.ciphertext_sha256.as_str() {
            "" => "发布公告时写明密文的 SHA-256".to_owned(),
            digest => format!("密文的 SHA-256：{digest}"),
        };
        let words = format!(
            "保留价装在同样的信封里，发布公告前封存，和报价一起开启；打不开的，所有报价都不开启，本次不成交，退还保证金；{digest}"
        );
        ("保留价信封", words)
    }));
    lines
}

fn hard_close(method: &Method) -> Option<String> {
    let after =
        method.hard_close_after_s.filter(|_| !matches!(method.mode, Mode::Clock | Mode::Sealed | Mode::Turns))?;
    Some(format!("不管怎样延时，最晚在预计结束之后 {}结束", span(after)))
}

fn fallback(next: Fallback) -> String {
    format!("没有人出价或者出价的人太少，{}", next.label())
}

fn outage(method: &Method) -> Option<String> {
    let outage = method.outage?;
    let least = span(outage.at_least_s);
    Some(match outage.window_s {
        Some(window_s) => format!("系统停机满 {least}、并且波及结束前 {}的，把停机时间补回来", span(window_s)),
        None => format!("系统停机满 {least}的，把停机时间补回来"),
    })
}
