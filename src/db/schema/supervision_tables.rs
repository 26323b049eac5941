diesel::table! {
    verification_reports (sha256) {
        sha256 -> Text,
        note -> Text,
    }
}
