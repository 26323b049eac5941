diesel::table! {
    looks (id) {
        id -> Text,
        person_id -> Text,
        scope -> Text,
        account_id -> Text,
        field -> Text,
        reason -> Text,
        at -> BigInt,
        salt -> Text,
    }
}
