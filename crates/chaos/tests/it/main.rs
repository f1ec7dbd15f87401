//! Every fault at least once, from a fixed seed, against the real program. `cargo xtask chaos` does
//! the same for longer.

use chaos::{Database, Plan, Setting, faults::Scale};
use std::{
    path::{Path, PathBuf},
    sync::LazyLock,
    time::Duration,
};

/// The program beside this one, as it was built last. Another package's programs are not built for a
/// test of this one alone; `cargo test --workspace` builds all.
static ANZHENG: LazyLock<PathBuf> = LazyLock::new(|| {
    let tests = std::env::current_exe().unwrap();
    let anzheng = tests.parent().and_then(Path::parent).unwrap().join("anzheng");
    assert!(anzheng.exists(), "run this first: cargo build --package anzheng-server");
    anzheng
});

fn plan(row: &str, rounds: u64) -> Plan {
    Plan {
        setting: Setting { binary: ANZHENG.clone(), database: Database::Sqlite, subjects: 6, rows: 60 },
        seed: 20_261_123,
        rounds,
        only: vec![row.to_owned()],
        scale: Scale { seconds: 2 },
        soak: Duration::ZERO,
    }
}

fn nothing_is_broken_by(plan: &Plan) {
    let report = chaos::run(plan, &|line| println!("{line}")).unwrap();
    assert!(report.violations().next().is_none(), "{report}");
    assert!(report.lines.iter().all(|line| line.acknowledged > 0), "{report}");
}

#[test]
fn a_killed_process_loses_and_doubles_nothing() {
    nothing_is_broken_by(&plan("R-01", 4));
}

#[test]
fn a_killed_database_server_loses_and_doubles_nothing() {
    if testkit::Kind::Postgres.is_wanted() {
        nothing_is_broken_by(&plan("R-02", 10));
    }
}

#[test]
fn what_is_not_durable_is_not_acknowledged() {
    nothing_is_broken_by(&plan("R-05", 20));
}

#[test]
fn a_full_volume_is_said_and_forgotten_once_it_is_free() {
    nothing_is_broken_by(&plan("R-06", 10));
}

#[test]
fn a_clock_that_jumps_opens_no_lock_revives_no_session_and_hides_no_suspension() {
    nothing_is_broken_by(&plan("R-07", 10));
}

#[test]
fn a_damaged_file_is_named_or_made_anew_and_never_believed() {
    nothing_is_broken_by(&plan("R-11", 10));
}

#[test]
fn what_comes_twice_is_done_once() {
    nothing_is_broken_by(&plan("R-16", 10));
}

#[test]
fn a_slow_disk_slows_and_breaks_nothing() {
    nothing_is_broken_by(&plan("R-17", 10));
}

#[test]
fn a_process_that_stood_still_goes_on() {
    nothing_is_broken_by(&plan("R-19", 10));
}

#[test]
fn without_descriptors_memory_or_room_for_connections_load_is_shed_and_work_goes_on_afterwards() {
    nothing_is_broken_by(&plan("R-20", 10));
}

#[test]
fn three_times_overload_is_survived() {
    nothing_is_broken_by(&plan("R-29", 10));
}

#[test]
fn mixed_work_and_random_faults_in_a_row_leave_everything_whole() {
    let plan = Plan { soak: Duration::from_secs(10), ..plan("R-30", 1) };
    nothing_is_broken_by(&plan);
}
