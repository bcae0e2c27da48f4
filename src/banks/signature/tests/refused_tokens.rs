//! Tokens that must not be accepted: every alteration by each algorithm, with the body encoded and plain. Each names the code that answers it.

use super::*;

pub(super) struct Base {
    pub algorithm: Algorithm,
    pub b64: bool,
}

pub(super) type Case = (&'static str, &'static str, fn(&Base) -> Sent);

impl Base {
    fn good(&self) -> Draft {
        Draft::good(self.algorithm, self.b64)
    }

    /// Signed with the right key over a header that was changed before.
    fn header(&self, change: impl Fn(&str) -> String) -> Sent {
        let mut draft = self.good();
        draft.header = change(&draft.header);
        draft.sent()
    }

    fn replaced(&self, old: &str, new: &str) -> Sent {
        let sent = self.header(|header| header.replacen(old, new, 1));
        assert_ne!(self.good().header, self.good().header.replacen(old, new, 1), "the alteration does nothing");
        sent
    }

    fn with(&self, members: &str) -> Sent {
        self.header(|header| header.replacen('{', &format!("{{{members},"), 1))
    }

    fn named(&self, state: &str) -> Sent {
        let name = self.algorithm.as_str();
        self.replaced(&format!(r#""kid":"{name}""#), &format!(r#""kid":"{name}{state}""#))
    }

    fn alg(&self, name: &str) -> Sent {
        self.replaced(&format!(r#""alg":"{}""#, self.algorithm.as_str()), &format!(r#""alg":"{name}""#))
    }

    fn iat(&self, value: &str) -> Sent {
        self.replaced(&NOW.to_string(), value)
    }

    fn signed_by(&self, signer: Signer, change: impl Fn(&str) -> String) -> Sent {
        let mut draft = self.good();
        draft.signer = signer;
        draft.header = change(&draft.header);
        draft.sent()
    }

    fn token(&self, change: impl Fn(&str, &str) -> String) -> Sent {
        let token = self.good().token();
        let (header, signature) = token.split_once("..").unwrap();
        sent_token(&change(header, signature))
    }

    fn signature(&self, change: impl Fn(&mut Vec<u8>)) -> Sent {
        self.token(|header, signature| {
            let mut bytes = from_base64url(signature).unwrap();
            change(&mut bytes);
            format!("{header}..{}", to_base64url(&bytes))
        })
    }

    /// The header is changed after signing.
    fn swapped(&self, change: impl Fn(&str) -> String) -> Sent {
        let changed = change(&self.good().header);
        assert_ne!(changed, self.good().header);
        self.token(|_, signature| format!("{}..{signature}", to_base64url(changed.as_bytes())))
    }

    fn body(&self, change: impl Fn(&mut Vec<u8>)) -> Sent {
        let mut sent = self.good().sent();
        change(&mut sent.body);
        sent
    }

    fn at(&self, at: i64) -> Sent {
        Sent { at, ..self.good().sent() }
    }
}

pub(super) const HEADERS: &[Case] = &[
    ("alg none", "signature-algorithm", |b| b.alg("none")),
    ("alg None", "signature-algorithm", |b| b.alg("None")),
    ("alg none, no signature", "signature-algorithm", |b| {
        b.signed_by(Signer::Nobody, |h| h.replacen(b.algorithm.as_str(), "none", 1))
    }),
    ("alg empty", "signature-algorithm", |b| b.alg("")),
    ("alg in lower case", "signature-algorithm", |b| b.alg(&b.algorithm.as_str().to_lowercase())),
    ("alg RS256", "signature-algorithm", |b| b.alg("RS256")),
    ("alg ES384", "signature-algorithm", |b| b.alg("ES384")),
    ("alg of the other kind", "signature-algorithm", |b| {
        b.alg(if b.algorithm == Algorithm::Es256 { "EdDSA" } else { "ES256" })
    }),
    ("alg HS256 with the public key as secret", "signature-algorithm", |b| {
        b.signed_by(Signer::Secret(signer(b.algorithm).public()), |h| h.replacen(b.algorithm.as_str(), "HS256", 1))
    }),
    ("alg HS256 with the key's text as secret", "signature-algorithm", |b| {
        let text = jwk(&signer(b.algorithm)).into_bytes();
        b.signed_by(Signer::Secret(text), |h| h.replacen(b.algorithm.as_str(), "HS256", 1))
    }),
    ("a shared secret in a token", "signature-algorithm", |b| {
        b.signed_by(signer(Algorithm::HmacSha256), |_| format!(r#"{{"alg":"HS256","kid":"secret","iat":{NOW}}}"#))
    }),
    ("the id of a secret, signed by a key", "signature-algorithm", |b| {
        b.replaced(&format!(r#""kid":"{}""#, b.algorithm.as_str()), r#""kid":"secret""#)
    }),
    ("alg missing", "signature-malformed", |b| b.header(|h| h.replacen(r#""alg""#, r#""alc""#, 1))),
    ("alg a number", "signature-malformed", |b| {
        b.replaced(&format!(r#""{}","kid""#, b.algorithm.as_str()), r#"1,"kid""#)
    }),
    ("alg twice", "signature-malformed", |b| b.with(r#""alg":"none""#)),
    ("kid missing", "signature-malformed", |b| b.replaced(r#""kid""#, r#""kit""#)),
    ("kid null", "signature-malformed", |b| {
        b.replaced(&format!(r#""kid":"{}""#, b.algorithm.as_str()), r#""kid":null"#)
    }),
    ("kid twice", "signature-malformed", |b| b.with(r#""kid":"other""#)),
    ("kid unknown", "signature-key-unknown", |b| b.named("-9")),
    ("kid in other case", "signature-key-unknown", |b| {
        b.replaced(
            &format!(r#""kid":"{}""#, b.algorithm.as_str()),
            &format!(r#""kid":"{}""#, b.algorithm.as_str().to_uppercase() + "_"),
        )
    }),
    ("a disabled key", "signature-key-not-in-force", |b| b.named("-disabled")),
    ("an expired key", "signature-key-not-in-force", |b| b.named("-expired")),
    ("a key not valid yet", "signature-key-not-in-force", |b| b.named("-early")),
    ("other bank's key under its own id", "signature-key-unknown", |b| {
        b.signed_by(stranger(b.algorithm), |h| h.replacen(r#""kid":""#, r#""kid":"theirs-"#, 1))
    }),
    ("other bank's key under our id", "signature-wrong", |b| b.signed_by(stranger(b.algorithm), str::to_owned)),
    ("signed by nobody", "signature-wrong", |b| b.signed_by(Signer::Nobody, str::to_owned)),
    ("iat missing", "signature-malformed", |b| b.replaced(r#""iat""#, r#""iax""#)),
    ("iat a text", "signature-malformed", |b| b.iat(&format!("\"{NOW}\""))),
    ("iat a fraction", "signature-malformed", |b| b.iat(&format!("{NOW}.5"))),
    ("iat null", "signature-malformed", |b| b.iat("null")),
    ("iat beyond all time", "signature-malformed", |b| b.iat("9223372036854775807")),
    ("iat in milliseconds", "signature-outside-window", |b| b.iat("175700000000")),
    ("iat too old", "signature-outside-window", |b| b.iat(&(NOW - 301).to_string())),
    ("iat in the future", "signature-outside-window", |b| b.iat(&(NOW + 301).to_string())),
    ("iat zero", "signature-outside-window", |b| b.iat("0")),
    ("iat negative", "signature-outside-window", |b| b.iat(&format!("-{NOW}"))),
    ("iat twice", "signature-malformed", |b| b.with(&format!(r#""iat":{NOW}"#))),
    ("a key in the header", "signature-not-accepted", |b| {
        let theirs = stranger(b.algorithm);
        let member = format!(r#""jwk":{}"#, jwk(&theirs));
        b.signed_by(theirs, |h| h.replacen('{', &format!("{{{member},"), 1))
    }),
    ("an address of keys", "signature-not-accepted", |b| b.with(r#""jku":"https://bank.example/keys""#)),
    ("a certificate", "signature-not-accepted", |b| b.with(r#""x5c":["MIIB"]"#)),
    ("an address of a certificate", "signature-not-accepted", |b| b.with(r#""x5u":"https://bank.example/c""#)),
    ("header a list", "signature-malformed", |b| b.header(|_| format!(r#"["{0}","{0}",{NOW}]"#, b.algorithm.as_str()))),
    ("header a text", "signature-malformed", |b| b.header(|_| r#""alg""#.to_owned())),
    ("header empty", "signature-malformed", |b| b.header(|_| String::new())),
    ("header with something after it", "signature-malformed", |b| b.header(|h| format!("{h}{{}}"))),
    ("header nested deep", "signature-malformed", |b| b.header(|_| "{\"alg\":".to_owned() + &"[".repeat(2000))),
];

pub(super) const CRITICAL: &[Case] = &[
    ("crit of what is unknown", "signature-not-accepted", |b| critical(b, r#""exp":1,"#, r#"["exp"]"#)),
    ("crit of b64 and what is unknown", "signature-not-accepted", |b| {
        critical(b, r#""b64":true,"#, r#"["b64","exp"]"#)
    }),
    ("crit empty", "signature-malformed", |b| critical(b, "", "[]")),
    ("crit null", "signature-malformed", |b| critical(b, "", "null")),
    ("crit a text", "signature-malformed", |b| critical(b, "", r#""b64""#)),
    ("crit names twice", "signature-malformed", |b| critical(b, r#""b64":true,"#, r#"["b64","b64"]"#)),
    ("crit without b64", "signature-malformed", |b| critical(b, "", r#"["b64"]"#)),
    ("b64 without crit", "signature-malformed", |b| critical(b, r#""b64":false,"#, r#"["iat"]"#)),
    ("b64 null", "signature-malformed", |b| critical(b, r#""b64":null,"#, r#"["b64"]"#)),
    ("b64 a text", "signature-malformed", |b| critical(b, r#""b64":"false","#, r#"["b64"]"#)),
    ("b64 twice", "signature-malformed", |b| critical(b, r#""b64":true,"b64":false,"#, r#"["b64"]"#)),
    ("crit of alg", "signature-not-accepted", |b| critical(b, "", r#"["alg"]"#)),
];

fn critical(base: &Base, member: &str, crit: &str) -> Sent {
    let name = base.algorithm.as_str();
    base.header(|_| format!(r#"{{{member}"crit":{crit},"alg":"{name}","kid":"{name}","iat":{NOW}}}"#))
}

pub(super) const SENT: &[Case] = &[
    ("a byte of the body changed", "signature-wrong", |b| b.body(|body| body[15] ^= 1)),
    ("a byte more", "signature-wrong", |b| b.body(|body| body.push(b'\n'))),
    ("a byte less", "signature-wrong", |b| b.body(|body| body.truncate(body.len() - 1))),
    ("no body", "signature-wrong", |b| b.body(Vec::clear)),
    ("the body encoded", "signature-wrong", |b| b.body(|body| *body = to_base64url(body).into_bytes())),
    ("the body in pretty print", "signature-wrong", |b| b.body(|body| body.insert(1, b' '))),
    ("no token", "signature-missing", |b| Sent { headers: Vec::new(), ..b.good().sent() }),
    ("an empty token", "signature-malformed", |_| sent_token("")),
    ("only dots", "signature-malformed", |_| sent_token("..")),
    ("the token under another name", "signature-missing", |b| renamed(b, "x-jws-signatures")),
    ("the token as authorization", "signature-missing", |b| renamed(b, "authorization")),
    ("the token twice", "signature-ambiguous", |b| {
        let mut sent = b.good().sent();
        sent.headers.push(("X-JWS-Signature".to_owned(), "other".to_owned()));
        sent
    }),
    ("a token and a webhook", "signature-ambiguous", |b| {
        let mut sent = b.good().sent();
        sent.headers.extend(webhook("msg_1", NOW, &signer(Algorithm::HmacSha256)).headers);
        sent
    }),
    ("the payload attached", "signature-malformed", |b| b.token(|h, s| format!("{h}.{}.{s}", to_base64url(BODY)))),
    ("two parts", "signature-malformed", |b| b.token(|h, s| format!("{h}.{s}"))),
    ("four parts", "signature-malformed", |b| b.token(|h, s| format!("{h}..{s}."))),
    ("a space after it", "signature-malformed", |b| b.token(|h, s| format!("{h}..{s} "))),
    ("a space before it", "signature-malformed", |b| b.token(|h, s| format!(" {h}..{s}"))),
    ("padded signature", "signature-malformed", |b| b.token(|h, s| format!("{h}..{s}=="))),
    ("padded header", "signature-malformed", |b| b.token(|h, s| format!("{h}=..{s}"))),
    ("other alphabet", "signature-malformed", |b| b.token(|h, s| format!("{h}..+{}", &s[1..]))),
    ("bits after the end", "signature-malformed", |b| {
        b.token(|h, s| format!("{h}..{}{}", &s[..s.len() - 1], if s.ends_with('B') { 'C' } else { 'B' }))
    }),
    ("letters beyond ASCII", "signature-malformed", |b| b.token(|h, s| format!("{h}..é{s}"))),
    ("a token beyond all length", "signature-malformed", |b| b.token(|h, s| format!("{h}..{s}{}", "A".repeat(5000)))),
    ("a character of the signature less", "signature-malformed", |b| {
        b.token(|h, s| format!("{h}..{}", &s[..s.len() - 1]))
    }),
    ("a byte of the signature less", "signature-wrong", |b| b.signature(|bytes| bytes.truncate(63))),
    ("half of the signature", "signature-wrong", |b| b.signature(|bytes| bytes.truncate(32))),
    ("no signature", "signature-wrong", |b| b.signature(Vec::clear)),
    ("a byte of the signature more", "signature-wrong", |b| b.signature(|bytes| bytes.push(0))),
    ("the first bit turned", "signature-wrong", |b| b.signature(|bytes| bytes[0] ^= 0x80)),
    ("a middle bit turned", "signature-wrong", |b| b.signature(|bytes| bytes[32] ^= 1)),
    ("the last bit turned", "signature-wrong", |b| b.signature(|bytes| bytes[63] ^= 1)),
    ("zeros", "signature-wrong", |b| b.signature(|bytes| bytes.fill(0))),
    ("ones", "signature-wrong", |b| b.signature(|bytes| bytes.fill(0xff))),
    ("the halves exchanged", "signature-wrong", |b| b.signature(|bytes| bytes.rotate_left(32))),
    ("in DER", "signature-wrong", |b| {
        b.signature(|bytes| {
            let half = |part: &[u8]| [&[2, 33, 0], part].concat();
            *bytes = [vec![0x30, 70], half(&bytes[..32]), half(&bytes[32..])].concat();
        })
    }),
    ("another's signature", "signature-wrong", |b| {
        let other = Draft { signer: stranger(b.algorithm), ..b.good() }.token();
        b.token(|h, _| format!("{h}..{}", other.split_once("..").unwrap().1))
    }),
    ("the time moved", "signature-wrong", |b| b.swapped(|h| h.replacen(&NOW.to_string(), &(NOW + 1).to_string(), 1))),
    ("the key's id moved", "signature-key-not-in-force", |b| {
        let name = b.algorithm.as_str();
        b.swapped(|h| h.replacen(&format!(r#""kid":"{name}""#), &format!(r#""kid":"{name}-early""#), 1))
    }),
    ("a space in the header", "signature-wrong", |b| b.swapped(|h| h.replacen(':', ": ", 1))),
    ("a member more in the header", "signature-wrong", |b| b.swapped(|h| h.replacen('{', r#"{"typ":"JOSE","#, 1))),
    ("the encoding of the body turned", "signature-wrong", |b| {
        let other = Base { algorithm: b.algorithm, b64: !b.b64 }.good().header;
        b.swapped(|_| other.clone())
    }),
    ("signed over the other encoding", "signature-wrong", |b| Draft { b64: !b.b64, ..b.good() }.sent()),
    ("signed without the body", "signature-wrong", |b| {
        let draft = b.good();
        let header = to_base64url(draft.header.as_bytes());
        sent_token(&format!("{header}..{}", to_base64url(&draft.signer.sign(header.as_bytes()))))
    }),
    ("signed the body alone", "signature-wrong", |b| {
        let draft = b.good();
        let header = to_base64url(draft.header.as_bytes());
        sent_token(&format!("{header}..{}", to_base64url(&draft.signer.sign(BODY))))
    }),
    ("replayed after the window", "signature-outside-window", |b| b.at(NOW + 301)),
    ("sent before the window", "signature-outside-window", |b| b.at(NOW - 301)),
    ("replayed a day later", "signature-outside-window", |b| b.at(NOW + 86_400)),
    ("replayed a year later", "signature-outside-window", |b| b.at(NOW + 365 * 86_400)),
];

fn renamed(base: &Base, name: &str) -> Sent {
    let mut sent = base.good().sent();
    name.clone_into(&mut sent.headers[0].0);
    sent
}

#[test]
fn no_altered_token_is_accepted() {
    let (mut tried, mut wrong) = (0, Vec::new());
    for algorithm in [Algorithm::Es256, Algorithm::EdDsa] {
        for base in [Base { algorithm, b64: true }, Base { algorithm, b64: false }] {
            assert_eq!(base.good().sent().code(), "ACCEPTED");
            for (name, expected, make) in HEADERS.iter().chain(CRITICAL).chain(SENT) {
                let code = make(&base).code();
                tried += 1;
                if code != *expected {
                    wrong.push(format!("{algorithm:?}, b64 {}: {name}: {code}, not {expected}", base.b64));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(tried >= 400, "{tried}");
}

#[test]
fn no_bit_of_a_token_can_be_turned() {
    for algorithm in [Algorithm::Es256, Algorithm::EdDsa] {
        let token = Draft::good(algorithm, false).token().into_bytes();
        for place in 0..token.len() {
            let mut changed = token.clone();
            changed[place] ^= 1;
            let changed = String::from_utf8(changed).unwrap();
            assert_ne!(sent_token(&changed).code(), "ACCEPTED", "{place}");
        }
    }
}

#[test]
fn a_message_is_not_another_banks() {
    for (name, of_bank) in [("none", Vec::new()), ("another's", vec![other_banks_key()])] {
        for (algorithm, b64) in [(Algorithm::Es256, true), (Algorithm::EdDsa, false)] {
            let found = Draft::good(algorithm, b64).sent().verify_with(&of_bank);
            assert!(
                matches!(found, Err(SignatureError::KeyUnknown | SignatureError::OtherAlgorithm)),
                "{name}: {found:?}"
            );
        }
    }
}

/// Under an id that is ours too.
fn other_banks_key() -> Key {
    Key::parse("ES256", Algorithm::EdDsa, &jwk(&stranger(Algorithm::EdDsa)), Validity::default()).unwrap()
}
