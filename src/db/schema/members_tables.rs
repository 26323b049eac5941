diesel::table! {
    households (id) {
        id -> Text,
        collective_code -> Text,
        number -> Text,
        head_id -> Nullable<Text>,
        state -> Text,
        created_at -> BigInt,
        version -> Integer,
        salt -> Text,
    }
}
diesel::table! {
    persons (id) {
        id -> Text,
        name -> Text,
        sex -> Text,
        birth -> Integer,
        id_number -> Text,
        id_index -> Text,
        phone -> Nullable<Text>,
        phone_index -> Nullable<Text>,
        address -> Nullable<Text>,
        created_at -> BigInt,
        version -> Integer,
        salt -> Text,
        erased_at -> Nullable<BigInt>,
    }
}
diesel::table! {
    former_persons (id) {
        id -> Text,
        person_id -> Text,
        person_version -> Integer,
        name -> Text,
        phone -> Nullable<Text>,
        address -> Nullable<Text>,
        until -> BigInt,
        reason -> Text,
        salt -> Text,
    }
}
diesel::table! {
    memberships (id) {
        id -> Text,
        person_id -> Text,
        household_id -> Text,
        collective_code -> Text,
        relation -> Text,
        ground -> Text,
        basis -> Text,
        acquired_on -> Integer,
        note -> Text,
        state -> Text,
        loss_cause -> Nullable<Text>,
        loss_basis -> Nullable<Text>,
        lost_on -> Nullable<Integer>,
        retained_until -> Nullable<Integer>,
        created_at -> BigInt,
        version -> Integer,
        salt -> Text,
        change_reason -> Nullable<Text>,
    }
}
diesel::allow_tables_to_appear_in_same_query!(households, persons, memberships, former_persons);
