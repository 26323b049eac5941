//! How the kernel's values stand in columns, the same on both databases: money, areas and instants as BIGINT, days as
//! INTEGER `yyyymmdd`, words and identifiers as TEXT. No custom SQL type is needed, and nothing is rounded on the way.

use diesel::{
    backend::Backend,
    deserialize::{self, FromSql},
    serialize::{self, Output, ToSql},
    sql_types::{BigInt, Integer, Text},
};

use super::Salt;
use crate::kernel::{Area, Day, Fen, Id, Timestamp};

/// Makes a type usable as an expression of a SQL type and readable from a row.
#[macro_export]
#[doc(hidden)]
macro_rules! column_expression {
    ([$($generic:tt)*] $type:ty, $sql:ty) => {
        impl<$($generic)*> diesel::expression::AsExpression<$sql> for $type {
            type Expression = diesel::internal::derives::as_expression::Bound<$sql, Self>;
            fn as_expression(self) -> Self::Expression { diesel::internal::derives::as_expression::Bound::new(self) }
        }
        impl<'x, $($generic)*> diesel::expression::AsExpression<$sql> for &'x $type {
            type Expression = diesel::internal::derives::as_expression::Bound<$sql, Self>;
            fn as_expression(self) -> Self::Expression { diesel::internal::derives::as_expression::Bound::new(self) }
        }
        impl<$($generic)*> diesel::expression::AsExpression<diesel::sql_types::Nullable<$sql>> for $type {
            type Expression = diesel::internal::derives::as_expression::Bound<diesel::sql_types::Nullable<$sql>, Self>;
            fn as_expression(self) -> Self::Expression { diesel::internal::derives::as_expression::Bound::new(self) }
        }
        impl<'x, $($generic)*> diesel::expression::AsExpression<diesel::sql_types::Nullable<$sql>> for &'x $type {
            type Expression = diesel::internal::derives::as_expression::Bound<diesel::sql_types::Nullable<$sql>, Self>;
            fn as_expression(self) -> Self::Expression { diesel::internal::derives::as_expression::Bound::new(self) }
        }
        impl<DB: diesel::backend::Backend, $($generic)*> diesel::serialize::ToSql<diesel::sql_types::Nullable<$sql>, DB> for $type
        where Self: diesel::serialize::ToSql<$sql, DB> {
            fn to_sql<'b>(&'b self, out: &mut diesel::serialize::Output<'b, '_, DB>) -> diesel::serialize::Result {
                diesel::serialize::ToSql::<$sql, DB>::to_sql(self, out)
            }
        }
        impl<DB: diesel::backend::Backend, $($generic)*> diesel::deserialize::Queryable<$sql, DB> for $type
        where Self: diesel::deserialize::FromSql<$sql, DB> {
            type Row = Self;
            fn build(row: Self) -> diesel::deserialize::Result<Self> { Ok(row) }
        }
    };
}

macro_rules! bigint_column {
    ($type:ident) => {
        column_expression!([] $type, BigInt);
        impl<DB: Backend> ToSql<BigInt, DB> for $type where i64: ToSql<BigInt, DB> {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result { self.0.to_sql(out) }
        }
        impl<DB: Backend> FromSql<BigInt, DB> for $type where i64: FromSql<BigInt, DB> {
            fn from_sql(raw: DB::RawValue<'_>) -> deserialize::Result<Self> { i64::from_sql(raw).map($type) }
        }
    };
}
bigint_column!(Fen);
bigint_column!(Area);
bigint_column!(Timestamp);

column_expression!([] Salt, Text);
impl<DB: Backend> ToSql<Text, DB> for Salt
where
    str: ToSql<Text, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        self.0.as_str().to_sql(out)
    }
}
impl<DB: Backend> FromSql<Text, DB> for Salt
where
    String: FromSql<Text, DB>,
{
    fn from_sql(raw: DB::RawValue<'_>) -> deserialize::Result<Self> {
        String::from_sql(raw).map(Salt)
    }
}

column_expression!([T: ?Sized + 'static] Id<T>, Text);
impl<DB: Backend, T: ?Sized> ToSql<Text, DB> for Id<T>
where
    str: ToSql<Text, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        self.as_str().to_sql(out)
    }
}
impl<DB: Backend, T: ?Sized> FromSql<Text, DB> for Id<T>
where
    String: FromSql<Text, DB>,
{
    fn from_sql(raw: DB::RawValue<'_>) -> deserialize::Result<Self> {
        String::from_sql(raw).map(Id::from_trusted)
    }
}

/// A column of a [`text_enum!`](crate::text_enum): call it once in the domain's store (or beside the enum's users).
#[macro_export]
macro_rules! text_column {
    ($($type:ty),+ $(,)?) => {$(
        $crate::column_expression!([] $type, diesel::sql_types::Text);
        impl<DB: diesel::backend::Backend> diesel::serialize::ToSql<diesel::sql_types::Text, DB> for $type
        where str: diesel::serialize::ToSql<diesel::sql_types::Text, DB> {
            fn to_sql<'b>(&'b self, out: &mut diesel::serialize::Output<'b, '_, DB>) -> diesel::serialize::Result {
                <str as diesel::serialize::ToSql<diesel::sql_types::Text, DB>>::to_sql(self.as_str(), out)
            }
        }
        impl<DB: diesel::backend::Backend> diesel::deserialize::FromSql<diesel::sql_types::Text, DB> for $type
        where String: diesel::deserialize::FromSql<diesel::sql_types::Text, DB> {
            fn from_sql(raw: DB::RawValue<'_>) -> diesel::deserialize::Result<Self> {
                let text = <String as diesel::deserialize::FromSql<diesel::sql_types::Text, DB>>::from_sql(raw)?;
                text.parse().map_err(|_| format!("column holds an unknown word {text:?}").into())
            }
        }
    )+};
}

crate::text_column!(
    crate::kernel::codes::RegionCode,
    crate::kernel::codes::RegionLevel,
    crate::kernel::codes::CollectiveLevel,
    crate::kernel::codes::CreditCode,
);

// A day is bound by value as an integer, so it needs the two real backends by name instead of `DB`.
column_expression!([] Day, Integer);
impl ToSql<Integer, diesel::pg::Pg> for Day {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, diesel::pg::Pg>) -> serialize::Result {
        <i32 as ToSql<Integer, diesel::pg::Pg>>::to_sql(&self.as_number(), &mut out.reborrow())
    }
}
impl ToSql<Integer, diesel::sqlite::Sqlite> for Day {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, diesel::sqlite::Sqlite>) -> serialize::Result {
        out.set_value(self.as_number());
        Ok(serialize::IsNull::No)
    }
}
impl ToSql<Integer, super::conn::MultiBackend> for Day {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, super::conn::MultiBackend>) -> serialize::Result {
        out.set_value((Integer, self));
        Ok(serialize::IsNull::No)
    }
}
impl<DB: Backend> FromSql<Integer, DB> for Day
where
    i32: FromSql<Integer, DB>,
{
    fn from_sql(raw: DB::RawValue<'_>) -> deserialize::Result<Self> {
        let n = i32::from_sql(raw)?;
        Day::from_number(n).ok_or_else(|| format!("column holds no day: {n}").into())
    }
}
