//! When everything happens: the trades' stories laid out on the calendar, so that each has come as far as it should by now.
//! Pure: the present moment, the calendar and the notice period come in as values.

use super::trades::{Deal, Story};
use crate::{
    calendar::{Calendar, MissingYear},
    kernel::{Day, Fen, Timestamp},
};

/// Seconds the live auction has been open when the demonstration starts, and how long it stays so.
const OPENED_BEFORE_S: i64 = 600;
const OPEN_FOR_S: i64 = 4 * 3600;
/// Seconds of the auctions of the past.
const LASTED_S: i64 = 1_800;

/// One thing that somebody does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    Draft,
    Submit,
    SendBack,
    Approve,
    Publish(Hours),
    Enrol(String),
    PayDeposit(String),
    Bid(String, Fen),
    /// The timetable closes what is over.
    Close,
    /// The notice of the result is over.
    Confirm,
    Sign,
}

/// The hours of an auction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hours {
    pub enrol_until: Timestamp,
    pub opens_at: Timestamp,
    pub closes_at: Timestamp,
}

/// An act, its moment, and the trade it belongs to by its place in the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scene {
    pub at: Timestamp,
    pub deal: usize,
    pub act: Act,
}

/// Everything that happened up to `now`, in order. Notices stand at least `notice_days` working days.
///
/// # Errors
/// The calendar lacks a year.
pub fn plot(deals: &[Deal], now: Timestamp, calendar: &Calendar, notice_days: u32) -> Result<Vec<Scene>, MissingYear> {
    let mut scenes = Vec::new();
    for (number, deal) in deals.iter().enumerate() {
        let minutes = i64::try_from(number).unwrap_or(0) * 60;
        let stage = Stage { deal: number, minutes, now, calendar, notice_days };
        stage.tell(deal, &mut scenes)?;
    }
    scenes.retain(|scene| scene.at < now);
    scenes.sort_by_key(|scene| scene.at);
    Ok(scenes)
}

struct Stage<'a> {
    deal: usize,
    /// No two trades do the same thing at the same moment.
    minutes: i64,
    now: Timestamp,
    calendar: &'a Calendar,
    notice_days: u32,
}

impl Stage<'_> {
    fn tell(&self, deal: &Deal, scenes: &mut Vec<Scene>) -> Result<(), MissingYear> {
        let today = self.now.day();
        let published = match deal.story {
            Story::Draft | Story::InReview | Story::Returned | Story::Approved => {
                // Not published yet: as if the notice came out today.
                today
            }
            Story::Noticed => today,
            Story::Enrolling => self.before(today, 3)?,
            Story::Live => self.notice_for(self.now.plus_s(-OPENED_BEFORE_S).day())?,
            Story::Sold | Story::Failed | Story::Awarded => self.notice_for(today.minus_days(deal.days_ago))?,
        };
        let mut add = |at: Timestamp, act: Act| scenes.push(Scene { at, deal: self.deal, act });
        let drafted = self.before(published, 4)?;
        add(drafted.at(9, 10).plus_s(self.minutes), Act::Draft);
        if deal.story == Story::Draft {
            return Ok(());
        }
        add(drafted.at(16, 0).plus_s(self.minutes), Act::Submit);
        let reviewed = self.before(published, 1)?.at(15, 0).plus_s(self.minutes);
        match deal.story {
            Story::InReview => return Ok(()),
            Story::Returned => {
                add(reviewed, Act::SendBack);
                return Ok(());
            }
            _ => add(reviewed, Act::Approve),
        }
        if deal.story == Story::Approved {
            return Ok(());
        }
        let hours = self.hours(deal, published)?;
        // The notice of the day goes out whatever the hour is when the demonstration starts.
        let out = published.at(10, 0).plus_s(self.minutes).min(self.now.plus_s(-60));
        add(out, Act::Publish(hours));
        let mut bidders: Vec<&str> = deal.bids.iter().map(|bid| bid.0.as_str()).collect();
        if deal.story == Story::Enrolling {
            bidders.extend(["A", "C"]);
        }
        bidders.sort_unstable();
        bidders.dedup();
        let (enrols, pays) = (self.after(published, 1)?.at(9, 40), self.after(published, 2)?.at(14, 5));
        for (nth, bidder) in (0..).zip(&bidders) {
            add(enrols.plus_s(self.minutes + nth * 1_260), Act::Enrol((*bidder).to_owned()));
            if deal.story != Story::Enrolling || nth == 0 {
                add(pays.plus_s(self.minutes + nth * 1_500), Act::PayDeposit((*bidder).to_owned()));
            }
        }
        for bid in &deal.bids {
            let from = if bid.1 < 0 { hours.closes_at } else { hours.opens_at };
            add(from.plus_s(bid.1), Act::Bid(bid.0.clone(), bid.2));
        }
        if matches!(deal.story, Story::Sold | Story::Failed | Story::Awarded) {
            // Late enough for every extension of the stories.
            add(hours.closes_at.plus_s(1_200), Act::Close);
        }
        if deal.story == Story::Sold {
            // Results are published for five working days.
            let confirmed = self.after(hours.closes_at.day(), 6)?;
            add(confirmed.at(10, 20).plus_s(self.minutes), Act::Confirm);
            add(self.after(confirmed, 2)?.at(15, 0).plus_s(self.minutes), Act::Sign);
        }
        Ok(())
    }

    fn hours(&self, deal: &Deal, published: Day) -> Result<Hours, MissingYear> {
        if deal.story == Story::Live {
            let opens_at = Timestamp(self.now.plus_s(-OPENED_BEFORE_S).0 / 60_000_000 * 60_000_000);
            let enrol_until = self.before(opens_at.day(), 1)?.at(17, 0);
            return Ok(Hours { enrol_until, opens_at, closes_at: opens_at.plus_s(OPENED_BEFORE_S + OPEN_FOR_S) });
        }
        let day = self.after(published, self.notice_days + 1)?;
        let opens_at = day.at(9, 30);
        Ok(Hours { enrol_until: self.before(day, 1)?.at(17, 0), opens_at, closes_at: opens_at.plus_s(LASTED_S) })
    }

    /// The day on which a notice goes out for an auction on `day` or on the working day before it.
    fn notice_for(&self, day: Day) -> Result<Day, MissingYear> {
        self.before(self.before(day.plus_days(1), 1)?, self.notice_days + 1)
    }
    fn before(&self, day: Day, working_days: u32) -> Result<Day, MissingYear> {
        self.calendar.minus_working_days(day, working_days)
    }
    fn after(&self, day: Day, working_days: u32) -> Result<Day, MissingYear> {
        self.calendar.plus_working_days(day, working_days)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::trades::deals;

    fn plot_at(text: &str) -> (Timestamp, Vec<Deal>, Vec<Scene>) {
        let now: Timestamp = text.parse().expect("a time");
        let deals = deals().expect("the trades");
        let scenes = plot(&deals, now, Calendar::shipped(), 7).expect("a covered year");
        (now, deals, scenes)
    }

    #[test]
    fn whatever_the_hour_every_story_stands_where_it_should() {
        // A working day, a Sunday, a holiday, just after midnight, just before it.
        for text in [
            "2026-11-23T20:00:00+08:00",
            "2026-11-22T08:00:00+08:00",
            "2026-10-03T12:00:00+08:00",
            "2026-06-01T00:03:00+08:00",
            "2026-03-02T23:59:30+08:00",
        ] {
            let (now, deals, scenes) = plot_at(text);
            assert!(scenes.windows(2).all(|pair| pair[0].at <= pair[1].at));
            assert!(scenes.iter().all(|s| s.at < now));
            for (number, deal) in deals.iter().enumerate() {
                let acts: Vec<&Scene> = scenes.iter().filter(|s| s.deal == number).collect();
                let has = |wanted: fn(&Act) -> bool| acts.iter().any(|s| wanted(&s.act));
                let published = has(|a| matches!(a, Act::Publish(_)));
                let bids = acts.iter().filter(|s| matches!(s.act, Act::Bid(..))).count();
                assert!(has(|a| *a == Act::Draft), "{text} {}", deal.title);
                assert_eq!(bids, deal.bids.len(), "{text} {}", deal.title);
                assert_eq!(
                    published,
                    !matches!(deal.story, Story::Draft | Story::InReview | Story::Returned | Story::Approved),
                    "{text} {}",
                    deal.title
                );
                let Some(Scene { at, act: Act::Publish(hours), .. }) =
                    acts.iter().find(|s| matches!(s.act, Act::Publish(_)))
                else {
                    continue;
                };
                let earliest = Calendar::shipped().plus_working_days(at.day(), 7).expect("covered");
                assert!(hours.opens_at.day() >= earliest && hours.enrol_until < hours.opens_at, "{text} {hours:?}");
                let over = hours.closes_at < now;
                assert_eq!(over, matches!(deal.story, Story::Sold | Story::Failed | Story::Awarded));
                assert_eq!(has(|a| *a == Act::Close), over);
                let open = hours.opens_at <= now && now < hours.closes_at;
                assert_eq!(open, deal.story == Story::Live);
            }
        }
    }
}
