use crate::http::{
    body::Params,
    problem::{Problem, ProblemBody},
};
use app::rosters::{self, ImportReport, ImportRequest, Limits, Mapping, RosterSource};
use axum::{Json, body::Bytes};
use base64::{Engine, prelude::BASE64_STANDARD};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ImportParams {
    /// Name of the file, for the report. No personal data.
    name: String,
    /// Only look; change nothing.
    #[serde(default)]
    dry_run: bool,
}

#[derive(Serialize, ToSchema)]
pub struct ImportOut {
    rows: u64,
    accepted: u64,
    unchanged: u64,
    rejected: u64,
    warnings: u64,
    /// How each sheet was read, a line for each column.
    layout: Vec<String>,
    /// The first hundred complaints, in the language asked for.
    complaints: Vec<ComplaintOut>,
    /// The rejected rows as a file of the same format, reasons in an added column (base64).
    #[serde(skip_serializing_if = "Option::is_none")]
    errors_file: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct ComplaintOut {
    /// Address such as `Sheet1!C7`.
    cell: String,
    code: &'static str,
    text: String,
}

impl From<ImportReport> for ImportOut {
    fn from(report: ImportReport) -> Self {
        let complaint = |complaint: rosters::Complaint| ComplaintOut {
            cell: complaint.cell,
            code: complaint.code,
            text: complaint.text,
        };
        Self {
            rows: report.rows,
            accepted: report.accepted,
            unchanged: report.unchanged,
            rejected: report.rejected,
            warnings: report.warnings,
            layout: report.layout,
            complaints: report.complaints.into_iter().map(complaint).collect(),
            errors_file: report.errors.map(|bytes| BASE64_STANDARD.encode(bytes)),
        }
    }
}

/// Take a roster in: CSV, TSV, XLSX or XLS as the body.
///
/// The good rows go in, the bad ones come back. The same file twice changes nothing.
#[utoipa::path(post, path = "/imports", tag = "imports", params(ImportParams),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 200, body = ImportOut), (status = 400, body = ProblemBody), (status = 403, body = ProblemBody)))]
pub async fn create(
    Params(caller, params): Params<ImportParams>,
    body: Bytes,
) -> Result<Json<ImportOut>, Problem> {
    let request = ImportRequest {
        source: RosterSource::Bytes(body.as_ref().into()),
        name: params.name,
        language: caller.language,
        mapping: Mapping::default(),
        limits: Limits::UPLOAD,
        dry_run: params.dry_run,
        errors_file: None,
    };
    let report = caller.release(rosters::import(&caller.app, &caller.call, &request, &|_| ()).await)?;
    Ok(Json(report.into()))
}
