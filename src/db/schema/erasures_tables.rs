diesel::table! {
    erasures (id) {
        id -> Text,
        person_id -> Text,
        collective_code -> Text,
        ground -> Text,
        state -> Text,
        requested_by -> Text,
        requested_at -> BigInt,
        ended_by -> Nullable<Text>,
        ended_at -> Nullable<BigInt>,
        version -> Integer,
        salt -> Text,
    }
}
