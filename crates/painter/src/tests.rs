//! The laws of the pictures: what must hold between a picture, its files and its descendants, whatever they look like.

use std::sync::Arc;

use image::{Rgb, RgbImage, imageops};

use super::{Direction, Enlargement, Mask, Picture, Rendered, Strength, View, ZoomFactor, mark};

const CAT: &str = "A cat sitting on a table";

fn cat() -> Picture {
    Picture::generate(CAT, 7, (1, 1))
}

/// A picture drawn at a quarter of its size, for laws that do not need all pixels.
fn small(picture: &Picture) -> RgbImage {
    picture.plate.draw_small(4)
}

/// One file of a picture, decoded.
fn file(picture: &Picture, view: View) -> RgbImage {
    decoded(&picture.render(view))
}

fn decoded(file: &Rendered) -> RgbImage {
    let picture = image::load_from_memory(&file.bytes);
    picture.expect("a sound picture").into_rgb8()
}

fn whole_draft(progress: u8) -> View {
    let preview = false;
    View::Draft { progress, preview }
}

/// Mean absolute difference in levels (0–255).
fn difference(one: &RgbImage, other: &RgbImage) -> f64 {
    assert_eq!(one.dimensions(), other.dimensions());
    let sum: u64 = one
        .as_raw()
        .iter()
        .zip(other.as_raw())
        .map(|(one, other)| u64::from(one.abs_diff(*other)))
        .sum();
    sum as f64 / one.as_raw().len() as f64
}

fn part(picture: &RgbImage, (x, y): (u32, u32), (width, height): (u32, u32)) -> RgbImage {
    imageops::crop_imm(picture, x, y, width, height).to_image()
}

fn quadrants(grid: &RgbImage) -> [RgbImage; 4] {
    let (width, height) = (grid.width() / 2, grid.height() / 2);
    [(0, 0), (width, 0), (0, height), (width, height)]
        .map(|corner| part(grid, corner, (width, height)))
}

fn pairs(tiles: &[RgbImage; 4]) -> impl Iterator<Item = (&RgbImage, &RgbImage)> {
    (0..4).flat_map(move |one| (0..one).map(move |other| (&tiles[one], &tiles[other])))
}

fn mask(width: u32, height: u32, white: impl Fn(u32, u32) -> bool) -> Arc<Mask> {
    Arc::new(Mask::from_fn(width, height, white))
}

#[test]
fn the_same_picture_gives_the_same_bytes_in_every_thread() {
    let picture = || cat().upscale(2).zoom_out(ZoomFactor::X1_5, 3);
    let files: Vec<_> = std::thread::scope(|scope| {
        let threads = [1, 2].map(|_| scope.spawn(|| picture().render(View::Preview)));
        threads
            .map(|thread| thread.join().expect("it draws"))
            .into()
    });
    assert_eq!(files[0], files[1]);
}

#[test]
fn sizes_are_those_that_the_service_gives() {
    for (aspect, raw, preview) in [
        ((1, 1), (2048, 2048), (1024, 1024)),
        ((16, 9), (2912, 1632), (1456, 816)),
        ((9, 16), (1632, 2912), (816, 1456)),
        // Held within 1:4 and 4:1.
        ((4, 1), (4352, 1088), (2176, 544)),
        ((4000, 1), (4352, 1088), (2176, 544)),
        ((0, 0), (2048, 2048), (1024, 1024)),
        ((u32::MAX, u32::MAX), (2048, 2048), (1024, 1024)),
    ] {
        let grid = Picture::generate("", 0, aspect);
        assert_eq!(
            (grid.size(), grid.view_size(View::Preview)),
            (raw, preview),
            "{aspect:?}"
        );
        assert_eq!(grid.view_size(View::Tile(1)), (raw.0 / 2, raw.1 / 2));
    }
    let grid = cat();
    assert_eq!(grid.view_size(whole_draft(5)), (512, 512));
    assert_eq!(
        grid.view_size(View::Draft {
            progress: 5,
            preview: true
        }),
        (256, 256)
    );
    let single = grid.upscale(3);
    assert_eq!(
        (single.size(), single.view_size(View::Preview)),
        ((1024, 1024), (512, 512))
    );
    assert!(grid.is_grid() && !single.is_grid() && single.square(1).is_grid());
}

#[test]
fn every_file_has_the_size_and_the_format_that_it_is_said_to_have() {
    let grid = Picture::generate("a boat", 1, (3, 2));
    for picture in [grid.clone(), grid.upscale(4)] {
        for view in [
            View::Raw,
            View::Preview,
            View::Tile(4),
            whole_draft(35),
            View::Draft {
                progress: 80,
                preview: true,
            },
        ] {
            let file = picture.render(view);
            let format = image::guess_format(&file.bytes).expect("a known format");
            let drawn = decoded(&file);
            assert_eq!(format.to_mime_type(), file.content_type);
            assert_eq!(
                file.content_type == "image/webp",
                matches!(view, View::Draft { .. })
            );
            assert_eq!(drawn.dimensions(), file.size);
            assert_eq!(file.size, picture.view_size(view), "{view:?}");
        }
    }
}

#[test]
fn a_preview_is_the_raw_picture_halved() {
    let picture = cat().upscale(1);
    let raw = picture.draw();
    let preview = file(&picture, View::Preview);
    for (x, y) in [(0, 0), (200, 130), (511, 511)] {
        let sum: u32 = (0..4)
            .map(|index| u32::from(raw.get_pixel(2 * x + index % 2, 2 * y + index / 2).0[1]))
            .sum();
        assert_eq!(u32::from(preview.get_pixel(x, y).0[1]), (sum + 2) / 4);
    }
}

#[test]
fn a_quadrant_is_its_tile_and_its_upscale_to_the_pixel() {
    for grid in [cat(), cat().upscale(2).pan(Direction::Up, 5)] {
        let tiles = quadrants(&grid.draw());
        for (number, quadrant) in (1..=4).zip(&tiles) {
            assert!(
                *quadrant == file(&grid, View::Tile(number)),
                "tile {number}"
            );
            assert!(*quadrant == grid.upscale(number).draw(), "upscale {number}");
        }
    }
}

#[test]
fn the_quadrants_of_every_grid_differ_visibly() {
    let single = cat().upscale(1);
    let wide = Picture::generate("a ship on the sea", 2, (16, 9)).upscale(1);
    for (name, grid, least) in [
        ("generate", cat(), 15.0),
        ("abstract", Picture::generate("qwzx", 1, (1, 1)), 15.0),
        (
            "pinned hour",
            Picture::generate("a lighthouse at night", 1, (1, 1)),
            8.0,
        ),
        ("another seed", Picture::generate(CAT, 8, (1, 1)), 15.0),
        (
            "variation",
            cat().variation(Some(3), Strength::Standard, 1),
            3.0,
        ),
        ("subtle", single.variation(None, Strength::Subtle, 1), 2.0),
        ("strong", single.variation(None, Strength::Strong, 1), 10.0),
        ("zoom", single.zoom_out(ZoomFactor::X2, 1), 1.0),
        ("pan", single.pan(Direction::Left, 1), 0.5),
        ("square", wide.square(1), 0.5),
        (
            "region",
            single.region(&mask(64, 64, |x, _| x < 32), "a red flower", 1),
            10.0,
        ),
    ] {
        for (one, other) in pairs(&quadrants(&small(&grid))) {
            let difference = difference(one, other);
            assert!(difference > least, "{name}: {difference}");
        }
    }
}

#[test]
fn words_make_the_picture_and_flags_do_not() {
    let prompts = [
        CAT,
        "A dog sitting on a table",
        "un gato azul",
        "森の中の家",
        "🦄✨",
        "",
        "zzz",
        "a red cat on a table",
    ];
    let pictures = prompts.map(|prompt| small(&Picture::generate(prompt, 7, (1, 1))));
    for one in 0..prompts.len() {
        for other in 0..one {
            let difference = difference(&pictures[one], &pictures[other]);
            assert!(
                difference > 4.0,
                "{:?} and {:?}: {difference}",
                prompts[one],
                prompts[other]
            );
        }
    }
    let flagged = Picture::generate(
        "https://a.test/dog.png A cat sitting on a table --v 7 --no dogs",
        7,
        (1, 1),
    );
    assert!(small(&flagged) == pictures[0]);
    let long = "cat ".repeat(5_000);
    assert_eq!(
        small(&Picture::generate(&long, 7, (1, 1))).dimensions(),
        (512, 512)
    );
}

#[test]
fn another_seed_composes_the_words_anew() {
    let other = Picture::generate(CAT, 8, (1, 1));
    assert!(difference(&small(&other), &small(&cat())) > 10.0);
}

#[test]
fn relatives_resemble_their_source_the_more_the_subtler_they_are() {
    let source = small(&cat().upscale(1));
    let distance = |strength| {
        let tiles = quadrants(&small(&cat().variation(Some(1), strength, 5)));
        tiles
            .iter()
            .map(|tile| difference(tile, &source))
            .sum::<f64>()
            / 4.0
    };
    let (subtle, standard, strong) = (
        distance(Strength::Subtle),
        distance(Strength::Standard),
        distance(Strength::Strong),
    );
    assert!(
        subtle < standard && standard < strong,
        "{subtle} {standard} {strong}"
    );
}

/// How many pixels differ where the mask is white and where it is black.
fn changes(
    before: &RgbImage,
    after: &RgbImage,
    white: impl Fn(u32, u32) -> bool,
) -> (usize, usize, usize) {
    let (mut area, mut inside, mut outside) = (0, 0, 0);
    for (x, y, pixel) in after.enumerate_pixels() {
        let changed = pixel != before.get_pixel(x, y);
        if white(x, y) {
            area += 1;
            inside += usize::from(changed);
        } else {
            outside += usize::from(changed);
        }
    }
    (area, inside, outside)
}

#[test]
fn a_region_of_a_grid_changes_all_white_pixels_and_no_other() {
    let white = |x: u32, y: u32| {
        (700..1500).contains(&x) && (300..1900).contains(&y) && !(x + y).is_multiple_of(97)
    };
    let (before, region) = (cat(), cat().region(&mask(2048, 2048, white), "snow", 3));
    let (area, inside, outside) = changes(&before.draw(), &region.draw(), white);
    assert_eq!((inside, outside), (area, 0));
    assert_eq!(region.size(), before.size());
}

#[test]
fn a_region_of_a_single_is_redrawn_in_four_ways() {
    // A quarter of the size: each of its pixels stands for 4×4.
    let white = |x: u32, y: u32| x > 600 && y / 4 > 150;
    let single = cat().upscale(4);
    let region = single.region(&mask(256, 256, |x, y| white(4 * x, 4 * y)), "", 3);
    let before = single.draw();
    let tiles = quadrants(&region.draw());
    for tile in &tiles {
        let (area, inside, outside) = changes(&before, tile, |x, y| white(x / 4 * 4, y));
        assert_eq!((inside, outside), (area, 0));
    }
    let white_part = |tile: &RgbImage| part(tile, (604, 604), (420, 420));
    for (one, other) in pairs(&tiles) {
        assert!(difference(&white_part(one), &white_part(other)) > 4.0);
    }
}

#[test]
fn a_black_mask_changes_nothing_and_a_white_one_all() {
    let single = cat().upscale(1);
    let before = single.draw();
    let black = quadrants(&single.region(&mask(8, 8, |_, _| false), "fire", 1).draw());
    assert!(black.iter().all(|tile| *tile == before));
    let white = single
        .region(&mask(1, 1, |_, _| true), "fire", 1)
        .upscale(2)
        .draw();
    let (area, inside, _) = changes(&before, &white, |_, _| true);
    assert_eq!(inside, area);
}

#[test]
fn a_draft_of_a_region_shows_the_same_area() {
    let single = cat().upscale(1);
    let region = single.region(&mask(1024, 1024, |x, _| x < 512), "the sea", 1);
    let (before, after) = (small(&single), quadrants(&small(&region)));
    let half = |picture: &RgbImage, x| part(picture, (x, 0), (128, 256));
    for tile in &after {
        assert!(half(tile, 128) == half(&before, 128));
        assert!(difference(&half(tile, 0), &half(&before, 0)) > 10.0);
    }
}

#[test]
fn a_zoom_holds_the_source_smaller_in_the_exact_middle() {
    let single = cat().upscale(1);
    let source = single.draw();
    for (factor, side) in [(ZoomFactor::X2, 512), (ZoomFactor::X1_5, 682)] {
        let smaller = imageops::resize(&source, side, side, imageops::FilterType::Triangle);
        let corner = (1024 - side) / 2;
        for tile in quadrants(&single.zoom_out(factor, 9).draw()) {
            let at = |dx: u32, dy: u32| {
                difference(
                    &part(&tile, (corner + dx - 3, corner + dy - 3), (side, side)),
                    &smaller,
                )
            };
            let middle = at(3, 3);
            assert!(middle < 2.0, "{factor:?}: {middle}");
            for (dx, dy) in [(0, 3), (6, 3), (3, 0), (3, 6)] {
                assert!(at(dx, dy) > middle + 1.0, "{factor:?} is off by {dx}, {dy}");
            }
        }
    }
}

#[test]
fn a_pan_keeps_the_source_to_the_pixel_and_adds_half_on_one_side() {
    let single = Picture::generate("a house by the sea", 4, (1, 1)).upscale(2);
    let source = single.draw();
    for (direction, size, corner) in [
        (Direction::Left, (1536, 1024), (512, 0)),
        (Direction::Right, (1536, 1024), (0, 0)),
        (Direction::Up, (1024, 1536), (0, 512)),
        (Direction::Down, (1024, 1536), (0, 0)),
    ] {
        let panned = single.pan(direction, 2);
        assert_eq!(panned.size(), (2 * size.0, 2 * size.1));
        let tile = panned.upscale(3).draw();
        assert!(part(&tile, corner, (1024, 1024)) == source, "{direction:?}");
    }
}

#[test]
fn many_pans_scroll_within_bounds() {
    let mut single = Picture::generate("hills", 4, (16, 9)).upscale(1);
    for seed in 0..6 {
        single = single.pan(Direction::Right, seed).upscale(1);
        let (width, height) = single.size();
        assert!(width <= 3264 && height == 816, "{width}×{height}");
    }
    // It is as wide as it may be: what the pan adds on the right falls off on the left.
    let before = single.draw();
    let after = single.pan(Direction::Right, 9).upscale(1).draw();
    assert_eq!(after.dimensions(), before.dimensions());
    let added = before.width() / 2 / 8 * 8;
    let kept = (before.width() - added, before.height());
    assert!(part(&after, (0, 0), kept) == part(&before, (added, 0), kept));
}

#[test]
fn a_square_holds_the_whole_source_in_its_middle() {
    let single = Picture::generate("a whale", 4, (16, 9)).upscale(1);
    let square = single.square(2);
    assert_eq!(square.size(), (2048, 2048));
    let source = imageops::resize(&single.draw(), 1024, 572, imageops::FilterType::Triangle);
    for tile in quadrants(&square.draw()) {
        let middle = difference(&part(&tile, (0, 226), (1024, 572)), &source);
        assert!(middle < 2.5, "{middle}");
    }
}

#[test]
fn an_enlargement_is_the_source_larger_and_at_most_4096() {
    let single = cat().upscale(1);
    let source = single.draw();
    for by in [
        Enlargement::X2,
        Enlargement::Subtle,
        Enlargement::Creative,
        Enlargement::X4,
    ] {
        let larger = single.enlarge(by);
        let factor = if by == Enlargement::X4 { 4 } else { 2 };
        assert_eq!(larger.size(), (1024 * factor, 1024 * factor));
        let back = imageops::resize(&larger.draw(), 1024, 1024, imageops::FilterType::Triangle);
        let change = difference(&back, &source);
        // The creative one is seen to have more to it; the others are not.
        let range = if by == Enlargement::Creative {
            1.5..8.0
        } else {
            0.0..1.5
        };
        assert!(range.contains(&change), "{by:?}: {change}");
    }
    let wide = Picture::generate("", 0, (16, 9)).upscale(1);
    assert_eq!(
        wide.enlarge(Enlargement::X4)
            .enlarge(Enlargement::X4)
            .size(),
        (4096, 2296)
    );
    // Grids start from the picture as it was.
    assert_eq!(
        single
            .enlarge(Enlargement::X4)
            .zoom_out(ZoomFactor::X2, 1)
            .size(),
        (2048, 2048)
    );
}

#[test]
fn drafts_grow_clearer() {
    for prompt in [CAT, "city", "ölfarbe"] {
        let picture = Picture::generate(prompt, 7, (1, 1));
        let last = small(&picture);
        let distances = [0, 5, 20, 35, 50, 65, 75, 90, 100]
            .map(|progress| difference(&file(&picture, whole_draft(progress)), &last));
        assert!(
            distances.is_sorted_by(|before, after| before > after),
            "{prompt}: {distances:?}"
        );
        assert!(
            distances[8] == 0.0 && distances[0] > 3.0,
            "{prompt}: {distances:?}"
        );
    }
}

#[test]
fn an_overlay_is_printed_on_each_tile_and_only_there() {
    let picture = cat().upscale(1).zoom_out(ZoomFactor::X2, 5);
    let plain = quadrants(&file(&picture, View::Preview));
    let printed = quadrants(&decoded(&picture.render_with_overlay(
        View::Preview,
        CAT,
        "zoom_out  seed 5",
    )));
    for (plain, printed) in plain.iter().zip(&printed) {
        let upper = |tile: &RgbImage| part(tile, (0, 0), (512, 60));
        assert!(difference(&upper(plain), &upper(printed)) > 5.0);
        let lower = |tile: &RgbImage| part(tile, (0, 60), (512, 452));
        assert!(lower(plain) == lower(printed));
    }
    // The number of the tile is printed, too.
    let facts = |tile: &RgbImage| part(tile, (0, 10), (512, 15));
    assert!(
        printed[..3]
            .iter()
            .all(|tile| facts(tile) != facts(&printed[3]))
    );
    let tile = decoded(&picture.render_with_overlay(View::Tile(2), CAT, "zoom_out  seed 5"));
    assert_eq!(tile.dimensions(), (1024, 1024));
    assert!(tile != file(&picture, View::Tile(2)));
}

/// Whether the mark can be read in the lower right corner: light letters on what is darker.
fn is_marked(picture: &RgbImage) -> bool {
    let (left, top, right, bottom) = mark::pixels(picture.dimensions());
    let mut pattern = RgbImage::from_pixel(picture.width(), picture.height(), Rgb([96, 96, 96]));
    mark::stamp(&mut pattern);
    let (mut letters, mut plate) = ((0.0, 0.0), (0.0, 0.0));
    for (x, y) in (top..bottom).flat_map(|y| (left..right).map(move |x| (x, y))) {
        let sum = if pattern.get_pixel(x, y).0[1] > 180 {
            &mut letters
        } else {
            &mut plate
        };
        *sum = (sum.0 + f64::from(picture.get_pixel(x, y).0[1]), sum.1 + 1.0);
    }
    let (letters, plate) = (letters.0 / letters.1, plate.0 / plate.1);
    letters > 200.0 && letters > plate + 50.0
}

#[test]
fn every_tile_says_that_it_is_emulated() {
    for (prompt, aspect) in [
        (CAT, (1, 1)),
        ("white snow", (16, 9)),
        ("night", (1, 3)),
        ("pencil sketch", (1, 1)),
        ("pixel art", (3, 2)),
    ] {
        let grid = Picture::generate(prompt, 3, aspect);
        assert!(
            quadrants(&grid.draw()).iter().all(is_marked),
            "{prompt} {aspect:?}"
        );
    }
}

#[test]
fn descendants_say_it_too() {
    let single = cat().upscale(1);
    for (name, grid) in [
        ("variation", single.variation(None, Strength::Strong, 1)),
        ("left", single.pan(Direction::Left, 1)),
        ("down", single.pan(Direction::Down, 1)),
        ("region", single.region(&mask(4, 4, |_, _| true), "moon", 1)),
    ] {
        assert!(is_marked(&grid.upscale(4).draw()), "{name}");
    }
    assert!(is_marked(&single.enlarge(Enlargement::Creative).draw()));
    // A zoom shows the source's own mark, smaller, besides its own.
    let zoomed = single.zoom_out(ZoomFactor::X2, 1).upscale(1).draw();
    assert!(is_marked(&zoomed));
    assert!(is_marked(&part(&zoomed, (256, 256), (512, 512))));
    assert!(!is_marked(&part(&zoomed, (100, 100), (512, 512))));
}

#[test]
fn a_long_lineage_is_drawn_in_bounded_space() {
    let mut picture = cat();
    for seed in 0..40 {
        let tile = (seed % 4 + 1) as u8;
        picture = match seed % 5 {
            0 => picture.upscale(tile).zoom_out(ZoomFactor::X2, seed),
            1 => picture.upscale(tile).pan(Direction::Down, seed),
            2 => picture.variation(Some(tile), Strength::Standard, seed),
            3 => picture.region(&mask(16, 16, |x, y| (x + y) % 3 == 0), "a fish", seed),
            _ => picture.upscale(tile).enlarge(Enlargement::X2).square(seed),
        };
        let (width, height) = picture.size();
        assert!(width <= 2 * 3264 && height <= 2 * 3264);
    }
    assert_eq!(
        picture
            .upscale(1)
            .render(View::Draft {
                progress: 100,
                preview: true
            })
            .content_type,
        "image/webp"
    );
}
