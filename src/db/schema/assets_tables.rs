diesel::table! {
    assets (id) {
        id -> Text,
        collective_code -> Text,
        code -> Nullable<Text>,
        name -> Text,
        kind -> Text,
        class -> Text,
        area -> Nullable<BigInt>,
        quantity -> Nullable<BigInt>,
        unit -> Nullable<Text>,
        location -> Text,
        original_value -> Nullable<BigInt>,
        net_value -> Nullable<BigInt>,
        quantified -> BigInt,
        state -> Text,
        photo -> Nullable<Text>,
        note -> Text,
        created_at -> BigInt,
        updated_at -> BigInt,
        version -> Integer,
        salt -> Text,
    }
}
