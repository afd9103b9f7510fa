//! Prints the schemas of the border, for `cargo xtask gen`, which would take minutes longer to build with this crate inside.

fn main() {
    println!(
        "{}",
        serde_json::json!(midjourney_imagine_bridge::schemas())
    );
}
