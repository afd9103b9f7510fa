//! The certificates that TLS trusts: the machine's, or Mozilla's where it has none, and those that the caller adds.

use std::sync::{Arc, OnceLock};

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};

use crate::error::{Error, ErrorKind, Result};

/// Reading the machine's certificates takes milliseconds, so it happens once for the process, at the first request.
fn machine_roots() -> &'static RootCertStore {
    static ROOTS: OnceLock<RootCertStore> = OnceLock::new();
    ROOTS.get_or_init(|| {
        let mut roots = RootCertStore::empty();
        // Single certificates that cannot be read are no reason to trust none.
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        if roots.is_empty() {
            roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
        }
        roots
    })
}

/// The TLS set-up of one client, with `ca_certificates` (PEM) trusted beside the machine's.
pub(crate) fn config(ca_certificates: Option<&[u8]>) -> Result<ClientConfig> {
    let mut roots = machine_roots().clone();
    for certificate in ca_certificates
        .map(certificates)
        .transpose()?
        .unwrap_or_default()
    {
        roots
            .add(certificate)
            .map_err(|error| mistake(&error.to_string()))?;
    }
    let config =
        ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| {
                Error::new(ErrorKind::Config, format!("TLS cannot be set up: {error}"))
            })?;
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}

/// The certificates of a PEM text.
pub(crate) fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>> {
    let certificates: std::result::Result<Vec<_>, _> =
        CertificateDer::pem_slice_iter(pem).collect();
    match certificates {
        Ok(certificates) if certificates.is_empty() => Err(mistake("it holds no certificate")),
        Ok(certificates) => Ok(certificates),
        Err(error) => Err(mistake(&error.to_string())),
    }
}

fn mistake(problem: &str) -> Error {
    Error::new(
        ErrorKind::Config,
        format!("`ca_certificates`: {problem}; it takes PEM text"),
    )
}
