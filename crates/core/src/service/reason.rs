//! Why an HTTP exchange failed, in words for people.

/// The innermost cause of an HTTP library's error, without the URL.
pub(crate) fn reason(error: &reqwest::Error) -> String {
    if error.is_timeout() && error.is_connect() {
        return "connecting took too long".to_owned();
    }
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    if cause.is::<reqwest::Error>() {
        "the HTTP exchange failed".to_owned()
    } else {
        cause.to_string()
    }
}
