//! The laws of the log and of masks, as they are stored and as they are sent.

use std::{io::Cursor, sync::Arc};

use image::{DynamicImage, GrayImage, ImageFormat, Luma};

use super::{Direction, Enlargement, Recipe, RegionMask, Strength, View, ZoomFactor};

const CAT: &str = "A cat sitting on a table";

fn cat() -> Recipe {
    Recipe::generate(CAT, 7, (1, 1))
}

fn encoded(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut file = Vec::new();
    picture
        .write_to(&mut Cursor::new(&mut file), format)
        .expect("a mask is encoded");
    file
}

fn mask(width: u32, height: u32, white: impl Fn(u32, u32) -> bool) -> RegionMask {
    let grey = GrayImage::from_fn(width, height, |x, y| {
        Luma([if white(x, y) { 255 } else { 0 }])
    });
    RegionMask::decode(&encoded(&grey.into(), ImageFormat::Png)).expect("a sound mask")
}

#[test]
fn the_same_recipe_gives_the_same_bytes_in_every_thread_and_after_serde() {
    let recipe = cat().upscale(2).zoom_out(ZoomFactor::X1_5, 3);
    let stored = serde_json::to_string(&recipe).expect("a recipe is stored");
    let restored: Recipe = serde_json::from_str(&stored).expect("and restored");
    assert_eq!(recipe, restored);
    let files: Vec<_> = std::thread::scope(|scope| {
        let threads =
            [&recipe, &restored].map(|recipe| scope.spawn(|| recipe.render(View::Preview, false)));
        threads
            .map(|thread| thread.join().expect("it draws"))
            .into()
    });
    assert_eq!(files[0], files[1]);
    assert!(stored.len() < 300, "{} bytes", stored.len());
}

#[test]
fn a_reroll_repeats_what_made_the_grid() {
    let grid = cat();
    assert_eq!(grid.reroll(8), Recipe::generate(CAT, 8, (1, 1)));
    let zoomed = grid.upscale(1).zoom_out(ZoomFactor::X2, 1);
    assert_eq!(
        zoomed.reroll(2),
        grid.upscale(1).zoom_out(ZoomFactor::X2, 2)
    );
    assert_eq!(zoomed.upscale(3).reroll(2), zoomed.reroll(2));
}

#[test]
fn a_long_lineage_is_stored_in_bounded_space() {
    let mut recipe = cat();
    for seed in 0..40 {
        let tile = [1, 2, 3, 4][usize::try_from(seed % 4).unwrap_or(0)];
        recipe = match seed % 5 {
            0 => recipe.upscale(tile).zoom_out(ZoomFactor::X2, seed),
            1 => recipe.upscale(tile).pan(Direction::Down, seed),
            2 => recipe.variation(Some(tile), Strength::Standard, seed),
            3 => recipe.region(mask(16, 16, |x, y| (x + y) % 3 == 0), "a fish", seed),
            _ => recipe.upscale(tile).enlarge(Enlargement::X2).square(seed),
        };
        let (width, height) = recipe.size();
        assert!(width <= 2 * 3264 && height <= 2 * 3264);
    }
    let stored = serde_json::to_vec(&recipe).expect("a recipe is stored");
    assert!(stored.len() < 8_000, "{} bytes", stored.len());
}

#[test]
fn masks_survive_serde_whatever_they_hold() {
    let noise = |x: u32, y: u32| {
        x.wrapping_mul(2_654_435_761)
            .wrapping_add(y.wrapping_mul(40_503))
            >> 13
            & 1
            == 1
    };
    for mask in [
        mask(2048, 2048, |x, y| x > 900 && y < 77),
        mask(333, 77, noise),
        mask(1, 1, |_, _| true),
    ] {
        let stored = serde_json::to_string(&mask).expect("a mask is stored");
        assert!(stored.len() < 6_000, "{} bytes", stored.len());
        assert!(serde_json::from_str::<RegionMask>(&stored).expect("and restored") == mask);
    }
    let recipe = cat().region(mask(32, 32, noise), "x", 1);
    let stored = serde_json::to_string(&recipe).expect("a recipe is stored");
    assert_eq!(
        serde_json::from_str::<Recipe>(&stored).expect("and restored"),
        recipe
    );
}

#[test]
fn damaged_stored_masks_are_refused() {
    for stored in [
        r#"{"width":8,"height":8,"runs":""}"#,
        r#"{"width":8,"height":8,"runs":"//////////////8"}"#,
        r#"{"width":8,"height":8,"bits":"AAAA"}"#,
        r#"{"width":4294967295,"height":4294967295,"runs":"AA"}"#,
        r#"{"width":0,"height":8,"bits":""}"#,
        r#"{"width":8,"height":8}"#,
    ] {
        assert!(
            serde_json::from_str::<RegionMask>(stored).is_err(),
            "{stored}"
        );
    }
}

#[test]
fn masks_are_read_from_each_format_by_their_lightness() {
    let grey = GrayImage::from_fn(64, 32, |x, _| Luma([if x < 32 { 127 } else { 128 }]));
    for format in [ImageFormat::Png, ImageFormat::WebP] {
        let picture = DynamicImage::from(grey.clone());
        let picture = if format == ImageFormat::WebP {
            picture.into_rgb8().into()
        } else {
            picture
        };
        let mask = RegionMask::decode(&encoded(&picture, format)).expect("a sound mask");
        assert_eq!(mask.size(), (64, 32));
        assert!(!mask.0.is_white(31, 5, (64, 32)) && mask.0.is_white(32, 5, (64, 32)));
    }
    let bold = GrayImage::from_fn(64, 32, |x, _| Luma([if x < 32 { 0 } else { 255 }]));
    let mask = RegionMask::decode(&encoded(&bold.into(), ImageFormat::Jpeg)).expect("a sound mask");
    assert!(!mask.0.is_white(10, 5, (64, 32)) && mask.0.is_white(50, 5, (64, 32)));
    let clear = image::RgbaImage::from_pixel(4, 4, image::Rgba([255, 255, 255, 0]));
    let mask = RegionMask::decode(&encoded(&clear.into(), ImageFormat::Png)).expect("a sound mask");
    assert!(
        !mask.0.is_white(0, 0, (4, 4)),
        "what is transparent is not to be redrawn"
    );
}

#[test]
fn hostile_masks_are_refused_with_a_reason() {
    let png = encoded(&GrayImage::new(16, 16).into(), ImageFormat::Png);
    let mut huge = png.clone();
    // The width in the header, 100,000, and its checksum.
    huge[16..20].copy_from_slice(&100_000_u32.to_be_bytes());
    let checksum = crc(&huge[12..29]);
    huge[29..33].copy_from_slice(&checksum.to_be_bytes());
    for (bytes, reason) in [
        (&b""[..], "empty"),
        (b"not a picture at all", "not a PNG, JPEG or WebP"),
        (
            b"GIF89a\x01\x00\x01\x00\x80\x00\x00",
            "not a PNG, JPEG or WebP",
        ),
        (&png[..40], "cannot be decoded"),
        (&huge, "more than 4096×4096"),
    ] {
        let error = RegionMask::decode(bytes).expect_err("a hostile mask");
        assert!(error.contains(reason), "{error}");
    }
}

/// The checksum of a PNG chunk.
fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            if crc & 1 == 1 {
                crc >> 1 ^ 0xedb8_8320
            } else {
                crc >> 1
            }
        })
    })
}

#[test]
fn recipes_share_their_masks() {
    let recipe = cat().region(mask(64, 64, |_, _| true), "", 1);
    let copy = recipe.clone();
    let mask = |recipe: &Recipe| match &recipe.actions[0] {
        super::recipe::Action::Region { mask, .. } => Arc::clone(&mask.0),
        _ => unreachable!("the recipe has one action"),
    };
    assert!(Arc::ptr_eq(&mask(&recipe), &mask(&copy)));
}
