//! Where the tiles of a log are found, as [C2SP tlog-tiles](https://c2sp.org/tlog-tiles) has it:
//! `tile/<level>/<index>[.p/<width>]`, and `tile/entries/…` for the leaves themselves. The library
//! below writes the height into the path too, which is not part of that format.

use tlog_tiles::Tile;

/// Tiles hold 2^8 hashes.
pub const TILE_HEIGHT: u8 = 8;

const HASHES: &str = "tile/";
const ENTRIES: &str = "tile/entries/";
const LIBRARY_HASHES: &str = "tile/8/";
const LIBRARY_ENTRIES: &str = "tile/8/data/";

/// The path of a tile.
///
/// ```
/// let tile = tlog::Tile::new(tlog::TILE_HEIGHT, 0, 1_234_067, 70, false);
/// assert_eq!(tlog::tile_path(&tile), "tile/0/x001/x234/067.p/70");
/// ```
///
/// # Panics
/// If the tile is not [`TILE_HEIGHT`] high.
pub fn tile_path(tile: &Tile) -> String {
    assert_eq!(tile.height(), TILE_HEIGHT, "a tile of this log");
    let path = tile.path();
    match path.strip_prefix(LIBRARY_ENTRIES) {
        Some(rest) => format!("{ENTRIES}{rest}"),
        None => path.replacen(LIBRARY_HASHES, HASHES, 1),
    }
}

/// The tile at a path; `None` unless the path is exactly the one that [`tile_path`] gives.
pub fn parse_tile_path(path: &str) -> Option<Tile> {
    let library_path = match path.strip_prefix(ENTRIES) {
        Some(rest) => format!("{LIBRARY_ENTRIES}{rest}"),
        None => {
            let rest = path.strip_prefix(HASHES)?;
            // The library panics on a level that no tree of 64-bit size has.
            let (level, _) = rest.split_once('/')?;
            level.parse::<u8>().ok().filter(|level| *level < 64)?;
            format!("{LIBRARY_HASHES}{rest}")
        }
    };
    // As it does on a tile without hashes.
    if path.rsplit_once(".p/").is_some_and(|(_, width)| width.parse() == Ok(0)) {
        return None;
    }
    Tile::from_path(&library_path).ok().filter(|tile| tile_path(tile) == path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_path_is_read_only_in_its_one_form() {
        for path in ["tile/0/000", "tile/0/x001/x234/067", "tile/63/x001/000.p/255", "tile/entries/000.p/1"] {
            assert_eq!(parse_tile_path(path).map(|tile| tile_path(&tile)).as_deref(), Some(path));
        }
        for path in [
            "",
            "tile/0",
            "tile/64/000",
            "tile/8/0/000",
            "tile/data/000",
            "tile/0/0",
            "tile/0/x000/001",
            "tile/00/000",
            "tile/0/000.p/0",
            "tile/0/000.p/256",
            "tile/0/000.p/01",
            "tile/0/000/",
            "/tile/0/000",
            "tile/+1/000",
            "tile/entries/000.p/00",
            "tile/0/x999/x999/x999/x999/x999/x999/x999/999",
        ] {
            assert!(parse_tile_path(path).is_none(), "{path}");
        }
    }

    proptest! {
        #[test]
        fn every_tile_has_a_path_that_leads_back(level in 0u8..64, index in any::<u64>(), width in 1u32..=256, entries in any::<bool>()) {
            let tile = Tile::new(TILE_HEIGHT, if entries { 0 } else { level }, index, width, entries);
            prop_assert_eq!(parse_tile_path(&tile_path(&tile)), Some(tile));
        }

        #[test]
        fn no_text_does_harm(path in "(tile/)?[0-9a-z./]{0,30}") {
            if let Some(tile) = parse_tile_path(&path) {
                prop_assert_eq!(tile_path(&tile), path);
            }
        }
    }
}
