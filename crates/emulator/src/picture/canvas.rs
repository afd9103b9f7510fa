//! Drawing in scene units: shapes, inks, clipping and placing, on top of `tiny-skia`.
//!
//! A scene's unit is the shorter side of its frame; x grows to the right and y downwards. The blend modes of
//! `tiny-skia` that approximate (dodge, burn) are not used, as their last bit differs between processors.

use tiny_skia::{
    FillRule, GradientStop, LineCap, LineJoin, LinearGradient, Mask, Paint, Path, PathBuilder,
    Pixmap, Point, RadialGradient, Rect, Shader, SpreadMode, Stroke, Transform,
};

use super::{colour::Colour, dice::turn};

/// A point in scene units.
pub(super) type Spot = (f32, f32);

/// A rectangle in scene units.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Frame {
    pub(super) left: f32,
    pub(super) top: f32,
    pub(super) right: f32,
    pub(super) bottom: f32,
}

impl Frame {
    /// The frame of a whole picture: the middle is (0, 0), the shorter side 1.
    pub(super) fn of_size((width, height): (u32, u32)) -> Self {
        let shorter = width.min(height).max(1) as f32;
        let (x, y) = (width as f32 / shorter / 2.0, height as f32 / shorter / 2.0);
        Self {
            left: -x,
            top: -y,
            right: x,
            bottom: y,
        }
    }

    pub(super) fn width(self) -> f32 {
        self.right - self.left
    }

    pub(super) fn height(self) -> f32 {
        self.bottom - self.top
    }

    /// How far outside of this a spot is, along one axis; below zero inside.
    pub(super) fn distance(self, (x, y): Spot) -> f32 {
        (self.left - x)
            .max(x - self.right)
            .max(self.top - y)
            .max(y - self.bottom)
    }
}

/// What a shape is filled with.
#[derive(Clone, Debug)]
pub(super) enum Ink {
    Flat(Colour, f32),
    /// From one point to another, with colours and opacities at parts of the way.
    Linear(Spot, Spot, Vec<(f32, Colour, f32)>),
    /// From a centre outwards to a radius.
    Radial(Spot, f32, Vec<(f32, Colour, f32)>),
}

impl From<Colour> for Ink {
    fn from(colour: Colour) -> Self {
        Self::Flat(colour, 1.0)
    }
}

/// A colour that lets `1 - opacity` of what is below through.
pub(super) fn sheer(colour: Colour, opacity: f32) -> Ink {
    Ink::Flat(colour, opacity)
}

/// From the top colour at height `from` to the bottom colour at height `to`.
pub(super) fn downward(from: f32, top: Colour, to: f32, bottom: Colour) -> Ink {
    Ink::Linear(
        (0.0, from),
        (0.0, to),
        vec![(0.0, top, 1.0), (1.0, bottom, 1.0)],
    )
}

/// A glow that fades to nothing at the radius.
pub(super) fn glow(centre: Spot, radius: f32, colour: Colour, opacity: f32) -> Ink {
    let stops = vec![
        (0.0, colour, opacity),
        (0.35, colour, opacity * 0.45),
        (1.0, colour, 0.0),
    ];
    Ink::Radial(centre, radius, stops)
}

impl Ink {
    /// The shader, with its gradient placed by a transform.
    fn shader(&self, placed: Transform) -> Shader<'static> {
        let colour = |colour: Colour, opacity: f32| {
            let part = |value: f32| value.clamp(0.0, 1.0);
            tiny_skia::Color::from_rgba(
                part(colour.red),
                part(colour.green),
                part(colour.blue),
                part(opacity),
            )
            .unwrap_or(tiny_skia::Color::TRANSPARENT)
        };
        let stops = |stops: &[(f32, Colour, f32)]| -> Vec<GradientStop> {
            stops
                .iter()
                .map(|(at, tint, opacity)| GradientStop::new(*at, colour(*tint, *opacity)))
                .collect()
        };
        let point = |(x, y): Spot| Point::from_xy(x, y);
        let gradient = match self {
            Self::Flat(tint, opacity) => return Shader::SolidColor(colour(*tint, *opacity)),
            Self::Linear(from, to, list) => LinearGradient::new(
                point(*from),
                point(*to),
                stops(list),
                SpreadMode::Pad,
                placed,
            ),
            Self::Radial(centre, radius, list) => RadialGradient::new(
                point(*centre),
                0.0,
                point(*centre),
                *radius,
                stops(list),
                SpreadMode::Pad,
                placed,
            ),
        };
        // Only a gradient of no extent has no shader.
        gradient.unwrap_or(Shader::SolidColor(tiny_skia::Color::TRANSPARENT))
    }
}

/// An outline.
#[derive(Clone, Debug, Default)]
pub(super) struct Shape(PathBuilder);

impl Shape {
    /// Straight sides through all points, closed.
    pub(super) fn polygon(points: &[Spot]) -> Self {
        let mut path = PathBuilder::new();
        for (index, (x, y)) in points.iter().enumerate() {
            if index == 0 {
                path.move_to(*x, *y);
            } else {
                path.line_to(*x, *y);
            }
        }
        path.close();
        Self(path)
    }

    /// Straight lines through all points, open.
    pub(super) fn segments(points: &[Spot]) -> Self {
        let mut path = PathBuilder::new();
        for (index, (x, y)) in points.iter().enumerate() {
            if index == 0 {
                path.move_to(*x, *y);
            } else {
                path.line_to(*x, *y);
            }
        }
        Self(path)
    }

    /// A smooth closed outline through all points (Catmull–Rom).
    pub(super) fn blob(points: &[Spot]) -> Self {
        let count = points.len();
        let mut path = PathBuilder::new();
        path.move_to(points[0].0, points[0].1);
        for index in 0..count {
            let at = |offset: usize| points[(index + offset) % count];
            bend(&mut path, at(count - 1), at(0), at(1), at(2));
        }
        path.close();
        Self(path)
    }

    /// A smooth open line through all points.
    pub(super) fn curve(points: &[Spot]) -> Self {
        let mut path = PathBuilder::new();
        path.move_to(points[0].0, points[0].1);
        let last = points.len() - 1;
        for index in 0..last {
            let before = points[index.saturating_sub(1)];
            bend(
                &mut path,
                before,
                points[index],
                points[index + 1],
                points[(index + 2).min(last)],
            );
        }
        Self(path)
    }

    pub(super) fn oval((x, y): Spot, across: f32, down: f32) -> Self {
        let mut path = PathBuilder::new();
        if let Some(bounds) = Rect::from_ltrb(x - across, y - down, x + across, y + down) {
            path.push_oval(bounds);
        }
        Self(path)
    }

    pub(super) fn circle(centre: Spot, radius: f32) -> Self {
        Self::oval(centre, radius, radius)
    }

    pub(super) fn rectangle(left: f32, top: f32, right: f32, bottom: f32) -> Self {
        Self::polygon(&[(left, top), (right, top), (right, bottom), (left, bottom)])
    }

    pub(super) fn rounded(left: f32, top: f32, right: f32, bottom: f32, radius: f32) -> Self {
        let radius = radius.min((right - left) / 2.0).min((bottom - top) / 2.0);
        // How far a cubic's handles stand off for a quarter circle.
        let near = radius * 0.4477;
        let mut path = PathBuilder::new();
        path.move_to(left + radius, top);
        path.line_to(right - radius, top);
        path.cubic_to(right - near, top, right, top + near, right, top + radius);
        path.line_to(right, bottom - radius);
        path.cubic_to(
            right,
            bottom - near,
            right - near,
            bottom,
            right - radius,
            bottom,
        );
        path.line_to(left + radius, bottom);
        path.cubic_to(
            left + near,
            bottom,
            left,
            bottom - near,
            left,
            bottom - radius,
        );
        path.line_to(left, top + radius);
        path.cubic_to(left, top + near, left + near, top, left + radius, top);
        path.close();
        Self(path)
    }

    /// Everything below a line of heights, down to `bottom`.
    pub(super) fn below(points: &[Spot], bottom: f32) -> Self {
        let mut shape = Self::segments(points);
        if let (Some(first), Some(last)) = (points.first(), points.last()) {
            shape.0.line_to(last.0, bottom);
            shape.0.line_to(first.0, bottom);
            shape.0.close();
        }
        shape
    }

    /// A star or a flower of straight rays.
    pub(super) fn star(centre: Spot, rays: usize, outer: f32, inner: f32, turns: f32) -> Self {
        let points: Vec<Spot> = (0..rays * 2)
            .map(|index| {
                let (cos, sin) = turn(turns + index as f32 / (rays * 2) as f32);
                let radius = if index % 2 == 0 { outer } else { inner };
                (centre.0 + cos * radius, centre.1 + sin * radius)
            })
            .collect();
        Self::polygon(&points)
    }

    /// Both outlines as one shape.
    pub(super) fn and(mut self, other: &Self) -> Self {
        if let Some(path) = other.0.clone().finish() {
            self.0.push_path(&path);
        }
        self
    }

    fn path(&self) -> Option<Path> {
        self.0.clone().finish()
    }
}

fn bend(path: &mut PathBuilder, before: Spot, from: Spot, to: Spot, after: Spot) {
    path.cubic_to(
        from.0 + (to.0 - before.0) / 6.0,
        from.1 + (to.1 - before.1) / 6.0,
        to.0 - (after.0 - from.0) / 6.0,
        to.1 - (after.1 - from.1) / 6.0,
        to.0,
        to.1,
    );
}

/// A picture being drawn.
pub(super) struct Canvas {
    pixmap: Pixmap,
    to_pixels: Transform,
    clip: Option<Mask>,
}

impl Canvas {
    /// A canvas of some pixels that shows a frame of the scene.
    pub(super) fn new((width, height): (u32, u32), frame: Frame) -> Self {
        let scale = (width as f32 / frame.width(), height as f32 / frame.height());
        Self {
            pixmap: Pixmap::new(width.max(1), height.max(1))
                .expect("a picture's sides are within bounds"),
            to_pixels: Transform::from_row(
                scale.0,
                0.0,
                0.0,
                scale.1,
                -frame.left * scale.0,
                -frame.top * scale.1,
            ),
            clip: None,
        }
    }

    /// Fills all that is seen. Much faster than a shape of that size, whose edges would be softened.
    pub(super) fn cover(&mut self, ink: impl Into<Ink>) {
        let (width, height) = (self.pixmap.width() as f32, self.pixmap.height() as f32);
        if let Some(all) = Rect::from_xywh(0.0, 0.0, width, height) {
            let paint = Paint {
                shader: ink.into().shader(self.to_pixels),
                anti_alias: false,
                ..Paint::default()
            };
            self.pixmap
                .fill_rect(all, &paint, Transform::identity(), None);
        }
    }

    pub(super) fn fill(&mut self, shape: &Shape, ink: impl Into<Ink>) {
        if let Some(path) = shape.path() {
            let paint = Paint {
                shader: ink.into().shader(Transform::identity()),
                ..Paint::default()
            };
            self.pixmap.fill_path(
                &path,
                &paint,
                FillRule::Winding,
                self.to_pixels,
                self.clip.as_ref(),
            );
        }
    }

    /// Draws along an outline, `width` scene units wide, with round ends.
    pub(super) fn line(&mut self, shape: &Shape, ink: impl Into<Ink>, width: f32) {
        if let Some(path) = shape.path() {
            let paint = Paint {
                shader: ink.into().shader(Transform::identity()),
                ..Paint::default()
            };
            let stroke = Stroke {
                width,
                line_cap: LineCap::Round,
                line_join: LineJoin::Round,
                ..Stroke::default()
            };
            self.pixmap
                .stroke_path(&path, &paint, &stroke, self.to_pixels, self.clip.as_ref());
        }
    }

    /// Draws with everything outside a shape left as it is.
    pub(super) fn within(&mut self, shape: &Shape, draw: impl FnOnce(&mut Self)) {
        let Some(path) = shape.path() else { return };
        let outer = self.clip.clone();
        let mask = if let Some(mask) = &mut self.clip {
            mask.intersect_path(&path, FillRule::Winding, true, self.to_pixels);
            None
        } else {
            let mut mask = Mask::new(self.pixmap.width(), self.pixmap.height())
                .expect("a mask as large as the picture");
            mask.fill_path(&path, FillRule::Winding, true, self.to_pixels);
            Some(mask)
        };
        if mask.is_some() {
            self.clip = mask;
        }
        draw(self);
        self.clip = outer;
    }

    /// Draws with (0, 0) at a spot, `scale` times as large, mirrored when the scale's first part is negative.
    pub(super) fn placed(
        &mut self,
        at: Spot,
        scale: (f32, f32),
        turns: f32,
        draw: impl FnOnce(&mut Self),
    ) {
        let outer = self.to_pixels;
        let (cos, sin) = turn(turns);
        self.to_pixels = outer
            .pre_translate(at.0, at.1)
            .pre_concat(Transform::from_row(cos, sin, -sin, cos, 0.0, 0.0))
            .pre_scale(scale.0, scale.1);
        draw(self);
        self.to_pixels = outer;
    }

    /// The drawn pixels, four bytes each; the fourth is always 255.
    pub(super) fn pixels(&self) -> &[u8] {
        self.pixmap.data()
    }
}
