//! A self-signed certificate for the forger's key: servers that trust the `x5c` of a token would trust it.

use aws_lc_rs::error::Unspecified;
use rcgen::{CertificateParams, DistinguishedName, DnType, SigningKey, date_time_ymd};

/// Returns a certificate for `key`, as DER.
///
/// # Errors
/// `Unspecified` if the system has no randomness.
pub fn self_signed(key: &impl SigningKey) -> Result<Vec<u8>, Unspecified> {
    let mut distinguished_name = DistinguishedName::new();
    distinguished_name.push(DnType::CommonName, "portcullis audit");
    let mut params = CertificateParams::default();
    params.distinguished_name = distinguished_name;
    params.serial_number = Some(1.into());
    params.not_before = date_time_ymd(2020, 1, 1);
    params.not_after = date_time_ymd(2049, 12, 31);
    let certificate = params.self_signed(key).map_err(|_| Unspecified)?;
    Ok(certificate.der().to_vec())
}

#[cfg(test)]
mod tests {
    use super::super::forger_key::ForgerKey;
    use portcullis_verifier::jwks::SUPPORTED_ALGORITHMS;

    #[test]
    fn certificate_of_each_algorithm_is_read_as_root() {
        for algorithm in SUPPORTED_ALGORITHMS.iter().copied() {
            let key = ForgerKey::generate(algorithm).expect("a key");
            let text = pem::encode(&pem::Pem::new("CERTIFICATE", key.certificate));
            let read = reqwest::Certificate::from_pem(text.as_bytes()).expect("PEM");
            assert!(reqwest::Client::builder().tls_certs_only([read]).build().is_ok(), "{algorithm:?}");
        }
    }
}
