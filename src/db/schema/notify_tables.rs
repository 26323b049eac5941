diesel::table! {
    messages (id) {
        id -> Text,
        account_id -> Text,
        kind -> Text,
        occasion -> Text,
        lot_id -> Text,
        title -> Text,
        text -> Text,
        price -> Nullable<Text>,
        code -> Text,
        at -> BigInt,
        read_at -> Nullable<BigInt>,
        kept_until -> BigInt,
    }
}
diesel::table! {
    messages_told (id) {
        id -> Text,
        place -> BigInt,
    }
}
diesel::table! {
    deliveries (id) {
        id -> Text,
        message_id -> Text,
        channel -> Text,
        state -> Text,
        tries -> Integer,
        next_at -> BigInt,
        trouble -> Text,
        ended_at -> Nullable<BigInt>,
    }
}
diesel::allow_tables_to_appear_in_same_query!(messages, deliveries);
