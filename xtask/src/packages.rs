//! Which packages of the system the project needs, by purpose and by package manager. Pure: installs nothing.

/// What a set of packages is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Purpose {
    /// A compiler and a linker.
    Compile,
    /// The webview that the desktop shell is built against.
    Webview,
    /// The browsers, and fonts for what is said in them.
    Browser,
    /// A real window, driven by WebDriver, with a real Korean input method.
    Window,
    /// Checking the code for Windows from Linux.
    Windows,
    /// File systems of its own, to cut the power under.
    PowerCut,
    /// Networks of its own, to find each other on.
    Networks,
}

/// A package manager that is understood here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Manager {
    Apt,
    Dnf,
    Pacman,
}

impl Manager {
    pub(crate) const ALL: [Self; 3] = [Self::Apt, Self::Dnf, Self::Pacman];

    pub(crate) fn program(self) -> &'static str {
        match self {
            Self::Apt => "apt-get",
            Self::Dnf => "dnf",
            Self::Pacman => "pacman",
        }
    }

    /// The packages for a purpose by the names this manager gives them, or none where the project has never been
    /// set up for it with this manager.
    pub(crate) fn packages(self, purpose: Purpose) -> Option<&'static [&'static str]> {
        match (self, purpose) {
            (Self::Apt, Purpose::Compile) => Some(&["build-essential"]),
            (Self::Apt, Purpose::Webview) => Some(&["libwebkit2gtk-4.1-dev", "pkg-config"]),
            (Self::Apt, Purpose::Browser) => {
                Some(&["chromium", "firefox-esr", "fonts-noto-cjk", "fonts-noto-color-emoji"])
            }
            (Self::Apt, Purpose::Window) => Some(&APT_WINDOW),
            (Self::Apt, Purpose::Windows) => Some(&["gcc-mingw-w64-x86-64"]),
            (_, Purpose::PowerCut) => Some(&["e2fsprogs", "xfsprogs"]),
            (Self::Dnf, Purpose::Networks) => Some(&["iproute", "nftables"]),
            (_, Purpose::Networks) => Some(&["iproute2", "nftables"]),
            (Self::Dnf, Purpose::Compile) => Some(&["gcc", "gcc-c++", "make"]),
            (Self::Dnf, Purpose::Webview) => Some(&["webkit2gtk4.1-devel", "pkgconf-pkg-config"]),
            (Self::Dnf, Purpose::Browser) => {
                Some(&["chromium", "google-noto-sans-cjk-fonts", "google-noto-color-emoji-fonts"])
            }
            (Self::Pacman, Purpose::Compile) => Some(&["base-devel"]),
            (Self::Pacman, Purpose::Webview) => Some(&["webkit2gtk-4.1", "pkgconf"]),
            (Self::Pacman, Purpose::Browser) => Some(&["chromium", "noto-fonts-cjk", "noto-fonts-emoji"]),
            (Self::Dnf | Self::Pacman, Purpose::Window | Purpose::Windows) => None,
        }
    }

    /// The words that ask whether one package is installed.
    pub(crate) fn query(self, package: &str) -> Vec<String> {
        let words: &[&str] = match self {
            Self::Apt => &["dpkg-query", "--show", "--showformat=${db:Status-Status}"],
            Self::Dnf => &["rpm", "--query"],
            Self::Pacman => &["pacman", "--query"],
        };
        owned(words, &[package])
    }

    /// Whether the answer to `query` says that the package is there. A package that was removed but whose settings
    /// stay is still known to dpkg, so the exit code alone does not tell.
    pub(crate) fn is_installed(self, answer: Option<&str>) -> bool {
        match self {
            Self::Apt => answer == Some("installed"),
            Self::Dnf | Self::Pacman => answer.is_some(),
        }
    }

    /// The words that install packages without a question.
    pub(crate) fn install(self, packages: &[&str]) -> Vec<String> {
        let words: &[&str] = match self {
            // Another apt may be at work, on a fresh machine nearly always: wait for it instead of failing.
            Self::Apt => {
                &["apt-get", "install", "-y", "--no-install-recommends", "-o", "DPkg::Lock::Timeout=300"]
            }
            Self::Dnf => &["dnf", "install", "-y"],
            Self::Pacman => &["pacman", "-S", "--needed", "--noconfirm"],
        };
        owned(words, packages)
    }

    /// The line a person can paste into a terminal.
    pub(crate) fn line_to_paste(self, packages: &[&str]) -> String {
        format!("sudo {}", self.install(packages).join(" "))
    }
}

/// Programs that do as well as a package, wherever they came from.
pub(crate) fn programs_instead(package: &str) -> &'static [&'static str] {
    match package {
        "chromium" => &BROWSERS,
        "firefox-esr" => &["firefox-esr", "firefox"],
        _ => &[],
    }
}

fn owned(words: &[&str], more: &[&str]) -> Vec<String> {
    words.iter().chain(more).map(|&word| word.to_owned()).collect()
}

/// The names under which a Chromium is found, best first.
pub(crate) const BROWSERS: [&str; 4] =
    ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

const APT_WINDOW: [&str; 16] = [
    "dbus",
    "dbus-x11",
    "dconf-cli",
    "dconf-gsettings-backend",
    "fonts-noto-cjk",
    "fonts-noto-color-emoji",
    "ibus",
    "ibus-gtk3",
    "ibus-hangul",
    "libglib2.0-bin",
    "openbox",
    "webkit2gtk-driver",
    "x11-utils",
    "xauth",
    "xdotool",
    "xvfb",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_manager_knows_what_running_maru_needs() {
        for manager in Manager::ALL {
            for purpose in [Purpose::Compile, Purpose::Webview, Purpose::Browser] {
                assert!(manager.packages(purpose).is_some(), "{manager:?} {purpose:?}");
            }
        }
    }

    #[test]
    fn the_line_to_paste_asks_nothing_and_waits_for_another_apt() {
        assert_eq!(
            Manager::Apt.line_to_paste(&["pkg-config"]),
            "sudo apt-get install -y --no-install-recommends -o DPkg::Lock::Timeout=300 pkg-config"
        );
        assert_eq!(Manager::Dnf.line_to_paste(&["gcc", "make"]), "sudo dnf install -y gcc make");
        assert_eq!(
            Manager::Pacman.line_to_paste(&["pkgconf"]),
            "sudo pacman -S --needed --noconfirm pkgconf"
        );
    }

    #[test]
    fn a_package_whose_settings_alone_are_left_is_not_installed() {
        assert!(Manager::Apt.is_installed(Some("installed")));
        assert!(!Manager::Apt.is_installed(Some("config-files")));
        assert!(!Manager::Apt.is_installed(None));
        assert!(Manager::Pacman.is_installed(Some("pkgconf 2.1.1-1")));
    }
}
