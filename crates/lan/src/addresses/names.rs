//! What the name of an interface tells on Linux, macOS and Windows. Names are customs, so they move an address
//! up or down and never out of the list.

use super::Kind;

/// Vpn or Virtual by its name, else Lan.
pub(super) fn kind(name: &str) -> Kind {
    let name = name.to_lowercase();
    let begins = |words: &[&str]| words.iter().any(|word| name.starts_with(word));
    let holds = |words: &[&str]| words.iter().any(|word| name.contains(word));
    let numbered = |words: &[&str]| words.iter().any(|word| is_numbered(&name, word));
    if begins(&VIRTUAL_BEGIN) || numbered(&VIRTUAL_NUMBERED) || holds(&VIRTUAL_HOLD) {
        Kind::Virtual
    } else if begins(&VPN_BEGIN) || numbered(&VPN_NUMBERED) || holds(&VPN_HOLD) {
        Kind::Vpn
    } else {
        Kind::Lan
    }
}

/// Whether it is called as cards and adapters are.
pub(super) fn is_physical(name: &str) -> bool {
    let name = name.to_lowercase();
    // systemd's predictable names (en, wl), the kernel's (eth, wlan), and those of macOS (en) and Windows.
    ["en", "eth", "wl", "wi-fi", "이더넷", "usb", "bond"].iter().any(|word| name.starts_with(word))
}

/// `tun`, `tun0`, `tun12`; not `tunnel-room`.
fn is_numbered(name: &str, word: &str) -> bool {
    name.strip_prefix(word).is_some_and(|number| number.bytes().all(|b| b.is_ascii_digit()))
}

/// Docker, podman and their like, libvirt, VMware, VirtualBox, Hyper-V and WSL, macOS's own guests.
const VIRTUAL_BEGIN: [&str; 17] = [
    "docker",
    "br-",
    "veth",
    "virbr",
    "vmnet",
    "vboxnet",
    "vethernet",
    "podman",
    "lxcbr",
    "lxdbr",
    "incusbr",
    "cni",
    "flannel",
    "cali",
    "kube",
    "vnet",
    "vmenet",
];
const VIRTUAL_NUMBERED: [&str; 3] = ["bridge10", "dummy", "ifb"];
const VIRTUAL_HOLD: [&str; 6] = ["wsl", "virtualbox", "vmware", "hyper-v", "host-only", "docker"];

const VPN_BEGIN: [&str; 9] =
    ["tailscale", "utun", "zt", "feth", "nordlynx", "proton", "wireguard", "ipsec", "cscotun"];
const VPN_NUMBERED: [&str; 8] = ["tun", "tap", "wg", "ppp", "ham", "gpd", "mullvad", "wg-mullvad"];
const VPN_HOLD: [&str; 9] =
    ["vpn", "tailscale", "zerotier", "wireguard", "hamachi", "nordlynx", "anyconnect", "tap-windows", "warp"];
