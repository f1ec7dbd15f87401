//! Photos of holders (rule M-05): whoever has the certificate in their scope sees a small copy that says
//! in its pixels who looked and when; the photo as it is kept, after a fresh proof of identity.

use crate::{
    App, Call, Error,
    audit::{Audited, Entry},
    certificates::{count_unmasking, visible},
};
use domain::{
    Date,
    access::{Action, Wish, decide},
    ids::CertificateId,
};
use font8x8::{BASIC_FONTS, UnicodeFonts};
use image::{ImageError, ImageFormat, ImageReader, Limits, Rgb, RgbImage};
use std::io::Cursor;

/// Longest side of the small copy, in pixels.
const SMALL: u32 = 200;
/// Longest side of a photo that is opened at all, in pixels: a small file can claim to be a huge picture.
const LARGEST: u32 = 4096;
const LARGEST_BYTES: u64 = 64 << 20;
/// Width and height of a letter of the watermark, and from one line of it to the next.
const LETTER: u32 = 8;
const LINE: u32 = 12;

/// The small copy, a PNG that bears the caller's name and the day.
pub async fn small(app: &App, call: &Call, id: CertificateId) -> Audited<Vec<u8>> {
    let mut entry = Entry::new("certificate.photo");
    entry.object(id);
    let answer = marked(app, call, id, &mut entry).await;
    app.audit.record(call, entry, answer).await
}

async fn marked(app: &App, call: &Call, id: CertificateId, entry: &mut Entry) -> Result<Vec<u8>, Error> {
    let photo = stored(app, call, id, Wish::Default, entry).await?;
    let text = watermark(call, app.today());
    let copy = app.cpu.run(move || marked_copy(&photo, &text)).await?.map_err(Error::internal)?;
    entry.count(1);
    Ok(copy)
}

/// The photo as it is kept. Counts to the unmaskings of the hour.
pub async fn whole(app: &App, call: &Call, id: CertificateId) -> Audited<Vec<u8>> {
    let mut entry = Entry::new("certificate.photo_whole");
    entry.object(id);
    let answer = unmarked(app, call, id, &mut entry).await;
    app.audit.record(call, entry, answer).await
}

async fn unmarked(app: &App, call: &Call, id: CertificateId, entry: &mut Entry) -> Result<Vec<u8>, Error> {
    let photo = stored(app, call, id, Wish::Full, entry).await?;
    count_unmasking(app, call).await?;
    entry.count(1);
    Ok(photo)
}

async fn stored(
    app: &App,
    call: &Call,
    id: CertificateId,
    wish: Wish,
    entry: &mut Entry,
) -> Result<Vec<u8>, Error> {
    let permit = decide(&app.matrix, &call.principal, Action::Photo, wish, call.now)?;
    let certificate = visible(app, &permit.scope, id)?;
    entry.region(&certificate.region);
    let photo = certificate.photo.ok_or(Error::NotFound)?;
    app.store.photo(photo).await?.ok_or(Error::NotFound)
}

/// Role, office, account and day, in letters that the small font has.
fn watermark(call: &Call, day: Date) -> String {
    let principal = &call.principal;
    let office = principal.region.clone().or(principal.organisation.map(|id| id.to_string()));
    let account = principal.account.map(|id| id.to_string());
    let words = [Some(principal.role.code().to_owned()), office, account, Some(day.to_string())];
    words.into_iter().flatten().map(|word| word + " ").collect()
}

fn marked_copy(photo: &[u8], text: &str) -> Result<Vec<u8>, ImageError> {
    let mut limits = Limits::default();
    limits.max_image_width = Some(LARGEST);
    limits.max_image_height = Some(LARGEST);
    limits.max_alloc = Some(LARGEST_BYTES);
    let mut reader = ImageReader::new(Cursor::new(photo)).with_guessed_format()?;
    reader.limits(limits);
    let picture = reader.decode()?;
    let fits = picture.width().max(picture.height()) <= SMALL;
    let mut copy = if fits { picture } else { picture.thumbnail(SMALL, SMALL) }.into_rgb8();
    mark(&mut copy, text);
    let mut file = Cursor::new(Vec::new());
    copy.write_to(&mut file, ImageFormat::Png)?;
    Ok(file.into_inner())
}

/// Writes the text line by line all over the picture, so that no part of it comes without.
fn mark(picture: &mut RgbImage, text: &str) {
    let (columns, rows) = (picture.width() / LETTER, picture.height() / LINE);
    for (cell, letter) in (0..columns * rows).zip(text.chars().cycle()) {
        let (left, top) = (cell % columns * LETTER, cell / columns * LINE);
        for (y, dots) in (top..).zip(BASIC_FONTS.get(letter).into_iter().flatten()) {
            for x in (0..LETTER).filter(|x| dots >> x & 1 == 1) {
                contrast(picture.get_pixel_mut(left + x, y));
            }
        }
    }
}

/// Half way to black from what is bright, half way to white from what is dark.
fn contrast(Rgb(channels): &mut Rgb<u8>) {
    let bright = channels.iter().map(|channel| u32::from(*channel)).sum::<u32>() > 3 * 127;
    for channel in channels {
        *channel = *channel / 2 + if bright { 0 } else { 127 };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn png(width: u32, height: u32, colour: [u8; 3]) -> Vec<u8> {
        let mut file = Cursor::new(Vec::new());
        RgbImage::from_pixel(width, height, Rgb(colour)).write_to(&mut file, ImageFormat::Png).unwrap();
        file.into_inner()
    }

    fn opened(file: &[u8]) -> RgbImage {
        image::load_from_memory_with_format(file, ImageFormat::Png).unwrap().into_rgb8()
    }

    #[test]
    fn no_side_of_a_copy_is_longer_than_200_pixels_and_nothing_is_enlarged() {
        let sizes = [
            ((270, 360), (150, 200)),
            ((2000, 500), (200, 50)),
            ((90, 120), (90, 120)),
            ((4096, 1), (200, 1)),
        ];
        for ((width, height), expected) in sizes {
            let copy = opened(&marked_copy(&png(width, height, [200, 200, 200]), "x").unwrap());
            assert_eq!(copy.dimensions(), expected);
        }
    }

    #[test]
    fn the_watermark_is_seen_on_any_colour_in_every_part_and_tells_callers_apart() {
        for colour in [[255, 255, 255], [0, 0, 0], [127, 127, 127], [241, 194, 155]] {
            let photo = png(300, 400, colour);
            let copy = opened(&marked_copy(&photo, "regulator_city 420100 2026-11-22 ").unwrap());
            for (top, left) in (0..200).step_by(50).flat_map(|top| [(top, 0), (top, 75)]) {
                let inked = |x: u32, y: u32| {
                    let differs = |(a, b): (&u8, &u8)| a.abs_diff(*b) > 50;
                    copy.get_pixel(left + x, top + y).0.iter().zip(&colour).any(differs)
                };
                let ink = (0..75).flat_map(|x| (0..50).map(move |y| (x, y))).filter(|(x, y)| inked(*x, *y));
                assert!(ink.count() > 100, "{colour:?} at {left}, {top}");
            }
            let other = opened(&marked_copy(&photo, "regulator_city 420200 2026-11-22 ").unwrap());
            assert_ne!(copy, other);
        }
    }

    #[test]
    fn a_picture_that_claims_to_be_huge_or_is_none_is_not_opened() {
        let mut huge = png(1, 1, [0, 0, 0]);
        // Width and height in the header, behind the signature, the length and the name of the chunk.
        huge[16..24].copy_from_slice(&[0, 0, 0xFF, 0xFF, 0, 0, 0xFF, 0xFF]);
        let sum = crc(&huge[12..29]);
        huge[29..33].copy_from_slice(&sum.to_be_bytes());
        assert!(matches!(marked_copy(&huge, "x"), Err(ImageError::Limits(_))));
        assert!(marked_copy(b"<svg/>", "x").is_err());
        assert!(marked_copy(&png(9, 9, [0, 0, 0])[..40], "x").is_err());
    }

    /// The check sum of a chunk (PNG, annex D).
    fn crc(bytes: &[u8]) -> u32 {
        !bytes.iter().fold(u32::MAX, |sum, byte| {
            (0..8).fold(sum ^ u32::from(*byte), |sum, _| sum >> 1 ^ (0xEDB8_8320 * (sum & 1)))
        })
    }
}
