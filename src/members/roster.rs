//! Rosters as people keep them in spreadsheets: columns by their many names, rows into households. Pure.

use std::collections::HashMap;

use super::{Relation, model::Ground};
use crate::{
    kernel::{
        Day,
        codes::{ResidentId, Sex},
        text::{mask_id, mask_name, mask_phone, read_day, read_name, read_phone},
    },
    sheets::{Column, Report, Sheet, SheetFault, Table, TableRow},
};

/// Names of columns as seen in registers, homestead forms and exports of the land-contract standard (NY/T 2539).
pub const COLUMNS: &[Column] = &[
    Column {
        key: "household",
        title: "户编号",
        synonyms: &["户号", "家庭号", "家庭编号", "户籍编号", "CBFBM", "承包方编码"],
        required: false,
    },
    Column {
        key: "head",
        title: "户主",
        synonyms: &["户主姓名", "承包方代表", "承包方代表姓名", "申请户主", "CBFMC"],
        required: false,
    },
    Column {
        key: "name",
        title: "成员姓名",
        synonyms: &["姓名", "户内成员姓名", "家庭成员姓名", "股东姓名", "CYXM"],
        required: true,
    },
    Column { key: "sex", title: "性别", synonyms: &["CYXB"], required: false },
    Column { key: "birth", title: "出生日期", synonyms: &["出生年月日", "出生年月"], required: false },
    Column {
        key: "relation",
        title: "与户主关系",
        synonyms: &["家庭关系", "与申请人关系", "与申请户主关系", "关系", "与承包方代表关系", "YHZGX"],
        required: false,
    },
    Column {
        key: "id",
        title: "身份证号",
        synonyms: &["身份证号码", "公民身份号码", "公民身份证号码", "身份证", "证件号码", "居民身份证号码", "CYZJHM"],
        required: true,
    },
    Column {
        key: "phone",
        title: "联系电话",
        synonyms: &["电话", "手机", "手机号", "手机号码", "电话号码", "联系方式", "联系手机"],
        required: false,
    },
    Column {
        key: "address",
        title: "户籍地",
        synonyms: &["现户籍地", "户口所在地", "户籍地址", "住址", "家庭住址", "详细地址", "地址"],
        required: false,
    },
    Column {
        key: "ground",
        title: "取得方式",
        synonyms: &["成员资格取得方式", "身份取得方式", "取得原因", "成员身份取得方式"],
        required: false,
    },
    Column {
        key: "acquired",
        title: "取得日期",
        synonyms: &["取得时间", "身份取得时间", "成员确认日期", "确认日期", "确认时间"],
        required: false,
    },
    Column {
        key: "basis", title: "依据", synonyms: &["确认依据", "取得依据", "依据文件"], required: false
    },
    Column {
        key: "note",
        title: "备注",
        synonyms: &["成员备注", "成员增减变动情况", "成员增减变动情况(填写具体原因)", "变动原因", "CYBZ"],
        required: false,
    },
];

/// One member of a roster, every cell read.
#[derive(Debug, Clone)]
pub struct RosterMember {
    /// Number of the row in the file.
    pub row: u32,
    pub name: String,
    pub id: ResidentId,
    pub relation: Relation,
    pub phone: Option<String>,
    pub address: Option<String>,
    pub ground: Option<Ground>,
    pub acquired_on: Option<Day>,
    pub basis: Option<String>,
    pub note: String,
}

/// One household of a roster.
#[derive(Debug, Clone, Default)]
pub struct RosterHousehold {
    /// As the file numbers it; `None` where it does not.
    pub number: Option<String>,
    pub members: Vec<RosterMember>,
    /// Which of the members is the head.
    pub head: usize,
    /// Whether the file says so; otherwise it is the first.
    pub head_named: bool,
}

/// A roster that was read: its households, and what was found on the way.
#[derive(Debug)]
pub struct Roster {
    pub table: Table,
    pub households: Vec<RosterHousehold>,
    pub report: Report,
}

impl Roster {
    pub fn members(&self) -> usize {
        self.households.iter().map(|h| h.members.len()).sum()
    }
}

/// Longest free text.
const LONGEST_TEXT: usize = 200;

/// Reads a roster. Households are those of equal `户编号`; where the file has no such column, a new one begins with each
/// change of `户主` and with each row whose relation is that of the head.
///
/// # Errors
/// The file holds no table with the needed columns. Faults of rows are in the report.
pub fn read_roster(sheets: Vec<Sheet>, today: Day) -> Result<Roster, SheetFault> {
    let table = Table::find(sheets, COLUMNS)?;
    let mut report = table.report();
    let mut households = Households::new(table.has("household"), table.has("head") || table.has("relation"));
    let mut seen: HashMap<String, u32> = HashMap::new();
    for row in table.rows() {
        report.rows += 1;
        let Some(member) = read_member(&row, today, &mut report) else { continue };
        match seen.get(member.id.expose()) {
            Some(first) => {
                let words = format!("与第 {first} 行的身份证号相同，同一个人只能出现一次，请删去一行");
                report.refused.push(row.fault("id", &member.id.masked(), words));
                continue;
            }
            None => seen.insert(member.id.expose().to_owned(), member.row),
        };
        if let Err(fault) = households.add(&row, member) {
            report.refused.push(*fault);
        }
    }
    let households = households.finish(&table, &mut report);
    report.refused.sort_by_key(|f| f.row);
    Ok(Roster { table, households, report })
}

/// Reads every cell of a row; each fault is reported, so that one look repairs them all.
fn read_member(row: &TableRow<'_>, today: Day, report: &mut Report) -> Option<RosterMember> {
    let faults_before = report.refused.len();
    let name = match read_name(row.get("name")) {
        Ok(read) => {
            report.notes.extend(read.notes.iter().map(|n| row.fault("name", row.get("name"), n)));
            read.value
        }
        Err(fault) => {
            report.refused.push(row.fault("name", row.get("name"), fault));
            String::new()
        }
    };
    let id = match ResidentId::read(row.get("id"), today) {
        Ok(read) => {
            report.notes.extend(read.notes.iter().map(|n| row.fault("id", &read.value.masked(), n)));
            Some(read.value)
        }
        Err(fault) => {
            report.refused.push(row.fault("id", &mask_id(row.get("id")), fault));
            None
        }
    };
    let mut cells = Cells { row, report };
    if let Some(id) = &id {
        cells.agree_with(id);
    }
    let relation = cells.read("relation", str::to_owned, Relation::read).unwrap_or(Relation::OTHER);
    let phone = cells.read("phone", mask_phone, read_phone);
    let address = cells.text("address", |_| "（已隐去）".to_owned());
    let ground = cells.read("ground", str::to_owned, read_ground);
    let acquired_on = cells.read("acquired", str::to_owned, |text| past_day(text, today));
    let basis = cells.text("basis", str::to_owned);
    let note = cells.text("note", str::to_owned).unwrap_or_default();
    if report.refused.len() > faults_before {
        return None;
    }
    Some(RosterMember { row: row.number(), name, id: id?, relation, phone, address, ground, acquired_on, basis, note })
}

/// The optional cells of a row.
struct Cells<'a, 'r> {
    row: &'a TableRow<'a>,
    report: &'r mut Report,
}

impl Cells<'_, '_> {
    /// An empty cell is `None`; one that cannot be read is reported with `mask` over what was seen.
    fn read<T, E: ToString>(
        &mut self,
        key: &str,
        mask: impl Fn(&str) -> String,
        read: impl Fn(&str) -> Result<T, E>,
    ) -> Option<T> {
        let text = self.row.get(key);
        if text.is_empty() {
            return None;
        }
        match read(text) {
            Ok(value) => Some(value),
            Err(fault) => {
                self.report.refused.push(self.row.fault(key, &mask(text), fault.to_string()));
                None
            }
        }
    }

    fn text(&mut self, key: &str, mask: impl Fn(&str) -> String) -> Option<String> {
        self.read(key, mask, |text| match text.chars().count() {
            n if n > LONGEST_TEXT => Err(format!("最多 {LONGEST_TEXT} 个字，现在是 {n} 个字，请写短一些")),
            _ => Ok(text.to_owned()),
        })
    }

    /// Sex and birth, where the table has them, say the same as the number.
    fn agree_with(&mut self, id: &ResidentId) {
        if let Some(sex) = self.read("sex", str::to_owned, read_sex)
            && sex != id.sex()
        {
            let words = format!("与身份证号不一致：按身份证号是{}，请核对哪一个录错了", id.sex().label());
            self.report.refused.push(self.row.fault("sex", sex.label(), words));
        }
        if let Some(birth) = self.read("birth", str::to_owned, read_day)
            && birth != id.birth()
        {
            let words = "与身份证号里的出生日期不一致，请核对哪一个录错了";
            self.report.refused.push(self.row.fault("birth", &birth.to_string(), words));
        }
    }
}

fn read_sex(text: &str) -> Result<Sex, &'static str> {
    match text.trim_end_matches('性') {
        "男" | "1" | "male" | "M" => Ok(Sex::Male),
        "女" | "2" | "female" | "F" => Ok(Sex::Female),
        _ => Err("性别应填 男 或 女"),
    }
}

/// Reads a ground by its word, its name, or a common short form.
pub(super) fn read_ground(text: &str) -> Result<Ground, String> {
    let typed = text.trim();
    if let Ok(ground) = typed.parse() {
        return Ok(ground);
    }
    const WORDS: [(&str, Ground); 12] = [
        ("原始", Ground::Original),
        ("出生", Ground::Birth),
        ("新生", Ground::Birth),
        ("婚", Ground::Marriage),
        ("嫁", Ground::Marriage),
        ("入赘", Ground::Marriage),
        ("收养", Ground::Adoption),
        ("移民", Ground::Migration),
        ("移迁", Ground::Migration),
        ("申请", Ground::Application),
        ("改革", Ground::Reform),
        ("确认", Ground::Reform),
    ];
    WORDS.iter().find(|(word, _)| typed.contains(word)).map(|(_, ground)| *ground).ok_or_else(|| {
        let list: Vec<&str> = Ground::ALL.iter().map(Ground::label).collect();
        format!("取得方式应是下列之一：{}", list.join("、"))
    })
}

/// A day that is not ahead.
pub(super) fn past_day(text: &str, today: Day) -> Result<Day, String> {
    let day = read_day(text).map_err(|f| f.to_string())?;
    if day > today { Err(format!("日期不能晚于今天 {today}")) } else { Ok(day) }
}

type Fault = Box<crate::sheets::RowFault>;

/// Puts members into households as they come.
struct Households {
    numbered: bool,
    /// Whether the file says in any way where a household ends.
    grouped: bool,
    all: Vec<RosterHousehold>,
    /// What the file calls the head, per household.
    head_names: Vec<String>,
    by_number: HashMap<String, usize>,
    current: Option<usize>,
}

impl Households {
    fn new(numbered: bool, grouped: bool) -> Self {
        Self { numbered, grouped, all: Vec::new(), head_names: Vec::new(), by_number: HashMap::new(), current: None }
    }

    fn add(&mut self, row: &TableRow<'_>, member: RosterMember) -> Result<(), Fault> {
        let head_name = row.get("head");
        let at = if self.numbered { self.numbered_household(row)? } else { self.household_by_head(&member, head_name) };
        self.current = Some(at);
        if let (Some(household), Some(known)) = (self.all.get_mut(at), self.head_names.get_mut(at)) {
            if known.is_empty() {
                *known = read_name(head_name).map_or_else(|_| head_name.to_owned(), |n| n.value);
            }
            household.members.push(member);
        }
        Ok(())
    }

    /// An empty number continues the household above: registers merge these cells.
    fn numbered_household(&mut self, row: &TableRow<'_>) -> Result<usize, Fault> {
        let number = row.get("household");
        if number.is_empty() {
            let words = "请填写户编号；同一户的成员填同一个编号";
            return self.current.ok_or_else(|| Box::new(row.fault("household", "", words)));
        }
        let number = read_household_number(number).map_err(|words| Box::new(row.fault("household", number, words)))?;
        Ok(match self.by_number.get(&number) {
            Some(at) => *at,
            None => {
                let at = self.open(Some(number.clone()));
                self.by_number.insert(number, at);
                at
            }
        })
    }

    fn household_by_head(&mut self, member: &RosterMember, head_name: &str) -> usize {
        let is_head = matches!(member.relation, Relation::HEAD | Relation::SELF);
        let same = self.current.filter(|at| {
            let known = self.head_names.get(*at).map_or("", String::as_str);
            let household_has_head =
                self.all.get(*at).is_some_and(|h| h.members.iter().any(|m| m.relation == Relation::HEAD));
            self.grouped
                && (head_name.is_empty() || known == head_name)
                && !(is_head && (head_name.is_empty() || household_has_head))
        });
        same.unwrap_or_else(|| self.open(None))
    }

    fn open(&mut self, number: Option<String>) -> usize {
        self.all.push(RosterHousehold { number, ..RosterHousehold::default() });
        self.head_names.push(String::new());
        self.all.len() - 1
    }

    /// Finds the head of each household: who is called 户主 (02); else 本人 (01); else who bears the head's name; else the first.
    fn finish(mut self, table: &Table, report: &mut Report) -> Vec<RosterHousehold> {
        for (household, head_name) in self.all.iter_mut().zip(&self.head_names) {
            let with =
                |relation: Relation| household.members.iter().enumerate().filter(move |(_, m)| m.relation == relation);
            let mut heads = with(Relation::HEAD);
            let first_head = heads.next();
            for (_, second) in heads {
                let words = "这一户已有一个户主，一户只能有一个户主，请核对与户主关系或户编号";
                report.refused.push(table.fault(second.row, "relation", &mask_name(&second.name), words));
            }
            let head = first_head
                .or_else(|| with(Relation::SELF).next())
                .or_else(|| household.members.iter().enumerate().find(|(_, m)| m.name == *head_name));
            let chosen = head.map(|(at, _)| at);
            if chosen.is_none()
                && self.grouped
                && let Some(first) = household.members.first()
            {
                let words = format!("这一户没有标明户主，暂以第一人“{}”为户主", first.name);
                report.notes.push(table.fault(first.row, "relation", "", words));
            }
            household.head = chosen.unwrap_or(0);
            household.head_named = chosen.is_some();
        }
        self.all
    }
}

/// A household's number: short, without blanks.
pub(super) fn read_household_number(text: &str) -> Result<String, String> {
    let number: String = crate::kernel::text::half_width(text).chars().filter(|c| !c.is_whitespace()).collect();
    if number.is_empty() || number.chars().count() > 30 || number.chars().any(char::is_control) {
        return Err("户编号应为 1 到 30 个字，例如 0001".into());
    }
    Ok(number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sheets::{Limits, open};

    fn roster(text: &str) -> Roster {
        let sheets = open(text.as_bytes(), &Limits::IMPORT).expect("a sheet");
        read_roster(sheets, Day::new(2026, 3, 2).expect("a day")).unwrap_or_else(|f| panic!("{f}"))
    }
    /// Numbers that pass, by their order digits.
    fn id(order: u32) -> String {
        let body = format!("44070319850101{order:03}");
        let found = "0123456789X"
            .chars()
            .map(|c| format!("{body}{c}"))
            .find(|n| ResidentId::read(n, Day::new(2026, 3, 2).expect("a day")).is_ok());
        found.expect("one check character fits")
    }
    /// Number, head and size of each household.
    fn shape(roster: &Roster) -> Vec<(Option<&str>, &str, usize)> {
        roster
            .households
            .iter()
            .map(|h| (h.number.as_deref(), h.members[h.head].name.as_str(), h.members.len()))
            .collect()
    }
    fn refusals(roster: &Roster) -> Vec<(u32, &str)> {
        roster.report.refused.iter().map(|f| (f.row, f.column.as_str())).collect()
    }

    #[test]
    fn columns_by_every_name_seen_in_the_wild() {
        let names = [
            ("head", &["户主", "户主姓名", "承包方代表", "CBFMC"][..]),
            ("name", &["成员姓名", "姓名", "CYXM", "户内成员姓名"]),
            ("sex", &["性别", "CYXB"]),
            ("relation", &["与户主关系", "与申请人关系", "家庭关系", "YHZGX"]),
            ("id", &["身份证号", "身份证号码", "公民身份号码", "CYZJHM", "* 身份证\n号码"]),
            ("address", &["现户籍地", "户口所在地", "详细地址"]),
            ("note", &["成员增减变动情况(填写具体原因)", "备注", "CYBZ", "成员备注"]),
            ("household", &["户编号", "家庭号", "CBFBM", "户号"]),
            ("phone", &["联系电话"]),
            ("birth", &["出生日期"]),
        ];
        for (key, variants) in names {
            for variant in variants {
                let needed = match key {
                    "name" => "身份证号",
                    "id" => "姓名",
                    _ => "姓名,身份证号",
                };
                let text = format!("\"{variant}\",{needed}\nx,y,z\n");
                let table = Table::find(open(text.as_bytes(), &Limits::IMPORT).expect("a sheet"), COLUMNS);
                assert!(table.is_ok_and(|t| t.has(key)), "{variant} is {key}");
            }
        }
    }

    #[test]
    fn households_by_number_whatever_the_order_of_columns_and_rows() {
        let text = format!(
            "身份证号码,与户主关系,姓名,户号,联系电话\n{},户主,张三,0001,13800005678\n{},户主,李四,0002,\n{},妻,王五,0001,\n{},子,李小,,\n",
            id(1),
            id(3),
            id(2),
            id(5)
        );
        let read = roster(&text);
        assert_eq!(refusals(&read), []);
        assert_eq!(shape(&read), [(Some("0001"), "张三", 3), (Some("0002"), "李四", 1)]);
        let wife = &read.households[0].members[1];
        assert_eq!((wife.name.as_str(), wife.relation.label(), wife.row), ("王五", "妻", 4));
    }

    #[test]
    fn households_without_numbers_begin_with_their_heads() {
        let rows = [
            ("张三", "张三", "户主"),
            ("", "王五", "妻"),
            ("", "张小", "子"),
            ("李四", "李四", "本人"),
            ("李四", "李妻", "妻"),
        ];
        let mut text = String::from("户主姓名,成员姓名,家庭关系,身份证号\n");
        for (n, (head, name, relation)) in (1..).zip(rows) {
            text.push_str(&format!("{head},{name},{relation},{}\n", id(n)));
        }
        assert_eq!(shape(&roster(&text)), [(None, "张三", 3), (None, "李四", 2)]);
        let heads_by_relation_alone =
            format!("姓名,关系,身份证号\n张三,户主,{}\n王五,妻,{}\n李四,户主,{}\n", id(1), id(2), id(3));
        assert_eq!(shape(&roster(&heads_by_relation_alone)), [(None, "张三", 2), (None, "李四", 1)]);
        let heads_by_name_alone =
            format!("户主,姓名,身份证号\n张三,王五,{}\n张三,张三,{}\n李四,李四,{}\n", id(1), id(2), id(3));
        assert_eq!(shape(&roster(&heads_by_name_alone)), [(None, "张三", 2), (None, "李四", 1)]);
        let names_alone = format!("姓名,身份证号\n张三,{}\n李四,{}\n", id(1), id(2));
        assert_eq!(shape(&roster(&names_alone)), [(None, "张三", 1), (None, "李四", 1)]);
    }

    #[test]
    fn a_household_has_one_head_and_02_goes_before_01() {
        let head = |a: &str, b: &str| {
            roster(&format!("户号,姓名,关系,身份证号\n1,张三,{a},{}\n1,李四,{b},{}\n", id(1), id(2)))
        };
        assert_eq!(shape(&head("01", "02")), [(Some("1"), "李四", 2)]);
        assert_eq!(shape(&head("子", "01")), [(Some("1"), "李四", 2)]);
        let nobody = head("子", "女");
        assert_eq!((shape(&nobody)[0].1, nobody.report.notes.len()), ("张三", 1));
        assert_eq!(refusals(&head("户主", "户主")), [(3, "C 与户主关系")]);
    }

    #[test]
    fn every_fault_of_a_row_is_named_and_masked() {
        let good = id(1);
        let text = format!(
            "户号,姓名,性别,出生日期,关系,身份证号,电话,取得方式,取得日期\n\
             1,张三,男,1985-01-01,户主,{good},13800005678,出生,2018-06-30\n\
             1,,女,1985-02-01,朋友,440703199001011234,1380000,买来,2030-01-01\n\
             1,李四,女,1985-02-01,妻,{good},,,\n"
        );
        let read = roster(&text);
        let expected = [
            (3, "B 成员姓名"),
            (3, "F 身份证号"),
            (3, "E 与户主关系"),
            (3, "G 联系电话"),
            (3, "H 取得方式"),
            (3, "I 取得日期"),
            (4, "C 性别"),
            (4, "D 出生日期"),
        ];
        assert_eq!(refusals(&read), expected);
        let all = format!("{:?}", read.report);
        assert!(
            !all.contains("440703199001011234") && !all.contains("1380000\"") && all.contains("4407**********1234")
        );
        let twice = roster(&format!("姓名,身份证号\n张三,{good}\n李四,{good}\n"));
        assert_eq!(refusals(&twice), [(3, "B 身份证号")]);
        assert!(twice.report.refused[0].expected.contains("第 2 行"));
    }
}
