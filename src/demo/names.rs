//! Names as people in the west of the Pearl River delta bear them: surnames by how common they are there, given names by
//! the fashion of the year of birth.
//!
//! The figures are rounded from memory of the public name statistics of the police (全国姓名报告) and of what is usual
//! around Jiangmen; they make a roster look right and prove nothing. Nobody is meant by any name.

use super::draw::Draw;
use crate::kernel::codes::Sex;

/// Surnames of brides and of the district at large, in parts of 10,000. Among them those with a reading of their own as a
/// surname (区 ōu, 冼 xiǎn, 单 shàn, 仇 qiú, 解 xiè, 曾 zēng, 查 zhā, 盖 gě, 朴 piáo, 翟 zhái) and two-character ones.
const SURNAMES: &[(&str, u32)] = &[
    ("陈", 980),
    ("黄", 790),
    ("李", 770),
    ("梁", 610),
    ("林", 470),
    ("张", 430),
    ("吴", 340),
    ("何", 320),
    ("谭", 300),
    ("罗", 260),
    ("冯", 230),
    ("刘", 230),
    ("区", 210),
    ("余", 200),
    ("伍", 190),
    ("周", 180),
    ("赵", 170),
    ("麦", 160),
    ("容", 150),
    ("叶", 150),
    ("邓", 150),
    ("卢", 140),
    ("潘", 140),
    ("邝", 130),
    ("吕", 130),
    ("关", 130),
    ("汤", 120),
    ("阮", 110),
    ("钟", 110),
    ("郑", 110),
    ("苏", 110),
    ("曾", 100),
    ("杨", 100),
    ("甄", 90),
    ("简", 80),
    ("聂", 70),
    ("王", 160),
    ("朱", 70),
    ("施", 60),
    ("尹", 60),
    ("胡", 60),
    ("徐", 50),
    ("廖", 70),
    ("黎", 90),
    ("欧阳", 40),
    ("司徒", 90),
    ("冼", 60),
    ("莫", 50),
    ("霍", 40),
    ("蔡", 60),
    ("许", 50),
    ("谢", 60),
    ("彭", 40),
    ("高", 30),
    ("方", 40),
    ("袁", 30),
    ("江", 40),
    ("龙", 30),
    ("韦", 25),
    ("覃", 20),
    ("单", 8),
    ("仇", 6),
    ("解", 5),
    ("查", 4),
    ("翟", 8),
    ("盖", 2),
    ("朴", 1),
];

/// A fashion of given names: the first year it holds, and characters for the first and the second place.
struct Fashion {
    from: i32,
    /// Of a hundred people how many have a given name of one character.
    single: i64,
    first: &'static str,
    second: &'static str,
}

const MEN: &[Fashion] = &[
    Fashion {
        from: 0,
        single: 8,
        first: "炳锦树灿荣国耀添润伯兆沛汝华松柏金福",
        second: "坤洪波耀培祥荣华权球林生添棠胜明安",
    },
    Fashion {
        from: 1950,
        single: 12,
        first: "建国志永锦耀伟卫新炳文柏润健沃社兆",
        second: "强明华国雄洪辉平荣权彬民军伦坚祥成",
    },
    Fashion {
        from: 1966,
        single: 18,
        first: "志伟建健国文锦永海卫东俊仲活瑞家少",
        second: "强辉明雄锋华伟军斌聪文坚良豪基亮波",
    },
    Fashion {
        from: 1980,
        single: 22,
        first: "志嘉俊伟健文家冠锦荣浩兆泽永展卓柏",
        second: "杰强文辉聪华斌豪锋健明威鹏恒乐超燊",
    },
    Fashion {
        from: 1995,
        single: 12,
        first: "梓俊嘉子泽浩炜家智铭展卓文宇伟晋钧",
        second: "杰豪轩浩鹏聪恒健锋熙贤然彬乐航铧谦",
    },
    Fashion {
        from: 2010,
        single: 6,
        first: "梓子浩宇俊泽睿嘉奕铭承煜柏晋昊沐瑾",
        second: "轩豪睿涵熙泽宸霖谦皓朗恩言烨乐珩然",
    },
];
const WOMEN: &[Fashion] = &[
    Fashion {
        from: 0,
        single: 6,
        first: "瑞凤秀金玉月丽惠银彩顺翠桂兰莲润笑",
        second: "珍英娥兰娇好容梅莲芳琼清嫦群仙连有",
    },
    Fashion {
        from: 1950,
        single: 8,
        first: "丽惠秀玉美桂妙少瑞爱艳杏锦燕翠淑焕",
        second: "珍芳英兰娟琼霞容玲梅清群婵卿娇连颜",
    },
    Fashion {
        from: 1966,
        single: 12,
        first: "丽少小美惠艳雪玉秀淑洁燕笑群杏健翠",
        second: "芬芳娟霞萍玲琼珍英仪华媚琴娴珊嫦红",
    },
    Fashion {
        from: 1980,
        single: 16,
        first: "丽嘉慧晓婉雪艳洁敏玉燕小淑诗绮佩倩",
        second: "婷敏玲君仪莹欣珊雯华怡琳颖媚茵薇燕",
    },
    Fashion {
        from: 1995,
        single: 10,
        first: "嘉诗晓颖慧思梓欣婉雅海绮芷凯紫静钰",
        second: "怡欣莹琳雯婷晴桐仪瑜敏彤琪妍颖茵霖",
    },
    Fashion {
        from: 2010,
        single: 5,
        first: "梓诗思芷语雨若欣可沐悦晓心紫艺奕卓",
        second: "涵萱晴琪瑶妍彤桐悦恩柔淇莹昕颐霏予",
    },
];

/// A surname from outside the village.
pub fn surname(draw: &mut Draw) -> &'static str {
    draw.weighted(SURNAMES).copied().unwrap_or("陈")
}

/// The three or four clans of a village with their weights: most of its old families are of the same name.
pub fn clans(draw: &mut Draw) -> Vec<(&'static str, u32)> {
    let mut clans: Vec<(&'static str, u32)> = Vec::new();
    for weight in [46, 22, 12, 6] {
        let mut name = surname(draw);
        while clans.iter().any(|(other, _)| *other == name) {
            name = surname(draw);
        }
        clans.push((name, weight));
    }
    clans
}

/// A given name of somebody of this sex, born in this year.
pub fn given(draw: &mut Draw, sex: Sex, year: i32) -> String {
    let fashions = match sex {
        Sex::Male => MEN,
        Sex::Female => WOMEN,
    };
    let Some(fashion) = fashions.iter().rev().find(|f| f.from <= year) else { return "明".into() };
    let mut letter = |of: &str| {
        let at = draw.below(of.chars().count());
        of.chars().nth(at).unwrap_or('明')
    };
    let (first, second) = (letter(fashion.first), letter(fashion.second));
    if first == second || draw.chance(fashion.single) { second.to_string() } else { format!("{first}{second}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn names_differ_follow_their_time_and_include_the_surnames_with_a_reading_of_their_own() {
        let mut draw = Draw::new(3);
        let surnames: BTreeSet<_> = (0..20_000).map(|_| surname(&mut draw)).collect();
        for rare in ["区", "冼", "单", "仇", "解", "查", "司徒", "欧阳"] {
            assert!(surnames.contains(rare), "{rare}");
        }
        let old: BTreeSet<_> = (0..300).map(|_| given(&mut draw, Sex::Female, 1948)).collect();
        let young: BTreeSet<_> = (0..300).map(|_| given(&mut draw, Sex::Female, 2015)).collect();
        assert!(old.len() > 120 && young.len() > 120 && old.intersection(&young).count() < 20);
        assert!(young.iter().all(|n| (1..=2).contains(&n.chars().count())));
        let clans = clans(&mut draw);
        assert_eq!(clans.iter().map(|(n, _)| n).collect::<BTreeSet<_>>().len(), 4);
    }
}
