diesel::table! {
    lots (id) {
        id -> Text,
        collective_code -> Text,
        asset_id -> Text,
        title -> Text,
        number -> Nullable<Text>,
        round -> Integer,
        state -> Text,
        drafted_by -> Text,
        submitted_by -> Nullable<Text>,
        submitted_at -> Nullable<BigInt>,
        reviewed_by -> Nullable<Text>,
        reviewed_at -> Nullable<BigInt>,
        review_note -> Text,
        published_by -> Nullable<Text>,
        published_at -> Nullable<BigInt>,
        enrol_until -> Nullable<BigInt>,
        opens_at -> Nullable<BigInt>,
        closes_at -> Nullable<BigInt>,
        ended_at -> Nullable<BigInt>,
        created_at -> BigInt,
        updated_at -> BigInt,
        version -> Integer,
        salt -> Text,
        previous_lot -> Nullable<Text>,
        notice_number -> Nullable<Text>,
    }
}
diesel::table! {
    lot_terms (lot_id) {
        lot_id -> Text,
        asset_name -> Text,
        asset_class -> Text,
        asset_location -> Text,
        asset_area -> Nullable<BigInt>,
        form -> Text,
        usage -> Text,
        term_months -> Integer,
        starts_on -> Nullable<Integer>,
        price_unit -> Text,
        opening_price -> BigInt,
        reserve_price -> Nullable<BigInt>,
        ceiling_price -> Nullable<BigInt>,
        step_min -> BigInt,
        step_max -> Nullable<BigInt>,
        step_multiple -> Nullable<BigInt>,
        deposit -> BigInt,
        min_bidders -> Integer,
        window_s -> Integer,
        by_s -> Integer,
        max_extensions -> Nullable<Integer>,
        priority -> Text,
        conditions -> Text,
        remarks -> Text,
        contact -> Text,
        decision_document -> Nullable<Text>,
        decision_on -> Nullable<Integer>,
        decision_summary -> Text,
        notice_days -> Integer,
        result_days -> Integer,
        salt -> Text,
        further_terms -> Nullable<Text>,
    }
}
diesel::table! {
    enrolments (id) {
        id -> Text,
        lot_id -> Text,
        collective_code -> Text,
        account_id -> Text,
        bidder_kind -> Text,
        name -> Text,
        id_number -> Text,
        id_index -> Text,
        phone -> Text,
        priority_claim -> Text,
        priority_rank -> Nullable<Integer>,
        bid_number -> Nullable<Integer>,
        state -> Text,
        created_at -> BigInt,
        updated_at -> BigInt,
        version -> Integer,
        salt -> Text,
        accepted_notice -> Nullable<Integer>,
        accepted_at -> Nullable<BigInt>,
        declaration -> Nullable<Integer>,
        share -> Nullable<BigInt>,
    }
}
diesel::table! {
    joint_bidders (id) {
        id -> Text,
        lot_id -> Text,
        collective_code -> Text,
        enrolment_id -> Text,
        bidder_kind -> Text,
        name -> Text,
        id_number -> Text,
        id_index -> Text,
        share -> BigInt,
        account_id -> Nullable<Text>,
        agreed_at -> Nullable<BigInt>,
        accepted_notice -> Nullable<Integer>,
        declaration -> Nullable<Integer>,
        created_at -> BigInt,
        version -> Integer,
        salt -> Text,
    }
}
diesel::table! {
    bidder_looks (id) {
        id -> Text,
        lot_id -> Text,
        collective_code -> Text,
        enrolment_id -> Nullable<Text>,
        account_id -> Text,
        reason -> Text,
        at -> BigInt,
        salt -> Text,
        request_id -> Nullable<Text>,
    }
}
diesel::table! {
    bidder_look_requests (id) {
        id -> Text,
        lot_id -> Text,
        collective_code -> Text,
        reason -> Text,
        state -> Text,
        requested_by -> Text,
        requester_name -> Text,
        requested_at -> BigInt,
        decided_by -> Nullable<Text>,
        decider_name -> Text,
        decided_at -> Nullable<BigInt>,
        refusal -> Text,
        until_at -> Nullable<BigInt>,
        version -> Integer,
        salt -> Text,
    }
}
diesel::table! {
    exclusions (id) {
        id -> Text,
        region_code -> Text,
        subject_kind -> Text,
        name -> Text,
        id_number -> Text,
        id_index -> Text,
        ground -> Text,
        note -> Text,
        decision_number -> Text,
        from_day -> Integer,
        until_day -> Nullable<Integer>,
        enrolment_id -> Nullable<Text>,
        recorded_by -> Text,
        recorded_at -> BigInt,
        lifted_by -> Nullable<Text>,
        lifted_at -> Nullable<BigInt>,
        lift_decision -> Nullable<Text>,
        lift_reason -> Nullable<Text>,
        version -> Integer,
        salt -> Text,
    }
}
diesel::table! {
    auctions (lot_id) {
        lot_id -> Text,
        leading_number -> Nullable<Integer>,
        price -> Nullable<BigInt>,
        end_at -> BigInt,
        extensions -> BigInt,
        suspended_since -> Nullable<BigInt>,
        suspended_us -> BigInt,
        terminated -> Bool,
        last_seq -> BigInt,
        last_at -> BigInt,
        closed_at -> Nullable<BigInt>,
        salt -> Text,
        holders -> Nullable<Text>,
        points -> Nullable<Text>,
    }
}
diesel::table! {
    merit_claims (id) {
        id -> Text,
        lot_id -> Text,
        collective_code -> Text,
        enrolment_id -> Text,
        merit -> Integer,
        answer -> Integer,
        attempt -> Integer,
        document_id -> Text,
        document_sha256 -> Text,
        claimed_at -> BigInt,
        state -> Text,
        examined_by -> Nullable<Text>,
        examiner_name -> Text,
        examined_at -> Nullable<BigInt>,
        note -> Text,
        version -> Integer,
        salt -> Text,
    }
}
diesel::table! {
    priority_rights (id) {
        id -> Text,
        lot_id -> Text,
        collective_code -> Text,
        enrolment_id -> Text,
        kind -> Text,
        rank -> Integer,
        document_id -> Text,
        document_sha256 -> Text,
        claimed_at -> BigInt,
        state -> Text,
        checked_by -> Nullable<Text>,
        checker_name -> Text,
        checked_at -> Nullable<BigInt>,
        note -> Text,
        cause -> Nullable<Text>,
        lapsed_at -> Nullable<BigInt>,
        version -> Integer,
        salt -> Text,
    }
}
diesel::table! {
    qualification_papers (id) {
        id -> Text,
        lot_id -> Text,
        collective_code -> Text,
        enrolment_id -> Text,
        attempt -> Integer,
        document_id -> Text,
        document_sha256 -> Text,
        handed_in_at -> BigInt,
        state -> Text,
        examined_by -> Nullable<Text>,
        examiner_name -> Text,
        examined_at -> Nullable<BigInt>,
        note -> Text,
        version -> Integer,
        salt -> Text,
    }
}
diesel::table! {
    draw_parties (id) {
        id -> Text,
        lot_id -> Text,
        collective_code -> Text,
        round -> Integer,
        party -> Text,
        enrolment_id -> Nullable<Text>,
        account_id -> Text,
        commitment -> Text,
        committed_at -> BigInt,
        value -> Nullable<Text>,
        opened_at -> Nullable<BigInt>,
        version -> Integer,
        salt -> Text,
    }
}
diesel::table! {
    draw_rounds (id) {
        id -> Text,
        lot_id -> Text,
        collective_code -> Text,
        round -> Integer,
        state -> Text,
        commit_until -> Nullable<BigInt>,
        called_at -> Nullable<BigInt>,
        closing_index -> Nullable<BigInt>,
        checkpoint -> Nullable<Text>,
        open_until -> Nullable<BigInt>,
        first_opening_index -> Nullable<BigInt>,
        seed -> Nullable<Text>,
        withheld -> Text,
        updated_at -> BigInt,
        version -> Integer,
        salt -> Text,
    }
}
diesel::table! {
    lot_rankings (id) {
        id -> Text,
        lot_id -> Text,
        collective_code -> Text,
        place -> Integer,
        state -> Text,
        candidates -> Text,
        called_at -> BigInt,
        ranked -> Nullable<Text>,
        reasons -> Text,
        paper -> Text,
        document_id -> Nullable<Text>,
        document_sha256 -> Nullable<Text>,
        prepared_by -> Nullable<Text>,
        prepared_at -> Nullable<BigInt>,
        reviewed_by -> Nullable<Text>,
        reviewed_at -> Nullable<BigInt>,
        note -> Text,
        updated_at -> BigInt,
        version -> Integer,
        salt -> Text,
    }
}
diesel::table! {
    auction_commands (id) {
        id -> Text,
        lot_id -> Text,
        seq -> BigInt,
        at -> BigInt,
        action -> Text,
        enrolment_id -> Nullable<Text>,
        bid_number -> Nullable<Integer>,
        amount -> Nullable<BigInt>,
        accepted -> Bool,
        reason -> Nullable<Text>,
        bound -> Nullable<BigInt>,
        leader -> Nullable<Integer>,
        price -> Nullable<BigInt>,
        closes_at -> Nullable<BigInt>,
        note -> Text,
        salt -> Text,
        since -> Nullable<BigInt>,
        ground -> Nullable<Text>,
        paper -> Nullable<Text>,
        document_id -> Nullable<Text>,
        document_sha256 -> Nullable<Text>,
        entered_by -> Nullable<Text>,
    }
}
diesel::table! {
    hall_paddles (id) {
        id -> Text,
        lot_id -> Text,
        collective_code -> Text,
        enrolment_id -> Text,
        bid_number -> Integer,
        state -> Text,
        code_digest -> Text,
        wrong_codes -> Integer,
        issued_at -> BigInt,
        checked_in_by -> Nullable<Text>,
        checked_in_at -> Nullable<BigInt>,
        ended_by -> Nullable<Text>,
        ended_at -> Nullable<BigInt>,
        version -> Integer,
        salt -> Text,
    }
}
diesel::table! {
    awards (lot_id) {
        lot_id -> Text,
        status -> Text,
        reason -> Nullable<Text>,
        winner_number -> Nullable<Integer>,
        winner_enrolment -> Nullable<Text>,
        winner_name -> Nullable<Text>,
        price -> Nullable<BigInt>,
        total -> Nullable<BigInt>,
        closed_at -> BigInt,
        extensions -> BigInt,
        participants -> Integer,
        successors -> Text,
        notice_from -> Integer,
        notice_until -> Integer,
        note -> Text,
        version -> Integer,
        salt -> Text,
    }
}
diesel::table! {
    lot_reviews (id) {
        id -> Text,
        lot_id -> Text,
        at -> BigInt,
        reviewed_by -> Text,
        approved -> Bool,
        note -> Text,
        terms -> Text,
        salt -> Text,
    }
}
diesel::table! {
    trustees (id) {
        id -> Text,
        region_code -> Text,
        name -> Text,
        office -> Text,
        recipient -> Text,
        registered_by -> Text,
        registered_at -> BigInt,
        retired_at -> Nullable<BigInt>,
        version -> Integer,
        salt -> Text,
    }
}
diesel::table! {
    lot_notices (id) {
        id -> Text,
        lot_id -> Text,
        number -> Integer,
        at -> BigInt,
        made_by -> Text,
        reason -> Text,
        material -> Bool,
        title -> Text,
        terms -> Text,
        enrol_until -> BigInt,
        opens_at -> BigInt,
        closes_at -> BigInt,
        salt -> Text,
    }
}
diesel::table! {
    lot_questions (id) {
        id -> Text,
        lot_id -> Text,
        collective_code -> Text,
        account_id -> Text,
        question -> Text,
        asked_at -> BigInt,
        answer -> Nullable<Text>,
        answered_by -> Nullable<Text>,
        answered_at -> Nullable<BigInt>,
        version -> Integer,
        salt -> Text,
    }
}
diesel::table! {
    sealed_bids (id) {
        id -> Text,
        lot_id -> Text,
        seq -> BigInt,
        at -> BigInt,
        enrolment_id -> Text,
        bid_number -> Integer,
        recipient -> Nullable<Text>,
        ciphertext -> Nullable<Text>,
        shares -> Nullable<Text>,
        salt -> Text,
    }
}
diesel::table! {
    sealed_reserves (id) {
        id -> Text,
        lot_id -> Text,
        seq -> BigInt,
        at -> BigInt,
        handed_in_by -> Text,
        needed -> Integer,
        recipient -> Text,
        ciphertext -> Text,
        shares -> Text,
        salt -> Text,
    }
}
diesel::table! {
    sealed_shares (id) {
        id -> Text,
        lot_id -> Text,
        seq -> BigInt,
        bid_id -> Text,
        trustee -> Text,
        at -> BigInt,
        handed_in_by -> Text,
        share -> Text,
        salt -> Text,
    }
}
diesel::table! {
    sealed_openings (bid_id) {
        bid_id -> Text,
        lot_id -> Text,
        at -> BigInt,
        outcome -> Text,
        amount -> Nullable<BigInt>,
        nonce -> Nullable<Text>,
        identity -> Nullable<Text>,
        command_seq -> Nullable<BigInt>,
        salt -> Text,
    }
}
diesel::table! {
    lot_objections (id) {
        id -> Text,
        lot_id -> Text,
        collective_code -> Text,
        account_id -> Text,
        channel -> Text,
        objection -> Text,
        raised_at -> BigInt,
        answer_by -> Integer,
        finding -> Nullable<Text>,
        answer -> Nullable<Text>,
        answered_by -> Nullable<Text>,
        answered_at -> Nullable<BigInt>,
        version -> Integer,
        salt -> Text,
    }
}
diesel::table! {
    lot_confirmations (id) {
        id -> Text,
        lot_id -> Text,
        collective_code -> Text,
        place -> Integer,
        enrolment_id -> Text,
        bid_number -> Integer,
        name -> Text,
        price -> BigInt,
        total -> Nullable<BigInt>,
        state -> Text,
        answer_by -> Nullable<Integer>,
        contract_by -> Nullable<Integer>,
        ground -> Nullable<Text>,
        decision -> Text,
        note -> Text,
        contract_id -> Nullable<Text>,
        created_at -> BigInt,
        updated_at -> BigInt,
        version -> Integer,
        salt -> Text,
        notice_until -> Nullable<Integer>,
    }
}
diesel::table! {
    lot_negotiations (id) {
        id -> Text,
        lot_id -> Text,
        collective_code -> Text,
        place -> Integer,
        failed_rounds -> Integer,
        rounds_needed -> Integer,
        bidder_kind -> Text,
        name -> Text,
        id_number -> Text,
        id_index -> Text,
        phone -> Text,
        price -> BigInt,
        total -> Nullable<BigInt>,
        vote -> Text,
        state -> Text,
        proposed_by -> Text,
        proposed_at -> BigInt,
        reviewed_by -> Nullable<Text>,
        reviewed_at -> Nullable<BigInt>,
        note -> Text,
        notice_days -> Nullable<Integer>,
        notice_until -> Nullable<Integer>,
        concluded_by -> Nullable<Text>,
        concluded_at -> Nullable<BigInt>,
        contract_by -> Nullable<Integer>,
        contract_id -> Nullable<Text>,
        withdrawn_by -> Nullable<Text>,
        updated_at -> BigInt,
        version -> Integer,
        salt -> Text,
    }
}
diesel::allow_tables_to_appear_in_same_query!(
    lots,
    lot_terms,
    lot_reviews,
    enrolments,
    auctions,
    auction_commands,
    awards,
    lot_confirmations,
    bidder_look_requests,
    lot_negotiations,
    lot_rankings,
    merit_claims
);
