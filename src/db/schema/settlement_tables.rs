diesel::table! {
    deposits (id) {
        id -> Text,
        collective_code -> Text,
        lot_id -> Text,
        enrolment_id -> Text,
        amount -> BigInt,
        payer_name -> Text,
        payer_account -> Nullable<Text>,
        reference -> Text,
        received_at -> BigInt,
        recorded_by -> Text,
        recorded_at -> BigInt,
        state -> Text,
        settled_at -> Nullable<BigInt>,
        version -> Integer,
        salt -> Text,
    }
}
