//! Amounts of money and areas as people type them.

use std::fmt;

use super::compact;
use crate::kernel::{Area, Fen};

/// Why a text is no amount of money.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AmountFault {
    Empty,
    Negative,
    NotAFigure,
    /// Commas that do not stand before each three digits.
    Commas,
    /// Smaller than one fen.
    TooManyDecimals,
    TooLarge,
}

impl fmt::Display for AmountFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "请填写金额，单位为元，例如 820.00",
            Self::Negative => "金额不能是负数，请填写大于或等于 0 的金额",
            Self::NotAFigure => "金额应写成数字，单位为元，例如 820.00 或 1.2万元",
            Self::Commas => "金额里的逗号位置不对：千位分隔应每三位一个，例如 1,234,567.00；也可以不写逗号",
            Self::TooManyDecimals => "金额最多两位小数（精确到分），请四舍五入后再填，例如 820.05",
            Self::TooLarge => "金额过大：以元计整数部分最多 15 位，请核对单位",
        })
    }
}
impl std::error::Error for AmountFault {}

/// Why a text is no area.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AreaFault {
    Empty,
    Negative,
    NotAFigure,
    Commas,
    /// Finer than 0.01 m², or than 0.0001 mu.
    TooManyDecimals(AreaUnit),
    TooLarge,
}

impl fmt::Display for AreaFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "请填写面积，例如 120.00 平方米或 0.45 亩",
            Self::Negative => "面积不能是负数",
            Self::NotAFigure => "面积应写成数字，可带单位平方米或亩，例如 120.00 或 23.5亩",
            Self::Commas => "面积里的逗号位置不对：千位分隔应每三位一个，例如 1,234.00；也可以不写逗号",
            Self::TooManyDecimals(AreaUnit::SquareMetre) => "面积以平方米计最多两位小数，例如 120.05",
            Self::TooManyDecimals(AreaUnit::Mu) => "面积以亩计最多四位小数，例如 23.4567",
            Self::TooLarge => "面积过大，请核对单位是平方米还是亩",
        })
    }
}
impl std::error::Error for AreaFault {}

crate::text_enum! {
    /// The unit an area is typed in where the text itself names none.
    pub enum AreaUnit { SquareMetre = "m2" => "平方米", Mu = "mu" => "亩" }
}

/// Digits of a figure without its point, and how many of them stand after it.
struct Figure {
    digits: i128,
    decimals: usize,
}

enum FigureFault {
    Empty,
    Negative,
    NotAFigure,
    Commas,
    TooLarge,
}

impl Figure {
    fn read(text: &str) -> Result<Figure, FigureFault> {
        if text.is_empty() {
            return Err(FigureFault::Empty);
        }
        if let Some(rest) = text.strip_prefix(['-', '−', '－']) {
            return Err(if Figure::read(rest).is_ok() { FigureFault::Negative } else { FigureFault::NotAFigure });
        }
        let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
        let decimals = if text.contains('.') { part.len() } else { 0 };
        let all_digits = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
        let whole_digits = whole.replace(',', "");
        if !all_digits(&whole_digits) || !all_digits(part) {
            return Err(FigureFault::NotAFigure);
        }
        let groups: Vec<&str> = whole.split(',').collect();
        let grouped =
            groups.iter().skip(1).all(|g| g.len() == 3) && groups.first().is_some_and(|g| (1..=3).contains(&g.len()));
        if groups.len() > 1 && !grouped {
            return Err(FigureFault::Commas);
        }
        let significant = whole_digits.trim_start_matches('0');
        if significant.len() > 18 || part.len() > 18 {
            return Err(if part.len() > 18 { FigureFault::NotAFigure } else { FigureFault::TooLarge });
        }
        let joined = if decimals == 0 { significant.to_owned() } else { format!("{significant}{part}") };
        let digits = if joined.is_empty() { Ok(0) } else { joined.parse() };
        digits.map(|digits| Figure { digits, decimals }).map_err(|_| FigureFault::TooLarge)
    }

    /// The figure times 10^`places`, exact; `None` where it has more decimals than that.
    fn scaled(&self, places: usize) -> Option<i128> {
        let shift = u32::try_from(places.checked_sub(self.decimals)?).ok()?;
        self.digits.checked_mul(10_i128.checked_pow(shift)?)
    }
}

impl From<FigureFault> for AmountFault {
    fn from(fault: FigureFault) -> Self {
        match fault {
            FigureFault::Empty => Self::Empty,
            FigureFault::Negative => Self::Negative,
            FigureFault::NotAFigure => Self::NotAFigure,
            FigureFault::Commas => Self::Commas,
            FigureFault::TooLarge => Self::TooLarge,
        }
    }
}
impl From<FigureFault> for AreaFault {
    fn from(fault: FigureFault) -> Self {
        match fault {
            FigureFault::Empty => Self::Empty,
            FigureFault::Negative => Self::Negative,
            FigureFault::NotAFigure => Self::NotAFigure,
            FigureFault::Commas => Self::Commas,
            FigureFault::TooLarge => Self::TooLarge,
        }
    }
}

/// Reads an amount of yuan: `820`, `¥1,234.50`, `８２０元`, `人民币1000元整`, `1.2万元`, `768121.55 万`.
///
/// # Errors
/// An [`AmountFault`]: empty, negative, no figure, misplaced commas, finer than one fen (also where the third decimal is
/// a zero), more than 15 digits of yuan.
pub fn read_yuan(text: &str) -> Result<Fen, AmountFault> {
    let typed = compact(text);
    let mut figure = typed.as_str();
    for sign in ["人民币", "RMB", "CNY", "¥"] {
        figure = figure.strip_prefix(sign).unwrap_or(figure);
    }
    figure = figure.strip_suffix(['整', '正']).unwrap_or(figure);
    figure = figure.strip_suffix(['元', '圆']).unwrap_or(figure);
    let (figure, places) = match (figure.strip_suffix('亿'), figure.strip_suffix('万')) {
        (Some(rest), _) => (rest, 10),
        (_, Some(rest)) => (rest, 6),
        _ => (figure, 2),
    };
    let fen = Figure::read(figure)?.scaled(places).ok_or(AmountFault::TooManyDecimals)?;
    i64::try_from(fen).map(Fen).ok().filter(|f| *f <= Fen::MAX).ok_or(AmountFault::TooLarge)
}

/// Reads an area: `120`, `1,234.50㎡`, `120平方米`, `23.5亩`. Where the text names no unit, `unit` holds. Mu are turned
/// into m² (1 mu = 2000/3 m²), rounded half up to 0.01 m².
///
/// # Errors
/// An [`AreaFault`], as for amounts; m² have at most two decimals and mu four.
pub fn read_area(text: &str, unit: AreaUnit) -> Result<Area, AreaFault> {
    const METRES: [&str; 8] = ["平方米", "平米", "平方", "㎡", "m²", "m2", "M2", "M²"];
    let typed = compact(text);
    let metres = METRES.iter().find_map(|u| typed.strip_suffix(u));
    let (figure, unit) = match (metres, typed.strip_suffix('亩')) {
        (Some(rest), _) => (rest, AreaUnit::SquareMetre),
        (_, Some(rest)) => (rest, AreaUnit::Mu),
        _ => (typed.as_str(), unit),
    };
    let figure = Figure::read(figure)?;
    let hundredths = match unit {
        AreaUnit::SquareMetre => figure.scaled(2),
        AreaUnit::Mu => figure.scaled(4).and_then(|n| n.checked_mul(40)?.checked_add(3)).map(|n| n / 6),
    };
    let hundredths = hundredths.ok_or(AreaFault::TooManyDecimals(unit))?;
    i64::try_from(hundredths).map(Area).ok().filter(|a| a.0 <= Fen::MAX.0).ok_or(AreaFault::TooLarge)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_in_many_spellings() {
        for (typed, fen) in [
            ("820", 82_000),
            ("820.5", 82_050),
            ("0.05", 5),
            ("0", 0),
            ("007", 700),
            ("１，２３４．５０", 123_450),
            ("¥1,234,567.89", 123_456_789),
            ("￥ 820 元", 82_000),
            ("人民币1000元整", 100_000),
            ("1.2万元", 1_200_000),
            ("768121.55万元", 768_121_550_000),
            ("0.000001万", 1),
            ("76.8121550000亿元", 768_121_550_000),
            ("999999999999999.99", 99_999_999_999_999_999),
        ] {
            assert_eq!(read_yuan(typed), Ok(Fen(fen)), "{typed}");
        }
    }

    #[test]
    fn amounts_that_are_refused() {
        use AmountFault::*;
        for (typed, fault) in [
            ("", Empty),
            (" 元", Empty),
            ("-5", Negative),
            ("820.005", TooManyDecimals),
            ("820.000", TooManyDecimals),
            ("0.0000001万", TooManyDecimals),
            ("12345678901234567890", TooLarge),
            ("1000000000000000", TooLarge),
            ("99999999999999999999.00", TooLarge),
            ("1,23", Commas),
            ("1,0000", Commas),
            (",100", Commas),
            ("1e3", NotAFigure),
            ("1.2.3", NotAFigure),
            ("1.", NotAFigure),
            (".5", NotAFigure),
            ("约162", NotAFigure),
            ("NaN", NotAFigure),
            ("+5", NotAFigure),
            ("--5", NotAFigure),
        ] {
            assert_eq!(read_yuan(typed), Err(fault), "{typed}");
        }
    }

    #[test]
    fn areas_in_both_units() {
        let m2 = |t: &str| read_area(t, AreaUnit::SquareMetre);
        assert_eq!(m2("120"), Ok(Area(12_000)));
        assert_eq!(m2("1,234.50㎡"), Ok(Area(123_450)));
        assert_eq!(m2("１２０平方米"), Ok(Area(12_000)));
        assert_eq!(m2("23.50亩"), Ok(Area(1_566_667)));
        assert_eq!(m2("0.45亩"), Ok(Area(30_000)));
        assert_eq!(read_area("0.45", AreaUnit::Mu), Ok(Area(30_000)));
        assert_eq!(read_area("300 m2", AreaUnit::Mu), Ok(Area(30_000)));
        assert_eq!(m2("0.0001亩"), Ok(Area(7)));
        assert_eq!(m2("80.001"), Err(AreaFault::TooManyDecimals(AreaUnit::SquareMetre)));
        assert_eq!(m2("1.00001亩"), Err(AreaFault::TooManyDecimals(AreaUnit::Mu)));
        assert_eq!(m2("-1"), Err(AreaFault::Negative));
        assert_eq!(m2("99999999999999999亩"), Err(AreaFault::TooLarge));
        assert_eq!(m2("约120"), Err(AreaFault::NotAFigure));
        for hundredths_of_mu in [0, 1, 45, 2350, 99_999] {
            let text = format!("{}.{:02}亩", hundredths_of_mu / 100, hundredths_of_mu % 100);
            assert_eq!(m2(&text).ok(), Area::from_mu_hundredths(hundredths_of_mu), "{text}: one rounding everywhere");
        }
    }
}
