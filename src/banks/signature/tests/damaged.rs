//! Good signatures damaged at random: only what is exactly as it was signed is accepted, and nothing makes the readers of headers panic.

use super::*;
use proptest::prelude::*;

const KINDS: [(Algorithm, bool); 4] =
    [(Algorithm::Es256, true), (Algorithm::Es256, false), (Algorithm::EdDsa, true), (Algorithm::EdDsa, false)];

fn good(kind: usize) -> Sent {
    match KINDS.get(kind) {
        Some((algorithm, b64)) => Draft::good(*algorithm, *b64).sent(),
        None => webhook("msg_1", NOW, &signer(Algorithm::HmacSha256)),
    }
}

/// Where: 0 is the body, then the headers' values. How: a character there, taken out, put in or exchanged.
fn damage(sent: &mut Sent, (place, at, how, character): (usize, usize, u8, char)) {
    let byte = u8::try_from(character).unwrap_or(b'x');
    let places = sent.headers.len() + 1;
    match place % places {
        0 => {
            let at = at % sent.body.len().max(1);
            match how % 3 {
                0 if !sent.body.is_empty() => _ = sent.body.remove(at),
                1 => sent.body.insert(at, byte),
                _ => {
                    if let Some(place) = sent.body.get_mut(at) {
                        *place ^= byte.max(1);
                    }
                }
            }
        }
        header => {
            let mut value: Vec<char> = sent.headers[header - 1].1.chars().collect();
            let at = at % value.len().max(1);
            match how % 3 {
                0 if !value.is_empty() => _ = value.remove(at),
                1 => value.insert(at, character),
                _ => {
                    if let Some(old) = value.get_mut(at) {
                        *old = character;
                    }
                }
            }
            sent.headers[header - 1].1 = value.into_iter().collect();
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: ProptestConfig::default().cases.max(512), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_was_damaged_is_not_accepted(kind in 0_usize..5, damages in prop::collection::vec((0_usize..4, 0_usize..400, any::<u8>(), prop::char::range(' ', '~')), 1..4)) {
        let first = good(kind);
        prop_assert!(first.verify_with(&keys()).is_ok());
        let mut sent = first.clone();
        for one in &damages {
            damage(&mut sent, *one);
        }
        // A list of signatures may have a blank more around its one entry.
        let entries = |sent: &Sent| -> Vec<Vec<String>> {
            sent.headers.iter().map(|(_, value)| value.split(' ').filter(|part| !part.is_empty()).map(str::to_owned).collect()).collect()
        };
        let is_same = sent.body == first.body && entries(&sent) == entries(&first);
        prop_assert!(is_same || sent.verify_with(&keys()).is_err(), "{:?}", sent.headers);
    }

    #[test]
    fn any_values_of_the_headers_are_judged(values in prop::collection::vec("\\PC{0,80}|[A-Za-z0-9_.=+/, v1-]{0,120}", 4), body in prop::collection::vec(any::<u8>(), 0..40)) {
        for names in [&["x-jws-signature"][..], &["webhook-id", "webhook-timestamp", "webhook-signature"], &["x-jws-signature", "webhook-id"]] {
            let headers = names.iter().zip(&values).map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
            let sent = Sent { headers, body: body.clone(), at: NOW };
            prop_assert!(sent.verify_with(&keys()).is_err());
        }
    }

    #[test]
    fn any_text_is_a_key_or_refused(id in "\\PC{0,70}", text in "\\PC{0,200}|[{}\":,a-zA-Z0-9=+/_-]{0,200}") {
        for algorithm in [Algorithm::Es256, Algorithm::EdDsa, Algorithm::HmacSha256] {
            let _ = Key::parse(&id, algorithm, &text, Validity::default());
            let _ = Key::parse("k", algorithm, &format!("-----BEGIN PUBLIC KEY-----\n{text}\n-----END PUBLIC KEY-----"), Validity::default());
        }
    }
}
