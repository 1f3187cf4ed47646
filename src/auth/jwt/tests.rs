//! Tokens as an issuer makes them, as others forge them, and as they get old. Forged ones are put together by hand, so
//! that no library is asked to make what it would not.

use super::super::{Grant, Scope, Signer};
use super::*;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};

const SECRET: &str = "0123456789abcdef0123456789abcdef";
const NOW: u64 = 1_800_000_000;
const DATE: Duration = Duration::from_secs(NOW);
const LEEWAY: u64 = 60;

fn rules() -> Rules {
    Rules { leeway: Duration::from_secs(LEEWAY), ..Rules::default() }
}

fn strict() -> Rules {
    Rules { issuer: Some("https://id.example".into()), audience: Some("hub".into()), ..rules() }
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let bits = (0..3).fold(0, |bits, at| bits << 8 | u32::from(*chunk.get(at).unwrap_or(&0)));
        for at in 0..=chunk.len() {
            text.push(char::from(DIGITS[(bits >> (18 - 6 * at) & 63) as usize]));
        }
    }
    text
}

fn hmac(key: &[u8], text: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("any length");
    mac.update(text.as_bytes());
    base64(&mac.finalize().into_bytes())
}

/// A token with these two parts, signed with the secret, as HS256 does.
fn signed(head: &str, body: &str) -> String {
    let text = format!("{}.{}", base64(head.as_bytes()), base64(body.as_bytes()));
    format!("{text}.{}", hmac(SECRET.as_bytes(), &text))
}

fn token(claims: &Value) -> String {
    signed(r#"{"alg":"HS256","typ":"JWT"}"#, &claims.to_string())
}

fn anna() -> Value {
    json!({"sub": "anna", "exp": NOW + 600})
}

/// The claims with these in their place.
fn with(other: Value) -> Value {
    let (mut claims, Value::Object(other)) = (anna(), other) else { panic!("an object") };
    claims.as_object_mut().expect("an object").extend(other);
    claims
}

fn of(rules: Rules, token: &str) -> Result<Principal, Denied> {
    Jwts::of_secret(SECRET, rules).holder(token, DATE)
}

#[test]
fn a_token_says_whose_it_is_what_it_allows_and_until_when() {
    let found = of(rules(), &token(&with(json!({"scope": "agent files:read  bridge"})))).expect("it is ours");
    assert!(found.may(Scope::Agent) && found.may(Scope::Bridge) && !found.may(Scope::Admin));
    assert_eq!(found.until, Some(Duration::from_secs(NOW + 600 + LEEWAY)));
    let plain = of(rules(), &token(&anna())).expect("it is ours");
    assert!(Scope::ALL.into_iter().all(|scope| !plain.may(scope)));
    assert_eq!(found.holder, plain.holder, "one person, whatever the token allows");
    assert_eq!((found.user("one id"), found.namespace()), (plain.user("another id"), plain.namespace()));
    for other in
        [json!({"sub": "Anna"}), json!({"iss": "https://id.example"}), json!({"sub": "ann", "iss": "a"})]
    {
        let other = of(rules(), &token(&with(other))).expect("it is ours");
        assert_ne!(found.namespace(), other.namespace());
    }
    assert_eq!(format!("{:?}", found.holder), "Subject(Subject(…))");
}

#[test]
fn a_name_of_an_issuer_is_no_part_of_the_name_of_somebody() {
    assert_ne!(Subject::of(Some("ab"), "c"), Subject::of(Some("a"), "bc"));
    assert_ne!(Subject::of(Some(""), "abc"), Subject::of(Some("abc"), ""));
    assert_eq!(Subject::of(None, "a"), Subject::of(Some(""), "a"));
}

#[test]
fn time_is_looked_at_with_leeway() {
    let at = |claims: Value, date| {
        Jwts::of_secret(SECRET, rules()).holder(&token(&claims), Duration::from_secs(date))
    };
    let exp = NOW + 600;
    assert!(at(anna(), exp + LEEWAY - 1).is_ok());
    assert_eq!(at(anna(), exp + LEEWAY), Err(Denied::Expired));
    let begins = with(json!({"nbf": NOW}));
    assert!(at(begins.clone(), NOW - LEEWAY).is_ok());
    assert_eq!(at(begins, NOW - LEEWAY - 1), Err(Denied::Unknown));
    let parts = with(json!({"exp": NOW as f64 + 0.5, "nbf": NOW as f64 - 0.5}));
    assert_eq!(
        at(parts, NOW).expect("seconds need not be whole").until,
        Some(Duration::from_millis((NOW + LEEWAY) * 1_000 + 500))
    );
    assert!(at(with(json!({"exp": u64::MAX})), NOW).is_ok(), "no clock overflows");
}

#[test]
fn what_a_token_must_say_it_must_say_as_it_should() {
    let claims = [
        json!({"sub": "anna"}),
        json!({"exp": NOW + 600}),
        with(json!({"sub": ""})),
        with(json!({"sub": null})),
        with(json!({"sub": 7})),
        with(json!({"sub": ["anna"]})),
        with(json!({"exp": "1800000600"})),
        with(json!({"exp": null})),
        with(json!({"exp": true})),
        with(json!({"exp": -1})),
        with(json!({"exp": 1e300})),
        with(json!({"nbf": "1700000000"})),
        with(json!({"nbf": -5})),
        with(json!({"nbf": NOW + 3_600})),
        with(json!({"scope": ["admin"]})),
        with(json!({"iss": ["https://id.example"]})),
        with(json!({"aud": "somebody else"})),
        json!("anna"),
        json!([]),
        json!(null),
    ];
    for claims in claims {
        assert_eq!(of(rules(), &token(&claims)), Err(Denied::Unknown), "{claims}");
    }
    let expired = with(json!({"exp": NOW - 3_600}));
    assert_eq!(of(rules(), &token(&expired)), Err(Denied::Expired));
    let twice = format!(r#"{{"sub":"anna","sub":"bob","exp":{}}}"#, NOW + 600);
    assert_eq!(of(rules(), &signed(r#"{"alg":"HS256"}"#, &twice)), Err(Denied::Unknown));
    let large = r#"{"sub":"anna","exp":1e400}"#;
    assert_eq!(of(rules(), &signed(r#"{"alg":"HS256"}"#, large)), Err(Denied::Unknown));
}

#[test]
fn whoever_makes_tokens_can_find_out_what_is_wrong_with_one() {
    let why = |token: &str| Jwts::of_secret(SECRET, strict()).read(token, DATE).err().map(Flaw::name);
    let with = |other| {
        let mut claims = with(json!({"iss": "https://id.example", "aud": "hub"}));
        claims
            .as_object_mut()
            .expect("an object")
            .extend(with(other).as_object().expect("an object").clone());
        claims
    };
    let of = |other| why(&token(&with(other)));
    assert_eq!(of(json!({})), None);
    assert!([Some("issuer"), Some("audience")].contains(&why(&token(&anna()))));
    assert_eq!(of(json!({"iss": "another"})), Some("issuer"));
    assert_eq!(of(json!({"aud": "another"})), Some("audience"));
    for claims in [json!({"sub": ""}), json!({"sub": 7}), json!({"exp": "soon"}), json!({"nbf": -1})] {
        assert_eq!(of(claims.clone()), Some("claims"), "{claims}");
    }
    assert_eq!(of(json!({"nbf": NOW + 3_600})), Some("early"));
    assert_eq!(of(json!({"exp": NOW - 3_600})), Some("over"));
    let good = token(&with(json!({})));
    let (text, _) = good.rsplit_once('.').expect("three parts");
    assert_eq!(why(&format!("{text}.{}", hmac(b"another", text))), Some("signature"));
    let body = with(json!({})).to_string();
    assert_eq!(why(&signed(r#"{"alg":"HS512"}"#, &body)), Some("algorithm"));
    for head in [r#"{"alg":"HS256","crit":["x"]}"#, r#"{"alg":"none"}"#, r#"{"typ":"JWT"}"#, "{"] {
        assert_eq!(why(&signed(head, &body)), Some("head"), "{head}");
    }
    for shape in ["", "a", "a.b.c.d", "!.b.c", &signed(r#"{"alg":"HS256"}"#, "{")] {
        assert_eq!(why(shape), Some("shape"), "{shape}");
    }
}

#[test]
fn who_made_it_and_for_whom_is_compared_where_that_matters() {
    let (iss, aud) = ("https://id.example", "hub");
    for aud in [json!(aud), json!(["another", aud])] {
        let claims = with(json!({"iss": iss, "aud": aud}));
        assert!(of(strict(), &token(&claims)).is_ok(), "{claims}");
    }
    let wrong = [
        json!({"iss": iss}),
        json!({"aud": aud}),
        json!({"iss": "https://id.example/", "aud": aud}),
        json!({"iss": [iss], "aud": aud}),
        json!({"iss": iss, "aud": "Hub"}),
        json!({"iss": iss, "aud": []}),
        json!({"iss": iss, "aud": {"hub": true}}),
        json!({"iss": iss, "aud": null}),
    ];
    for claims in wrong.map(with) {
        assert_eq!(of(strict(), &token(&claims)), Err(Denied::Unknown), "{claims}");
    }
}

#[test]
fn the_head_changes_nothing_of_how_a_token_is_signed() {
    let body = anna().to_string();
    let takes = |head: &str| of(rules(), &signed(head, &body)).is_ok();
    for fine in [
        r#"{"alg":"HS256"}"#,
        r#"{"alg":"HS256","typ":"at+jwt","kid":"../../dev/null"}"#,
        r#"{"alg":"HS256","typ":"application/AT+JWT"}"#,
        r#"{"alg":"HS256","jku":"http://127.0.0.1:1/","x5u":"http://127.0.0.1:1/"}"#,
    ] {
        assert!(takes(fine), "{fine}");
    }
    for wrong in [
        r#"{"alg":"none"}"#,
        r#"{"alg":"None"}"#,
        r#"{"alg":"nOnE"}"#,
        r#"{"alg":"hs256"}"#,
        r#"{"alg":"HS384"}"#,
        r#"{"alg":"HS512"}"#,
        r#"{"alg":"RS256"}"#,
        r#"{"alg":"ES256"}"#,
        r#"{"alg":["HS256"]}"#,
        r#"{"alg":null}"#,
        r#"{"typ":"JWT"}"#,
        r#"{"alg":"HS256","typ":"JOSE"}"#,
        r#"{"alg":"HS256","typ":"secevent+jwt"}"#,
        r#"{"alg":"HS256","crit":["exp"]}"#,
        r#"{"alg":"HS256","crit":[]}"#,
        r#"{"alg":"HS256","b64":false,"crit":["b64"]}"#,
        r#"{"alg":"HS256","alg":"none"}"#,
        r#"{"alg":"HS256","kid":7}"#,
        "",
        "{}",
        "[]",
    ] {
        assert!(!takes(wrong), "{wrong}");
    }
}

#[test]
fn a_token_without_its_signature_or_with_another_is_none() {
    let good = token(&anna());
    let (text, signature) = good.rsplit_once('.').expect("three parts");
    let other = hmac(b"another secret of thirty-two char", text);
    let none = format!("{}.{}.", base64(br#"{"alg":"none"}"#), base64(anna().to_string().as_bytes()));
    let parts = |parts: &[&str]| parts.join(".");
    let wrong = [
        text.to_owned(),
        parts(&[text, ""]),
        parts(&[text, &other]),
        parts(&[text, &signature[..signature.len() - 1]]),
        parts(&[text, &format!("{signature}=")]),
        parts(&[text, &format!("{signature}A")]),
        parts(&[text, signature, ""]),
        parts(&["", text, signature]),
        format!(" {good}"),
        format!("{good} "),
        format!("{good}\n"),
        none,
        "..".to_owned(),
        ".".repeat(1_000),
        String::new(),
    ];
    for wrong in wrong {
        assert_eq!(of(rules(), &wrong), Err(Denied::Unknown), "{wrong:?}");
    }
    let long = token(&with(json!({"more": "x".repeat(LONGEST)})));
    assert_eq!(of(rules(), &long), Err(Denied::Unknown));
    let most = token(&with(json!({"more": "x".repeat(LONGEST / 2)})));
    assert!(of(rules(), &most).is_ok());
}

#[test]
fn no_byte_of_a_token_can_be_another() {
    let good = token(&with(json!({"scope": "bridge"})));
    let found = of(rules(), &good).expect("it is ours");
    for at in 0..good.len() {
        for other in (b' '..=b'~').filter(|byte| good.as_bytes()[at] != *byte) {
            let mut changed = good.clone().into_bytes();
            changed[at] = other;
            let changed = String::from_utf8(changed).expect("ASCII");
            assert_eq!(of(rules(), &changed), Err(Denied::Unknown), "{changed} of {found:?}");
        }
    }
}

/// A public key and the private one, in PEM, of each kind that is known here.
fn pairs() -> [(&'static str, String, String); 4] {
    use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der};
    use aws_lc_rs::rsa::KeySize;
    use aws_lc_rs::signature::{
        ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair,
        KeyPair, RsaKeyPair,
    };
    let der = |public: PublicKeyX509Der<'_>, private: &[u8]| {
        (pem("PUBLIC KEY", public.as_ref()), pem("PRIVATE KEY", private))
    };
    let ecdsa = |curve| {
        let pair = EcdsaKeyPair::generate(curve).expect("a key");
        der(pair.public_key().as_der().expect("DER"), pair.to_pkcs8v1().expect("DER").as_ref())
    };
    let (ed, rsa) =
        (Ed25519KeyPair::generate().expect("a key"), RsaKeyPair::generate(KeySize::Rsa2048).expect("a key"));
    let rsa_private: Pkcs8V1Der<'_> = rsa.as_der().expect("DER");
    let keys = [
        ("ES256", ecdsa(&ECDSA_P256_SHA256_FIXED_SIGNING)),
        ("ES384", ecdsa(&ECDSA_P384_SHA384_FIXED_SIGNING)),
        ("EdDSA", der(ed.public_key().as_der().expect("DER"), ed.to_pkcs8v1().expect("DER").as_ref())),
        ("RS256", der(rsa.public_key().as_der().expect("DER"), rsa_private.as_ref())),
    ];
    keys.map(|(name, (public, private))| (name, public, private))
}

fn pem(kind: &str, der: &[u8]) -> String {
    let digits = base64(der).replace('-', "+").replace('_', "/");
    let padded = format!("{digits}{}", "=".repeat((4 - digits.len() % 4) % 4));
    format!("-----BEGIN {kind}-----\n{padded}\n-----END {kind}-----\n")
}

#[test]
fn a_key_checks_what_its_other_half_signed_and_nothing_else() {
    let pairs = pairs();
    let grant = Grant { sub: "anna", scope: Some("agent"), iat: NOW, exp: NOW + 600, iss: None, aud: None };
    let sign = |signer: &Signer| signer.sign(&grant).expect("it signs");
    let secret = sign(&Signer::of_secret(SECRET));
    assert!(of(rules(), &secret).is_ok());
    for (kind, public, private) in &pairs {
        let jwts = Jwts::of_public_key(public, rules()).expect("a key");
        assert_eq!((jwts.algorithm(), format!("{jwts:?}")), (*kind, format!("Jwts({kind})")));
        let signer = Signer::of_private_key(private).expect("a key");
        assert_eq!((signer.algorithm(), format!("{signer:?}")), (*kind, format!("Signer({kind})")));
        assert!(jwts.holder(&sign(&signer), DATE).expect("it is ours").may(Scope::Agent), "{kind}");
        for (_, _, other) in pairs.iter().filter(|(other, ..)| other != kind) {
            let other = Signer::of_private_key(other).expect("a key");
            assert_eq!(jwts.holder(&sign(&other), DATE), Err(Denied::Unknown));
        }
        // The public key, which everybody has, as a secret to sign with.
        for key in [public.as_bytes(), public.trim_end().as_bytes()] {
            let text = format!("{}.{}", base64(br#"{"alg":"HS256"}"#), base64(anna().to_string().as_bytes()));
            let forged = format!("{text}.{}", hmac(key, &text));
            assert_eq!(jwts.holder(&forged, DATE), Err(Denied::Unknown), "{kind}");
        }
        assert_eq!(jwts.holder(&secret, DATE), Err(Denied::Unknown));
        assert_eq!(of(rules(), &sign(&signer)), Err(Denied::Unknown));
    }
}

#[test]
fn what_is_no_key_is_said_to_be_none() {
    let [(_, public, private), ..] = pairs();
    let no_public = |pem: &str| Jwts::of_public_key(pem, rules()).expect_err("no key");
    assert_eq!(no_public(&private), BadKey::Private);
    let broken = public.replace("MF", "AA");
    for other in ["", "a secret", &public[..60], &pem("CERTIFICATE", b"x"), "-----BEGIN PUBLIC KEY-----"] {
        assert_eq!(no_public(other), BadKey::NoPublicKey, "{other}");
    }
    for other in [&broken, &pem("PUBLIC KEY", b"x"), OF_1024_BITS, ON_ANOTHER_CURVE] {
        assert_eq!(no_public(other), BadKey::OtherKind, "{other}");
    }
    let no_private = |pem: &str| Signer::of_private_key(pem).expect_err("no key");
    assert_eq!(no_private(&public), BadKey::NoPrivateKey);
    assert_eq!(no_private(&pem("PRIVATE KEY", b"x")), BadKey::OtherKind);
    for words in [BadKey::NoPublicKey, BadKey::Private, BadKey::NoPrivateKey, BadKey::OtherKind] {
        assert_eq!(words.to_string().lines().count(), 1);
    }
}

/// `openssl genrsa 1024 | openssl rsa -pubout`
const OF_1024_BITS: &str = "\
-----BEGIN PUBLIC KEY-----\n\
MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQC4J05vpqDsG0yYsBA6KcJXV6ob\n\
RT1Qk76nTWTbWiAIeG5OGAnRMcRPIXAZ5et+CGLHerkPl/fd0QCV3Q099U+xgFXv\n\
Ufj46ViYp2KR2c/LlQoRcFczYEijlM7mVfkf6pti2Ttzq9UpZAlxPSKoaW/mrPBE\n\
8RWDOzOmtLfMDkzcbQIDAQAB\n\
-----END PUBLIC KEY-----";

/// `openssl ecparam -name secp256k1 -genkey | openssl ec -pubout`
const ON_ANOTHER_CURVE: &str = "\
-----BEGIN PUBLIC KEY-----\n\
MFYwEAYHKoZIzj0CAQYFK4EEAAoDQgAEfjtmLBhJBNw2oNeZA0JkTtAw9ADV9fYf\n\
Irq0KggU5lYIzAIUH05nmuM9jHl6Df4p1B1/6GDbHmif67VJ2eYvUQ==\n\
-----END PUBLIC KEY-----";
