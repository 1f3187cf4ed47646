//! JSON Web Tokens (RFC 7519), checked as RFC 8725 has it: whether the issuer made one, whose it is, what it allows,
//! and until when.
//!
//! The key says how a token has to be signed, and what the token says of that is only compared. Nothing of a token is
//! printed or kept but a hash of whose it is. It must never know the settings, nor a clock: it is told the date.

use super::keys::{self, BadKey};
use super::{Denied, Holder, Principal, Scope, Scopes};
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, DecodingKey, Header, TokenData, Validation, decode, decode_header};
use serde::Deserialize;
use serde_json::Number;
use sha2::{Digest, Sha256};
use std::fmt;
use std::time::Duration;

/// Bytes of a token. A request's head has no room for much more, and a frame would have.
const LONGEST: usize = 8 * 1_024;
/// What a token may say that it is (RFC 7515 section 4.1.9, RFC 9068 section 2.1); most say nothing.
const TYPES: [&str; 2] = ["jwt", "at+jwt"];

/// What a token has to say besides whose it is.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    /// Who made it (`iss`); `None` is anybody who has the key.
    pub issuer: Option<String>,
    /// For whom (`aud`); `None` is nobody in particular, and a token that names somebody is not taken.
    pub audience: Option<String>,
    /// How far clocks may be apart.
    pub leeway: Duration,
}

/// Reads tokens that are signed with one key. Its `Debug` prints nothing of it.
#[derive(Clone)]
pub struct Jwts {
    algorithm: Algorithm,
    key: DecodingKey,
    validation: Validation,
    leeway: Duration,
}

impl fmt::Debug for Jwts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Jwts({})", self.algorithm())
    }
}

/// What a token says, as far as it matters here. Of what is named twice nobody could say which was meant.
#[derive(Deserialize)]
struct Claims {
    sub: String,
    iss: Option<String>,
    exp: Number,
    nbf: Option<Number>,
    scope: Option<String>,
}

impl Jwts {
    /// Those that are signed with a secret (HS256), which has to be long enough that nobody finds it by trying.
    pub fn of_secret(secret: &str, rules: Rules) -> Self {
        Self::new(Algorithm::HS256, DecodingKey::from_secret(secret.as_bytes()), rules)
    }

    /// Those that are signed with the other half of the public key in this PEM: ES256, ES384, EdDSA or RS256, whichever
    /// the key is for.
    pub fn of_public_key(pem: &str, rules: Rules) -> Result<Self, BadKey> {
        keys::public(pem).map(|(algorithm, key)| Self::new(algorithm, key, rules))
    }

    fn new(algorithm: Algorithm, key: DecodingKey, rules: Rules) -> Self {
        let Rules { issuer, audience, leeway } = rules;
        let mut validation = Validation::new(algorithm);
        // The library would ask the system for the date.
        (validation.validate_exp, validation.validate_nbf) = (false, false);
        let claims =
            [Some("exp"), Some("sub"), issuer.as_ref().map(|_| "iss"), audience.as_ref().map(|_| "aud")];
        validation.set_required_spec_claims(&claims.into_iter().flatten().collect::<Vec<_>>());
        issuer.inspect(|issuer| validation.set_issuer(&[issuer]));
        audience.inspect(|audience| validation.set_audience(&[audience]));
        Self { algorithm, key, validation, leeway }
    }

    /// How tokens are signed, by the name in RFC 7518 section 3.1 or RFC 8037.
    pub fn algorithm(&self) -> &'static str {
        name(self.algorithm)
    }

    /// Whoever has this token, on that date: the time since 1970.
    pub fn holder(&self, token: &str, date: Duration) -> Result<Principal, Denied> {
        self.read(token, date).map_err(|flaw| {
            // For whoever makes tokens: whoever brings one is told no more than that it is none.
            tracing::debug!(why = flaw.name(), "A JWT was refused");
            if flaw == Flaw::Over { Denied::Expired } else { Denied::Unknown }
        })
    }

    fn read(&self, token: &str, date: Duration) -> Result<Principal, Flaw> {
        if token.len() > LONGEST {
            return Err(Flaw::Shape);
        }
        let read = decode::<Claims>(token, &self.key, &self.validation);
        let TokenData { header, claims } = read.map_err(|error| Flaw::of(token, error.kind()))?;
        if !is_understood(&header) {
            return Err(Flaw::Head);
        }
        let begins = claims.nbf.map_or(Some(Duration::ZERO), |nbf| moment(&nbf)).ok_or(Flaw::Claims)?;
        let ends = moment(&claims.exp).filter(|_| !claims.sub.is_empty()).ok_or(Flaw::Claims)?;
        let principal = Principal {
            holder: Holder::Subject(Subject::of(claims.iss.as_deref(), &claims.sub)),
            is_checked: true,
            scopes: scopes(claims.scope.as_deref()),
            until: Some(ends.saturating_add(self.leeway)),
        };
        match () {
            () if date.saturating_add(self.leeway) < begins => Err(Flaw::Early),
            () if principal.is_over(date) => Err(Flaw::Over),
            () => Ok(principal),
        }
    }
}

/// Why a token is not taken.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Flaw {
    /// It is no JWT, or too long.
    Shape,
    Algorithm,
    Signature,
    /// Its head says nothing that can be read, or asks for something that is not done here.
    Head,
    Issuer,
    Audience,
    /// A claim is missing, of the wrong type, or there twice.
    Claims,
    Early,
    /// It was one until now.
    Over,
}

impl Flaw {
    fn of(token: &str, error: &ErrorKind) -> Self {
        let head = decode_header(token).err();
        match error {
            _ if head.is_some_and(|error| matches!(error.kind(), ErrorKind::Json(_))) => Self::Head,
            ErrorKind::InvalidAlgorithm => Self::Algorithm,
            ErrorKind::InvalidSignature => Self::Signature,
            ErrorKind::InvalidIssuer => Self::Issuer,
            ErrorKind::InvalidAudience => Self::Audience,
            ErrorKind::MissingRequiredClaim(claim) if claim == "iss" => Self::Issuer,
            ErrorKind::MissingRequiredClaim(claim) if claim == "aud" => Self::Audience,
            ErrorKind::MissingRequiredClaim(_) | ErrorKind::InvalidClaimFormat(_) => Self::Claims,
            ErrorKind::Json(error) if error.is_data() => Self::Claims,
            _ => Self::Shape,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Shape => "shape",
            Self::Algorithm => "algorithm",
            Self::Signature => "signature",
            Self::Head => "head",
            Self::Issuer => "issuer",
            Self::Audience => "audience",
            Self::Claims => "claims",
            Self::Early => "early",
            Self::Over => "over",
        }
    }
}

/// Somebody of an issuer: a hash of both names. Its `Debug` prints nothing of it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Subject([u8; 16]);

impl Subject {
    fn of(issuer: Option<&str>, subject: &str) -> Self {
        let issuer = issuer.unwrap_or_default();
        let mut hash = Sha256::new();
        // With its length before it nothing of the issuer's name can pass for the beginning of the subject's.
        hash.update(issuer.len().to_be_bytes());
        hash.update(issuer);
        hash.update(subject);
        let digest: [u8; 32] = hash.finalize().into();
        Self(digest.first_chunk().copied().unwrap_or_default())
    }

    /// In hexadecimal digits.
    pub(super) fn digits(&self) -> String {
        format!("{:032x}", u128::from_be_bytes(self.0))
    }
}

impl fmt::Debug for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Subject(…)")
    }
}

/// Whether the head asks for nothing that is not done here (RFC 7515 section 4.1.11), and calls it no other kind of
/// token.
fn is_understood(header: &Header) -> bool {
    let kind = header.typ.as_deref().unwrap_or("jwt").to_ascii_lowercase();
    let kind = kind.strip_prefix("application/").unwrap_or(&kind);
    header.crit.is_none() && TYPES.contains(&kind)
}

/// A date as tokens have it, in seconds since 1970, which need not be whole.
fn moment(seconds: &Number) -> Option<Duration> {
    match seconds.as_u64() {
        Some(whole) => Some(Duration::from_secs(whole)),
        None => seconds.as_f64().and_then(|part| Duration::try_from_secs_f64(part).ok()),
    }
}

/// Of the words between spaces (RFC 8693 section 4.2) those that mean something here.
fn scopes(claim: Option<&str>) -> Scopes {
    claim.unwrap_or_default().split(' ').filter_map(Scope::named).collect()
}

pub(super) fn name(algorithm: Algorithm) -> &'static str {
    match algorithm {
        Algorithm::HS256 => "HS256",
        Algorithm::ES256 => "ES256",
        Algorithm::ES384 => "ES384",
        Algorithm::EdDSA => "EdDSA",
        Algorithm::RS256 => "RS256",
        _ => "another algorithm",
    }
}

#[cfg(test)]
mod tests;
