//! The current time by the app's own server. A device's clock may be hours off, or be changed while a page is open.

use std::cell::Cell;

use leptos::prelude::window;

use crate::config;
use crate::embedded_config::rendered_at;
use crate::fetch::{self, PROVIDER_TIMEOUT, Request};

/// How far the device's two clocks may drift apart before neither is trusted, in milliseconds.
const MAX_DRIFT: f64 = 2_000.0;
/// The header `Date` is rounded down to seconds: on average, the time is half a second later. In milliseconds.
const MEAN_DATE_ROUNDING: f64 = 500.0;
/// Smaller differences to the server's time are ignored, in milliseconds.
const MIN_CORRECTION: f64 = 1_500.0;

/// The device's two clocks at one moment, in milliseconds.
#[derive(Clone, Copy)]
struct Reading {
    /// Since 1970, by the system clock. It continues while the device sleeps, and people may set it.
    wall: f64,
    /// Since the page was opened. Nobody can set it, but on some systems it stops while the device sleeps.
    monotonic: f64,
}

/// The server's time at one moment of the device's clocks.
#[derive(Clone, Copy)]
struct Clock {
    server: f64,
    at: Reading,
}

impl Clock {
    /// Returns the server's time at the moment `at`, in milliseconds since 1970.
    fn now(&self, at: Reading) -> f64 {
        // A clock that stops during sleep or is set back falls behind the other, so the later one is right.
        self.server + (at.wall - self.at.wall).max(at.monotonic - self.at.monotonic)
    }

    /// Returns whether the device has slept or its clock was set. Then only the server knows the time.
    fn is_uncertain(&self, at: Reading) -> bool {
        ((at.wall - self.at.wall) - (at.monotonic - self.at.monotonic)).abs() > MAX_DRIFT
    }
}

thread_local! {
    static CLOCK: Cell<Option<Clock>> = const { Cell::new(None) };
}

fn reading() -> Reading {
    Reading { wall: js_sys::Date::now(), monotonic: monotonic() }
}

/// Returns milliseconds since the page was opened, by a clock that nobody can set.
pub fn monotonic() -> f64 {
    window().performance().map_or_else(js_sys::Date::now, |performance| performance.now())
}

/// Returns the clock. It starts with the time that the server wrote into the page, or else with the device's.
fn clock() -> Clock {
    if let Some(clock) = CLOCK.get() {
        return clock;
    }
    let at = reading();
    let clock = Clock { server: rendered_at().map_or(at.wall, |millis| millis as f64), at };
    CLOCK.set(Some(clock));
    clock
}

/// Returns the time in seconds since 1970.
pub fn now() -> u64 {
    (clock().now(reading()) / 1000.0) as u64
}

/// Returns whether the device has slept, or its clock was set, since the last response of the server.
pub fn is_uncertain() -> bool {
    clock().is_uncertain(reading())
}

/// Sets the clock by the header `Date` of a response of the app's own server.
pub fn set_from_date(date: &str) {
    let server = js_sys::Date::parse(date) + MEAN_DATE_ROUNDING;
    let at = reading();
    let current = clock();
    let is_wrong = (server - current.now(at)).abs() > MIN_CORRECTION;
    if server.is_finite() && (is_wrong || current.is_uncertain(at)) {
        CLOCK.set(Some(Clock { server, at }));
    }
}

/// Asks the server for the time, and returns whether it answered.
pub async fn synchronize() -> bool {
    let request = Request { url: config::get().clock, timeout: Some(PROVIDER_TIMEOUT), ..Request::default() };
    let date = fetch::send(request).await.ok().and_then(|response| response.date);
    if let Some(date) = &date {
        set_from_date(date);
    }
    date.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Clock = Clock { server: 1_000_000.0, at: Reading { wall: 5_000_000.0, monotonic: 300.0 } };

    fn after(wall: f64, monotonic: f64) -> Reading {
        Reading { wall: START.at.wall + wall, monotonic: START.at.monotonic + monotonic }
    }

    #[test]
    fn clock_ignores_a_device_clock_that_is_always_wrong() {
        assert_eq!(START.now(after(60_000.0, 60_000.0)), 1_060_000.0);
        assert!(!START.is_uncertain(after(60_000.0, 60_500.0)));
    }

    #[test]
    fn clock_continues_while_the_device_sleeps() {
        let woken = after(3_600_000.0, 10.0);
        assert_eq!(START.now(woken), 4_600_000.0);
        assert!(START.is_uncertain(woken));
    }

    #[test]
    fn clock_ignores_a_device_clock_that_is_set_back() {
        let back = after(-3_600_000.0, 60_000.0);
        assert_eq!(START.now(back), 1_060_000.0);
        assert!(START.is_uncertain(back));
    }
}
