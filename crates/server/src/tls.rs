//! TLS 1.3 and nothing older.

use crate::config::Config;
use anyhow::Context;
use rcgen::CertifiedKey;
use rustls::{
    ServerConfig,
    client::verify_server_name,
    pki_types::{CertificateDer, PrivateKeyDer, ServerName, pem::PemObject},
    server::ParsedCertificate,
};
use std::{
    collections::HashSet,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
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
    for name in names_missing(&certificate, &config.server.names)? {
        let file = certificate.display();
        tracing::warn!(name, "{file} does not name this; without the file a new certificate is made");
    }
    Ok((certificate, key))
}

fn make_self_signed(dir: &Path, certificate: &Path, key: &Path, config: &Config) -> anyhow::Result<()> {
    std::fs::create_dir_all(dir)?;
    let names = names(config.server.listen.ip(), &config.server.names)?;
    let CertifiedKey { cert, signing_key } =
        rcgen::generate_simple_self_signed(names).context("server.names holds a name that is none")?;
    keys::write_secret(key, signing_key.serialize_pem().as_bytes())?;
    std::fs::write(certificate, cert.pem())?;
    Ok(())
}

/// All that callers may write for a server on this address.
fn names(listen: IpAddr, chosen: &[String]) -> anyhow::Result<Vec<String>> {
    let mut addresses = vec![IpAddr::from(Ipv4Addr::LOCALHOST), Ipv6Addr::LOCALHOST.into()];
    if listen.is_unspecified() {
        let interfaces = if_addrs::get_if_addrs().context("cannot list the machine's addresses")?;
        // A link-local address is written with its interface, which no certificate can name.
        addresses.extend(interfaces.iter().filter(|one| !one.is_link_local()).map(|one| one.ip()));
    } else {
        addresses.push(listen);
    }
    let machine = gethostname::gethostname().into_string().ok().filter(|name| name.is_ascii());
    let mut names = vec!["localhost".to_owned()];
    names.extend(machine.into_iter().chain(chosen.iter().cloned()));
    names.extend(addresses.iter().map(IpAddr::to_string));
    let mut known = HashSet::new();
    names.retain(|name| !name.is_empty() && known.insert(name.clone()));
    Ok(names)
}

/// Which of the chosen names a certificate made before does not hold.
fn names_missing<'a>(certificate: &Path, chosen: &'a [String]) -> anyhow::Result<Vec<&'a str>> {
    let der = CertificateDer::from_pem_file(certificate)
        .with_context(|| format!("cannot read the certificate {}", certificate.display()))?;
    let parsed = ParsedCertificate::try_from(&der)?;
    let holds = |name: &str| {
        ServerName::try_from(name.to_owned()).is_ok_and(|name| verify_server_name(&parsed, &name).is_ok())
    };
    Ok(chosen.iter().map(String::as_str).filter(|name| !holds(name)).collect())
}
