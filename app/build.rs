//! Says `cfg(split)` where the client is split (`cargo leptos build --split`): where it is not, nothing could be
//! downloaded later, and what is marked so comes with the rest.

fn main() {
    println!("cargo::rustc-check-cfg=cfg(split)");
    println!("cargo::rerun-if-env-changed=CARGO_ENCODED_RUSTFLAGS");
    // What the splitting tool needs of the linker, and cargo-leptos asks for with `--split` alone.
    if std::env::var("CARGO_ENCODED_RUSTFLAGS").is_ok_and(|flags| flags.contains("--emit-relocs")) {
        println!("cargo::rustc-cfg=split");
    }
}
