//! Places, rings of them, and how they come into a picture.

/// A place in millionths of a degree, or in steps of a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    pub x: i64,
    pub y: i64,
}

/// A closed line: its last place is its first.
pub type Ring = Vec<Place>;

/// What a picture shows of the world, and how large.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    west: i64,
    north: i64,
    /// Millionths of a degree from west to east, and from north to south as wide as they are on the ground there.
    span: i64,
    /// The cosine of the middle latitude, in ten thousandths.
    narrowed: i64,
    steps: i64,
    height: i64,
}

impl Window {
    /// The smallest that shows all rings, its longer side `steps` long. `None` without any place.
    #[must_use]
    pub fn around<'a, I: Iterator<Item = &'a Ring>>(rings: impl Fn() -> I, steps: i64) -> Option<Self> {
        let places = || rings().flatten();
        let (west, east) = (places().map(|place| place.x).min()?, places().map(|place| place.x).max()?);
        let (south, north) = (places().map(|place| place.y).min()?, places().map(|place| place.y).max()?);
        let narrowed = cosine(i64::midpoint(south, north));
        let (width, height) = ((east - west) * narrowed / 10_000, north - south);
        let span = width.max(height).max(1);
        let scaled = |length: i64| (length * steps / span).max(1);
        Some(Self { west, north, span, narrowed, steps, height: scaled(height) })
    }

    /// How high the picture is, in steps.
    #[must_use]
    pub const fn height(&self) -> i64 {
        self.height
    }

    /// Where a place is in the picture.
    #[must_use]
    pub const fn at(&self, place: Place) -> Place {
        let (x, y) = ((place.x - self.west) * self.narrowed / 10_000, self.north - place.y);
        Place { x: x * self.steps / self.span, y: y * self.steps / self.span }
    }

    /// A ring in the picture, without what does not show at `tolerance` steps. `None` where it is less than a speck.
    #[must_use]
    pub fn ring(&self, ring: &[Place], tolerance: i64) -> Option<Ring> {
        let mut drawn: Ring = ring.iter().map(|place| self.at(*place)).collect();
        drawn.dedup();
        let thinned: Ring = thinned(&drawn, tolerance);
        (thinned.len() >= 4).then_some(thinned)
    }
}

/// The cosine of a latitude in ten thousandths, by Bhaskara's approximation, which errs by less than two thousandths.
const fn cosine(latitude: i64) -> i64 {
    let degrees_squared = (latitude / 1_000) * (latitude / 1_000) / 1_000;
    // Degrees squared in thousandths: 4 (8100 - x²) / (32400 + x²).
    let (over, under) = (32_400_000 - 4 * degrees_squared, 32_400_000 + degrees_squared);
    let cosine = over * 10_000 / under;
    if cosine < 100 { 100 } else { cosine }
}

/// Rings without what does not show when the whole is `steps` wide. Islands that are less than a speck are left out; the largest ring stays.
pub(super) fn kept(rings: &[Ring], steps: i64) -> Vec<Ring> {
    let extent = |ring: &Ring| {
        let span =
            |of: fn(&Place) -> i64| ring.iter().map(of).max().unwrap_or(0) - ring.iter().map(of).min().unwrap_or(0);
        span(|place| place.x).max(span(|place| place.y))
    };
    let largest = rings.iter().map(extent).max().unwrap_or(0);
    let tolerance = largest / steps;
    let mut kept: Vec<Ring> = rings
        .iter()
        .filter(|ring| extent(ring) > tolerance * 2 || extent(ring) == largest)
        .map(|ring| {
            let thin = thinned(ring, tolerance);
            if thin.len() >= 4 { thin } else { ring.clone() }
        })
        .collect();
    kept.sort_by_key(|ring| std::cmp::Reverse(extent(ring)));
    kept
}

/// A line without the places that are nearer than `tolerance` to it (Ramer, Douglas and Peucker), its ends kept. A ring's ends are one place:
/// it is cut where it is farthest from there.
fn thinned(line: &[Place], tolerance: i64) -> Ring {
    if line.len() < 3 || tolerance <= 0 {
        return line.to_vec();
    }
    let last = line.len() - 1;
    let mut is_kept = vec![false; line.len()];
    (is_kept[0], is_kept[last]) = (true, true);
    let mut open = vec![(0, last)];
    while let Some((first, last)) = open.pop() {
        let farthest = (first + 1..last).max_by_key(|at| apart(line[*at], (line[first], line[last])));
        let Some(at) = farthest else { continue };
        if apart(line[at], (line[first], line[last])) > i128::from(tolerance) * i128::from(tolerance) {
            is_kept[at] = true;
            open.extend([(first, at), (at, last)]);
        }
    }
    line.iter().zip(is_kept).filter_map(|(place, is_kept)| is_kept.then_some(*place)).collect()
}

/// The square of the distance from a line through two places, or from the place when they are one.
fn apart(place: Place, (from, to): (Place, Place)) -> i128 {
    let wide = |one: Place, other: Place| (i128::from(one.x - other.x), i128::from(one.y - other.y));
    let ((dx, dy), (px, py)) = (wide(to, from), wide(place, from));
    let length_squared = dx * dx + dy * dy;
    if length_squared == 0 {
        return px * px + py * py;
    }
    let area = dx * py - dy * px;
    area * area / length_squared
}
