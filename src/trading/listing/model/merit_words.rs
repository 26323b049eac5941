//! What counts beside the price, in villagers' words: the criteria, how points are used, one sum worked out. Pure.

use super::Terms;
use crate::trading::{
    auction::{Compared, Direction},
    merits::{Merit, percent_text},
};

const CLAIMING: &str = "报名后、报名截止前选选项并上传材料，由镇街在竞价开始前审核；没有申报、没有通过或者没有审核完的，都按不加分的选项算";
const PRICE_ALONE: &str = "保留价、合同和付款都只看报价本身，不看加分";

/// How one bids and who wins; `None`: prices alone are compared.
pub fn how(terms: &Terms) -> Option<&'static str> {
    if terms.merits().is_empty() {
        return None;
    }
    Some(match (terms.words().is_floor_area(), terms.direction()) {
        (true, _) => {
            "各人在自己的电脑上把报的建筑面积加密后交来，结束之前谁也看不到，系统管理员也看不到；结束后由密钥保管人一起开标，按加分后的比较面积，最大的得"
        }
        (_, Direction::Up) => {
            "各人在自己的电脑上把报价加密后交来，结束之前谁也看不到，系统管理员也看不到；结束后由密钥保管人一起开标，按加分后的比较价，最高的得"
        }
        (_, Direction::Down) => {
            "各人在自己的电脑上把报价加密后交来，结束之前谁也看不到，系统管理员也看不到；结束后由密钥保管人一起开标，按加分后的比较价，最低的得"
        }
    })
}

impl Terms {
    /// What the notice says of its criteria, line by line.
    pub fn merit_lines(&self) -> Vec<(&'static str, String)> {
        let merits = self.merits();
        if merits.is_empty() {
            return Vec::new();
        }
        let mut lines: Vec<(&'static str, String)> = merits.iter().map(|merit| ("加分标准", merit.told())).collect();
        lines.push(("加分怎样申报", CLAIMING.to_owned()));
        let by = match self.direction() {
            Direction::Up => "报价×（1＋加分）",
            Direction::Down => "报价÷（1＋加分）",
        };
        let tie = if self.draw().is_some_and(|draw| draw.ties) { "抽签定先后" } else { "先报的优先" };
        lines.push((
            "加分怎样用",
            format!("一个人的各项加分相加，各报价按“{by}”比较，比较时不四舍五入；比较价相同的，{tie}。{PRICE_ALONE}"),
        ));
        lines.extend(example(self, merits).map(|words| ("加分举例", words)));
        lines
    }
}

/// One sum worked out: the best answer to the first criterion, at the opening price.
fn example(terms: &Terms, merits: &[Merit]) -> Option<String> {
    let merit = merits.first()?;
    let answer = merit.answers.iter().max_by_key(|answer| answer.points_bp)?;
    let (price, unit) = (terms.opening_price, terms.price_unit.label());
    let points = i64::from(answer.points_bp);
    let compared = Compared { direction: terms.direction(), price, points };
    let (bid, worth) = (price.grouped(), percent_text(points));
    let deed = if terms.words().is_floor_area() { "合同仍按" } else { "合同和付款仍按" };
    terms.is_priced().then(|| {
        format!(
            "甲报 {bid} {unit}，“{}”这一项是“{}”，加 {worth}，{} {unit}比较；{deed} {bid} {unit}",
            merit.title,
            answer.text,
            compared.by()
        )
    })
}
