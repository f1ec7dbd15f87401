//! Courses before examination and review, and continuing education by year.

use crate::{draw::Draw, story::Story};
use chrono::{Datelike, Days};
use domain::{
    Date,
    catalogue::CertificateType,
    certificate::{EducationHours, Training},
    lifecycle::EventKind,
};

/// Hours of a first course where the type names none.
const USUAL_HOURS: u16 = 24;
/// Nine in a hundred pass only at the second attempt.
const SECOND_ATTEMPT_THOUSANDTHS: u64 = 90;

pub(crate) struct Learning {
    pub(crate) training: Vec<Training>,
    pub(crate) education: Vec<EducationHours>,
}

/// What the holder of a certificate of this type learnt in a city up to `today`.
pub(crate) fn of(
    kind: &CertificateType,
    story: &Story,
    city: &str,
    today: Date,
    draw: &mut Draw,
) -> Learning {
    Learning { training: training(kind, story, city, draw), education: education(kind, story, today, draw) }
}

fn training(kind: &CertificateType, story: &Story, city: &str, draw: &mut Draw) -> Vec<Training> {
    let provider = format!("{city}安全技术培训中心");
    let mut courses = Vec::new();
    let mut course = |name: &str, hours: u16, completed_on: Date, passed: bool| {
        courses.push(Training {
            course: format!("{}{name}", kind.short_zh),
            provider: provider.clone(),
            hours: u32::from(hours),
            completed_on,
            passed,
        });
    };
    for step in &story.steps {
        match step.kind {
            EventKind::Issued(_) => {
                let hours = kind.initial_training_hours.unwrap_or(USUAL_HOURS);
                let completed_on = step.effective_on - Days::new(10 + draw.below(30));
                if draw.chance(SECOND_ATTEMPT_THOUSANDTHS) {
                    course("初次培训", hours, completed_on - Days::new(30 + draw.below(60)), false);
                }
                course("初次培训", hours, completed_on, true);
            }
            EventKind::Reviewed { .. } | EventKind::Renewed(_) => {
                if let Some(hours) = kind.training_hours_per_review {
                    let decided_on = step.effective_on.min(step.recorded_on);
                    course("复审培训", hours, decided_on - Days::new(5 + draw.below(25)), true);
                }
            }
            _ => {}
        }
    }
    courses
}

/// Full years since the issue with the hours required, now and then more or too few.
fn education(kind: &CertificateType, story: &Story, today: Date, draw: &mut Draw) -> Vec<EducationHours> {
    let Some(required) = kind.training_hours_per_year else { return Vec::new() };
    let first_year = story.steps.first().map_or(today, |issue| issue.effective_on).year();
    (first_year + 1..today.year())
        .map(|year| {
            let hours = if draw.chance(120) { draw.below(u64::from(required)) } else { required.into() };
            let extra = if draw.chance(300) { draw.below(12) } else { 0 };
            EducationHours { year, hours: (hours + extra) as u32 }
        })
        .collect()
}
