//! The names of the actions, and whether an image offers one. The vocabulary is open: the service adds to it.

use super::image::ImageData;
use crate::error::{Error, ErrorKind, Result};

/// Makes a picture from a prompt alone; the service assumes it when a request names no action.
pub(crate) const GENERATE: &str = "generate";

/// Never listed by the service, always accepted.
pub(crate) const VARIATION_REGION: &str = "variation_region";

/// `upscale1` and its like: the numbered actions of a 2×2 grid (1 top left, 2 top right, 3 bottom left, 4 bottom right).
pub(crate) fn numbered(verb: &str, index: u8) -> Result<String> {
    if (1..=4).contains(&index) {
        Ok(format!("{verb}{index}"))
    } else {
        Err(Error::invalid_request(
            "action",
            format_args!("{verb} takes 1, 2, 3 or 4, not {index}"),
        ))
    }
}

pub(crate) fn zoom_out(factor: f64) -> Result<String> {
    // Both factors are exact in binary; an unknown one is a mistake, not a rounding.
    if factor.to_bits() == 2.0_f64.to_bits() {
        Ok("zoom_out_2x".to_owned())
    } else if factor.to_bits() == 1.5_f64.to_bits() {
        Ok("zoom_out_1_5x".to_owned())
    } else {
        Err(Error::invalid_request(
            "action",
            format_args!("zoom_out takes 2 or 1.5, not {factor}"),
        ))
    }
}

pub(crate) fn pan(direction: &str) -> Result<String> {
    match direction {
        "left" | "right" | "up" | "down" => Ok(format!("pan_{direction}")),
        _ => Err(Error::invalid_request(
            "action",
            "pan takes left, right, up or down",
        )),
    }
}

/// Refuses an action that the image is known not to offer, and says what it does offer.
pub(crate) fn check_offered(image: &ImageData, action: &str) -> Result<()> {
    let offered = &image.actions;
    if action == VARIATION_REGION || !offered.is_known() || offered.contains(action) {
        return Ok(());
    }
    let reason = if offered.is_empty() && image.progress.is_some_and(|progress| progress < 100) {
        "it is an unfinished preview; wait for the finished image".to_owned()
    } else if offered.is_empty() {
        "it offers no actions".to_owned()
    } else {
        format!("it offers {}", offered.join(", "))
    };
    Err(Error::new(
        ErrorKind::ActionNotAvailable,
        format!("the image does not offer {action}: {reason}"),
    ))
}

/// Whether the picture of this action is usually there within seconds, as that of an upscale is.
pub(crate) fn is_quick(action: &str) -> bool {
    action.starts_with("upscale")
}
