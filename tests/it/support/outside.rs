//! Software that other people wrote, fetched by `tests/outside/prepare DIR`; `XIANGJI_TEST_OUTSIDE` names the folder.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use super::skip;

/// The programs that were prepared.
pub struct Tools(pub PathBuf);

impl Tools {
    /// `None`, with the reason said, where nothing was prepared.
    pub fn found() -> Option<Tools> {
        let named = std::env::var_os("XIANGJI_TEST_OUTSIDE").map(PathBuf::from);
        match named.and_then(|dir| dir.canonicalize().ok()).filter(|dir| dir.join("prepared").is_file()) {
            Some(dir) => Some(Tools(dir)),
            None => {
                skip("software that others wrote", "XIANGJI_TEST_OUTSIDE names no folder of tests/outside/prepare");
                None
            }
        }
    }

    /// A command of one of the Python packages, or `python` itself.
    pub fn of_python(&self, name: &str) -> Command {
        outside(&self.0.join("python/bin").join(name))
    }
}

/// A program that is not to ask anybody else for what is served on loopback.
pub fn outside(program: &Path) -> Command {
    let mut command = Command::new(program);
    command.env("NO_PROXY", "127.0.0.1").env("no_proxy", "127.0.0.1");
    command
}
