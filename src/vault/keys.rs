//! The secrets of an installation, in one file that only its owner may read, beside the database and never in it.

use std::{io::Write, path::Path};

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};
use zeroize::Zeroize;

use crate::log::note::{SignerKey, VerifierKey};

/// Four independent keys. Losing the file loses the personal data; a copy belongs with the backups, apart from them.
#[derive(Clone)]
pub struct Keys {
    /// Wraps the keys of sealed values.
    pub vault: [u8; 32],
    /// Keys the blind indexes.
    pub index: [u8; 32],
    /// Signs session tokens and form tokens.
    pub token: [u8; 32],
    /// Seed of the log's Ed25519 key.
    pub log: [u8; 32],
    /// Name of the log and of its key: `xiangji.example/440703103213`.
    pub origin: String,
    /// Keys that signed the log before this one, the newest first.
    pub former: Vec<VerifierKey>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    origin: String,
    vault: String,
    index: String,
    token: String,
    log: String,
    #[serde(default)]
    former: Vec<String>,
}

impl Keys {
    /// Fresh random keys.
    pub fn generate(origin: &str) -> Keys {
        Keys {
            vault: rand::random(),
            index: rand::random(),
            token: rand::random(),
            log: rand::random(),
            origin: origin.to_owned(),
            former: Vec::new(),
        }
    }

    /// The same secrets with another key for the log.
    ///
    /// Errors: this key's own name is none.
    pub fn followed_by(&self, origin: &str) -> Result<Keys, String> {
        let former = std::iter::once(self.log_signer()?.verifier().clone()).chain(self.former.iter().cloned());
        Ok(Keys { log: rand::random(), origin: origin.to_owned(), former: former.collect(), ..self.clone() })
    }

    /// Reads the file, or makes it (mode 0600) where `create` allows.
    ///
    /// Errors, one line each: the file is missing, unreadable, readable by others, or not of this form.
    pub fn load(path: &Path, create: Option<&str>) -> Result<Keys, String> {
        let shown = path.display();
        match std::fs::read_to_string(path) {
            Ok(mut text) => {
                let keys = Self::parse(&text).map_err(|e| format!("key file {shown}: {e}"));
                text.zeroize();
                keys
            }
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => match create {
                Some(origin) => {
                    let keys = Self::generate(origin);
                    keys.save(path).map_err(|e| format!("key file {shown} cannot be written: {e}"))?;
                    Ok(keys)
                }
                None => Err(format!("key file {shown} is missing; put back the copy that belongs to this database")),
            },
            Err(e) => Err(format!("key file {shown} cannot be read: {e}")),
        }
    }

    /// The key that signs the log; its name is the log's.
    pub fn log_signer(&self) -> Result<SignerKey, String> {
        let signer = SignerKey::from_seed(&self.origin, &self.log);
        signer.map_err(|e| format!("the log's name {:?} in the key file: {e}", self.origin))
    }

    fn parse(text: &str) -> Result<Keys, String> {
        let file: File = toml::from_str(text).map_err(|e| e.message().to_owned())?;
        let key = |name: &str, text: &str| -> Result<[u8; 32], String> {
            let bytes = STANDARD.decode(text).map_err(|_| format!("{name} is not base64"))?;
            bytes.try_into().map_err(|_| format!("{name} must have 32 bytes"))
        };
        let former = file.former.iter().map(|text| text.parse().map_err(|e| format!("former {text:?}: {e}")));
        Ok(Keys {
            vault: key("vault", &file.vault)?,
            index: key("index", &file.index)?,
            token: key("token", &file.token)?,
            log: key("log", &file.log)?,
            origin: file.origin,
            former: former.collect::<Result<_, _>>()?,
        })
    }

    /// Writes a new file, mode 0600, and waits for the disk.
    pub fn save(&self, path: &Path) -> std::io::Result<()> {
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(path)?;
        let line = |k: &[u8; 32]| STANDARD.encode(k);
        let former = match self.former.as_slice() {
            [] => String::new(),
            former => {
                let quoted: Vec<String> = former.iter().map(|key| format!("\"{key}\"")).collect();
                format!("# Public keys that signed this log before.\nformer = [{}]\n", quoted.join(", "))
            }
        };
        write!(
            file,
            "# Secrets of this Xiangji installation. Keep a copy apart from the database's backups; never send it to anyone.\n\
             origin = \"{}\"\nvault = \"{}\"\nindex = \"{}\"\ntoken = \"{}\"\nlog = \"{}\"\n{}",
            self.origin,
            line(&self.vault),
            line(&self.index),
            line(&self.token),
            line(&self.log),
            former
        )?;
        file.sync_all()
    }
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Keys {{ origin: {:?}, … }}", self.origin)
    }
}

impl Drop for Keys {
    fn drop(&mut self) {
        self.vault.zeroize();
        self.index.zeroize();
        self.token.zeroize();
        self.log.zeroize();
    }
}
