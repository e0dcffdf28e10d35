//! Reads `tauri.conf.json` beside the manifest, and makes one permission of each command, so that the window's
//! capability names exactly what the page may ask for.

fn main() {
    // The page is part of the program: a missing one is the browser's business of `cargo tauri dev`.
    std::fs::create_dir_all("ui/dist").expect("the folder of the built page can be made");
    let commands = tauri_build::AppManifest::new().commands(&[
        "ack_feed",
        "diagnostics",
        "dismiss",
        "export_room",
        "forget_room",
        "host_room",
        "join_room",
        "kept_of",
        "leave_room",
        "listen",
        "load_excerpt",
        "load_history",
        "load_preferences",
        "load_roster",
        "look_harder",
        "open_exports",
        "open_link",
        "parse_address",
        "quit",
        "rename",
        "retry_now",
        "save_preferences",
        "say",
        "search",
        "set_typing",
        "stop_hosting",
        "watch_nearby",
    ]);
    let attributes = tauri_build::Attributes::new()
        .app_manifest(commands)
        .capabilities_path_pattern("./src-tauri/capabilities/**/*.json");
    tauri_build::try_build(attributes).expect("tauri.conf.json and the capability fit together");
}
