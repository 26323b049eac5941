//! The terms of a lot as they are stored.

use diesel::{AsChangeset, Insertable, Queryable};
use serde::{Deserialize, Serialize};

use crate::{
    db::{Error, Result, Salt, schema::lot_terms},
    kernel::{Area, Day, Fen},
    policy::PlatformLevel,
    trading::{
        listing::model::{DealForm, Decision, LotId, Method, NoticeFields, PriorityRights, QualificationTerms, Terms},
        price::PriceUnit,
    },
    vault::Sealed,
};

#[derive(Debug, Clone, Queryable, Insertable, AsChangeset, Serialize)]
#[diesel(table_name = lot_terms, primary_key(lot_id), treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct TermsRow {
    lot_id: LotId,
    asset_name: String,
    asset_class: String,
    asset_location: String,
    asset_area: Option<Area>,
    form: DealForm,
    usage: String,
    term_months: i32,
    starts_on: Option<Day>,
    price_unit: PriceUnit,
    opening_price: Fen,
    reserve_price: Option<Fen>,
    ceiling_price: Option<Fen>,
    step_min: Fen,
    step_max: Option<Fen>,
    step_multiple: Option<Fen>,
    deposit: Fen,
    min_bidders: i32,
    window_s: i32,
    by_s: i32,
    max_extensions: Option<i32>,
    priority: String,
    conditions: String,
    remarks: String,
    contact: String,
    decision_document: Option<String>,
    decision_on: Option<Day>,
    decision_summary: String,
    notice_days: i32,
    result_days: i32,
    salt: Salt,
    /// [`Further`] as JSON, where there is any; the row of a lot that was drafted before is in the log without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    further_terms: Option<String>,
}
crate::logged_table!(TermsRow in lot_terms, key lot_id);

/// What the terms say beyond the columns.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Further {
    #[serde(skip_serializing_if = "Option::is_none")]
    method: Option<Method>,
    /// Sealed; until the end `reserve_price` is empty.
    #[serde(skip_serializing_if = "Option::is_none")]
    reserve: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    decision: Option<Decision>,
    #[serde(skip_serializing_if = "Option::is_none")]
    notice: Option<NoticeFields>,
    #[serde(skip_serializing_if = "Option::is_none")]
    level: Option<PlatformLevel>,
    #[serde(skip_serializing_if = "Option::is_none")]
    priority: Option<PriorityRights>,
    #[serde(skip_serializing_if = "Option::is_none")]
    qualification: Option<QualificationTerms>,
    #[serde(skip_serializing_if = "Option::is_none")]
    estimated_value: Option<Fen>,
}

impl Further {
    fn as_json(&self, lot: &LotId) -> Result<Option<String>> {
        if *self == Further::default() {
            return Ok(None);
        }
        let text = serde_json::to_string(self);
        text.map(Some).map_err(|e| Error::Internal(format!("further terms of {lot} as JSON: {e}")))
    }
}

fn stored(n: u32) -> Result<i32> {
    i32::try_from(n).map_err(|_| Error::Internal(format!("{n} does not fit its column")))
}

fn read(n: i32) -> u32 {
    u32::try_from(n).unwrap_or_default()
}

impl TermsRow {
    /// The reserve price, if there is one, comes sealed.
    pub fn new(lot_id: LotId, mut terms: Terms, reserve: Option<Sealed>, salt: Salt) -> Result<TermsRow> {
        let further = Further {
            method: terms.method.take(),
            reserve: reserve.map(|sealed| sealed.as_str().to_owned()),
            decision: terms.decision.take(),
            notice: terms.notice.take(),
            level: terms.level,
            priority: terms.priority_rights.take(),
            qualification: terms.qualification.take(),
            estimated_value: terms.estimated_value,
        };
        Ok(TermsRow {
            further_terms: further.as_json(&lot_id)?,
            lot_id,
            asset_name: terms.asset_name,
            asset_class: terms.asset_class,
            asset_location: terms.asset_location,
            asset_area: terms.asset_area,
            form: terms.form,
            usage: terms.usage,
            term_months: stored(terms.term_months)?,
            starts_on: terms.starts_on,
            price_unit: terms.price_unit,
            opening_price: terms.opening_price,
            reserve_price: terms.reserve_price,
            ceiling_price: terms.ceiling_price,
            step_min: terms.step_min,
            step_max: terms.step_max,
            step_multiple: terms.step_multiple,
            deposit: terms.deposit,
            min_bidders: stored(terms.min_bidders)?,
            window_s: stored(terms.window_s)?,
            by_s: stored(terms.by_s)?,
            max_extensions: terms.max_extensions.map(stored).transpose()?,
            priority: terms.priority,
            conditions: terms.conditions,
            remarks: terms.remarks,
            contact: terms.contact,
            decision_document: terms.decision_document,
            decision_on: terms.decision_on,
            decision_summary: terms.decision_summary,
            notice_days: stored(terms.notice_days)?,
            result_days: stored(terms.result_days)?,
            salt,
        })
    }

    /// Whose terms these are.
    pub fn lot(&self) -> &LotId {
        &self.lot_id
    }

    pub fn price_unit(&self) -> PriceUnit {
        self.price_unit
    }

    /// The same row with other terms; a sealed reserve price stays.
    pub fn with(self, terms: Terms) -> Result<TermsRow> {
        let reserve = self.sealed_reserve()?;
        TermsRow::new(self.lot_id, terms, reserve, self.salt)
    }

    /// The same row with other terms and another reserve price, sealed.
    pub fn with_reserve(self, terms: Terms, reserve: Option<Sealed>) -> Result<TermsRow> {
        TermsRow::new(self.lot_id, terms, reserve, self.salt)
    }

    /// The reserve price while it is a secret.
    pub fn sealed_reserve(&self) -> Result<Option<Sealed>> {
        Ok(self.further()?.reserve.map(Sealed::from_text))
    }

    /// The same row from the end on: everybody may know the reserve price.
    pub fn revealed(self, reserve: Fen) -> Result<TermsRow> {
        let further = Further { reserve: None, ..self.further()? };
        let further_terms = further.as_json(&self.lot_id)?;
        Ok(TermsRow { reserve_price: Some(reserve), further_terms, ..self })
    }

    fn further(&self) -> Result<Further> {
        let read = self.further_terms.as_deref().map(serde_json::from_str).transpose();
        let read = read.map_err(|e| Error::Internal(format!("further terms of {}: {e}", self.lot_id)))?;
        Ok(read.unwrap_or_default())
    }

    /// Errors: an internal one where the further terms on record cannot be read.
    pub fn terms(&self) -> Result<Terms> {
        let row = self.clone();
        let further = row.further()?;
        let in_an_envelope = |method: &Method| method.sealed.as_ref().is_some_and(|sealed| sealed.reserve.is_some());
        Ok(Terms {
            has_reserve: row.reserve_price.is_some()
                || further.reserve.is_some()
                || further.method.as_ref().is_some_and(in_an_envelope),
            method: further.method,
            decision: further.decision,
            notice: further.notice,
            level: further.level,
            priority_rights: further.priority,
            qualification: further.qualification,
            estimated_value: further.estimated_value,
            asset_name: row.asset_name,
            asset_class: row.asset_class,
            asset_location: row.asset_location,
            asset_area: row.asset_area,
            form: row.form,
            usage: row.usage,
            term_months: read(row.term_months),
            starts_on: row.starts_on,
            price_unit: row.price_unit,
            opening_price: row.opening_price,
            reserve_price: row.reserve_price,
            ceiling_price: row.ceiling_price,
            step_min: row.step_min,
            step_max: row.step_max,
            step_multiple: row.step_multiple,
            deposit: row.deposit,
            min_bidders: read(row.min_bidders),
            window_s: read(row.window_s),
            by_s: read(row.by_s),
            max_extensions: row.max_extensions.map(read),
            priority: row.priority,
            conditions: row.conditions,
            remarks: row.remarks,
            contact: row.contact,
            decision_document: row.decision_document,
            decision_on: row.decision_on,
            decision_summary: row.decision_summary,
            notice_days: read(row.notice_days),
            result_days: read(row.result_days),
        })
    }
}
