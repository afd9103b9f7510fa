//! Reads a recipe's log: what each tile is, how large, and how it follows from its ancestors.

use image::RgbImage;

use super::recipe::Recipe;

/// A recipe, resolved.
pub(super) struct Plate {
    grid: bool,
    tile: (u32, u32),
}

impl Plate {
    pub(super) fn of(recipe: &Recipe) -> Self {
        Self {
            grid: recipe.is_grid(),
            tile: (1024, 1024),
        }
    }
    pub(super) fn size(&self) -> (u32, u32) {
        let (width, height) = self.tile;
        if self.grid {
            (2 * width, 2 * height)
        } else {
            (width, height)
        }
    }
    pub(super) fn tile_size(&self) -> (u32, u32) {
        self.tile
    }
    pub(super) fn draw(&self) -> RgbImage {
        let (width, height) = self.size();
        RgbImage::from_fn(width, height, |x, y| {
            image::Rgb([(x >> 3) as u8, (y >> 3) as u8, 90])
        })
    }
    pub(super) fn draw_tile(&self, _tile: u8) -> RgbImage {
        RgbImage::from_fn(self.tile.0, self.tile.1, |x, y| {
            image::Rgb([(x >> 3) as u8, (y >> 3) as u8, 90])
        })
    }
    pub(super) fn draw_small(&self, by: u32) -> RgbImage {
        let (width, height) = self.size();
        RgbImage::from_fn(width / by, height / by, |x, y| image::Rgb([x as u8, y as u8, 90]))
    }
}
