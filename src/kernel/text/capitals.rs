//! Amounts in Chinese capitals (大写), as notices and contracts write them beside the figures.
//!
//! Rules of the central bank's 《支付结算办法》, annex on filling in bills: 整 after 元; none after 角 or 分; one 零 for any run of
//! zeros within; 零 before 分 where 角 is zero; 壹拾 and never 拾 alone.

use crate::kernel::Fen;

const DIGITS: [&str; 10] = ["零", "壹", "贰", "叁", "肆", "伍", "陆", "柒", "捌", "玖"];

/// The amount in capitals: 1000.00 is 壹仟元整, 0.05 is 伍分.
pub fn capitals(amount: Fen) -> String {
    let fen = amount.0.unsigned_abs();
    let (yuan, jiao, cent) = (fen / 100, fen / 10 % 10, fen % 10);
    let mut out = String::new();
    if amount.0 < 0 {
        out.push('负');
    }
    if yuan > 0 || fen == 0 {
        out.push_str(&if yuan == 0 { digit(0).to_owned() } else { whole(yuan) });
        out.push('元');
    }
    if jiao == 0 && cent == 0 {
        out.push('整');
        return out;
    }
    if yuan > 0 && (jiao == 0 || yuan.is_multiple_of(10)) {
        out.push('零');
    }
    if jiao > 0 {
        out.push_str(digit(jiao));
        out.push('角');
    }
    if cent > 0 {
        out.push_str(digit(cent));
        out.push('分');
    }
    out
}

fn digit(n: u64) -> &'static str {
    usize::try_from(n).ok().and_then(|n| DIGITS.get(n)).copied().unwrap_or("")
}

/// A whole number above zero, by its largest unit and what is left.
fn whole(n: u64) -> String {
    const UNITS: [(u64, &str); 5] = [(100_000_000, "亿"), (10_000, "万"), (1000, "仟"), (100, "佰"), (10, "拾")];
    let Some((size, unit)) = UNITS.into_iter().find(|(size, _)| n >= *size) else {
        return digit(n).to_owned();
    };
    let rest = n % size;
    let gap = if rest > 0 && rest < size / 10 { "零" } else { "" };
    let tail = if rest > 0 { whole(rest) } else { String::new() };
    format!("{}{unit}{gap}{tail}", whole(n / size))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_bills_write_them() {
        for (fen, text) in [
            (0, "零元整"),
            (5, "伍分"),
            (10, "壹角"),
            (50, "伍角"),
            (55, "伍角伍分"),
            (100, "壹元整"),
            (105, "壹元零伍分"),
            (1_000, "壹拾元整"),
            (1_050, "壹拾元零伍角"),
            (70_000, "柒佰元整"),
            (100_000, "壹仟元整"),
            (300_000, "叁仟元整"),
            (1_000_000, "壹万元整"),
            (140_950, "壹仟肆佰零玖元伍角"),
            (600_714, "陆仟零柒元壹角肆分"),
            (168_032, "壹仟陆佰捌拾元零叁角贰分"),
            (10_700_053, "壹拾万柒仟元零伍角叁分"),
            (1_640_902, "壹万陆仟肆佰零玖元零贰分"),
            (32_504, "叁佰贰拾伍元零肆分"),
            (100_100, "壹仟零壹元整"),
            (1_001_000, "壹万零壹拾元整"),
            (100_010_000, "壹佰万零壹佰元整"),
            (10_000_000_000, "壹亿元整"),
            (10_001_000_000, "壹亿零壹万元整"),
            (100_000_000_000_000, "壹万亿元整"),
            (100_000_000_000_100, "壹万亿零壹元整"),
            (100_010_000_000_000, "壹万零壹亿元整"),
            (768_121_550_000, "柒拾陆亿捌仟壹佰贰拾壹万伍仟伍佰元整"),
            (99_999_999_999_999_999, "玖佰玖拾玖万玖仟玖佰玖拾玖亿玖仟玖佰玖拾玖万玖仟玖佰玖拾玖元玖角玖分"),
            (-5, "负伍分"),
        ] {
            assert_eq!(capitals(Fen(fen)), text, "{fen}");
        }
    }
}
