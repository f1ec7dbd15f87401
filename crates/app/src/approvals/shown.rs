//! What a decider is shown of a proposal: enough to decide on, and no more of a person than any
//! list shows.

use crate::{
    App, Error,
    certificates::{ChangeRequest, NewCertificate, Proposal, planned, status_today},
};
use domain::{
    Date,
    access::{Permit, Scope},
    certificate::Certificate,
    ids::{CertificateId, HolderId},
    mask::{self, Clues, MaskedCertificate},
    number::embeds_id,
    query::{Page, SearchQuery, Text},
};
use std::collections::HashMap;

/// A proposal as its deciders see it.
pub enum ShownProposal {
    Issue {
        /// As the certificate would stand in a list.
        row: Box<MaskedCertificate>,
        valid_from: Date,
    },
    Change {
        certificate: CertificateId,
        version: u64,
        change: ChangeRequest,
    },
}

/// All proposals of one answer, in their order. Certificates yet to be issued are judged together
/// with one another and with all that the caller could see of the same people. `None` for one that
/// the catalogue does not allow any more: there is nothing to decide.
pub(super) async fn shown(
    app: &App,
    permit: &Permit,
    proposals: Vec<Proposal>,
) -> Result<Vec<Option<ShownProposal>>, Error> {
    let issues = proposals.iter().map(|proposal| match proposal {
        Proposal::Issue(new) => planned(app, NewCertificate::clone(new)).ok(),
        Proposal::Change { .. } => None,
    });
    let mut rows = rows(app, permit, issues.collect()).await?.into_iter();
    let show = |proposal| match (proposal, rows.next().flatten()) {
        (Proposal::Issue(new), Some(row)) => {
            Some(ShownProposal::Issue { row: Box::new(row), valid_from: new.valid_from })
        }
        (Proposal::Issue(_), None) => None,
        (Proposal::Change { certificate, version, change }, _) => {
            Some(ShownProposal::Change { certificate, version, change })
        }
    };
    Ok(proposals.into_iter().map(show).collect())
}

async fn rows(
    app: &App,
    permit: &Permit,
    mut issues: Vec<Option<Certificate>>,
) -> Result<Vec<Option<MaskedCertificate>>, Error> {
    let mut people: HashMap<Text, HolderId> = HashMap::new();
    let mut related = Vec::new();
    for issue in issues.iter_mut().flatten() {
        let Some(id_number) = id_number(issue) else { continue };
        let holder = *people.entry(id_number.clone()).or_insert(issue.holder.id);
        if holder == issue.holder.id {
            related.extend(of_person(app, &permit.scope, id_number, holder).await?);
        }
        issue.holder.id = holder;
    }
    let statuses: Vec<_> =
        issues.iter().map(|issue| issue.as_ref().and_then(|issue| status_today(app, issue))).collect();
    let pairs: Vec<_> =
        issues.iter().zip(&statuses).map(|(issue, status)| issue.as_ref().zip(status.as_ref())).collect();
    let lines: Vec<_> = pairs.iter().flatten().copied().collect();
    let mut masked = mask::rows(&lines, related, &permit.fields).into_iter();
    Ok(pairs.iter().map(|pair| pair.and_then(|_| masked.next())).collect())
}

/// The person's ID number, given by itself or inside the certificate's number.
fn id_number(certificate: &Certificate) -> Option<Text> {
    let identity = certificate.holder.identity.as_ref().map(|identity| identity.number.as_str());
    let embedded = || embeds_id(&certificate.number).map(|range| &certificate.number[range]);
    Text::new(identity.or_else(embedded)?).ok()
}

/// What the caller could see of the person, under the one identifier that masking goes by.
async fn of_person(app: &App, scope: &Scope, id_number: Text, holder: HolderId) -> Result<Vec<Clues>, Error> {
    let page = Page::numbered(1, 100)?;
    let query = SearchQuery { id_number: Some(id_number), page, ..SearchQuery::default() };
    let (readmodel, scope, today) = (app.readmodel.clone(), scope.clone(), app.today());
    let found = app.searches.run(move || readmodel.search(&query, &scope, today)).await;
    let found =
        found.map_err(|overloaded| Error::Overloaded { retry_after_s: overloaded.retry_after_s() })??;
    let mut certificates = found.rows;
    for certificate in &mut certificates {
        certificate.holder.id = holder;
    }
    Ok(certificates.iter().map(Clues::of).collect())
}
