//! Checks of meaning: what only they can notice, because row, entry, payload and signatures were rewritten together with the
//! real key.

use xiangji::{app, log::Fault};

use crate::{
    both_backends,
    support::{
        app::SHANGXIANG,
        behind::Behind,
        full::township,
        insider::{Insider, REWRITTEN},
        verified::{Parts, faults, faults_of_rows, verified},
    },
};

/// A row is changed so that the log has always told of it; the fault names this row and says these words.
struct Lie {
    table: &'static str,
    key: String,
    set: &'static str,
    /// Table, key and a part of the sentence.
    named: (&'static str, String, &'static str),
}

/// One key that `sql` selects as `v`.
fn one(behind: &mut Behind, sql: &str) -> String {
    behind.texts(sql).into_iter().next().unwrap_or_else(|| panic!("nothing: {sql}"))
}

fn lies(behind: &mut Behind) -> Vec<Lie> {
    // Identifiers of one moment have no order, so it is said which: the first that was bid for of those with open bids, papers
    // examined before them, and nothing done about the award yet.
    let sold = one(
        behind,
        "SELECT awards.lot_id AS v FROM awards \
         JOIN enrolments ON enrolments.lot_id = awards.lot_id AND enrolments.bid_number = 2 \
         JOIN deposits ON deposits.enrolment_id = enrolments.id AND deposits.state = 'held' \
         WHERE awards.status = 'sold' AND awards.lot_id NOT IN (SELECT lot_id FROM sealed_bids) \
         AND awards.lot_id NOT IN (SELECT lot_id FROM qualification_papers WHERE handed_in_at > awards.closed_at) \
         AND awards.lot_id NOT IN (SELECT lot_id FROM lot_rankings) \
         AND awards.lot_id NOT IN (SELECT lot_id FROM lot_confirmations WHERE state <> 'confirmed') \
         ORDER BY (SELECT min(at) FROM auction_commands WHERE auction_commands.lot_id = awards.lot_id)",
    );
    let failed = one(behind, "SELECT lot_id AS v FROM awards WHERE status = 'failed'");
    let given_up = one(
        behind,
        "SELECT lot_id AS v FROM auctions WHERE closed_at IS NOT NULL AND lot_id NOT IN (SELECT lot_id FROM awards)",
    );
    let command = |behind: &mut Behind, which: &str| {
        one(behind, &format!("SELECT id AS v FROM auction_commands WHERE lot_id = '{sold}' AND {which}"))
    };
    let in_line = one(behind, "SELECT id AS v FROM lot_confirmations WHERE state = 'confirmed' ORDER BY id");
    let confirmed = one(behind, &format!("SELECT lot_id AS v FROM lot_confirmations WHERE id = '{in_line}'"));
    let asked = one(behind, "SELECT id AS v FROM lot_confirmations WHERE state = 'offered' ORDER BY id");
    let winning = command(behind, "seq = 3");
    let refused = command(behind, "accepted = false");
    let enrolment = one(behind, &format!("SELECT id AS v FROM enrolments WHERE lot_id = '{sold}' AND bid_number = 2"));
    let deposit = one(behind, &format!("SELECT id AS v FROM deposits WHERE enrolment_id = '{enrolment}'"));
    let kept = one(behind, "SELECT id AS v FROM deposits WHERE state = 'forfeited'");
    let end = one(behind, "SELECT id AS v FROM transfers WHERE kind = 'forfeit'");
    let line = one(behind, "SELECT id AS v FROM bank_lines WHERE match_id IS NOT NULL ORDER BY id");
    let tick = one(
        behind,
        &format!(
            "SELECT transfer_id AS v FROM bank_ticks WHERE match_id = (SELECT match_id FROM bank_lines WHERE id = '{line}')"
        ),
    );
    let newest = one(behind, "SELECT id AS v FROM bank_statements ORDER BY id DESC");
    let order = one(behind, "SELECT id AS v FROM money_orders WHERE kind = 'forfeit' AND state = 'done'");
    let stray = one(behind, "SELECT id AS v FROM unidentified_receipts WHERE state = 'returned'");
    let payee = one(behind, "SELECT id AS v FROM payees WHERE state = 'in_force'");
    let month = one(behind, "SELECT id AS v FROM closed_months ORDER BY month");
    let member = one(behind, &format!("SELECT id AS v FROM memberships WHERE collective_code = '{SHANGXIANG}'"));
    let elsewhere = one(
        behind,
        &format!("SELECT id AS v FROM memberships WHERE collective_code <> '{SHANGXIANG}' AND state = 'active'"),
    );
    let asset = one(behind, "SELECT id AS v FROM assets WHERE original_value IS NOT NULL");
    let parcel = one(behind, "SELECT id AS v FROM parcels");
    let contract = one(behind, "SELECT id AS v FROM contracts");
    let lie = |table, key: &str, set, named: (&'static str, &str, &'static str)| Lie {
        table,
        key: key.to_owned(),
        set,
        named: (named.0, named.1.to_owned(), named.2),
    };
    let not_what = "the award is not what the commands come to";
    let otherwise = "the rules decide otherwise on this command";
    let not_in_state = "the lot is not in the state in which its auction left it";
    let adds_up = "contradict each other";
    let opened = one(behind, "SELECT bid_id AS v FROM sealed_openings WHERE outcome = 'opened' ORDER BY amount DESC");
    let voided = one(behind, "SELECT bid_id AS v FROM sealed_openings WHERE outcome <> 'opened'");
    let floor = one(behind, "SELECT id AS v FROM sealed_reserves ORDER BY seq DESC");
    let sealed_lot = one(behind, "SELECT lot_id AS v FROM sealed_openings");
    let last_bid = one(behind, "SELECT id AS v FROM sealed_bids ORDER BY seq DESC");
    let share = one(behind, &format!("SELECT id AS v FROM sealed_shares WHERE bid_id = '{opened}'"));
    let other_share = format!("share = (SELECT max(share) FROM sealed_shares WHERE bid_id = '{voided}')");
    let other_share: &'static str = Box::leak(other_share.into_boxed_str());
    let not_so_opened = "do not come to this opening";
    let right = one(behind, &format!("SELECT id AS v FROM priority_rights WHERE lot_id = '{sold}'"));
    let merit = one(behind, "SELECT id AS v FROM merit_claims WHERE state = 'granted' ORDER BY id");
    let other_points = "with other points than follow";
    let bound = one(behind, "SELECT id AS v FROM draw_parties ORDER BY id");
    let void = one(behind, "SELECT id AS v FROM draw_rounds WHERE state = 'void' ORDER BY id");
    let talked = one(behind, "SELECT id AS v FROM lot_negotiations WHERE state = 'published'");
    let sent_back = one(behind, "SELECT id AS v FROM lot_negotiations WHERE state = 'returned' ORDER BY id");
    let silent = one(behind, "SELECT id AS v FROM priority_rights WHERE cause = 'silent'");
    let ended = one(behind, "SELECT id AS v FROM auction_commands WHERE document_id IS NOT NULL");
    let stopped = one(behind, "SELECT id AS v FROM auction_commands WHERE action = 'suspend' AND accepted = true");
    let rests = "has not the ground or the paper";
    let paper = one(behind, &format!("SELECT id AS v FROM qualification_papers WHERE lot_id = '{sold}' ORDER BY id"));
    let theirs = one(behind, &format!("SELECT enrolment_id AS v FROM qualification_papers WHERE id = '{paper}'"));
    let after = one(
        behind,
        "SELECT q.id AS v FROM qualification_papers q JOIN lots l ON l.id = q.lot_id JOIN lot_confirmations c \
         ON c.enrolment_id = q.enrolment_id WHERE q.handed_in_at >= l.ended_at AND c.state = 'confirmed' ORDER BY q.id",
    );
    let taken = one(
        behind,
        &format!(
            "SELECT id AS v FROM lot_confirmations WHERE enrolment_id = \
             (SELECT enrolment_id FROM qualification_papers WHERE id = '{after}')"
        ),
    );
    let without = "without a paper that was passed";
    let agreed = one(behind, "SELECT id AS v FROM bidder_look_requests WHERE state = 'agreed' ORDER BY id");
    let seen = one(behind, &format!("SELECT id AS v FROM bidder_looks WHERE request_id = '{agreed}'"));
    let raised = one(behind, "SELECT id AS v FROM auction_commands WHERE entered_by IS NOT NULL ORDER BY id");
    let of_raised = format!(
        "SELECT id AS v FROM hall_paddles WHERE enrolment_id = (SELECT enrolment_id FROM auction_commands WHERE id = '{raised}')"
    );
    let paddle = one(behind, &of_raised);
    let not_there = "no paddle of its bidder was checked in";
    let broken_off = one(behind, "SELECT id AS v FROM draw_rounds WHERE state = 'ended'");
    let breaks_off = one(
        behind,
        "SELECT c.id AS v FROM auction_commands c JOIN draw_rounds r ON r.lot_id = c.lot_id \
         WHERE r.state = 'ended' AND c.action = 'terminate'",
    );
    let ranked = one(behind, "SELECT id AS v FROM lot_rankings WHERE state = 'confirmed'");
    let ranked_lot = one(behind, "SELECT lot_id AS v FROM lot_rankings WHERE state = 'confirmed'");
    let ranked_before = one(behind, "SELECT id AS v FROM lot_rankings WHERE state = 'returned' ORDER BY place DESC");
    let not_followed = "the award does not follow it";
    let not_by_two = "state, times and persons of this order contradict each other";
    vec![
        lie("hall_paddles", &paddle, "state = 'issued'", ("hall_paddles", &paddle, "times and persons of this paddle")),
        lie("hall_paddles", &paddle, "bid_number = 2", ("hall_paddles", &paddle, "or it is of another bidder")),
        lie(
            "hall_paddles",
            &paddle,
            "checked_in_at = checked_in_at + 3600000000, ended_at = NULL, ended_by = NULL, state = 'in_hall'",
            ("auction_commands", &raised, not_there),
        ),
        lie(
            "auction_commands",
            &winning,
            "entered_by = (SELECT min(id) FROM accounts WHERE role = 'clerk')",
            ("auction_commands", &winning, not_there),
        ),
        lie(
            "draw_rounds",
            &broken_off,
            "updated_at = updated_at + 1",
            ("draw_rounds", &broken_off, "the trade was not terminated at that time"),
        ),
        lie("draw_rounds", &broken_off, "state = 'called'", ("auction_commands", &breaks_off, otherwise)),
        lie("lot_rankings", &ranked, "ranked = '[1,2]'", ("lot_rankings", &ranked, not_followed)),
        lie("lot_rankings", &ranked, "ranked = '[1,2]'", ("awards", &ranked_lot, not_what)),
        lie("lot_rankings", &ranked_before, "ranked = '[1,1]'", ("lot_rankings", &ranked_before, not_followed)),
        lie("lot_rankings", &ranked, "reviewed_by = prepared_by", ("lot_rankings", &ranked, not_by_two)),
        lie("lot_rankings", &ranked, "prepared_at = called_at - 1", ("lot_rankings", &ranked, not_by_two)),
        lie(
            "lot_rankings",
            &ranked,
            "candidates = '[2,1]'",
            ("lot_rankings", &ranked, "not the bidders whom the commands leave at the ceiling"),
        ),
        lie(
            "lot_rankings",
            &ranked,
            "document_sha256 = 'none'",
            ("lot_rankings", &ranked, "is not the one that is kept"),
        ),
        lie(
            "lot_rankings",
            &ranked_before,
            "state = 'confirmed', note = ''",
            ("lot_rankings", &ranked_before, "was not sent back, or one is missing"),
        ),
        lie(
            "bidder_look_requests",
            &agreed,
            "decided_by = requested_by",
            ("bidder_look_requests", &agreed, "it takes two persons"),
        ),
        lie(
            "bidder_look_requests",
            &agreed,
            "state = 'refused', until_at = NULL",
            ("bidder_looks", &seen, "another person agreed for that time"),
        ),
        lie(
            "bidder_looks",
            &seen,
            "at = at + 1800000000",
            ("bidder_looks", &seen, "another person agreed for that time"),
        ),
        lie("qualification_papers", &paper, "state = 'refused'", ("enrolments", &theirs, without)),
        lie("qualification_papers", &after, "state = 'refused'", ("lot_confirmations", &taken, without)),
        lie(
            "qualification_papers",
            &paper,
            "examined_by = NULL",
            ("qualification_papers", &paper, "who examined it do not agree"),
        ),
        lie(
            "qualification_papers",
            &paper,
            "examined_at = examined_at + 864000000000",
            ("qualification_papers", &paper, "who examined it do not agree"),
        ),
        lie(
            "qualification_papers",
            &after,
            "handed_in_at = handed_in_at - 1728000000000",
            ("qualification_papers", &after, "handed in too late"),
        ),
        lie(
            "qualification_papers",
            &paper,
            "document_sha256 = 'none'",
            ("qualification_papers", &paper, "not the paper that was handed in"),
        ),
        lie("auction_commands", &ended, "paper = NULL", ("auction_commands", &ended, rests)),
        lie("auction_commands", &ended, "document_sha256 = 'none'", ("auction_commands", &ended, rests)),
        lie("auction_commands", &ended, "document_id = NULL", ("auction_commands", &ended, rests)),
        lie("auction_commands", &stopped, "ground = 'asset_lost'", ("auction_commands", &stopped, rests)),
        lie("merit_claims", &merit, "answer = 2", ("auctions", &sealed_lot, other_points)),
        lie("merit_claims", &merit, "answer = 1", ("merit_claims", &merit, "the notice has no such answer")),
        lie("merit_claims", &merit, "merit = 9", ("merit_claims", &merit, "the notice has no such answer")),
        lie("merit_claims", &merit, "examined_by = NULL", ("merit_claims", &merit, "who examined it do not agree")),
        lie(
            "merit_claims",
            &merit,
            "examined_at = examined_at + 864000000000",
            ("merit_claims", &merit, "who examined it do not agree"),
        ),
        lie(
            "merit_claims",
            &merit,
            "document_sha256 = 'none'",
            ("merit_claims", &merit, "not the paper that was claimed with"),
        ),
        lie("auctions", &sealed_lot, "points = '[[\"02\",1]]'", ("auctions", &sealed_lot, other_points)),
        lie("auctions", &sealed_lot, "points = NULL", ("auctions", &sealed_lot, other_points)),
        lie(
            "priority_rights",
            &right,
            "document_sha256 = 'none'",
            ("priority_rights", &right, "not the proof that was claimed with"),
        ),
        lie("priority_rights", &right, "rank = 2", ("priority_rights", &right, "or another rank")),
        lie("priority_rights", &right, "checked_by = NULL", ("priority_rights", &right, "who checked it do not agree")),
        lie(
            "priority_rights",
            &right,
            "checked_at = checked_at + 864000000000",
            ("auctions", &sold, "with other priority ranks"),
        ),
        lie("priority_rights", &silent, "cause = 'defaulted'", ("priority_rights", &silent, "has not ended as")),
        lie("auctions", &sold, "holders = '[[\"02\",1]]'", ("auctions", &sold, "with other priority ranks")),
        lie(
            "draw_parties",
            &bound,
            "committed_at = committed_at + 3600000000",
            ("draw_parties", &bound, "none was taken"),
        ),
        lie("draw_rounds", &void, "withheld = '[\"01\"]'", ("draw_rounds", &void, "do not follow from each other")),
        lie("sealed_openings", &opened, "amount = amount + 100", ("sealed_openings", &opened, not_so_opened)),
        lie(
            "sealed_openings",
            &opened,
            "command_seq = command_seq + 1",
            ("sealed_openings", &opened, "did not come to the auction"),
        ),
        lie("sealed_openings", &voided, "outcome = 'not_decrypted'", ("sealed_openings", &voided, not_so_opened)),
        lie("sealed_openings", &floor, "amount = amount - 100", ("sealed_openings", &floor, not_so_opened)),
        lie("sealed_openings", &floor, "identity = NULL", ("sealed_openings", &floor, not_so_opened)),
        lie(
            "sealed_reserves",
            &floor,
            "at = at + 8640000000000",
            ("sealed_reserves", &floor, "at which none was taken"),
        ),
        lie("sealed_reserves", &floor, "seq = seq + 1", ("lots", &sealed_lot, "not numbered without a gap")),
        lie(
            "sealed_reserves",
            &floor,
            "recipient = 'age1x'",
            ("sealed_reserves", &floor, "that the notice of the lot binds"),
        ),
        lie(
            "lot_terms",
            &sealed_lot,
            "reserve_price = reserve_price - 100",
            ("lot_terms", &sealed_lot, "its sealed floor was opened to"),
        ),
        lie("sealed_bids", &last_bid, "at = at + 3600000000", ("sealed_bids", &last_bid, "at which none was taken")),
        lie("sealed_bids", &last_bid, "seq = seq + 1", ("lots", &sealed_lot, "not numbered without a gap")),
        lie("sealed_shares", &share, "at = at - 60000000", ("sealed_shares", &share, "at which none was taken")),
        lie("sealed_shares", &share, "seq = seq + 1000", ("lots", &sealed_lot, "not numbered without a gap")),
        lie("sealed_shares", &share, other_share, ("sealed_openings", &opened, not_so_opened)),
        lie(
            "sealed_shares",
            &share,
            "trustee = 'age1x'",
            ("lots", &sealed_lot, "were not opened as they should have been"),
        ),
        lie("awards", &sold, "price = price - 1000", ("awards", &sold, not_what)),
        lie("awards", &sold, "winner_number = 1, successors = '[2]'", ("awards", &sold, not_what)),
        lie("lot_confirmations", &in_line, "price = price + 100", ("lot_confirmations", &in_line, "the own last bid")),
        lie(
            "lot_confirmations",
            &in_line,
            "bid_number = 7",
            ("lot_confirmations", &in_line, "at this place by the award"),
        ),
        lie("lot_confirmations", &asked, "place = 3", ("lot_confirmations", &asked, "the one before has not failed")),
        lie("lots", &confirmed, "state = 'undone'", ("lots", &confirmed, "those in line have left it")),
        lie(
            "lot_negotiations",
            &talked,
            "reviewed_by = proposed_by",
            ("lot_negotiations", &talked, "approved by who proposed it"),
        ),
        lie(
            "lot_negotiations",
            &talked,
            "price = price - 1",
            ("lot_negotiations", &talked, "worse than the last round"),
        ),
        lie("lot_negotiations", &talked, "total = total + 1", ("lot_negotiations", &talked, "not come to this total")),
        lie(
            "lot_negotiations",
            &talked,
            "notice_until = 20260321",
            ("lot_negotiations", &talked, "fewer days than it says"),
        ),
        lie("lot_negotiations", &talked, "state = 'concluded'", ("lot_negotiations", &talked, "do not agree")),
        lie("lot_negotiations", &talked, "rounds_needed = 2", ("lot_negotiations", &talked, "fewer rounds of it")),
        lie("lot_negotiations", &talked, "place = 30", ("lot_negotiations", &talked, "or one is missing")),
        lie("lot_negotiations", &sent_back, "reviewed_at = NULL", ("lot_negotiations", &sent_back, "do not agree")),
        lie("awards", &sold, "closed_at = closed_at + 1", ("awards", &sold, not_what)),
        lie("awards", &sold, "notice_from = notice_from + 1", ("awards", &sold, not_what)),
        lie("awards", &failed, "status = 'sold', reason = NULL", ("awards", &failed, not_what)),
        lie("lots", &sold, "state = 'failed'", ("lots", &sold, not_in_state)),
        lie("lots", &sold, "ended_at = ended_at + 1", ("lots", &sold, not_in_state)),
        lie("lots", &given_up, "state = 'sold'", ("awards", &given_up, "the auction has ended and has no award")),
        lie("auctions", &sold, "price = price + 100", ("auctions", &sold, "does not stand where its commands lead")),
        lie(
            "auctions",
            &sold,
            "closed_at = NULL",
            ("awards", &sold, "there is an award and the auction has not ended"),
        ),
        lie("auctions", &sold, "last_seq = last_seq + 1", ("auctions", &sold, "not numbered without a gap")),
        lie("auction_commands", &winning, "amount = amount + 100", ("auction_commands", &winning, otherwise)),
        lie("auction_commands", &winning, "at = at + 3600000000", ("auction_commands", &winning, otherwise)),
        lie("auction_commands", &refused, "amount = amount + 8000", ("auction_commands", &refused, otherwise)),
        lie("lot_terms", &sold, "step_min = 100", ("auction_commands", &refused, otherwise)),
        lie("lot_terms", &sold, "step_min = 0", ("lots", &sold, "make no rules for an auction")),
        lie("enrolments", &enrolment, "bid_number = 3", ("enrolments", &enrolment, "bid numbers of this lot are not")),
        lie(
            "deposits",
            &deposit,
            "amount = amount - 1",
            ("enrolments", &enrolment, "not the deposit that the terms ask"),
        ),
        lie(
            "deposits",
            &deposit,
            "payer_name = '别人'",
            ("enrolments", &enrolment, "not the deposit that the terms ask"),
        ),
        lie("deposits", &deposit, "state = 'forfeited'", ("deposits", &deposit, adds_up)),
        lie("deposits", &deposit, "state = 'owed'", ("deposits", &deposit, "does not stand where its transfers lead")),
        lie(
            "deposits",
            &deposit,
            "amount = amount + 1",
            ("deposits", &deposit, "does not stand where its transfers lead"),
        ),
        lie("deposits", &kept, "state = 'applied'", ("deposits", &kept, "no order that two persons confirmed")),
        lie(
            "transfers",
            &end,
            "kind = 'apply', credit_account = 'applied'",
            ("deposits", &kept, "where its transfers lead"),
        ),
        lie("transfers", &end, "amount = amount - 100", ("deposits", &kept, "where its transfers lead")),
        lie("transfers", &end, "amount = amount - 100", ("transfers", &end, "out of balance")),
        lie(
            "transfers",
            &end,
            "credit_account = 'bank'",
            ("transfers", &end, "does not name the accounts of its kind"),
        ),
        lie("transfers", &end, "collective_code = '440703103202'", ("transfers", &end, "not its deposit's")),
        lie("bank_lines", &line, "amount = amount - 100", ("bank_lines", &line, "not one sum")),
        lie("bank_lines", &line, "match_id = NULL", ("bank_ticks", &tick, "not one sum")),
        lie("bank_lines", &line, "amount = amount - 100", ("bank_statements", &newest, "newest statement ends with")),
        lie("bank_ticks", &tick, "match_id = 'none'", ("bank_ticks", &tick, "not one sum")),
        lie("money_orders", &order, "confirmed_by = prepared_by", ("money_orders", &order, "it takes two persons")),
        lie("money_orders", &order, "amount = amount - 100", ("money_orders", &order, "what its deposit says")),
        lie(
            "money_orders",
            &order,
            "state = 'prepared', confirmed_by = NULL, confirmed_at = NULL",
            ("deposits", &kept, "no order that two"),
        ),
        lie(
            "unidentified_receipts",
            &stray,
            "settled_by = prepared_by",
            ("unidentified_receipts", &stray, "where its transfers, its persons"),
        ),
        lie(
            "unidentified_receipts",
            &stray,
            "amount = amount + 1",
            ("unidentified_receipts", &stray, "what its line of the bank says"),
        ),
        lie("payees", &payee, "confirmed_by = prepared_by", ("payees", &payee, "it takes two persons")),
        lie("closed_months", &month, "closed_at = before_at - 1", ("closed_months", &month, "before it was over")),
        lie("closed_months", &month, "before_at = 9000000000000000", ("closed_months", &month, "does not end when")),
        lie("transfers", &end, "late_from = moved_at", ("transfers", &end, "into a month that was closed")),
        lie("assets", &asset, "quantified = 100", ("assets", &asset, adds_up)),
        lie("assets", &asset, "net_value = original_value + 1", ("assets", &asset, adds_up)),
        lie("parcels", &parcel, "area = area + 100", ("parcels", &parcel, "not those of the outline")),
        lie("parcels", &parcel, "west_mm = west_mm - 1", ("parcels", &parcel, "not those of the outline")),
        lie("memberships", &member, "state = 'lost'", ("memberships", &member, adds_up)),
        lie(
            "memberships",
            &member,
            "household_id = (SELECT min(household_id) FROM memberships WHERE collective_code <> '440703103213')",
            ("memberships", &member, "the household belongs to another collective"),
        ),
        lie(
            "memberships",
            &elsewhere,
            "person_id = (SELECT min(person_id) FROM memberships WHERE collective_code = '440703103213')",
            ("memberships", &elsewhere, "a member of two collectives at once"),
        ),
        lie("contracts", &contract, "ends_on = starts_on", ("contracts", &contract, "ends before it begins")),
        lie("contracts", &contract, "annual_rent = -1", ("contracts", &contract, "an amount is out of range")),
    ]
}

both_backends!(what_was_rewritten_with_the_real_key_must_still_make_sense, |world| {
    township(world);
    let (summary, untouched) = verified(&world.app, &Parts::default());
    assert_eq!((untouched, summary.checks), (vec![], app::checks().len() as u64));
    let mut behind = Behind::of(world);
    behind.drop_triggers();
    let mut rewritten = std::collections::HashSet::new();
    for lie in lies(&mut behind) {
        let Lie { table, key, set, named } = lie;
        let id = behind.columns(table)[0].0.clone();
        let sql = format!("UPDATE {table} SET {set} WHERE {id} = '{key}'");
        let kept = [&REWRITTEN[..], &[table]].concat();
        behind.undone(&kept, "SELECT 1", || {
            Insider::of(world).rewrites(&sql, &[(table, &key)]);
            // Once a table: every lie of it is covered up in the same way.
            if rewritten.insert(table) {
                assert_eq!(faults_of_rows(world), [], "{sql}: only the meaning is left to tell");
            }
            let seen = faults(world);
            let (table, key, words) = &named;
            // Of two memberships that exclude each other either may be named.
            let is_named = |named: &str| named == key.as_str() || words.contains("two collectives");
            let is_told =
                |fault: &&Fault| fault.table == *table && is_named(&fault.key) && fault.what.line.contains(words);
            let told = seen.iter().find(is_told);
            assert!(told.is_some(), "{sql}: {seen:?}");
            assert!(told.unwrap().index.is_some() || *table == "awards", "{sql}: {seen:?}");
        });
    }
    assert_eq!(faults(world), [], "put back");
});

// While an auction runs its commands are replayed as well.
both_backends!(a_running_auction_is_looked_at_too, |world| {
    let trade = crate::trading::admitted(world);
    crate::trading::ok(trade.bid("A", "09:31:00", "700.00"));
    world.app.integrate_log().unwrap();
    assert_eq!(faults(world), []);
    let kept = [&REWRITTEN[..], &["auctions"]].concat();
    let mut behind = Behind::of(world);
    behind.drop_triggers();
    behind.undone(&kept, "SELECT 1", || {
        Insider::of(world).rewrites("UPDATE auctions SET leading_number = 2", &[("auctions", &trade.lot)]);
        let seen = faults(world);
        assert!(seen.len() == 1 && seen[0].what.line.contains("does not stand where its commands lead"), "{seen:?}");
    });
    assert_eq!(faults(world), []);
});

/// The village of the demo makes sense.
#[test]
fn the_demo_makes_sense() {
    let dir = tempfile::tempdir().unwrap();
    let clock = std::sync::Arc::new(xiangji::config::SystemClock);
    let made = xiangji::demo::prepare(&dir.path().join("demo"), xiangji::demo::Scale::Village, "correct-horse", clock);
    let app = made.unwrap().app;
    app.integrate_log().unwrap();
    let (summary, faults) = verified(&app, &Parts::default());
    assert_eq!(faults, []);
    assert!(summary.rows > 1000 && summary.checks > 5, "{summary}");
    app.db.stop();
}
