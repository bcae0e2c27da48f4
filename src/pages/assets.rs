//! The pages' own style, script and mark. Their addresses change with their bytes, so that browsers keep them for ever.

use crate::app::hex::hex;
use sha2::{Digest, Sha256};
use std::borrow::Cow;
use std::sync::LazyLock;

/// One file.
pub struct Asset {
    pub name: &'static str,
    pub content_type: &'static str,
    bytes: &'static [u8],
    /// The address that pages link to.
    pub url: String,
}

impl Asset {
    /// Its bytes. A debug build reads them from the source folder, so that looks change without a build.
    #[must_use]
    pub fn bytes(&self) -> Cow<'static, [u8]> {
        if cfg!(unoptimized)
            && let Ok(bytes) = std::fs::read(format!("{}/src/pages/assets/{}", env!("CARGO_MANIFEST_DIR"), self.name))
        {
            return Cow::Owned(bytes);
        }
        Cow::Borrowed(self.bytes)
    }

    /// Whether its bytes at this address stay what they are.
    #[must_use]
    pub const fn is_fixed() -> bool {
        !cfg!(unoptimized)
    }
}

/// All of them: style, script, mark, and the script that a sandbox's /docs has.
pub static ASSETS: LazyLock<[Asset; 4]> = LazyLock::new(|| {
    [
        asset("style.css", "text/css; charset=utf-8", include_bytes!("assets/style.css")),
        asset("script.js", "text/javascript; charset=utf-8", include_bytes!("assets/script.js")),
        asset("mark.svg", "image/svg+xml", include_bytes!("assets/mark.svg")),
        asset("try.js", "text/javascript; charset=utf-8", include_bytes!("assets/try.js")),
    ]
});

fn asset(name: &'static str, content_type: &'static str, bytes: &'static [u8]) -> Asset {
    let digest = hex(&Sha256::digest(bytes)[..8]);
    Asset { name, content_type, bytes, url: format!("/assets/{digest}/{name}") }
}

/// The address of the script that lets one try operations out.
#[must_use]
pub fn try_script() -> &'static str {
    &ASSETS[3].url
}

/// The file of an address, if there is one.
#[must_use]
pub fn at(url: &str) -> Option<&'static Asset> {
    ASSETS.iter().find(|asset| asset.url == url)
}
