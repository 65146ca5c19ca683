//! Sets `cfg(split)` if the client is built in parts (`cargo leptos build --split`). It decides which `later!` the
//! crate exports, so an app needs no build script of its own.

fn main() {
    println!("cargo::rustc-check-cfg=cfg(split)");
    println!("cargo::rerun-if-env-changed=CARGO_ENCODED_RUSTFLAGS");
    // The splitting tool needs relocations from the linker. cargo-leptos asks for them with `--split` only.
    if std::env::var("CARGO_ENCODED_RUSTFLAGS").is_ok_and(|flags| flags.contains("--emit-relocs")) {
        println!("cargo::rustc-cfg=split");
    }
}
