//! What can be done with a picture, and the pictures that come of it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use base64::Engine as _;
use image::{DynamicImage, GenericImageView as _, RgbImage};
use midjourney_imagine_emulator::{Emulator, Speed};
use serde_json::{Value, json};
use support::Client;

async fn act(client: &Client, action: &str, image: &Value) -> Value {
    let answer = client
        .imagine(json!({ "action": action, "image_id": image["image_id"] }))
        .await;
    assert_eq!(answer.status, 200, "{action}: {}", answer.text());
    answer.json()
}

fn actions(image: &Value) -> Vec<&str> {
    image["actions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|action| action.as_str().unwrap())
        .collect()
}

async fn pixels(client: &Client, url: &Value) -> RgbImage {
    let answer = client.get(url.as_str().unwrap()).await;
    assert_eq!(answer.status, 200);
    image::load_from_memory(&answer.bytes).unwrap().to_rgb8()
}

fn size(image: &Value, prefix: &str) -> (u64, u64) {
    let side = |name: &str| image[format!("{prefix}image_{name}")].as_u64().unwrap();
    (side("width"), side("height"))
}

#[tokio::test]
async fn every_action_offered_is_carried_out() {
    let client = Client::start().await;
    let grid = client
        .imagine(json!({ "prompt": "a cat --v 6.1 --ar 16:9" }))
        .await
        .json();
    let single = act(&client, "upscale3", &grid).await;
    let enlarged = act(&client, actions(&single)[0], &single).await;
    for image in [&grid, &single, &enlarged] {
        for action in actions(image) {
            let result = act(&client, action, image).await;
            let is_single = action.starts_with("upscale") || action.starts_with("redo");
            assert_eq!(actions(&result).len() == 9, !is_single, "{action}");
            assert_ne!(result["image_id"], image["image_id"]);
            assert_ne!(result["task_id"], image["task_id"]);
        }
    }
}

#[tokio::test]
async fn each_kind_of_picture_lists_its_own_actions() {
    let client = Client::start().await;
    let grid = client.imagine(json!({ "prompt": "a cat" })).await.json();
    let tiles = |name: &str| {
        (1..=4)
            .map(|tile| format!("{name}{tile}"))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        actions(&grid),
        [
            tiles("upscale"),
            vec!["reroll".to_owned()],
            tiles("variation")
        ]
        .concat()
    );
    let single = act(&client, "upscale1", &grid).await;
    assert_eq!(actions(&single).len(), 10);
    assert!(actions(&single).starts_with(&["upscale_2x", "upscale_4x"]));
    let enlarged = act(&client, "upscale_4x", &single).await;
    assert!(actions(&enlarged).starts_with(&["redo_upscale_2x", "redo_upscale_4x"]));

    let modern = client
        .imagine(json!({ "prompt": "a cat --ar 3:2", "version": "7" }))
        .await
        .json();
    let modern = act(&client, "upscale1", &modern).await;
    assert!(actions(&modern).starts_with(&["upscale_subtle", "upscale_creative"]));
    assert_eq!(actions(&modern).last(), Some(&"square"));
}

#[tokio::test]
async fn sizes_are_those_of_the_contract() {
    let client = Client::start().await;
    let grid = client.imagine(json!({ "prompt": "a cat" })).await.json();
    assert_eq!(
        (size(&grid, ""), size(&grid, "raw_")),
        ((1024, 1024), (2048, 2048))
    );
    let single = act(&client, "upscale2", &grid).await;
    assert_eq!(
        (size(&single, ""), size(&single, "raw_")),
        ((512, 512), (1024, 1024))
    );
    assert_eq!(
        size(&act(&client, "upscale_2x", &single).await, "raw_"),
        (2048, 2048)
    );
    let wide = client
        .imagine(json!({ "prompt": "a cat --ar 16:9" }))
        .await
        .json();
    assert_eq!(
        (size(&wide, ""), size(&wide, "raw_")),
        ((1456, 816), (2912, 1632))
    );
    let frames = client.stream(json!({ "prompt": "a cat" })).await.lines();
    assert_eq!(
        (size(&frames[0], ""), size(&frames[0], "raw_")),
        ((256, 256), (512, 512))
    );
    for (image, name) in [
        (&grid, "image_url"),
        (&grid, "raw_image_url"),
        (&wide, "raw_image_url"),
    ] {
        let prefix = name.strip_suffix("image_url").unwrap();
        let (width, height) = pixels(&client, &image[name]).await.dimensions();
        assert_eq!((u64::from(width), u64::from(height)), size(image, prefix));
    }
}

#[tokio::test]
async fn an_upscale_is_its_quadrant_and_sub_images_are_the_quadrants() {
    let client = Client::start().await;
    let grid = client
        .imagine(json!({ "prompt": "a red fox", "split_images": true }))
        .await
        .json();
    let raw = DynamicImage::from(pixels(&client, &grid["raw_image_url"]).await);
    let sub_images = grid["sub_image_urls"].as_array().unwrap();
    assert_eq!(sub_images.len(), 4);
    for (tile, (x, y)) in (1..).zip([(0, 0), (1024, 0), (0, 1024), (1024, 1024)]) {
        let quadrant = raw.view(x, y, 1024, 1024).to_image();
        let quadrant = DynamicImage::from(quadrant).to_rgb8();
        let single = act(&client, &format!("upscale{tile}"), &grid).await;
        assert!(
            pixels(&client, &single["raw_image_url"]).await == quadrant,
            "upscale{tile}"
        );
        assert!(
            pixels(&client, &sub_images[tile - 1]).await == quadrant,
            "sub-image {tile}"
        );
    }
    let single = client
        .imagine(
            json!({ "action": "upscale1", "image_id": grid["image_id"], "split_images": true }),
        )
        .await;
    assert_eq!(single.json()["sub_image_urls"], json!([]));
}

#[tokio::test]
async fn a_region_changes_under_the_white_of_the_mask_and_nowhere_else() {
    let client = Client::start().await;
    let grid = client.imagine(json!({ "prompt": "a cat" })).await.json();
    let mask = image::GrayImage::from_fn(2048, 2048, |x, y| {
        image::Luma([if x < 600 && y < 600 { 255 } else { 0 }])
    });
    let mut png = std::io::Cursor::new(Vec::new());
    mask.write_to(&mut png, image::ImageFormat::Png).unwrap();
    let png = png.into_inner();
    let base64 = base64::engine::general_purpose::STANDARD.encode(&png);
    let body = json!({ "action": "variation_region", "image_id": grid["image_id"], "mask": base64, "prompt": "a hat" });
    let answer = client.imagine(body.clone()).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let image = answer.json();
    assert_eq!(
        client.record(&image["task_id"]).await["request"],
        body,
        "the mask is echoed"
    );
    let (before, after) = (
        pixels(&client, &grid["raw_image_url"]).await,
        pixels(&client, &image["raw_image_url"]).await,
    );
    let changed = before
        .enumerate_pixels()
        .filter(|(x, y, pixel)| *pixel != after.get_pixel(*x, *y));
    let (inside, outside): (Vec<_>, Vec<_>) = changed.partition(|(x, y, _)| *x < 600 && *y < 600);
    assert!(
        outside.is_empty() && inside.len() > 10_000,
        "{} in, {} out",
        inside.len(),
        outside.len()
    );
}

#[tokio::test]
async fn a_mask_may_be_a_url() {
    let client = Client::start().await;
    let grid = client.imagine(json!({ "prompt": "a cat" })).await.json();
    let region = async |mask: &Value| {
        let body =
            json!({ "action": "variation_region", "image_id": grid["image_id"], "mask": mask });
        client.imagine(body).await
    };
    assert_eq!(region(&grid["image_url"]).await.status, 200);
    assert!(
        region(&json!(client.url("/nothing.png")))
            .await
            .message()
            .contains("cannot be fetched: status 404")
    );
}

#[tokio::test]
async fn unfinished_frames_are_webp_previews_that_die_with_the_task() {
    let client = Client::with(Emulator::builder().speed(Speed::Virtual)).await;
    let ack = client
        .stream(json!({ "prompt": "a cat", "async": true }))
        .await
        .json();
    client
        .emulator
        .clock_advance(std::time::Duration::from_secs(10));
    let frame = client.record(&ack["task_id"]).await["response"].clone();
    for (name, side) in [("image_url", 256), ("raw_image_url", 512)] {
        let draft = client.get(frame[name].as_str().unwrap()).await;
        assert_eq!(
            (draft.status, draft.content_type.as_str()),
            (200, "image/webp")
        );
        let draft =
            image::load_from_memory_with_format(&draft.bytes, image::ImageFormat::WebP).unwrap();
        assert_eq!(draft.dimensions(), (side, side));
    }
    client
        .emulator
        .clock_advance(std::time::Duration::from_secs(60));
    for name in ["image_url", "raw_image_url"] {
        assert_eq!(client.get(frame[name].as_str().unwrap()).await.status, 404);
    }
    let upscale = client
        .imagine(json!({ "action": "upscale1", "image_id": frame["image_id"] }))
        .await;
    assert_eq!(upscale.code(), "bad_request");
}

#[tokio::test]
async fn the_seed_in_a_prompt_fixes_the_picture() {
    let client = Client::start().await;
    let picture = async |prompt: &str| {
        let image = client.imagine(json!({ "prompt": prompt })).await.json();
        client.get(image["image_url"].as_str().unwrap()).await.bytes
    };
    let first = picture("a cat --seed 7").await;
    assert!(first == picture("a cat --seed 7").await);
    assert!(first != picture("a cat --seed 8").await);
    assert!(
        picture("a cat").await != picture("a cat").await,
        "without one, each is new"
    );
}

#[tokio::test]
async fn a_picture_has_no_other_names() {
    let client = Client::start().await;
    let grid = client.imagine(json!({ "prompt": "a cat" })).await.json();
    let url = grid["raw_image_url"].as_str().unwrap();
    let head = client.http.head(url).send().await.unwrap();
    assert_eq!(head.status(), 200);
    for other in [
        url.replace(".png", ".webp"),
        url.replace(".png", ".jpg"),
        url.replace(".png", "_5.png"),
        url.replace(".png", "_0.png"),
        url.replace("emulated_", "emulated_x"),
        url.replace(grid["image_id"].as_str().unwrap(), "1211290228438868029"),
    ] {
        assert_eq!(client.get(&other).await.status, 404, "{other}");
    }
    let single = act(&client, "upscale1", &grid).await;
    let tile = single["raw_image_url"]
        .as_str()
        .unwrap()
        .replace(".png", "_1.png");
    assert_eq!(client.get(&tile).await.status, 404, "a single has no tiles");
}
