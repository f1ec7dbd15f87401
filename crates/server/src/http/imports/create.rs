use crate::http::{
    body::{Params, unread},
    json::Json,
    problem::{Problem, ProblemBody},
    schema::File,
};
use app::{
    Error,
    rosters::{self, ImportReport, ImportRequest, Limits, Mapping, RosterSource},
};
use axum::{body::Bytes, extract::rejection::BytesRejection};
use base64::{Engine, prelude::BASE64_STANDARD};
use domain::number::embeds_id;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ImportParams {
    /// Name of the file, for the report. No personal data.
    name: String,
    /// Only look: `layout` and `mapping` say how the file would be read, and nothing is changed.
    #[serde(default)]
    dry_run: bool,
    /// Which column means what where the header does not tell it: TOML, as `mapping` of an answer.
    mapping: Option<String>,
}

impl ImportParams {
    /// What the columns mean. No parameter may hold an ID number, as nothing in an address may.
    fn checked(&self) -> Result<Mapping, Error> {
        let texts = [Some(&self.name), self.mapping.as_ref()];
        if texts.into_iter().flatten().any(|text| embeds_id(text).is_some()) {
            return Err(Error::UsePost);
        }
        let mapping = self.mapping.as_deref().map(Mapping::from_toml).transpose();
        Ok(mapping.map_err(|_| Error::field("mapping", "mapping_invalid"))?.unwrap_or_default())
    }
}

#[derive(Serialize, ToSchema)]
pub struct ImportOut {
    rows: u64,
    accepted: u64,
    unchanged: u64,
    rejected: u64,
    warnings: u64,
    /// How each sheet was read: its name and header rows, then a line for each column.
    layout: Vec<String>,
    /// The mapping that reads the file like this (TOML), to be changed and given again.
    mapping: String,
    /// The first hundred complaints, in the language asked for.
    complaints: Vec<ComplaintOut>,
    /// The first hundred things of rows taken over that somebody should look at.
    remarks: Vec<ComplaintOut>,
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
            mapping: report.mapping,
            complaints: report.complaints.into_iter().map(complaint).collect(),
            remarks: report.remarks.into_iter().map(complaint).collect(),
            errors_file: report.errors.map(|bytes| BASE64_STANDARD.encode(bytes)),
        }
    }
}

/// Take a roster in: CSV, TSV, XLSX or XLS as the body.
///
/// The good rows go in, the bad ones come back. The same file twice changes nothing. An import that
/// has begun goes on to its end also when the connection is lost; send the file again for its report.
#[utoipa::path(post, path = "/api/v1/imports", tag = "imports", params(ImportParams),
    request_body(content = File, content_type = "application/octet-stream"),
    responses((status = 200, body = ImportOut), (status = 400, body = ProblemBody), (status = 403, body = ProblemBody)))]
pub async fn create(
    Params(caller, params): Params<ImportParams>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<ImportOut>, Problem> {
    let body = match body {
        Ok(body) => body,
        Err(rejection) => return Err(caller.refuse("roster.import", unread(rejection.status())).await),
    };
    let mapping = match params.checked() {
        Ok(mapping) => mapping,
        Err(error) => return Err(caller.refuse("roster.import", error).await),
    };
    let request = ImportRequest {
        source: RosterSource::Bytes(body.as_ref().into()),
        name: params.name,
        language: caller.language,
        mapping,
        limits: Limits::UPLOAD,
        dry_run: params.dry_run,
        errors_file: None,
    };
    // A task of its own, which nobody cancels when the caller hangs up.
    let (app, call) = (caller.app.clone(), caller.call.clone());
    let import = tokio::spawn(async move { rosters::import(&app, &call, &request, &|_| ()).await });
    let audited = import.await.map_err(|error| caller.problem(&Error::internal(error)))?;
    Ok(Json(caller.release(audited)?.into()))
}
