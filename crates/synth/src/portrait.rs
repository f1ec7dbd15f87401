//! Portraits drawn from a few shapes: recognisably different, and of nobody.

use crate::draw::Draw;

const WIDTH: u32 = SCALE * FACE_WIDTH;
const HEIGHT: u32 = SCALE * FACE_HEIGHT;

/// A face is thought of on a small grid and drawn larger.
const SCALE: u32 = 2;
const FACE_WIDTH: u32 = 90;
const FACE_HEIGHT: u32 = 120;

const BACKDROPS: [[u8; 3]; 4] = [[67, 142, 219], [214, 60, 60], [245, 245, 245], [176, 206, 230]];
const SKINS: [[u8; 3]; 5] =
    [[255, 224, 196], [241, 194, 155], [224, 172, 125], [198, 134, 90], [141, 85, 54]];
const HAIRS: [[u8; 3]; 5] = [[24, 20, 20], [44, 30, 22], [70, 48, 34], [120, 118, 116], [60, 60, 64]];
const CLOTHES: [[u8; 3]; 6] =
    [[36, 52, 84], [240, 240, 240], [90, 100, 60], [230, 120, 30], [50, 50, 50], [120, 30, 50]];
const EYES: [u8; 3] = [30, 24, 24];
const MOUTH: [u8; 3] = [176, 74, 74];

/// Indices into the palette, in its order.
#[derive(Clone, Copy)]
enum Ink {
    Backdrop,
    Skin,
    Hair,
    Cloth,
    Eye,
    Mouth,
}

/// What distinguishes one face from another, on the grid.
struct Face {
    half_width: i64,
    half_height: i64,
    centre_y: i64,
    fringe: i64,
    long_hair: bool,
    eye_distance: i64,
    mouth_half_width: i64,
    shoulder_half_width: i64,
}

/// A PNG of 180 × 240 pixels with a palette of six colours, below 2 KB.
pub(crate) fn draw(mut draw: Draw, long_hair: bool) -> Vec<u8> {
    let palette = [
        *draw.one_of(&BACKDROPS),
        *draw.one_of(&SKINS),
        *draw.one_of(&HAIRS),
        *draw.one_of(&CLOTHES),
        EYES,
        MOUTH,
    ];
    let face = Face {
        half_width: draw.within(17..=22),
        half_height: draw.within(24..=29),
        centre_y: draw.within(48..=53),
        fringe: draw.within(8..=16),
        long_hair,
        eye_distance: draw.within(7..=10),
        mouth_half_width: draw.within(4..=8),
        shoulder_half_width: draw.within(34..=42),
    };
    encode(&palette, &face)
}

impl Face {
    fn ink_at(&self, x: i64, y: i64) -> Ink {
        let dx = (x - i64::from(FACE_WIDTH) / 2).abs();
        let dy = y - self.centre_y;
        let face = in_ellipse(dx, dy, self.half_width, self.half_height);
        let eye_y = -self.half_height / 8;
        if face && in_ellipse(dx - self.eye_distance, dy - eye_y, 3, 2) {
            Ink::Eye
        } else if face && dx <= self.mouth_half_width && (dy - self.half_height / 2).abs() <= 1 {
            Ink::Mouth
        } else if face && dy > self.fringe - self.half_height {
            Ink::Skin
        } else if in_ellipse(dx, dy + 3, self.half_width + 4, self.half_height + 3) && dy < 0
            || self.long_hair && dx <= self.half_width + 4 && (0..self.half_height + 8).contains(&dy)
        {
            Ink::Hair
        } else if dx <= self.half_width / 2 && (0..self.half_height + 10).contains(&dy) {
            Ink::Skin
        } else if in_ellipse(dx, y - i64::from(FACE_HEIGHT), self.shoulder_half_width, 34) {
            Ink::Cloth
        } else {
            Ink::Backdrop
        }
    }
}

fn in_ellipse(dx: i64, dy: i64, half_width: i64, half_height: i64) -> bool {
    (dx * half_height).pow(2) + (dy * half_width).pow(2) <= (half_width * half_height).pow(2)
}

/// Two pixels to the byte.
fn row(face: &Face, y: i64) -> Vec<u8> {
    let inks = (0..i64::from(FACE_WIDTH)).map(|x| face.ink_at(x, y) as u8);
    let pixels: Vec<u8> = inks.flat_map(|ink| [ink; SCALE as usize]).collect();
    pixels.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}

fn encode(palette: &[[u8; 3]], face: &Face) -> Vec<u8> {
    let rows = (0..i64::from(FACE_HEIGHT)).flat_map(|y| row(face, y).repeat(SCALE as usize));
    let pixels: Vec<u8> = rows.collect();
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, WIDTH, HEIGHT);
    encoder.set_color(png::ColorType::Indexed);
    encoder.set_depth(png::BitDepth::Four);
    encoder.set_palette(palette.concat());
    // A row is most often like the one above.
    encoder.set_filter(png::Filter::Up);
    encoder
        .write_header()
        .and_then(|mut writer| writer.write_image_data(&pixels))
        .expect("a picture of fixed size is written to memory");
    file
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::Purpose;

    #[test]
    fn portraits_are_small_differ_and_read_back() {
        let portrait = |index| draw(Draw::new(1, Purpose::Portrait, index), index.is_multiple_of(2));
        assert_eq!(portrait(3), portrait(3));
        assert_ne!(portrait(3), portrait(5));
        for index in 0..50 {
            let file = portrait(index);
            assert!(file.len() <= 2048, "{} bytes", file.len());
            let reader = png::Decoder::new(std::io::Cursor::new(file)).read_info().expect("a PNG");
            assert_eq!((reader.info().width, reader.info().height), (WIDTH, HEIGHT));
        }
    }
}
