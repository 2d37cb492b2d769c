//! Makes an empty `webapp/dist` where the web app has not been built, so that the server can be
//! built and tested without it; the server then says how to build it.

use std::path::Path;

fn main() {
    let dist = Path::new(env!("CARGO_MANIFEST_DIR")).join("../webapp/dist");
    std::fs::create_dir_all(&dist).expect("the folder of the web app can be made");
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=../webapp/dist");
}
