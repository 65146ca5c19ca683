//! A self-signed certificate for the forger's RSA key (RFC 5280 §4.1), so that a server which trusts the `x5c` of a
//! token would trust it. The few parts of DER that it takes are written out.

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{KeyPair, RSA_PKCS1_SHA256, RsaKeyPair};

const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const NULL: u8 = 0x05;
const OBJECT_ID: u8 = 0x06;
const UTF8_STRING: u8 = 0x0c;
const UTC_TIME: u8 = 0x17;
const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;

/// `sha256WithRSAEncryption` (RFC 4055 §5).
const SHA256_WITH_RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b];
/// `id-at-commonName` (RFC 5280, appendix A.1).
const COMMON_NAME: &[u8] = &[0x55, 0x04, 0x03];

/// A certificate of version 1 for `pair`, as DER.
///
/// # Errors
/// When the system has no randomness to give.
pub fn self_signed(pair: &RsaKeyPair) -> Result<Vec<u8>, Unspecified> {
    let algorithm = der(SEQUENCE, &[&der(OBJECT_ID, &[SHA256_WITH_RSA]), &der(NULL, &[])]);
    let name = der(SEQUENCE, &[&der(OBJECT_ID, &[COMMON_NAME]), &der(UTF8_STRING, &[b"portcullis audit"])]);
    let name = der(SEQUENCE, &[&der(SET, &[&name])]);
    let validity = der(SEQUENCE, &[&der(UTC_TIME, &[b"200101000000Z"]), &der(UTC_TIME, &[b"491231235959Z"])]);
    let public = pair.public_key().as_der()?;
    let unsigned = [&der(INTEGER, &[&[1]]), &algorithm, &name, &validity, &name, public.as_ref()];
    let unsigned = der(SEQUENCE, &unsigned);
    let mut signature = vec![0; pair.public_modulus_len()];
    pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), &unsigned, &mut signature)?;
    Ok(der(SEQUENCE, &[&unsigned, &algorithm, &der(BIT_STRING, &[&[0], &signature])]))
}

/// A value of type `tag` that consists of `parts` (X.690 §8.1).
fn der(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    let length = content.len().to_be_bytes();
    let significant = &length[content.len().leading_zeros() as usize / 8..];
    let mut value = vec![tag];
    if content.len() >= 128 {
        value.push(0x80 | significant.len() as u8);
    }
    value.extend(if content.is_empty() { &[0] } else { significant });
    value.extend(content);
    value
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_lc_rs::rsa::KeySize;

    #[test]
    fn lengths_are_short_long_or_nothing() {
        assert_eq!(der(NULL, &[]), [NULL, 0]);
        assert_eq!(der(INTEGER, &[&[7]]), [INTEGER, 1, 7]);
        assert_eq!(der(SET, &[&[0; 100], &[0; 100]])[..4], [SET, 0x81, 200, 0]);
        assert_eq!(der(SET, &[&[0; 300]])[..5], [SET, 0x82, 1, 44, 0]);
    }

    #[test]
    fn a_library_for_certificates_takes_it() {
        let pair = RsaKeyPair::generate(KeySize::Rsa2048).expect("a key");
        let text = pem::encode(&pem::Pem::new("CERTIFICATE", self_signed(&pair).expect("a certificate")));
        // The HTTP client reads it as it would read a root.
        let read = reqwest::Certificate::from_pem(text.as_bytes()).expect("PEM");
        assert!(reqwest::Client::builder().tls_certs_only([read]).build().is_ok());
    }
}
