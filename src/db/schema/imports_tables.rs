diesel::table! {
    import_uploads (id) {
        id -> Text,
        account_id -> Text,
        kind -> Text,
        collective_code -> Text,
        file_name -> Text,
        options -> Text,
        content -> Binary,
        created_at -> BigInt,
    }
}
