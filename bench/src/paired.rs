//! Compares the costs of several variants. They are measured in turns, many times, and the ratio is computed for each
//! turn, so that other load on the machine affects all variants equally.

use std::time::{Duration, Instant};

/// A variant to measure.
pub struct Lane<'l> {
    /// The name of the variant.
    pub name: String,
    /// The number of operations in one turn.
    pub times: usize,
    /// Runs one turn, and returns its duration.
    pub turn: Box<dyn FnMut() -> Duration + 'l>,
}

impl<'l> Lane<'l> {
    /// Creates a lane that runs `work` for each input. `prepare` creates the inputs of each turn, which is not
    /// measured.
    pub fn new<I>(
        name: impl Into<String>,
        times: usize,
        mut prepare: impl FnMut() -> I + 'l,
        mut work: impl FnMut(&I, usize) + 'l,
    ) -> Self {
        let turn = Box::new(move || {
            let input = prepare();
            let started = Instant::now();
            for n in 0..times {
                work(&input, n);
            }
            started.elapsed()
        });
        Self { name: name.into(), times, turn }
    }
}

/// The result for a lane.
pub struct Cost {
    /// The name of the lane.
    pub name: String,
    /// The time of one operation in nanoseconds: the median of all turns.
    pub nanos: f64,
    /// The cost as a multiple of that of the first lane: the median of the ratios of all turns.
    pub ratio: f64,
}

/// Measures `lanes` in `turns` turns, in the opposite order every other time.
pub fn measure(mut lanes: Vec<Lane<'_>>, turns: usize) -> Vec<Cost> {
    let mut nanos: Vec<Vec<f64>> = vec![Vec::with_capacity(turns); lanes.len()];
    for turn in 0..=turns {
        let order: Vec<usize> = match turn % 2 {
            0 => (0..lanes.len()).collect(),
            _ => (0..lanes.len()).rev().collect(),
        };
        for place in order {
            let lane = &mut lanes[place];
            let once = (lane.turn)().as_secs_f64() * 1e9 / lane.times as f64;
            // The first turn warms the caches.
            if turn > 0 {
                nanos[place].push(once);
            }
        }
    }
    let first = nanos[0].clone();
    let cost = |(lane, nanos): (Lane<'_>, Vec<f64>)| Cost {
        name: lane.name,
        ratio: median(nanos.iter().zip(&first).map(|(one, first)| one / first).collect()),
        nanos: median(nanos),
    };
    lanes.into_iter().zip(nanos).map(cost).collect()
}

/// Returns the median of `values`, or NaN if there are none.
#[must_use]
pub fn median(values: Vec<f64>) -> f64 {
    quantile(values, 0.5)
}

/// Returns the value that a `share` of `values` does not exceed, or NaN if there are none.
#[must_use]
pub fn quantile(mut values: Vec<f64>, share: f64) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    let place = (values.len() as f64 * share).ceil() as usize;
    values.get(place.saturating_sub(1)).copied().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_values_that_occurred() {
        let values: Vec<f64> = (1..=100).rev().map(f64::from).collect();
        assert_eq!(
            (median(values.clone()), quantile(values.clone(), 0.99), quantile(values, 1.0)),
            (50.0, 99.0, 100.0)
        );
        assert_eq!((median(vec![7.0]), quantile(vec![7.0], 0.99)), (7.0, 7.0));
        assert!(median(Vec::new()).is_nan());
    }

    #[test]
    fn ratio_of_twice_the_time_is_two() {
        let lane = |name: &str, micros| Lane {
            name: name.into(),
            times: 10,
            turn: Box::new(move || Duration::from_micros(micros)),
        };
        let costs = measure(vec![lane("one", 10), lane("two", 20)], 5);
        assert_eq!((costs[0].ratio, costs[1].ratio), (1.0, 2.0));
        assert_eq!((costs[0].nanos.round(), costs[1].nanos.round()), (1000.0, 2000.0));
    }
}
