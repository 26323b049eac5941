diesel::table! {
    accounts (id) {
        id -> Text,
        name -> Text,
        display_name -> Text,
        role -> Text,
        scope -> Text,
        password_hash -> Text,
        state -> Text,
        created_at -> BigInt,
        version -> Integer,
        salt -> Text,
        person_id -> Nullable<Text>,
    }
}
diesel::table! {
    sessions (id) {
        id -> Text,
        account_id -> Text,
        kind -> Text,
        token_hash -> Text,
        created_at -> BigInt,
        seen_at -> BigInt,
        expires_at -> BigInt,
        ended_at -> Nullable<BigInt>,
    }
}
diesel::table! {
    spent_tokens (token_hash) {
        token_hash -> Text,
        session_id -> Text,
        spent_at -> BigInt,
    }
}
diesel::table! {
    idempotency_keys (account_id, key) {
        account_id -> Text,
        key -> Text,
        request_hash -> Text,
        status -> Integer,
        body -> Text,
        at -> BigInt,
    }
}
diesel::allow_tables_to_appear_in_same_query!(sessions, accounts, spent_tokens);
diesel::table! {
    account_contacts (account_id) {
        account_id -> Text,
        phone -> Nullable<Text>,
        mail -> Nullable<Text>,
        changed_at -> BigInt,
    }
}
