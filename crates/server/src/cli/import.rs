use super::Place;
use crate::wiring::{self, Role};
use anyhow::Context;
use app::{
    rosters::{ImportReport, ImportRequest, Limits, Mapping, Progress, RosterSource, import},
    words::Language,
};
use clap::Args;
use domain::access::Principal;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;
use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

#[derive(Debug, Args)]
pub struct Import {
    #[command(flatten)]
    place: Place,
    /// Roster: CSV, TSV, XLSX or XLS.
    file: PathBuf,
    /// Only look at the file; change nothing.
    #[arg(long)]
    dry_run: bool,
    /// Which column means what (TOML, as --save-mapping writes it).
    #[arg(long, value_name = "FILE")]
    mapping: Option<PathBuf>,
    /// Write the mapping that was used, to be changed and given again.
    #[arg(long, value_name = "FILE")]
    save_mapping: Option<PathBuf>,
    /// Language of the complaints: zh-CN, en, ja.
    #[arg(long, default_value = "zh-CN")]
    language: String,
    /// End with one line of JSON.
    #[arg(long)]
    json: bool,
}

impl Import {
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        let config = self.place.load(None)?;
        let app = wiring::open(&config, Role::Tool).await?;
        let request = self.request()?;
        let bar = ProgressBar::new(0);
        bar.set_style(ProgressStyle::with_template("{msg} {bar:40} {pos}/{len} {per_sec} ETA {eta}")?);
        let call = app.call(Principal::console(), "cli", None);
        let progress = |progress: Progress<'_>| match progress {
            Progress::Understood { layout } if !self.json => bar.suspend(|| {
                layout.iter().for_each(|line| println!("{line}"));
            }),
            Progress::Understood { .. } => {}
            Progress::Rows { done, estimate } => {
                bar.set_length(estimate.max(done));
                bar.set_position(done);
            }
        };
        let report = import(&app, &call, &request, &progress).await.into_result();
        bar.finish_and_clear();
        let report = report.map_err(|error| anyhow::anyhow!("{} ({})", request.say(&error), error.code()))?;
        if let Some(file) = &self.save_mapping {
            std::fs::write(file, &report.mapping)
                .with_context(|| format!("cannot write {}", file.display()))?;
        }
        self.print(&report);
        Ok(ExitCode::SUCCESS)
    }

    fn request(&self) -> anyhow::Result<ImportRequest> {
        let mapping = match &self.mapping {
            None => Mapping::default(),
            Some(file) => {
                let text = std::fs::read_to_string(file)
                    .with_context(|| format!("cannot read {}", file.display()))?;
                Mapping::from_toml(&text)?
            }
        };
        Ok(ImportRequest {
            name: self.file.file_name().unwrap_or_default().to_string_lossy().into_owned(),
            errors_file: Some(beside(&self.file)),
            source: RosterSource::File(self.file.clone()),
            language: Language::from_tag(&self.language).context("the language must be zh-CN, en or ja")?,
            mapping,
            limits: Limits::OPERATOR,
            dry_run: self.dry_run,
        })
    }

    fn print(&self, report: &ImportReport) {
        if self.json {
            let line = json!({
                "rows": report.rows,
                "accepted": report.accepted,
                "unchanged": report.unchanged,
                "rejected": report.rejected,
                "warnings": report.warnings,
                "errors_file": report.errors_file,
            });
            println!("{line}");
            return;
        }
        for said in report.complaints.iter().chain(&report.remarks) {
            println!("{}", said.text);
        }
        println!(
            "{} rows: {} accepted, {} unchanged, {} rejected, {} warnings",
            report.rows, report.accepted, report.unchanged, report.rejected, report.warnings
        );
        if let Some(file) = &report.errors_file {
            println!("Rejected rows with reasons: {}", file.display());
        }
    }
}

/// `roster.xlsx` → `roster.rejected.xlsx`; an XLS file comes back as XLSX.
fn beside(file: &Path) -> PathBuf {
    let extension = match file.extension().and_then(|extension| extension.to_str()) {
        Some("xls") => "xlsx",
        Some(extension) => extension,
        None => "csv",
    };
    file.with_extension(format!("rejected.{extension}"))
}
