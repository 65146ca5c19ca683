//! What time it is, by our server's clock. A device's own may be hours wrong, or be set while a page is open.

use std::cell::Cell;

use leptos::prelude::{document, window};

use crate::config;
use crate::fetch::{self, Ask, PATIENCE};
use crate::provider::ELEMENT;

/// How far the device's two clocks may drift apart before neither is believed, in milliseconds.
const DOUBT: f64 = 2_000.0;
/// The header `Date` has whole seconds: the moment lies half a second behind it, give or take as much.
const HALF_A_SECOND: f64 = 500.0;
/// A difference to what the server says that is not worth to be heeded, in milliseconds.
const NEAR: f64 = 1_500.0;

/// The device's two clocks at one moment, in milliseconds.
#[derive(Clone, Copy)]
struct Reading {
    /// Since 1970, as the device believes. It goes on while the device sleeps, and people may set it.
    wall: f64,
    /// Since the page was opened. Nobody can set it, but on some systems it stands still while the device sleeps.
    steady: f64,
}

/// The server's time at a moment that the device's clocks remember.
#[derive(Clone, Copy)]
struct Clock {
    server: f64,
    at: Reading,
}

impl Clock {
    /// The server's time at the moment `at`, in milliseconds since 1970.
    fn now(&self, at: Reading) -> f64 {
        // A clock that sleeps or is set back falls behind the other, which is then the one to believe.
        self.server + (at.wall - self.at.wall).max(at.steady - self.at.steady)
    }

    /// Whether the device has slept or its clock was set: then only the server knows.
    fn is_doubtful(&self, at: Reading) -> bool {
        ((at.wall - self.at.wall) - (at.steady - self.at.steady)).abs() > DOUBT
    }
}

thread_local! {
    static CLOCK: Cell<Option<Clock>> = const { Cell::new(None) };
}

fn reading() -> Reading {
    let wall = js_sys::Date::now();
    Reading { wall, steady: steady() }
}

/// Milliseconds by a clock that nobody can set, since the page was opened.
pub fn steady() -> f64 {
    window().performance().map_or_else(js_sys::Date::now, |performance| performance.now())
}

/// The clock; it begins with the time that the server wrote into the page, or with the device's.
fn clock() -> Clock {
    if let Some(clock) = CLOCK.get() {
        return clock;
    }
    let at = reading();
    let written = document().get_element_by_id(ELEMENT).and_then(|element| element.get_attribute("data-now"));
    let server = written.and_then(|written| written.parse::<u64>().ok());
    let clock = Clock { server: server.map_or(at.wall, |millis| millis as f64), at };
    CLOCK.set(Some(clock));
    clock
}

/// Seconds since 1970.
pub fn now() -> u64 {
    (clock().now(reading()) / 1000.0) as u64
}

/// Whether the device has slept, or its clock was set, since the server was last heard.
pub fn is_doubtful() -> bool {
    clock().is_doubtful(reading())
}

/// Takes the header `Date` of an answer of our server.
pub fn heard(date: &str) {
    let server = js_sys::Date::parse(date) + HALF_A_SECOND;
    let at = reading();
    let (known, far) = (clock(), (server - clock().now(at)).abs() > NEAR);
    if server.is_finite() && (far || known.is_doubtful(at)) {
        CLOCK.set(Some(Clock { server, at }));
    }
}

/// Asks the server what time it is. Whether it said so.
pub async fn ask() -> bool {
    let answer = fetch::send(Ask { url: config::get().clock, patience: Some(PATIENCE), ..Ask::default() }).await;
    answer.is_ok_and(|answer| {
        answer.date.is_some_and(|date| {
            heard(&date);
            true
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const BEGUN: Clock = Clock { server: 1_000_000.0, at: Reading { wall: 5_000_000.0, steady: 300.0 } };

    fn after(wall: f64, steady: f64) -> Reading {
        Reading { wall: BEGUN.at.wall + wall, steady: BEGUN.at.steady + steady }
    }

    #[test]
    fn a_device_whose_clock_is_wrong_all_the_time_does_not_matter() {
        assert_eq!(BEGUN.now(after(60_000.0, 60_000.0)), 1_060_000.0);
        assert!(!BEGUN.is_doubtful(after(60_000.0, 60_500.0)));
    }

    #[test]
    fn the_time_goes_on_while_the_device_sleeps() {
        let woken = after(3_600_000.0, 10.0);
        assert_eq!(BEGUN.now(woken), 4_600_000.0);
        assert!(BEGUN.is_doubtful(woken));
    }

    #[test]
    fn a_clock_that_is_set_back_does_not_bring_back_what_is_over() {
        let back = after(-3_600_000.0, 60_000.0);
        assert_eq!(BEGUN.now(back), 1_060_000.0);
        assert!(BEGUN.is_doubtful(back));
    }
}
