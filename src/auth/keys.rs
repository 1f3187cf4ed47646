//! Keys that JWTs are signed with, and how each of them signs: a key signs in one way only.
//!
//! It must never know where a key comes from, and its words never hold one.

use aws_lc_rs::rsa::PublicKey as RsaPublicKey;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED,
    ECDSA_P384_SHA384_FIXED_SIGNING, ED25519, EcdsaKeyPair, EcdsaSigningAlgorithm, Ed25519KeyPair,
    ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RsaKeyPair, RsaPublicKeyComponents, VerificationAlgorithm,
};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{PrivateKeyDer, SubjectPublicKeyInfoDer};
use std::fmt;
use std::ops::RangeInclusive;

/// What stands before the RSA key in its PKCS #8 wrapping (RFC 5958), for all keys of 2048 bits or more.
const PKCS8_OF_RSA: usize = 26;

/// 2048 to 8192 bits.
const RSA_BYTES: RangeInclusive<usize> = 256..=1_024;

/// Why a text is no key to go by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BadKey {
    /// It is no PEM, or one of something else.
    NoPublicKey,
    /// It is to be a public key, and everybody who reads it could sign.
    Private,
    NoPrivateKey,
    /// It is a key that signs in none of the ways that are known here.
    OtherKind,
}

impl fmt::Display for BadKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoPublicKey => "it is no public key in PEM, which begins with -----BEGIN PUBLIC KEY-----",
            Self::Private => {
                "it is a private key, which whoever checks tokens need not have: take what \
                 `openssl pkey -pubout` makes of it"
            }
            Self::NoPrivateKey => "it is no private key in PEM, such as `openssl genpkey` makes",
            Self::OtherKind => {
                "it is a key of another kind: ECDSA on P-256 or P-384, Ed25519 and RSA of 2048 to 8192 bits \
                 are known"
            }
        })
    }
}

/// The public key in a PEM, and how tokens are signed with its other half.
pub fn public(pem: &str) -> Result<(Algorithm, DecodingKey), BadKey> {
    let Ok(key) = SubjectPublicKeyInfoDer::from_pem_slice(pem.as_bytes()) else {
        let is_private = PrivateKeyDer::from_pem_slice(pem.as_bytes()).is_ok();
        return Err(if is_private { BadKey::Private } else { BadKey::NoPublicKey });
    };
    let is = |kind: &'static dyn VerificationAlgorithm| ParsedPublicKey::new(kind, &*key).is_ok();
    let found = match () {
        () if is(&ECDSA_P256_SHA256_FIXED) => (Algorithm::ES256, DecodingKey::from_ec_der(&key)),
        () if is(&ECDSA_P384_SHA384_FIXED) => (Algorithm::ES384, DecodingKey::from_ec_der(&key)),
        () if is(&ED25519) => (Algorithm::EdDSA, DecodingKey::from_ed_der(&key)),
        () if is(&RSA_PKCS1_2048_8192_SHA256) && is_long_enough(&key) => {
            (Algorithm::RS256, DecodingKey::from_rsa_der(&key))
        }
        () => return Err(BadKey::OtherKind),
    };
    Ok(found)
}

/// The private key in a PEM, and how it signs tokens.
pub fn private(pem: &str) -> Result<(Algorithm, EncodingKey), BadKey> {
    let key = PrivateKeyDer::from_pem_slice(pem.as_bytes()).map_err(|_| BadKey::NoPrivateKey)?;
    let der = key.secret_der();
    let found = [
        (Algorithm::ES256, ecdsa(&ECDSA_P256_SHA256_FIXED_SIGNING, der)),
        (Algorithm::ES384, ecdsa(&ECDSA_P384_SHA384_FIXED_SIGNING, der)),
        (Algorithm::EdDSA, ed25519(der)),
        (Algorithm::RS256, rsa(der)),
    ];
    let found = found.into_iter().find_map(|(algorithm, key)| Some((algorithm, key?)));
    found.ok_or(BadKey::OtherKind)
}

/// A shorter one is known when it is read, and no signature with it is taken.
fn is_long_enough(rsa: &[u8]) -> bool {
    let modulus = RsaPublicKey::from_der(rsa).map(|key| RsaPublicKeyComponents::<Vec<u8>>::from(&key).n);
    modulus.is_ok_and(|modulus| RSA_BYTES.contains(&modulus.len()))
}

/// Older tools write such a key without its wrapping.
fn ecdsa(curve: &'static EcdsaSigningAlgorithm, der: &[u8]) -> Option<EncodingKey> {
    let pkcs8 = EcdsaKeyPair::from_private_key_der(curve, der).ok()?.to_pkcs8v1().ok()?;
    Some(EncodingKey::from_ec_der(pkcs8.as_ref()))
}

fn ed25519(der: &[u8]) -> Option<EncodingKey> {
    Ed25519KeyPair::from_pkcs8(der).ok().map(|_| EncodingKey::from_ed_der(der))
}

fn rsa(der: &[u8]) -> Option<EncodingKey> {
    let is_wrapped = RsaKeyPair::from_pkcs8(der).is_ok();
    let bare = if is_wrapped { der.get(PKCS8_OF_RSA..)? } else { der };
    let pair = RsaKeyPair::from_der(bare).ok()?;
    RSA_BYTES.contains(&pair.public_modulus_len()).then(|| EncodingKey::from_rsa_der(bare))
}
