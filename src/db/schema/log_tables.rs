diesel::table! {
    log_entries (seq) {
        seq -> BigInt,
        kind -> Text,
        at -> BigInt,
        scope -> Text,
        actor -> Text,
        bytes -> Binary,
    }
}
diesel::table! {
    log_subjects (subject, seq) {
        subject -> Text,
        seq -> BigInt,
    }
}
diesel::table! {
    log_queue (seq) {
        seq -> BigInt,
    }
}
diesel::table! {
    log_leaves (idx) {
        idx -> BigInt,
        seq -> BigInt,
        leaf_hash -> Binary,
    }
}
diesel::table! {
    log_tiles (level, n) {
        level -> Integer,
        n -> BigInt,
        root -> Binary,
        bytes -> Binary,
    }
}
diesel::table! {
    log_checkpoints (size) {
        size -> BigInt,
        root -> Binary,
        note -> Text,
    }
}
diesel::table! {
    log_cosignatures (size, witness) {
        size -> BigInt,
        witness -> Text,
        at -> BigInt,
        line -> Text,
    }
}
diesel::table! {
    log_witnessing (id) {
        id -> Text,
        asker -> Text,
        until -> BigInt,
        witnessed -> BigInt,
    }
}
diesel::table! {
    log_state (id) {
        id -> Text,
        size -> BigInt,
    }
}
diesel::table! {
    log_payloads (seq) {
        seq -> BigInt,
        states -> Binary,
    }
}
diesel::table! {
    settings (name) {
        name -> Text,
        value -> Text,
    }
}
diesel::allow_tables_to_appear_in_same_query!(log_entries, log_subjects, log_leaves, log_queue, log_payloads);
