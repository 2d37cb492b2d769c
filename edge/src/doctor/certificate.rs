//! When a certificate ends: the one field of X.509 (RFC 5280, section 4.1.2.5) that matters here.
//! Whether it is trusted is found out by connecting, not here.

use bus_schemas::time::Timestamp;
use time::{Date, Month, PrimitiveDateTime, Time};

const INTEGER: u8 = 0x02;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
const SEQUENCE: u8 = 0x30;
const VERSION: u8 = 0xa0;
/// A length of more bytes than this is no certificate's.
const LENGTH_BYTES_MAX: usize = 4;

/// The last moment at which a certificate in DER holds; nothing if it is none.
pub(super) fn ends(der: &[u8]) -> Option<Timestamp> {
    let (certificate, _) = expect(SEQUENCE, der)?;
    let (body, _) = expect(SEQUENCE, certificate)?;
    let body = match element(body)? {
        (VERSION, _, rest) => rest,
        _ => body,
    };
    let (_serial, rest) = expect(INTEGER, body)?;
    let (_algorithm, rest) = expect(SEQUENCE, rest)?;
    let (_issuer, rest) = expect(SEQUENCE, rest)?;
    let (validity, _) = expect(SEQUENCE, rest)?;
    let (_, _begin, rest) = element(validity)?;
    let (tag, end, _) = element(rest)?;
    moment(tag, std::str::from_utf8(end).ok()?)
}

/// The content of an element with this tag, and what follows it.
fn expect(tag: u8, bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    element(bytes).filter(|(found, _, _)| *found == tag).map(|(_, content, rest)| (content, rest))
}

/// Tag, content and what follows.
fn element(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&[tag, first], rest) = bytes.split_first_chunk::<2>()?;
    let (length, rest) = if first < 0x80 {
        (usize::from(first), rest)
    } else {
        let count = usize::from(first & 0x7f);
        let (digits, rest) = rest.split_at_checked(count).filter(|_| count <= LENGTH_BYTES_MAX)?;
        (digits.iter().fold(0, |length, digit| length << 8 | usize::from(*digit)), rest)
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((tag, content, rest))
}

/// `YYMMDDhhmmssZ`, of which 50 and above is the last century, or the same with the whole year.
fn moment(tag: u8, text: &str) -> Option<Timestamp> {
    let digits = text.strip_suffix('Z')?;
    let (year, rest) = match tag {
        UTC_TIME => {
            let (year, rest) = number(digits, 2)?;
            (if year < 50 { 2_000 + year } else { 1_900 + year }, rest)
        }
        GENERALIZED_TIME => number(digits, 4)?,
        _ => return None,
    };
    let ((month, rest), year) = (number(rest, 2)?, i32::try_from(year).ok()?);
    let (day, rest) = number(rest, 2)?;
    let (hour, rest) = number(rest, 2)?;
    let (minute, rest) = number(rest, 2)?;
    let (second, _) = number(rest, 2)?;
    let small = |number: u32| u8::try_from(number).ok();
    let month = Month::try_from(small(month)?).ok()?;
    let date = Date::from_calendar_date(year, month, small(day)?).ok()?;
    let time = Time::from_hms(small(hour)?, small(minute)?, small(second)?).ok()?;
    Some(Timestamp(PrimitiveDateTime::new(date, time).assume_utc().unix_timestamp()))
}

fn number(text: &str, digits: usize) -> Option<(u32, &str)> {
    let (number, rest) = text.split_at_checked(digits)?;
    Some((number.parse().ok()?, rest))
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

    fn made(year: i32) -> Vec<u8> {
        let mut params = CertificateParams::new(vec!["nats-1".to_owned()]).unwrap();
        params.serial_number = Some(SerialNumber::from(7));
        params.key_identifier_method = KeyIdMethod::PreSpecified(b"key".to_vec());
        params.not_after = date_time_ymd(year, 2, 3);
        let key = Key(Ed25519KeyPair::generate().unwrap());
        params.self_signed(&key).unwrap().der().to_vec()
    }

    #[test]
    fn the_end_is_read_from_both_ways_to_write_a_year() {
        for (year, seconds) in [(2031, 1_927_843_200), (2055, 2_685_225_600)] {
            assert_eq!(ends(&made(year)), Some(Timestamp(seconds)), "{year}");
        }
    }

    #[test]
    fn what_is_no_certificate_ends_never() {
        let whole = made(2031);
        for length in 0..whole.len() {
            // Whatever is cut off, nothing is read beyond it; the end may be known by then.
            let cut = ends(&whole[..length]);
            assert!(cut.is_none(), "{length} bytes");
        }
        for wrong in [&b"-----BEGIN"[..], &[0x30, 0x84, 0xff, 0xff, 0xff, 0xff], &[0x30, 0x89]] {
            assert_eq!(ends(wrong), None);
        }
        assert_eq!(moment(UTC_TIME, "310203000000"), None, "without its zone");
        assert_eq!(moment(UTC_TIME, "311303000000Z"), None, "the 13th month");
        assert_eq!(moment(SEQUENCE, "310203000000Z"), None, "no time");
    }
}
