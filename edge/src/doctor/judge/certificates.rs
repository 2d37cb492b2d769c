//! Who vouches for the broker, and what browsers are shown.

use bus_schemas::time::Timestamp;

use super::super::report::{Finding, Part};
use super::super::shown::{Seen, Shown};

/// Days before its end in which an authority should be renewed.
const AUTHORITY_DAYS_CAREFUL: i64 = 30;
/// The same of what browsers are shown, as the alert `CertificateEnds` has it.
const SHOWN_DAYS_CAREFUL: i64 = 14;
const DAY_SECONDS: i64 = 86_400;
/// More names of one certificate are not told one by one.
const NAMES_MAX: usize = 5;
const RENEW: &str =
    "a new one in the proxy's folder, then `nginx -s reload` (docs/operators/keys.md)";

/// Those who vouch for the broker.
pub(super) fn authorities(ends: &[Option<Timestamp>], now: Option<Timestamp>) -> Finding {
    let part = Part::Certificates;
    let soonest = ends.iter().flatten().min();
    let (Some(now), Some(end)) = (now, soonest) else {
        let says = "the authorities of DHCHAT_BUS_CA_FILE cannot be read";
        return Finding::wrong(part, says, "a PEM file with certificates");
    };
    let days = (end.0 - now.0) / DAY_SECONDS;
    let remedy = "a new authority beside the old one in the file, then new certificates \
                  (docs/operators/keys.md)";
    match days {
        _ if end.0 <= now.0 => {
            Finding::wrong(part, "an authority of DHCHAT_BUS_CA_FILE has ended", remedy)
        }
        0..AUTHORITY_DAYS_CAREFUL => Finding::careful(
            part,
            format!("an authority of DHCHAT_BUS_CA_FILE ends in {days} days"),
            remedy,
        ),
        _ => Finding::good(part, format!("whoever vouches for the broker does for {days} days")),
    }
}

/// What browsers are shown: until when, for whom, and who vouches for it.
pub(super) fn shown(Shown { place, seen }: &Shown, now: Timestamp) -> Vec<Finding> {
    match seen {
        Ok(seen) => [vec![lasts(place, seen, now)], matches(seen), vec![vouched(seen)]].concat(),
        Err(why) => {
            let says = format!("the certificate of {place} cannot be seen: {why}");
            let remedy = "whether the proxy runs there, and its log";
            vec![Finding::wrong(Part::Certificates, says, remedy)]
        }
    }
}

fn lasts(place: &str, seen: &Seen, now: Timestamp) -> Finding {
    let (part, certificate) = (Part::Certificates, &seen.certificate);
    let days = (certificate.ends.0.saturating_sub(now.0)) / DAY_SECONDS;
    let what = format!("the certificate of {place}, for {},", names(&certificate.names));
    if certificate.ends <= now {
        Finding::wrong(part, format!("{what} has ended"), RENEW)
    } else if certificate.begins > now {
        let remedy = "the clocks of this machine and of whoever made it";
        Finding::wrong(part, format!("{what} does not hold yet"), remedy)
    } else if days < SHOWN_DAYS_CAREFUL {
        Finding::careful(part, format!("{what} ends in {days} days"), RENEW)
    } else {
        Finding::good(part, format!("{what} holds for {days} days"))
    }
}

fn names(names: &[String]) -> String {
    match names {
        [] => "nobody".to_owned(),
        few if few.len() <= NAMES_MAX => few.join(", "),
        many => format!("{} and {} more", many[..NAMES_MAX].join(", "), many.len() - NAMES_MAX),
    }
}

fn matches(seen: &Seen) -> Vec<Finding> {
    let judge = |(host, is_for): &(String, bool)| {
        if *is_for {
            Finding::good(Part::Certificates, format!("it is for {host}, as browsers ask"))
        } else {
            let says = format!("it is not for {host}, so browsers refuse it there");
            let remedy = "a certificate with this name, or another address in DHCHAT_PUBLIC_URL";
            Finding::wrong(Part::Certificates, says, remedy)
        }
    };
    seen.hosts.iter().map(judge).collect()
}

fn vouched(seen: &Seen) -> Finding {
    let part = Part::Certificates;
    match &seen.doubt {
        None => Finding::good(part, "an authority that this machine knows vouches for it"),
        Some(why) => Finding::careful(
            part,
            format!("no authority that this machine knows vouches for it: {why}"),
            "browsers must know who signed it; the file needs whoever stands between, too",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::certificate::Certificate;
    use super::super::super::report::State::{self, Careful, Good, Wrong};
    use super::*;

    const NOW: Timestamp = Timestamp(1_800_000_000);

    fn after(days: i64) -> Timestamp {
        NOW.plus_seconds(days * DAY_SECONDS)
    }

    fn seen(begins: i64, ends: i64) -> Seen {
        let names = vec!["chat.example.org".to_owned()];
        Seen {
            certificate: Certificate { begins: after(begins), ends: after(ends), names },
            hosts: vec![("chat.example.org".to_owned(), true)],
            doubt: None,
        }
    }

    fn says(seen: Result<Seen, String>) -> Vec<(State, String)> {
        let findings = shown(&Shown { place: "https://chat.example.org".to_owned(), seen }, NOW);
        assert!(findings.iter().all(|finding| finding.part == Part::Certificates));
        findings.into_iter().map(|finding| (finding.state, finding.says)).collect()
    }

    #[test]
    fn doc7_what_browsers_are_shown_is_told_with_its_days_its_names_and_who_vouches() {
        let told = says(Ok(seen(-1, 60)));
        assert!(told.iter().all(|(state, _)| *state == Good), "{told:?}");
        assert_eq!(
            told[0].1,
            "the certificate of https://chat.example.org, for chat.example.org, holds for 60 days"
        );
        assert_eq!(told[1].1, "it is for chat.example.org, as browsers ask");
        for (begins, ends, state, words) in [
            (-9, 14, Good, "14 days"),
            (-9, 13, Careful, "ends in 13 days"),
            (-9, 0, Wrong, "has ended"),
            (1, 90, Wrong, "not hold yet"),
        ] {
            let (found, says) = says(Ok(seen(begins, ends))).remove(0);
            assert!(found == state && says.contains(words), "{found:?} {says}");
        }
    }

    #[test]
    fn doc7_a_foreign_name_an_unknown_signer_and_no_answer_are_told() {
        let foreign = Seen { hosts: vec![("other.example.org".to_owned(), false)], ..seen(-1, 60) };
        let says_foreign = &says(Ok(foreign))[1];
        assert!(says_foreign.0 == Wrong && says_foreign.1.contains("not for other.example.org"));
        let doubted = Seen { doubt: Some("unknown".to_owned()), ..seen(-1, 60) };
        assert_eq!(says(Ok(doubted))[2].0, Careful);
        let away = says(Err("refused".to_owned()));
        assert!(away.len() == 1 && away[0].0 == Wrong && away[0].1.contains("refused"), "{away:?}");
    }

    #[test]
    fn doc7_of_many_names_some_are_told() {
        let many: Vec<String> = (0..7).map(|number| format!("n{number}")).collect();
        assert_eq!(names(&many), "n0, n1, n2, n3, n4 and 2 more");
        assert_eq!(names(&[]), "nobody");
    }
}
