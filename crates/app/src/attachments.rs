//! Pictures and prints that belong to a certificate. They can show everything that a certificate shows, the
//! ID number too, so that they open only to whoever may see that in full, after a fresh proof of identity.

use crate::{
    App, Call, Error,
    audit::{Audited, Entry},
    certificates::{count_unmasking, visible},
};
use domain::{
    Instant,
    access::{Action, Wish, decide},
    certificate::Certificate,
    ids::{AttachmentId, CertificateId},
};
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits};
use std::io::Cursor;
use store::{Attachment, Tx};

/// The largest file that is kept, in bytes.
pub const LARGEST_FILE: usize = 5 << 20;
/// The largest picture that is opened, in pixels: a small file can claim to be a huge picture.
const MOST_PIXELS: u64 = 25_000_000;
/// Of a picture while it is opened, in bytes: four for each pixel, and room to work.
const MOST_MEMORY: u64 = 8 * MOST_PIXELS;

/// What is known of the attachments of a certificate.
pub async fn list(app: &App, call: &Call, id: CertificateId) -> Audited<Vec<Attachment>> {
    let mut entry = Entry::new("certificate.attachments");
    entry.object(id);
    let answer = known(app, call, id, &mut entry).await;
    app.audit.record(call, entry, answer).await
}

async fn known(
    app: &App,
    call: &Call,
    id: CertificateId,
    entry: &mut Entry,
) -> Result<Vec<Attachment>, Error> {
    let permit = decide(&app.matrix, &call.principal, Action::ResultList, Wish::Default, call.now)?;
    entry.region(&visible(app, &permit.scope, id)?.region);
    let attachments = app.store.attachments(id).await?;
    entry.count(attachments.len());
    Ok(attachments)
}

/// An attachment with its bytes. Counts to the unmaskings of the hour.
pub async fn open(
    app: &App,
    call: &Call,
    id: CertificateId,
    attachment: AttachmentId,
) -> Audited<(Attachment, Vec<u8>)> {
    let mut entry = Entry::new("certificate.attachment");
    entry.object(id).purpose(attachment.to_string());
    let answer = opened(app, call, id, attachment, &mut entry).await;
    app.audit.record(call, entry, answer).await
}

async fn opened(
    app: &App,
    call: &Call,
    id: CertificateId,
    attachment: AttachmentId,
    entry: &mut Entry,
) -> Result<(Attachment, Vec<u8>), Error> {
    let permit = decide(&app.matrix, &call.principal, Action::IdNumber, Wish::Full, call.now)?;
    entry.region(&visible(app, &permit.scope, id)?.region);
    let found = app.store.attachment(id, attachment).await?.ok_or(Error::NotFound)?;
    count_unmasking(app, call).await?;
    entry.count(1);
    Ok(found)
}

/// A file as it is kept: without what else a camera writes into one, such as where it was.
pub(crate) struct Kept {
    /// As it came, to know it again.
    pub file: Vec<u8>,
    pub bytes: Vec<u8>,
    pub media_type: &'static str,
}

impl Kept {
    /// A JPEG or PNG, written anew; `None` for anything else, and for what is too large.
    pub fn picture(file: Vec<u8>) -> Option<(Self, DynamicImage)> {
        let format = image::guess_format(&file).ok()?;
        let media_type = match format {
            ImageFormat::Jpeg => "image/jpeg",
            ImageFormat::Png => "image/png",
            _ => return None,
        };
        let picture = decoded(&file).filter(|_| file.len() <= LARGEST_FILE)?;
        let mut bytes = Cursor::new(Vec::new());
        match format {
            // JPEG has no transparency and eight bits a channel.
            ImageFormat::Jpeg => picture.to_rgb8().write_to(&mut bytes, format).ok()?,
            _ => picture.write_to(&mut bytes, format).ok()?,
        }
        Some((Self { file, bytes: bytes.into_inner(), media_type }, picture))
    }
}

/// The picture in a file, the right way up, unless it is none or is too large.
pub(crate) fn decoded(file: &[u8]) -> Option<DynamicImage> {
    let mut reader = ImageReader::new(Cursor::new(file)).with_guessed_format().ok()?;
    let mut limits = Limits::default();
    limits.max_alloc = Some(MOST_MEMORY);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().ok()?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > MOST_PIXELS {
        return None;
    }
    let turned = decoder.orientation().ok()?;
    let mut picture = DynamicImage::from_decoder(decoder).ok()?;
    picture.apply_orientation(turned);
    Some(picture)
}

/// Attaches a file to each of the certificates that do not have it yet; returns whether one did not.
pub(crate) async fn attach(
    app: &App,
    tx: &Tx,
    certificates: &[Certificate],
    kept: &Kept,
    now: Instant,
) -> Result<bool, Error> {
    let mut new = false;
    for certificate in certificates {
        if tx.has_attachment(certificate.id, &kept.file).await? {
            continue;
        }
        let attachment = Attachment {
            id: AttachmentId::from_uuid(app.entropy.uuid(now)),
            certificate: certificate.id,
            media_type: kept.media_type.to_owned(),
            size: kept.bytes.len() as u64,
            recorded_at: now,
        };
        tx.attach(&attachment, &kept.file, &kept.bytes).await?;
        new = true;
    }
    Ok(new)
}
