//! Compares token verification with the bare signature check of the crypto library.

use std::hint::black_box;

use jsonwebtoken::Algorithm;

use crate::fixture::{ALGORITHMS, Fixture, Large, Refusal, SignedParts};
use crate::paired::{Cost, Lane, measure};
use crate::table::{markdown, micros, target, times};

/// The number of tokens per turn.
const TIMES: usize = 64;
/// The number of tokens per algorithm: more than fit into the fastest caches.
const TOKENS: usize = 1024;
/// The number of turns.
const TURNS: usize = 201;

/// The maximum cost of a first verification, as a multiple of the bare signature check.
const MAX_FIRST_VERIFICATION_RATIO: f64 = 1.15;

/// Measures everything. Returns the tables, and the lines with the targets.
pub fn report() -> (String, Vec<Vec<String>>) {
    let fixture = Fixture::default();
    let (mut successes, mut targets) = (Vec::new(), Vec::new());
    let mut rs256 = Vec::new();
    for algorithm in ALGORITHMS {
        let costs = successes_of(&fixture, algorithm);
        let row = |cost: &Cost| vec![format!("{algorithm:?}, {}", cost.name), micros(cost.nanos), times(cost.ratio)];
        successes.extend(costs.iter().map(row));
        if algorithm == Algorithm::RS256 {
            let ratio = costs[1].ratio;
            let reached = ratio <= MAX_FIRST_VERIFICATION_RATIO;
            targets.push(target("first verification / bare check, RS256", &times(ratio), "at most 1.15", reached));
            rs256 = refusals_of(&fixture);
        }
    }
    let refused = rs256.iter().filter(|cost| !cost.name.starts_with('('));
    let dearest = refused.max_by(|a, b| a.ratio.total_cmp(&b.ratio));
    if let Some(Cost { name, ratio, .. }) = dearest {
        // Two measurements of the same work always differ a little.
        let what = format!("dearest refusal ({name}) / first verification");
        targets.push(target(&what, &times(*ratio), "at most 1.00", *ratio < 1.005));
    }
    let refusals: Vec<_> =
        rs256.iter().map(|cost| vec![cost.name.clone(), micros(cost.nanos), times(cost.ratio)]).collect();
    let text = format!(
        "{}\n{}",
        markdown(&["token", "time", "bare checks"], &successes),
        markdown(&["refused (RS256)", "time", "first verifications"], &refusals),
    );
    (text, targets)
}

/// Measures the bare check, a first verification and a cached one.
fn successes_of(fixture: &Fixture, algorithm: Algorithm) -> Vec<Cost> {
    let tokens = fixture.tokens(algorithm, TOKENS);
    let parts: Vec<SignedParts> = tokens.iter().map(|token| SignedParts::of(token)).collect();
    let key = fixture.bare(algorithm);
    let known = fixture.verifier();
    for token in &tokens[..TIMES] {
        assert!(fixture.verdict(&known, token).is_ok(), "a good token");
    }
    let (mut at, mut bare_at) = (0, 0);
    let lanes = vec![
        Lane::new(
            "bare signature check",
            TIMES,
            || next(&mut bare_at),
            |start, n| {
                let SignedParts { message, signature } = &parts[start + n];
                assert!(black_box(key.verify_sig(message.as_bytes(), signature)).is_ok());
            },
        ),
        Lane::new(
            "first verification",
            TIMES,
            // A verifier with an empty cache, and the next tokens.
            || (fixture.verifier(), next(&mut at)),
            |(verifier, start), n| assert!(black_box(fixture.verdict(verifier, &tokens[start + n])).is_ok()),
        ),
        Lane::new(
            "remembered",
            TIMES,
            || (),
            |(), n| {
                assert!(black_box(fixture.verdict(&known, &tokens[n])).is_ok());
            },
        ),
    ];
    measure(lanes, TURNS)
}

/// Returns the start of the next turn. After [`TOKENS`] tokens, it starts over.
fn next(at: &mut usize) -> usize {
    *at = (*at + TIMES) % TOKENS;
    *at
}

/// Measures the rejection of each kind, compared with a first verification with RS256. Large tokens are compared with
/// one of the same size.
fn refusals_of(fixture: &Fixture) -> Vec<Cost> {
    let refusals = fixture.refusals();
    let small = fixture.tokens(Algorithm::RS256, TOKENS);
    let all = refusals.iter().map(|Refusal { kind, token, .. }| ((*kind).to_owned(), token.as_str())).collect();
    let mut costs = beside_a_first(fixture, "(first verification)".to_owned(), &small, all);
    for Large { kind, good, forged } in fixture.large(TIMES) {
        let first = format!("(first verification, 16 KiB of {kind})");
        costs.extend(beside_a_first(fixture, first, &good, vec![(format!("forged, 16 KiB of {kind}"), &forged)]));
    }
    costs
}

/// Measures `refused` tokens, each with its name, compared with first verifications of `good` ones.
fn beside_a_first(fixture: &Fixture, first: String, good: &[String], refused: Vec<(String, &str)>) -> Vec<Cost> {
    let known = fixture.verifier();
    let mut at = 0;
    let mut lanes = vec![Lane::new(
        first,
        TIMES,
        || (fixture.verifier(), next(&mut at) % good.len()),
        |(verifier, start), n| assert!(black_box(fixture.verdict(verifier, &good[start + n])).is_ok()),
    )];
    for (kind, token) in refused {
        let known = &known;
        lanes.push(Lane::new(
            kind,
            TIMES,
            || (),
            move |(), _| {
                assert!(black_box(fixture.verdict(known, token)).is_err());
            },
        ));
    }
    measure(lanes, TURNS)
}
