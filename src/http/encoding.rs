//! What of `Accept-Encoding` matters here (RFC 9110, section 12.5.3).

use axum::http::HeaderMap;
use axum::http::header::ACCEPT_ENCODING;

/// Whether whoever asks takes gzip. Who says nothing of encodings gets none.
pub fn takes_gzip(asked: &HeaderMap) -> bool {
    let named = asked.get_all(ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    let mut weights = named.flat_map(|value| value.split(',')).filter_map(weight_of_gzip).collect::<Vec<_>>();
    // A name counts before the star.
    weights.sort_by_key(|(is_star, _)| *is_star);
    weights.first().is_some_and(|(_, is_wanted)| *is_wanted)
}

/// Whether it is said of all of them, and whether it is more than nothing.
fn weight_of_gzip(coding: &str) -> Option<(bool, bool)> {
    let mut parts = coding.split(';').map(str::trim);
    let name = parts.next().unwrap_or_default();
    let is_star = name == "*";
    if !is_star && !name.eq_ignore_ascii_case("gzip") && !name.eq_ignore_ascii_case("x-gzip") {
        return None;
    }
    let weight = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
    let is_wanted = weight.is_none_or(|weight| weight.trim().parse::<f32>().is_ok_and(|weight| weight > 0.0));
    Some((is_star, is_wanted))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn takes(said: &'static str) -> bool {
        takes_gzip(&HeaderMap::from_iter([(ACCEPT_ENCODING, HeaderValue::from_static(said))]))
    }

    #[test]
    fn who_takes_gzip_is_known_by_name_or_star_and_weight() {
        for yes in
            ["gzip", "GZIP", "br, gzip;q=0.5", "deflate, gzip, br, zstd", "*", "x-gzip", "*;q=0, gzip;q=1"]
        {
            assert!(takes(yes), "{yes}");
        }
        for no in ["", "br", "identity", "gzip;q=0", "gzip; q=0.000", "*;q=0", "gzip;q=0, *", "gzip;q=x"] {
            assert!(!takes(no), "{no}");
        }
        assert!(!takes_gzip(&HeaderMap::new()));
    }
}
