//! What is seen of a scene's world, in scene units: the unit is the shorter side of the picture that it was composed for; x
//! grows to the right and y downwards.

/// A point in scene units.
pub(crate) type Spot = (f32, f32);

/// A rectangle in scene units.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Frame {
    pub(crate) left: f32,
    pub(crate) top: f32,
    pub(crate) right: f32,
    pub(crate) bottom: f32,
}

impl Frame {
    pub(crate) fn around((x, y): Spot, width: f32, height: f32) -> Self {
        Self {
            left: x - width / 2.0,
            top: y - height / 2.0,
            right: x + width / 2.0,
            bottom: y + height / 2.0,
        }
    }

    /// The frame of a whole picture: the middle is (0, 0), the shorter side 1.
    pub(crate) fn of_size((width, height): (u32, u32)) -> Self {
        let shorter = width.min(height).max(1) as f32;
        Self::around((0.0, 0.0), width as f32 / shorter, height as f32 / shorter)
    }

    pub(crate) fn width(self) -> f32 {
        self.right - self.left
    }

    pub(crate) fn height(self) -> f32 {
        self.bottom - self.top
    }

    /// How far outside of this a spot is, along one axis; below zero inside.
    pub(crate) fn distance(self, (x, y): Spot) -> f32 {
        (self.left - x)
            .max(x - self.right)
            .max(self.top - y)
            .max(y - self.bottom)
    }
}

/// How a scene came to be seen beyond what an earlier picture showed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Ring {
    /// What the earlier picture showed.
    pub(crate) inner: Frame,
    pub(crate) seed: u64,
}

/// Which part of a scene's world is drawn.
#[derive(Clone, Debug)]
pub(crate) struct Sight {
    /// What the scene was composed for.
    pub(crate) core: Frame,
    /// What is seen of it.
    pub(crate) frame: Frame,
    /// How it came to be seen beyond the core, innermost first.
    pub(crate) rings: Vec<Ring>,
}

impl Sight {
    /// The scene as it was composed for a picture of some size.
    pub(crate) fn of_size(size: (u32, u32)) -> Self {
        let core = Frame::of_size(size);
        Self {
            core,
            frame: core,
            rings: Vec::new(),
        }
    }
}
