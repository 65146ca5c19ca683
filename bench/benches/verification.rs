//! Token verification in isolation (`cargo bench -p bench`): times and allocations.

use std::sync::{Arc, LazyLock};

use bench::fixture::{ALGORITHMS, Fixture, Refusal, SignedParts};
use divan::{AllocProfiler, Bencher};
use jsonwebtoken::Algorithm;
use portcullis_verifier::Verifier;

#[global_allocator]
static ALLOCATOR: AllocProfiler = AllocProfiler::system();

/// The number of tokens that a verifier gets before it is replaced by one with an empty cache.
const TOKENS: usize = 1024;

static FIXTURE: LazyLock<Fixture> = LazyLock::new(Fixture::default);
static REFUSALS: LazyLock<Vec<Refusal>> = LazyLock::new(|| FIXTURE.refusals());

fn main() {
    // Before the first measurement, so that it does not count.
    LazyLock::force(&REFUSALS);
    divan::main();
}

/// The signature check of the crypto library alone, the minimum for any token.
#[divan::bench(args = ALGORITHMS)]
fn bare_signature_check(bencher: Bencher, algorithm: Algorithm) {
    let key = FIXTURE.bare(algorithm);
    let parts: Vec<SignedParts> =
        FIXTURE.tokens(algorithm, TOKENS).iter().map(|token| SignedParts::of(token)).collect();
    let mut all = parts.iter().cycle();
    bencher.with_inputs(|| all.next().expect("a token")).bench_local_values(|SignedParts { message, signature }| {
        assert!(key.verify_sig(message.as_bytes(), signature).is_ok());
    });
}

/// A valid token that is not in the cache.
#[divan::bench(args = ALGORITHMS)]
fn first_verification(bencher: Bencher, algorithm: Algorithm) {
    let tokens = FIXTURE.tokens(algorithm, TOKENS);
    let mut n = 0;
    let mut verifier: Arc<Verifier> = Arc::new(FIXTURE.verifier());
    let next = || {
        n += 1;
        if n == TOKENS {
            n = 0;
            verifier = Arc::new(FIXTURE.verifier());
        }
        (verifier.clone(), &tokens[n])
    };
    // By reference, so that dropping the values does not count.
    bencher.with_inputs(next).bench_local_refs(|(verifier, token)| FIXTURE.verdict(verifier, token).is_ok());
}

/// A valid token that is in the cache.
#[divan::bench]
fn remembered_verification(bencher: Bencher) {
    let token = FIXTURE.token(Algorithm::RS256, "known");
    let verifier = FIXTURE.verifier();
    assert!(FIXTURE.verdict(&verifier, &token).is_ok(), "a good token");
    bencher.bench_local(|| FIXTURE.verdict(&verifier, &token).is_ok());
}

/// A rejected token of each kind.
#[divan::bench(args = REFUSALS.iter().map(|refusal| refusal.kind))]
fn refusal(bencher: Bencher, kind: &str) {
    let Refusal { token, .. } = REFUSALS.iter().find(|refusal| refusal.kind == kind).expect("this kind");
    let verifier = FIXTURE.verifier();
    bencher.bench_local(|| FIXTURE.verdict(&verifier, token).is_err());
}
