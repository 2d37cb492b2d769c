//! What a certificate says of itself (X.509, RFC 5280): from when until when it holds, and for whom.
//! Who vouches for it is another question, asked in `shown`.

use std::net::IpAddr;

use bus_schemas::time::Timestamp;
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::FromDer as _;

/// What a certificate says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Certificate {
    /// The first moment at which it holds.
    pub(super) begins: Timestamp,
    /// The last one.
    pub(super) ends: Timestamp,
    /// The names and addresses that it is for, as they can be printed.
    pub(super) names: Vec<String>,
}

/// Reads a certificate in DER; nothing if it is none.
pub(super) fn read(der: &[u8]) -> Option<Certificate> {
    let (rest, certificate) = X509Certificate::from_der(der).ok()?;
    if !rest.is_empty() {
        return None;
    }
    let holds = certificate.validity();
    let names = match certificate.subject_alternative_name() {
        Ok(Some(names)) => names.value.general_names.iter().filter_map(name).collect(),
        Ok(None) | Err(_) => Vec::new(),
    };
    let begins = Timestamp(holds.not_before.timestamp());
    Some(Certificate { begins, ends: Timestamp(holds.not_after.timestamp()), names })
}

/// The last moment at which a certificate in DER holds; nothing if it is none.
pub(super) fn ends(der: &[u8]) -> Option<Timestamp> {
    read(der).map(|certificate| certificate.ends)
}

/// Browsers look at these two kinds of names alone.
fn name(name: &GeneralName<'_>) -> Option<String> {
    // Whoever made the certificate wrote it: nothing of it moves the cursor of whoever reads.
    if let GeneralName::DNSName(name) = name {
        return Some(name.escape_default().to_string());
    }
    if let GeneralName::IPAddress(bytes) = name {
        let four = <[u8; 4]>::try_from(*bytes).map(IpAddr::from);
        let address = four.or_else(|_| <[u8; 16]>::try_from(*bytes).map(IpAddr::from));
        return address.ok().map(|address| address.to_string());
    }
    None
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
    use rcgen::{
        CertificateParams, Error, KeyIdMethod, PKCS_ED25519, PublicKeyData, SerialNumber,
        SignatureAlgorithm, SigningKey, date_time_ymd,
    };

    use super::*;

    struct Key(Ed25519KeyPair);

    impl PublicKeyData for Key {
        fn der_bytes(&self) -> &[u8] {
            self.0.public_key().as_ref()
        }

        fn algorithm(&self) -> &'static SignatureAlgorithm {
            &PKCS_ED25519
        }
    }

    impl SigningKey for Key {
        fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Error> {
            Ok(self.0.sign(message).as_ref().to_vec())
        }
    }

    fn made(year: i32, names: &[&str]) -> Vec<u8> {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let mut params = CertificateParams::new(names).unwrap();
        params.serial_number = Some(SerialNumber::from(7));
        params.key_identifier_method = KeyIdMethod::PreSpecified(b"key".to_vec());
        params.not_before = date_time_ymd(2026, 2, 3);
        params.not_after = date_time_ymd(year, 2, 3);
        let key = Key(Ed25519KeyPair::generate().unwrap());
        params.self_signed(&key).unwrap().der().to_vec()
    }

    #[test]
    fn the_end_is_read_from_both_ways_to_write_a_year() {
        for (year, seconds) in [(2031, 1_927_843_200), (2055, 2_685_225_600)] {
            assert_eq!(ends(&made(year, &["nats-1"])), Some(Timestamp(seconds)), "{year}");
        }
    }

    #[test]
    fn names_and_addresses_are_read_as_people_write_them() {
        let names = ["chat.example.org", "*.example.org", "192.0.2.7", "2001:db8::7"];
        let certificate = read(&made(2031, &names)).unwrap();
        assert_eq!(certificate.names, names);
        assert_eq!(certificate.begins, Timestamp(1_770_076_800));
        assert_eq!(read(&made(2031, &[])).unwrap().names, [] as [&str; 0]);
        assert_eq!(read(&made(2031, &["a\u{1b}[2J"])).unwrap().names, ["a\\u{1b}[2J"]);
    }

    #[test]
    fn what_is_no_certificate_ends_never() {
        let whole = made(2031, &["nats-1"]);
        for length in 0..whole.len() {
            assert_eq!(ends(&whole[..length]), None, "{length} bytes");
        }
        assert_eq!(ends(&[whole.as_slice(), &[0]].concat()), None, "one byte more");
        for wrong in [&b"-----BEGIN"[..], &[0x30, 0x84, 0xff, 0xff, 0xff, 0xff], &[0x30, 0x89]] {
            assert_eq!(ends(wrong), None);
        }
    }
}
