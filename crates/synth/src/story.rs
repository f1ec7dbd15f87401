//! What has happened to a certificate up to a given day: plots with their shares, told as lifecycle
//! events with the day they hold from and the day the registry learnt of them.

use crate::draw::{Draw, Weighted};
use chrono::{Days, Months};
use domain::{
    Date,
    catalogue::CertificateType,
    certificate::Terms,
    lifecycle::{EventKind, end_of_validity, review_days},
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Plot {
    InForce,
    Expiring,
    Expired,
    RenewedOnce,
    RenewedTwice,
    ReviewedLate,
    ReviewDue,
    ReviewOverdue,
    Suspended,
    SuspendedAndResumed,
    Revoked,
    RevokedAsPenalty,
    Cancelled,
    TransferredOut,
    TransferredAndBack,
    Replaced,
    CorrectedAfterwards,
    UnderCorrection,
    NotYetValid,
}

/// The shares of the plots, in thousandths. Plots that do not fit a type or an age are told as
/// `InForce`; few types can be transferred, so that the shares of transfers are those within them.
pub(crate) fn plots() -> Plots {
    use Plot::*;
    Plots(Weighted::new([
        (InForce, 480),
        (Expiring, 55),
        (Expired, 95),
        (RenewedOnce, 90),
        (RenewedTwice, 30),
        (ReviewedLate, 30),
        (ReviewDue, 20),
        (ReviewOverdue, 35),
        (Suspended, 12),
        (SuspendedAndResumed, 20),
        (Revoked, 12),
        (RevokedAsPenalty, 6),
        (Cancelled, 18),
        (TransferredOut, 30),
        (TransferredAndBack, 20),
        (Replaced, 12),
        (CorrectedAfterwards, 20),
        (UnderCorrection, 8),
        (NotYetValid, 7),
    ]))
}

#[derive(Debug)]
pub(crate) struct Plots(Weighted<Plot>);

/// One event, before it is given an identifier and a time of day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Step {
    pub(crate) kind: EventKind,
    pub(crate) effective_on: Date,
    pub(crate) recorded_on: Date,
    pub(crate) reason: Option<&'static str>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Story {
    /// In the order recorded; the first one is the issue.
    pub(crate) steps: Vec<Step>,
    pub(crate) under_correction: bool,
}

impl Plots {
    /// The story of a certificate of this type whose holder came of age on `adult_on`, which lies at
    /// least a year before `today`. Nothing is recorded on `today` or later.
    pub(crate) fn story(
        &self,
        kind: &CertificateType,
        today: Date,
        adult_on: Date,
        draw: &mut Draw,
    ) -> Story {
        let plot = *self.0.pick(draw);
        let teller = Teller::new(kind, today, adult_on, draw);
        let told = teller.tell(plot);
        told.unwrap_or_else(|| {
            let teller = Teller::new(kind, today, adult_on, draw);
            teller.tell(Plot::InForce).expect("whoever is of age can have been issued a certificate since")
        })
    }
}

struct Teller<'a> {
    kind: &'a CertificateType,
    today: Date,
    adult_on: Date,
    draw: &'a mut Draw,
    steps: Vec<Step>,
}

fn days(count: u64) -> Days {
    Days::new(count)
}

impl<'a> Teller<'a> {
    fn new(kind: &'a CertificateType, today: Date, adult_on: Date, draw: &'a mut Draw) -> Self {
        Self { kind, today, adult_on, draw, steps: Vec::new() }
    }

    /// `None` where the plot does not fit the type or the holder's age.
    fn tell(mut self, plot: Plot) -> Option<Story> {
        match plot {
            Plot::InForce | Plot::UnderCorrection => {
                let start = self.start_in_force(0)?;
                self.live_from(start);
            }
            Plot::Expiring => self.ending_between(self.today, self.today + days(self.expiring_days() - 1))?,
            Plot::Expired => self.ending_between(self.today - days(900), self.yesterday())?,
            Plot::RenewedOnce => self.renewed(1)?,
            Plot::RenewedTwice => self.renewed(2)?,
            Plot::ReviewedLate => self.reviewed_late()?,
            Plot::ReviewDue => {
                let last = self.today + days(u64::from(self.kind.review_due_days).max(1) - 1);
                self.review_pending_between(self.today, last)?;
            }
            Plot::ReviewOverdue => self.review_pending_between(self.today - days(500), self.yesterday())?,
            Plot::SuspendedAndResumed => self.suspended_and_resumed()?,
            Plot::TransferredAndBack => self.transferred_and_back()?,
            Plot::CorrectedAfterwards => self.corrected_afterwards()?,
            Plot::NotYetValid => self.not_yet_valid()?,
            Plot::Suspended => self.ended_by(EventKind::Suspended, SUSPENSIONS)?,
            Plot::Revoked => self.ended_by(EventKind::Revoked, REVOCATIONS)?,
            Plot::RevokedAsPenalty => self.ended_by(EventKind::RevokedAsPenalty, PENALTIES)?,
            Plot::Cancelled => self.ended_by(EventKind::Cancelled, CANCELLATIONS)?,
            Plot::Replaced => self.ended_by(EventKind::Replaced, REPLACEMENTS)?,
            Plot::TransferredOut => {
                self.only_transferable()?;
                self.ended_by(EventKind::TransferredOut, TRANSFERS)?;
            }
        }
        // A stable sort: what was recorded on one day keeps the order told.
        self.steps.sort_by_key(|step| step.recorded_on);
        let old_enough = self.steps.first().is_some_and(|issue| issue.effective_on >= self.adult_on);
        old_enough.then_some(Story { steps: self.steps, under_correction: plot == Plot::UnderCorrection })
    }

    fn yesterday(&self) -> Date {
        self.today - days(1)
    }

    fn expiring_days(&self) -> u64 {
        u64::from(self.kind.expiring_days).max(1)
    }

    /// A day of the range, both ends included; `None` if it is empty.
    fn day_between(&mut self, first: Date, last: Date) -> Option<Date> {
        let span = (last - first).num_days();
        (span >= 0).then(|| first + days(self.draw.within(0..=span).unsigned_abs()))
    }

    /// The day from which a validity of the type ends on `end`.
    fn start_for_end(&self, end: Date) -> Option<Date> {
        let years = self.kind.validity_years?;
        (end + days(1)).checked_sub_months(Months::new(12 * u32::from(years)))
    }

    /// A first day of validity on or before today − 1 − `at_least` days such that the end lies
    /// beyond the window in which it would count as expiring.
    fn start_in_force(&mut self, at_least: u64) -> Option<Date> {
        const OLDEST_OPEN_ENDED: Days = Days::new(12 * 365);
        let earliest = match self.kind.validity_years {
            Some(_) => self.start_for_end(self.today + days(self.expiring_days() + 1))?,
            None => self.today - OLDEST_OPEN_ENDED,
        };
        self.day_between(earliest.max(self.adult_on), self.yesterday() - days(at_least))
    }

    fn terms(&self, start: Date, issued_on: Date) -> Terms {
        let valid_until = self.kind.validity_years.and_then(|years| end_of_validity(start, years));
        let review_due_on = self.review_of(start, valid_until, 0);
        Terms { issued_on, valid_from: start, valid_until, review_due_on }
    }

    /// The day of a review inside the validity, counted from 0.
    fn review_of(&self, start: Date, valid_until: Option<Date>, nth: usize) -> Option<Date> {
        review_days(start, valid_until, self.kind.review_every_years?).nth(nth)
    }

    fn step(&mut self, kind: EventKind, effective_on: Date, reason: Option<&'static str>) {
        let recorded_on = (effective_on + days(self.draw.below(6))).min(self.yesterday());
        self.steps.push(Step { kind, effective_on, recorded_on, reason });
    }

    fn issue(&mut self, start: Date) -> Terms {
        let terms = self.terms(start, start);
        self.step(EventKind::Issued(terms), start, None);
        terms
    }

    /// The review of these terms, in time, if it lies behind or so near that a careful holder has
    /// passed it.
    fn review_in_time(&mut self, terms: Terms) {
        let Some(due) = terms.review_due_on else { return };
        if due < self.today + days(u64::from(self.kind.review_due_days)) {
            let passed_on = due.min(self.yesterday()) - days(self.draw.below(50));
            let next_due_on = self.review_of(terms.valid_from, terms.valid_until, 1);
            self.step(EventKind::Reviewed { next_due_on }, passed_on.max(terms.valid_from), None);
        }
    }

    fn live_from(&mut self, start: Date) -> Terms {
        let terms = self.issue(start);
        self.review_in_time(terms);
        terms
    }

    fn ending_between(&mut self, first: Date, last: Date) -> Option<()> {
        let end = self.day_between(first, last)?;
        let start = self.start_for_end(end)?;
        self.live_from(start);
        Some(())
    }

    fn renewed(&mut self, times: u32) -> Option<()> {
        let years = u32::from(self.kind.validity_years?);
        // Some are late, and the certificate has been expired for some weeks.
        let late = if self.draw.chance(150) { 1 + self.draw.below(60) } else { 0 };
        let last_start = self.start_in_force(0)?;
        let first_start = (last_start - days(late)).checked_sub_months(Months::new(12 * years * times))?;
        let mut terms = self.live_from(first_start);
        for round in 1..=times {
            let mut start = terms.valid_until? + days(1);
            if round == times {
                start = start + days(late);
            }
            // In time means applied for before the end; the new term is known before it begins.
            let decided_on =
                if late > 0 && round == times { start } else { start - days(5 + self.draw.below(25)) };
            let decided_on = decided_on.min(self.yesterday());
            terms = self.terms(start, decided_on);
            self.steps.push(Step {
                kind: EventKind::Renewed(terms),
                effective_on: start,
                recorded_on: decided_on,
                reason: None,
            });
            self.review_in_time(terms);
        }
        Some(())
    }

    /// Issues a certificate whose first review is due on `due`.
    fn issue_with_review_on(&mut self, due: Date) -> Option<Terms> {
        let years = self.kind.review_every_years?;
        let start = (due + days(1)).checked_sub_months(Months::new(12 * u32::from(years)))?;
        Some(self.issue(start)).filter(|terms| terms.review_due_on.is_some())
    }

    fn review_pending_between(&mut self, first: Date, last: Date) -> Option<()> {
        let due = self.day_between(first, last)?;
        self.issue_with_review_on(due)?;
        Some(())
    }

    fn reviewed_late(&mut self) -> Option<()> {
        let due = self.day_between(self.today - days(1000), self.today - days(40))?;
        let terms = self.issue_with_review_on(due)?;
        let passed_on = (due + days(10 + self.draw.below(140))).min(self.yesterday());
        let next_due_on = self.review_of(terms.valid_from, terms.valid_until, 1);
        self.step(EventKind::Reviewed { next_due_on }, passed_on, Some("逾期后补办复审"));
        Some(())
    }

    /// A life in force that something ends or interrupts within the last years.
    fn ended_by(&mut self, kind: EventKind, reasons: &[&'static str]) -> Option<()> {
        let start = self.start_in_force(60)?;
        self.live_from(start);
        // Whoever lost a certificate passed no review of it afterwards.
        let settled_on = self.steps.last().map_or(start, |step| step.effective_on);
        let first = (settled_on + days(10)).max(self.today - days(800));
        let on = self.day_between(first, self.yesterday())?;
        let reason = *self.draw.one_of(reasons);
        self.step(kind, on, Some(reason));
        Some(())
    }

    fn suspended_and_resumed(&mut self) -> Option<()> {
        let start = self.start_in_force(200)?;
        self.live_from(start);
        let suspended_on = self.day_between(start + days(20), self.today - days(60))?;
        let reason = *self.draw.one_of(SUSPENSIONS);
        self.step(EventKind::Suspended, suspended_on, Some(reason));
        let resumed_on = (suspended_on + days(20 + self.draw.below(160))).min(self.yesterday());
        self.step(EventKind::Resumed, resumed_on, Some("整改验收合格"));
        Some(())
    }

    fn only_transferable(&self) -> Option<()> {
        // The one official table that knows transfers is that of construction safety certificates.
        (self.kind.status_codes.as_deref() == Some("C0317")).then_some(())
    }

    fn transferred_and_back(&mut self) -> Option<()> {
        self.only_transferable()?;
        let start = self.start_in_force(200)?;
        self.live_from(start);
        let left_on = self.day_between(start + days(20), self.today - days(60))?;
        let reason = *self.draw.one_of(TRANSFERS);
        self.step(EventKind::TransferredOut, left_on, Some(reason));
        let back_on = (left_on + days(15 + self.draw.below(300))).min(self.yesterday());
        self.step(EventKind::TransferredIn, back_on, Some("调回本省企业"));
        Some(())
    }

    fn corrected_afterwards(&mut self) -> Option<()> {
        let start = self.start_in_force(90)?;
        let right = self.terms(start, start);
        let wrong = match right.valid_until {
            // One year more or less than right.
            Some(_) if self.draw.chance(500) => {
                let years = self.kind.validity_years? + 1;
                Terms { valid_until: end_of_validity(start, years), ..right }
            }
            Some(end) => Terms { valid_until: end.checked_sub_months(Months::new(12)), ..right },
            None => Terms { issued_on: start - days(30), ..right },
        };
        self.step(EventKind::Issued(wrong), start, None);
        self.review_in_time(right);
        let noticed_on = self.day_between(start + days(30), self.yesterday().min(start + days(900)))?;
        self.steps.push(Step {
            kind: EventKind::Corrected(right),
            effective_on: start,
            recorded_on: noticed_on,
            reason: Some("登记日期录入有误"),
        });
        Some(())
    }

    fn not_yet_valid(&mut self) -> Option<()> {
        let start = self.today + days(1 + self.draw.below(25));
        let issued_on = self.yesterday() - days(self.draw.below(5));
        let terms = self.terms(start, issued_on);
        self.step(EventKind::Issued(terms), issued_on, None);
        Some(())
    }
}

const SUSPENSIONS: &[&str] =
    &["所在企业发生生产安全事故，调查期间暂扣", "所在企业安全生产条件降低", "未履行安全生产管理职责"];
const REVOCATIONS: &[&str] = &[
    "提供虚假材料取得证书",
    "对生产安全事故负有责任",
    "身体条件不再适合继续从事特种作业",
    "证书记载虚假信息",
];
const PENALTIES: &[&str] = &["违章作业造成事故，依法吊销", "出借证书，依法吊销"];
const CANCELLATIONS: &[&str] = &["本人申请注销", "不再从事本岗位", "持证人死亡"];
const REPLACEMENTS: &[&str] = &["合并换发综合类证书", "证书污损，换发新证", "转换为电子证照，换发新证"];
const TRANSFERS: &[&str] = &["受聘于外省企业", "企业注册地迁出本省"];
