//! Ten lines that stream a generation, upscale a quadrant and save it, against the local emulator:
//! `cargo run --package midjourney-imagine --example quickstart`.

use midjourney_imagine::Client;
use midjourney_imagine_emulator::Emulator;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let emulator = Emulator::start().await?;
    let client = Client::builder()
        .base_url(emulator.url())
        .token("test")
        .build()?;
    let mut updates = client.imagine("A cat sitting on a table").stream();
    let mut grid = None;
    while let Some(update) = updates.next().await {
        let update = update?;
        println!("{} %", update.progress);
        grid = update.image;
    }
    let cat = grid
        .expect("the last update holds the picture")
        .upscale(2)
        .await?;
    println!(
        "{}",
        cat.save(std::env::temp_dir().join("cat.png"))
            .await?
            .display()
    );
    Ok(())
}
