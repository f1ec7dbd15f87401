//! TLS 1.3 and nothing older.

use crate::config::Config;
use anyhow::Context;
use rcgen::CertifiedKey;
use rustls::{
    ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

/// The server's TLS settings. Without configured files a self-signed certificate is made once and
/// kept in the data folder.
pub fn server_config(config: &Config) -> anyhow::Result<Arc<ServerConfig>> {
    let (certificate, key) = files(config)?;
    let chain = CertificateDer::pem_file_iter(&certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .with_context(|| format!("cannot read the certificate {}", certificate.display()))?;
    let key = PrivateKeyDer::from_pem_file(&key)
        .with_context(|| format!("cannot read the private key {}", key.display()))?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut tls = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Arc::new(tls))
}

fn files(config: &Config) -> anyhow::Result<(PathBuf, PathBuf)> {
    let server = &config.server;
    if !server.certificate_file.as_os_str().is_empty() {
        return Ok((server.certificate_file.clone(), server.key_file.clone()));
    }
    let dir = config.data.dir.join("tls");
    let (certificate, key) = (dir.join("certificate.pem"), dir.join("key.pem"));
    if !certificate.exists() || !key.exists() {
        make_self_signed(&dir, &certificate, &key, config)?;
    }
    Ok((certificate, key))
}

fn make_self_signed(dir: &Path, certificate: &Path, key: &Path, config: &Config) -> anyhow::Result<()> {
    std::fs::create_dir_all(dir)?;
    let names = vec!["localhost".to_owned(), config.server.listen.ip().to_string()];
    let CertifiedKey { cert, signing_key } = rcgen::generate_simple_self_signed(names)?;
    keys::write_secret(key, signing_key.serialize_pem().as_bytes())?;
    std::fs::write(certificate, cert.pem())?;
    Ok(())
}
