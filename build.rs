//! Makes Rust of `proto/`, the event store protocol, with no compiler of protocol buffers installed, and says whether the build is for work on it.

#[expect(clippy::disallowed_methods, reason = "cargo tells a build script by the environment alone")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo::rerun-if-changed=proto");
    println!("cargo::rustc-check-cfg=cfg(unoptimized)");
    if std::env::var("OPT_LEVEL").is_ok_and(|level| level == "0") {
        println!("cargo::rustc-cfg=unoptimized");
    }
    let files =
        ["streams.proto", "features.proto", "gossip.proto", "persistent.proto", "v2/streams.proto", "v2/errors.proto"];
    let descriptors = protox::compile(files, ["proto"])?;
    tonic_prost_build::configure().build_transport(false).btree_map(".").bytes(".").compile_fds(descriptors)?;
    Ok(())
}
