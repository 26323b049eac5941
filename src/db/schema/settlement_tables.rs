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
        payer_index -> Nullable<Text>,
    }
}
diesel::table! {
    transfers (id) {
        id -> Text,
        collective_code -> Text,
        kind -> Text,
        debit_account -> Text,
        credit_account -> Text,
        amount -> BigInt,
        lot_id -> Nullable<Text>,
        enrolment_id -> Nullable<Text>,
        deposit_id -> Nullable<Text>,
        step -> Integer,
        moved_at -> BigInt,
        recorded_at -> BigInt,
        recorded_by -> Text,
        salt -> Text,
        unidentified_id -> Nullable<Text>,
        order_id -> Nullable<Text>,
        reverses -> Nullable<Text>,
        late_from -> Nullable<BigInt>,
    }
}
diesel::table! {
    money_orders (id) {
        id -> Text,
        collective_code -> Text,
        lot_id -> Text,
        enrolment_id -> Text,
        deposit_id -> Text,
        kind -> Text,
        title -> Text,
        amount -> BigInt,
        counts_from -> Integer,
        grounds -> Text,
        decision_document -> Nullable<Text>,
        state -> Text,
        created_at -> BigInt,
        prepared_by -> Nullable<Text>,
        prepared_at -> Nullable<BigInt>,
        confirmed_by -> Nullable<Text>,
        confirmed_at -> Nullable<BigInt>,
        reference -> Nullable<Text>,
        version -> Integer,
        salt -> Text,
        refusal -> Nullable<Text>,
        transfer_id -> Nullable<Text>,
        payee_id -> Nullable<Text>,
        pays_on -> Nullable<Bool>,
    }
}
diesel::table! {
    payees (id) {
        id -> Text,
        collective_code -> Text,
        deposit_id -> Nullable<Text>,
        subject -> Text,
        holder -> Text,
        number -> Text,
        bank -> Text,
        grounds -> Text,
        state -> Text,
        prepared_by -> Text,
        prepared_at -> BigInt,
        confirmed_by -> Nullable<Text>,
        confirmed_at -> Nullable<BigInt>,
        refusal -> Nullable<Text>,
        version -> Integer,
        salt -> Text,
    }
}
diesel::table! {
    bank_statements (id) {
        id -> Text,
        region_code -> Text,
        file_name -> Text,
        opening -> BigInt,
        closing -> BigInt,
        first_on -> Integer,
        last_on -> Integer,
        lines -> Integer,
        imported_by -> Text,
        imported_at -> BigInt,
        salt -> Text,
    }
}
diesel::table! {
    bank_lines (id) {
        id -> Text,
        region_code -> Text,
        statement_id -> Text,
        line_key -> Text,
        on_day -> Integer,
        amount -> BigInt,
        counterparty -> Text,
        reference -> Text,
        match_id -> Nullable<Text>,
        version -> Integer,
        salt -> Text,
    }
}
diesel::table! {
    bank_ticks (transfer_id) {
        transfer_id -> Text,
        region_code -> Text,
        match_id -> Text,
        ticked_by -> Text,
        ticked_at -> BigInt,
        salt -> Text,
    }
}
diesel::table! {
    unidentified_receipts (id) {
        id -> Text,
        region_code -> Text,
        line_id -> Text,
        amount -> BigInt,
        payer_name -> Text,
        reference -> Text,
        received_on -> Integer,
        state -> Text,
        deposit_id -> Nullable<Text>,
        booked_by -> Text,
        booked_at -> BigInt,
        grounds -> Text,
        prepared_by -> Nullable<Text>,
        prepared_at -> Nullable<BigInt>,
        settled_by -> Nullable<Text>,
        settled_at -> Nullable<BigInt>,
        payment -> Nullable<Text>,
        version -> Integer,
        salt -> Text,
    }
}
diesel::table! {
    closed_months (id) {
        id -> Text,
        region_code -> Text,
        from_code -> Text,
        to_code -> Text,
        month -> Text,
        before_at -> BigInt,
        closed_by -> Text,
        closed_at -> BigInt,
        salt -> Text,
    }
}
diesel::allow_tables_to_appear_in_same_query!(deposits, transfers, money_orders, bank_ticks, unidentified_receipts);
