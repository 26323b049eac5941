//! Closed lists that are stored and sent as short words and shown in Chinese.

/// `text_enum! { /// doc \n pub enum State { Draft = "draft" => "草稿", … } }` makes the enum with `as_str`, `label`, `ALL`,
/// `FromStr`, `Display` (the word) and serde by the word. `pub enum State as "LotState" { … }` names it in the API's document,
/// where two domains' `State` would be one. Columns: `db::text_column!` in the domain's store.
#[macro_export]
macro_rules! text_enum {
    ($(#[$meta:meta])* $vis:vis enum $name:ident $(as $schema:literal)? { $($(#[$vmeta:meta])* $variant:ident = $word:literal => $label:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        $vis enum $name { $($(#[$vmeta])* $variant),+ }
        impl $name {
            pub const ALL: &'static [$name] = &[$($name::$variant),+];
            /// The word that is stored and sent.
            pub const fn as_str(&self) -> &'static str { match self { $($name::$variant => $word),+ } }
            /// The Chinese word that people read.
            pub const fn label(&self) -> &'static str { match self { $($name::$variant => $label),+ } }
        }
        impl std::str::FromStr for $name {
            type Err = String;
            /// Reads the word, or the Chinese label.
            fn from_str(text: &str) -> std::result::Result<Self, String> {
                match text { $($word | $label => Ok($name::$variant),)+
                    other => Err(format!("“{}”不在可选范围内，可填：{}", other.chars().take(30).collect::<String>(), [$($label),+].join("、"))) }
            }
        }
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.write_str(self.as_str()) }
        }
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, s: S) -> std::result::Result<S::Ok, S::Error> { s.serialize_str(self.as_str()) }
        }
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(d: D) -> std::result::Result<Self, D::Error> {
                <String as serde::Deserialize>::deserialize(d)?.parse().map_err(serde::de::Error::custom)
            }
        }
        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                utoipa::openapi::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::schema::Type::String)
                    .enum_values(Some([$($word),+]))
                    .into()
            }
        }
        impl utoipa::ToSchema for $name {
            $(fn name() -> std::borrow::Cow<'static, str> { std::borrow::Cow::Borrowed($schema) })?
        }
    };
}
