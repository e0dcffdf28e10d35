//! Who this machine is over TLS: one certificate, signed by itself and made when a room is first hosted here, and the
//! key that fits it. Whoever was here knows it again by its key, so both stay the same for as long as their file does.

use std::fmt;
use std::path::{Path, PathBuf};

use data_encoding::BASE64URL_NOPAD;
use maru_wire::identity::pin_of;
use rcgen::{
    CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, KeyPair, KeyUsagePurpose,
    PKCS_ECDSA_P256_SHA256, PublicKeyData, date_time_ymd,
};
use serde::{Deserialize, Serialize};

use crate::kept::{self, Found};

/// This machine's certificate, and its key.
pub struct Certificate {
    chain_der: Vec<Vec<u8>>,
    key_der: Vec<u8>,
    pin: String,
}

/// Why there is none.
#[derive(Debug)]
pub enum CertificateError {
    /// There is a file that this program may not read; it was left alone.
    Unreadable {
        /// Which.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The new one could not be kept, or a broken file not be set aside.
    Unwritable {
        /// Which file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// None could be made: the system gave no random bytes, mostly.
    NotMade(rcgen::Error),
}

impl Certificate {
    /// The certificate in a folder, made and kept if there is none yet. A file that cannot be understood is set aside
    /// and another one made: whoever knew this machine is then told that it has changed.
    pub fn open(folder: impl AsRef<Path>) -> Result<Self, CertificateError> {
        let path = folder.as_ref().join(FILE);
        // Most often there is one, and it can be used also where nothing can be written.
        if let Look::Whole(found) = look(&path)? {
            return Ok(found);
        }
        let unwritable = |source| CertificateError::Unwritable { path: path.clone(), source };
        let _lock = kept::lock(&path).map_err(unwritable)?;
        match look(&path)? {
            // Another process has made it meanwhile.
            Look::Whole(found) => return Ok(found),
            Look::Nothing => {}
            Look::Broken => {
                let aside = kept::set_aside(&path).map_err(unwritable)?;
                tracing::warn!(set_aside = ?aside, "the certificate could not be understood; another one is made");
            }
        }
        let made = made().map_err(CertificateError::NotMade)?;
        let text = serde_json::to_vec_pretty(&made).expect("a certificate is made of strings and numbers");
        kept::write(&path, &text).map_err(unwritable)?;
        Self::of(made).ok_or(CertificateError::NotMade(rcgen::Error::CouldNotParseKeyPair))
    }

    /// The certificate, and what vouches for it: nothing. In DER.
    pub fn chain_der(&self) -> &[Vec<u8>] {
        &self.chain_der
    }

    /// Its private key (PKCS #8, in DER). A secret.
    pub fn key_der(&self) -> &[u8] {
        &self.key_der
    }

    /// By what it is known again; see [`pin_of`].
    pub fn pin(&self) -> &str {
        &self.pin
    }

    /// None where the parts do not belong together.
    fn of(kept: KeptCertificate) -> Option<Self> {
        let decoded = |text: &str| BASE64URL_NOPAD.decode(text.as_bytes()).ok();
        let (certificate, key_der) = (decoded(&kept.certificate)?, decoded(&kept.key)?);
        let public = KeyPair::try_from(key_der.as_slice()).ok()?.subject_public_key_info();
        // A certificate holds its public key as it is.
        let is_its_own = certificate.windows(public.len()).any(|part| part == public);
        let is_whole = kept.version == VERSION && kept.check == pin_of(&certificate);
        (is_its_own && is_whole).then(|| Self { chain_der: vec![certificate], key_der, pin: pin_of(&public) })
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificate").field("pin", &self.pin).finish_non_exhaustive()
    }
}

impl fmt::Display for CertificateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable { path, source } => {
                write!(f, "the certificate in {} could not be read: {source}", path.display())
            }
            Self::Unwritable { path, source } => {
                write!(f, "the certificate could not be kept in {}: {source}", path.display())
            }
            Self::NotMade(error) => write!(f, "no certificate could be made: {error}"),
        }
    }
}

impl std::error::Error for CertificateError {}

/// What lies at a path.
enum Look {
    Nothing,
    Whole(Certificate),
    Broken,
}

fn look(path: &Path) -> Result<Look, CertificateError> {
    let found = kept::read(path, CERTIFICATE_BYTES_MAX)
        .map_err(|source| CertificateError::Unreadable { path: path.to_path_buf(), source })?;
    Ok(match found {
        Found::Nothing => Look::Nothing,
        Found::Broken => Look::Broken,
        Found::Text(text) => {
            let whole = serde_json::from_str(&text).ok().and_then(Certificate::of);
            whole.map_or(Look::Broken, Look::Whole)
        }
    })
}

/// Makes a certificate that tells nothing of its machine or its person.
fn made() -> Result<KeptCertificate, rcgen::Error> {
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
    let mut params = CertificateParams::new(["maru.local".to_owned(), "localhost".to_owned()])?;
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, "Maru");
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    // Nobody renews it, and a machine's clock may be years behind.
    (params.not_before, params.not_after) = (date_time_ymd(2020, 1, 1), date_time_ymd(2120, 1, 1));
    let certificate = params.self_signed(&key)?;
    Ok(KeptCertificate {
        version: VERSION,
        certificate: BASE64URL_NOPAD.encode(certificate.der()),
        check: pin_of(certificate.der()),
        key: BASE64URL_NOPAD.encode(&key.serialize_der()),
    })
}

/// It has no `Debug`, so that the key in it can't be printed.
#[derive(Serialize, Deserialize)]
struct KeptCertificate {
    version: u32,
    /// In DER and base64url.
    certificate: String,
    /// The SHA-256 of the certificate, by which a damaged one is noticed.
    check: String,
    /// In PKCS #8, DER and base64url.
    key: String,
}

const FILE: &str = "certificate.json";
const VERSION: u32 = 1;

/// Bytes of the file that is read at all: it takes less than one thousand.
const CERTIFICATE_BYTES_MAX: u64 = 16 * 1024;

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_machine_is_the_same_after_a_restart_and_no_two_are() {
        let (folder, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let made = Certificate::open(&folder).unwrap();
        let again = Certificate::open(&folder).unwrap();
        assert_eq!((made.chain_der(), made.key_der()), (again.chain_der(), again.key_der()));
        assert_eq!(made.pin(), again.pin());
        assert_eq!(BASE64URL_NOPAD.decode(made.pin().as_bytes()).unwrap().len(), 32);
        assert_ne!(made.pin(), Certificate::open(&other).unwrap().pin());
    }

    #[test]
    fn several_that_open_it_at_once_have_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let open = || Certificate::open(&folder).unwrap().pin().to_owned();
        let pins: Vec<String> = std::thread::scope(|scope| {
            let opening: Vec<_> = (0..8).map(|_| scope.spawn(open)).collect();
            opening.into_iter().map(|pin| pin.join().unwrap()).collect()
        });
        assert!(pins.iter().all(|pin| *pin == pins[0]), "{pins:?}");
    }

    #[test]
    fn what_is_broken_is_set_aside_and_made_anew() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE);
        let mut pin = Certificate::open(&folder).unwrap().pin().to_owned();
        let whole: KeptCertificate = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        let others = KeptCertificate { key: made().unwrap().key, ..whole };
        let certificate = format!("B{}", &others.certificate[1..]);
        let changed = KeptCertificate { certificate, ..made().unwrap() };
        let broken = ["".into(), "{}".into(), serde_json::to_string(&others).unwrap()];
        for text in broken.into_iter().chain([serde_json::to_string(&changed).unwrap(), "\0".repeat(99_999)])
        {
            fs::write(&path, &text).unwrap();
            let anew = Certificate::open(&folder).unwrap();
            assert_ne!(anew.pin(), pin);
            pin = anew.pin().to_owned();
            let is_aside = |name: &String| {
                name.contains(".broken-") && fs::read_to_string(folder.path().join(name)).unwrap() == text
            };
            assert!(kept::names_in(folder.path()).any(|name| is_aside(&name)), "{text:?}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_may_read_the_key_and_it_is_in_no_log() {
        use std::os::unix::fs::PermissionsExt;
        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path().join("data");
        let made = Certificate::open(&folder).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&folder), mode(&folder.join(FILE))), (0o700, 0o600));
        assert!(!format!("{made:?}").contains("key"));
    }
}
