diesel::table! {
    regions (code) {
        code -> Text,
        name -> Text,
        level -> Text,
        parent_code -> Nullable<Text>,
        version -> Integer,
        salt -> Text,
    }
}
diesel::table! {
    collectives (code) {
        code -> Text,
        name -> Text,
        level -> Text,
        credit_code -> Nullable<Text>,
        credit_code_confirmed -> Bool,
        address -> Text,
        certificate_number -> Text,
        certificate_issuer -> Text,
        registered_on -> Nullable<Integer>,
        certificate_until -> Nullable<Integer>,
        state -> Text,
        version -> Integer,
        salt -> Text,
    }
}
diesel::table! {
    officers (id) {
        id -> Text,
        collective_code -> Text,
        name -> Text,
        post -> Text,
        since -> Integer,
        until -> Nullable<Integer>,
        version -> Integer,
        salt -> Text,
    }
}
diesel::table! {
    document_contents (sha256) {
        sha256 -> Text,
        sealed -> Binary,
    }
}
diesel::table! {
    documents (id) {
        id -> Text,
        collective_code -> Text,
        title -> Text,
        media_type -> Text,
        length -> BigInt,
        sha256 -> Text,
        visibility -> Text,
        uploaded_by -> Text,
        uploaded_at -> BigInt,
        version -> Integer,
        salt -> Text,
        sm3 -> Nullable<Text>,
    }
}
