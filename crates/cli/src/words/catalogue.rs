//! The words themselves, Korean beside English. `{name}` is filled in.

use super::Language;

macro_rules! catalogue {
    ($($word:ident: $ko:expr, $en:expr;)*) => {
        /// Something to say.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Word {
            $(#[doc = $en] $word,)*
        }

        impl Word {
            /// All of them.
            #[cfg(test)]
            pub(crate) const ALL: &[Self] = &[$(Self::$word,)*];

            pub(super) fn text(self, language: Language) -> &'static str {
                match (self, language) {
                    $((Self::$word, Language::Ko) => $ko, (Self::$word, Language::En) => $en,)*
                }
            }
        }
    };
}

catalogue! {
    // Hosting.
    RoomDefault: "{me} 님의 마루", "{me}’s room";
    RoomNameless: "마루", "Maru";
    PortMoved: "{a}번 포트를 쓸 수 없어 {b}번으로 열었어요", "Port {a} is busy; using {b}";
    InviteLead: "같은 와이파이에서 브라우저로 이 주소를 열면 들어올 수 있어요.",
        "On the same Wi‑Fi, open this address in any browser.";
    InviteScan: "같은 와이파이에서 브라우저로 이 주소를 열거나 휴대폰으로 찍으면 들어올 수 있어요.",
        "On the same Wi‑Fi, open this address in any browser, or scan it with a phone.";
    InviteLoopback: "이 컴퓨터에서만 쓸 수 있는 주소예요. 와이파이에 연결하면 다른 사람을 부를 수 있어요.",
        "Only this machine can use this address. Connect to Wi‑Fi to invite others.";
    OnlyHere: "이 컴퓨터에서만 들어올 수 있어요.", "Only this machine can come in.";
    InviteTerminal: "터미널에서는: maru join {url}", "From a terminal: maru join {url}";
    ReachOk: "다른 기기에서 들어올 수 있어요 ✓", "Others can reach you ✓";
    ReachWait: "아직 들어온 기기가 없어요", "No devices connected yet";
    ReachWall: "방화벽이 막는 것 같으면 이 명령을 실행해 보세요: {command}",
        "If nobody can come in, a firewall may be in the way. Run: {command}";
    ReachWallWindow: "방화벽이 물으면 허용해 주세요.", "If the firewall asks, let Maru through.";
    ReachVpn: "VPN 안에서만 들어올 수 있어요. 와이파이에 연결하거나 VPN을 꺼 보세요.",
        "Only people on your VPN can come in. Connect to Wi‑Fi, or pause the VPN.";
    AddressesChanged: "네트워크가 바뀌어 주소도 바뀌었어요: {url}",
        "The network has changed, and with it the address: {url}";
    NotAnnounced: "이 방을 네트워크에 알리지 못해요. 주소로는 들어올 수 있어요. ({why})",
        "The room cannot be announced. People can still come in by its address. ({why})";
    OpenToAllPages: "어떤 웹 페이지든 이 방에 들어올 수 있어요. 이 네트워크의 누군가가 보는 페이지가 방을 읽고 말할 수 있어요.",
        "Any web page may come in: a page that anybody on this network looks at can read this room and speak in it.";
    OpenToPages: "이 방의 것이 아닌 웹 페이지도 들어올 수 있어요: {pages}", "Web pages from elsewhere may come in: {pages}";
    HowToClose: "Ctrl+C를 누르면 방을 닫아요.", "Ctrl+C closes the room.";
    Guarded: "암호를 아는 사람만 들어올 수 있어요.", "Only those who know the passphrase can come in.";
    GuardedButForeign: "암호를 모르는 다른 채팅 프로그램도 들어올 수 있어요.",
        "Other chat programs come in without the passphrase.";
    Closed: "방을 닫았어요.", "The room is closed.";
    KindLan: "같은 네트워크", "local network";
    KindVpn: "VPN을 거쳐", "over VPN";
    KindVirtual: "가상 네트워크", "virtual network";
    KindLoopback: "이 컴퓨터만", "this machine only";
    KindName: "이 컴퓨터의 이름", "name of this machine";
    PortTaken: "이미 쓰고 있는 포트예요. --port에 다른 번호를 넣거나 --port를 빼 주세요.",
        "This port is busy. Give another one with --port, or leave it out.";
    PortForbidden: "1024보다 작은 포트는 이 시스템에서 쓸 수 없어요. 더 큰 번호를 넣어 주세요.",
        "This system reserves ports below 1024. Choose a higher one.";
    AddressUnavailable: "이 컴퓨터에 없는 주소예요. --bind를 확인해 주세요.",
        "This machine has no such address. Check --bind.";
    NotOpened: "방을 열지 못했어요: {why}", "The room could not be opened: {why}";
    RoomFailed: "방에 문제가 생겨 닫혔어요. 다시 열어 주세요. 남기기로 한 대화는 디스크에 그대로 있어요.",
        "The room has failed and is closed. Open it again: what it keeps is on disk.";
    LogBusy: "이 방은 이미 {by}에서 열려 있어요. 거기서 먼저 닫아 주세요.",
        "This room is open in {by} already. Close it there first.";
    LogNewer: "더 새로운 마루가 남긴 방이에요. 마루를 업데이트해 주세요.",
        "A newer Maru has kept this room. Update Maru to open it.";
    LogBroken: "이 방의 대화 기록이 손상됐거나 다른 방의 것이에요. 기록은 그대로 뒀어요. ({why})",
        "This room’s log is damaged or another room’s. It was left as it is. ({why})";

    RoomsFull: "{path} 폴더에 방이 너무 많아요. 안 쓰는 폴더를 지워 주세요.",
        "There are too many rooms in {path}. Delete folders that are not needed.";
    RoomUnwritable: "방을 {path}에 남기지 못했어요. --data-dir로 다른 폴더를 골라 주세요. ({why})",
        "The room could not be kept in {path}. Choose another folder with --data-dir. ({why})";
    NoHome: "이 시스템에는 홈 폴더가 없어요. --data-dir로 폴더를 골라 주세요.",
        "This system names no home folder. Choose a folder with --data-dir.";
    SystemFailed: "시스템이 해 주지 않았어요. 잠시 뒤 다시 해 주세요. ({why})",
        "The system would not do it. Try again in a moment. ({why})";

    // What is kept.
    KeepsNothing: "이 방은 대화를 남기지 않아요. 방이 닫히면 모두 사라져요.",
        "This room keeps nothing: what is said is gone when it closes.";
    KeepsLast: "최근 메시지 {n}개까지만 남아요.", "Only the latest {n} messages are kept.";
    DiskFull: "방장의 디스크에 지금은 저장할 수 없어요. 쓴 말은 기다렸다가 저장할 수 있게 되면 보내요.",
        "The host’s disk takes nothing just now. What you write waits, and is sent when it is well again.";
    DiskWell: "방장의 디스크에 다시 저장할 수 있어요", "The host’s disk is well again";
    NoSuchRoom: "이 컴퓨터에서 연 적이 없는 방이에요: {room}", "No such room was ever hosted here: {room}";
    NothingKept: "이 방에는 남아 있는 대화가 없어요.", "Nothing is kept of this room.";
    NotExported: "내보내지 못했어요. 빈 곳이 있는지 확인하고 다시 해 주세요. ({why})",
        "The room could not be exported. Check that the disk has space, and try again. ({why})";
    NotBackedUp: "백업하지 못했어요. 빈 곳이 있는지 확인하고 다시 해 주세요. ({why})",
        "The room could not be backed up. Check that the disk has space, and try again. ({why})";
    FileExists: "{path} 파일이 이미 있어요. 다른 이름을 넣어 주세요.",
        "There is a file {path} already. Give another name.";

    // Nearby.
    NearbyNone: "가까이 열린 방이 없어요. 방을 열거나 주소로 들어가세요.", "No rooms nearby. Host or paste an address.";
    NearbyNoneScan: "가까이 열린 방이 없어요. --scan을 붙이면 더 찾아봐요.",
        "No rooms nearby. --scan looks harder.";
    NearbyJoin: "들어가기: maru join '{invite}'", "To join: maru join '{invite}'";
    NearbyPassphrase: "암호 있음", "passphrase";
    NearbyUnencrypted: "암호화 안 됨", "not encrypted";
    NearbyFailed: "네트워크에서 방을 찾지 못해요. 주소로 들어가 주세요. ({why})",
        "Rooms cannot be looked for on this network. Join by an address. ({why})";
    NearbyScanning: "주소 {n}개에 물어보고 있어요", "Asking {n} addresses";

    // In a room.
    Connected: "연결됨: {dialect} · {security}", "Connected: {dialect} · {security}";
    DialectNicknameJson: "닉네임 JSON 서버", "nickname JSON server";
    DialectPlain: "글만 주고받는 서버", "plain text server";
    SecurityPlain: "암호화되지 않았어요. 같은 네트워크에서 읽을 수 있어요",
        "not encrypted: others on this network can read along";
    SecurityPinned: "암호화됐어요. 이 방의 것으로 알고 있는 인증서예요", "encrypted, with the certificate that is known";
    SecurityFirstSeen: "암호화됐어요. 처음 보는 인증서라 기억해 둬요",
        "encrypted, with a certificate seen for the first time, remembered from now on";
    SecurityAuthority: "암호화됐어요. 공인된 인증서예요", "encrypted, with a certificate of a public authority";
    BinaryData: "글이 아닌 데이터 {n}바이트", "{n} bytes of binary data";
    Entered: "‘{room}’에 들어왔어요", "You are in “{room}”";
    NobodyHere: "지금은 아무도 없어요", "Nobody is here right now";
    MemberCountOne: "{n}명이 있어요", "{n} person here";
    MemberCount: "{n}명이 있어요", "{n} people here";
    Commands: "쓰고 Enter를 누르면 보내요. /nick 이름 · /quit · 빗금으로 시작하는 말은 //로 써 주세요.",
        "Enter sends. /nick NAME · /quit · a line that begins with a slash takes two: //";
    Joined: "{name} 님이 들어왔어요", "{name} joined";
    Left: "{name} 님이 나갔어요", "{name} left";
    Renamed: "{old} 님은 이제 {new} 님이에요", "{old} is now {new}";
    NewerMaru: "더 새로운 마루에서 볼 수 있는 내용이에요", "Something that needs a newer Maru";
    Reconnecting: "연결이 끊겼어요. 다시 연결하고 있어요.", "Disconnected. Reconnecting.";
    Reconnected: "다시 연결했어요", "Connected again";
    GapTrimmed: "이 사이 대화는 남아 있지 않아요", "Messages here weren’t kept";
    GapNewEpoch: "여기서 방이 새로 시작됐어요", "The room began anew here";
    GapDiverged: "여기서 방이 백업에서 되살아나, 그 뒤로는 위와 다르게 이어졌어요",
        "The room was restored from a backup here and moved on differently";
    Unsent: "보내지 못했어요. {why}", "Not sent. {why}";
    Unacknowledged: "방이 받았다는 답이 없어요. 네트워크를 확인하고 다시 보내 주세요.",
        "The room has not said that it has everything. Check the network and send it again.";
    UnacknowledgedKept: "방이 아직 다 받지 못했어요. 여기서 이 방에 다시 들어가면 마저 보내요.",
        "The room has not said that it has everything. The rest is sent when you join it again from here.";
    KeptHere: "전에 “{room}”에서 들은 말이에요", "From “{room}”, as it was kept here";
    NotebookInUse: "이 방은 이 컴퓨터의 다른 마루에서도 열려 있어요. 거기서 닫기 전에는, 여기서 듣고 쓴 것이 디스크에 남지 않아요.",
        "This room is open in another Maru on this machine too. Until it is closed there, nothing heard or said here is kept.";
    NotebookNewer: "더 새로운 마루가 남긴 방이에요. 마루를 업데이트하기 전에는, 여기서 듣고 쓴 것이 디스크에 남지 않아요.",
        "A newer Maru has kept this room. Update Maru to read it.";
    NotebookFull: "이 컴퓨터에 남은 방이 너무 많아요. 안 쓰는 방을 지워 주세요.", "Too many rooms are kept. Forget some.";
    NotebookSetAside: "이 컴퓨터에 남아 있던 것을 읽지 못해서 따로 치워 뒀어요. 지금부터 새로 남겨요.",
        "What was kept of this room could not be read. It was set aside, and a new record begins.";
    NotebookUnwritable: "디스크에 쓸 수 없어서, 여기서 듣고 쓴 것이 남지 않아요. 빈 곳이 있는지 확인해 주세요.",
        "The disk cannot be written, so nothing heard or said here is kept. Check that it has space.";
    Guest: "손님 {n}", "Guest {n}";

    // Why not, and what to do.
    AddressEmpty: "주소가 비어 있어요. 예: 192.168.0.10:4567", "There is no address. Try 192.168.0.10:4567";
    AddressTooLong: "주소가 너무 길어요. 주소만 넣어 주세요.",
        "That is too long for an address. Give the address alone.";
    AddressScheme: "마루가 쓸 수 없는 주소예요. http나 ws로 시작하는 주소를 넣어 주세요.",
        "Maru cannot use this kind of address. Try one that begins with http or ws.";
    AddressPort: "포트는 1부터 65535까지의 숫자예요. 다시 확인해 주세요.",
        "The port must be a number from 1 to 65535. Check it.";
    AddressUnreadable: "주소를 알아볼 수 없어요. 예: 192.168.0.10:4567",
        "Unreadable address. Try 192.168.0.10:4567";
    InviteIncomplete: "초대 주소의 일부가 빠졌어요. 전부 다시 복사하고 따옴표로 감싸 주세요.",
        "Part of the invite is missing. Copy all of it once more, and put it in quotes.";
    BadNickname: "이름은 보이는 글자 1–32자예요. 바꿔 주세요.",
        "A name has 1 to 32 visible characters. Change it.";
    BadRoomName: "방 이름은 보이는 글자 1–64자예요. 바꿔 주세요.",
        "A room’s name has 1 to 64 visible characters. Change it.";
    BadKeep: "--keep에는 everything(모두)이나 nothing(안 남김), 또는 남길 메시지 수를 넣어 주세요.",
        "--keep takes everything, nothing, or how many messages to keep.";
    BadPin: "--pin에는 초대에 적힌 인증서 지문(43자)을 그대로 넣어 주세요.",
        "--pin takes a certificate’s fingerprint as it stands in an invite (43 characters).";
    BadBind: "--bind에는 192.168.0.10 같은 IP 주소를 넣어 주세요.",
        "--bind takes an IP address such as 192.168.0.10.";
    BadPublicUrl: "--public-url에는 https://chat.example.org 같은 주소를 넣어 주세요.",
        "--public-url takes an address such as https://chat.example.org.";
    BadOrigin: "--allow-origin에는 https://example.org 같은 출처나 null, * 가운데 하나를 넣어 주세요.",
        "--allow-origin takes an origin such as https://example.org, or null, or *.";
    CertificateUnreadable: "인증서 파일을 읽지 못했어요. 경로와 권한을 확인해 주세요: {path} ({why})",
        "The certificate file could not be read. Check its path and who may read it: {path} ({why})";
    NoCertificate: "이 파일에는 PEM 인증서가 없어요: {path}", "There is no certificate in PEM in this file: {path}";
    NoCertificateKey: "이 파일에는 PEM 개인 키가 없어요: {path}", "There is no private key in PEM in this file: {path}";
    CertificateKeyDoesNotFit: "개인 키가 이 인증서의 것이 아니에요. --cert와 --key를 함께 받은 파일로 넣어 주세요.",
        "The private key belongs to another certificate. Give --cert and --key files that belong together.";
    CertificateUnusable: "쓸 수 없는 인증서나 키예요. ECDSA, Ed25519, RSA 가운데 하나여야 해요. ({why})",
        "This certificate or its key can’t be used. It has to be ECDSA, Ed25519 or RSA. ({why})";
    CertificateNotKept: "이 컴퓨터의 인증서를 두지 못했어요: {why}", "This machine’s certificate could not be kept: {why}";
    NotFound: "주소를 찾지 못했어요. 철자를 확인해 주세요.", "Address not found. Check spelling.";
    NobodyThere: "열린 방이 없어요. 포트를 확인해 주세요.", "No room there. Check the port.";
    Timeout: "응답이 없어요. 같은 와이파이인지 확인해 주세요.", "No answer. Are you on the same Wi‑Fi?";
    NotARoom: "채팅방이 아니에요. 주소를 확인해 주세요.", "Not a chat room. Check the address.";
    OtherRoom: "지금은 다른 방이 열려 있어요. 방장에게 새 초대를 받아 주세요.",
        "Another room is open there now. Ask the host for a new invite.";
    Forbidden: "여기서는 들어갈 수 없는 방이에요. 방장에게 다른 주소를 물어보세요.",
        "The room does not let you in from here. Ask the host for another address.";
    Tls: "인증서가 올바르지 않아요. 방장에게 확인하고 들어가세요.",
        "The certificate is not valid. Ask the host first.";
    CertificateChanged: "인증서가 바뀌어서 아무것도 보내지 않았어요. 방장에게 확인하고, 맞으면 --take-certificate를 붙여 주세요.",
        "The certificate has changed, and nothing was sent. Ask the host; if it is right, add --take-certificate.";
    PassphraseNeeded: "암호를 묻는 방이에요. 방장에게 물어보세요.", "This room asks for a passphrase. Ask the host.";
    WrongPassphrase: "암호가 맞지 않아요. 방장에게 물어보세요.", "Wrong passphrase. Ask the host.";
    AskPassphrase: "이 방의 암호: ", "Passphrase of this room: ";
    AskNewPassphrase: "이 방의 새 암호: ", "New passphrase of this room: ";
    AskPassphraseAgain: "한 번 더: ", "Once more: ";
    PassphrasesDiffer: "두 암호가 달라요. 다시 해 주세요.", "The two differ. Try again.";
    BadPassphrase: "쓸 수 없는 암호예요. 제어 문자 없이 1자에서 {n}자까지로 해 주세요.",
        "This cannot be a passphrase. Use 1 to {n} characters, without control characters.";
    PassphraseFileUnreadable: "암호 파일을 읽지 못했어요: {path} ({why})",
        "The passphrase could not be read: {path} ({why})";
    NobodyToAsk: "암호를 물어볼 터미널이 없어요. --passphrase-file이나 MARU_PASSPHRASE로 알려 주세요.",
        "There is no terminal to ask for the passphrase. Give it with --passphrase-file or MARU_PASSPHRASE.";
    TooManyAttempts: "암호를 너무 많이 틀렸어요. 몇 분 뒤 다시 들어와 주세요.",
        "Too many wrong passphrases. Try again in some minutes.";
    PassphraseUnguarded: "암호를 묻는데 연결이 암호화되지 않은 방이에요. 들어가지 않았어요. 방장에게 물어보세요.",
        "This room asks for a passphrase without encryption, so it was not shown. Ask the host.";
    RoomFull: "자리가 없어요. 나중에 들어와 주세요.", "Room full. Try later.";
    AddressFull: "같은 네트워크에서 너무 많이 들어와 있어요. 나중에 들어와 주세요.",
        "Too many have joined from your network. Try later.";
    NicknameTaken: "이미 쓰는 이름이에요. 바꿔 주세요.", "Name taken. Choose another.";
    Lost: "연결이 끊겼어요. 네트워크를 확인하고 다시 들어가 주세요.",
        "The connection was lost. Check the network and join again.";
    RoomClosed: "방장이 방을 닫았어요. 다시 열어 달라고 해 주세요.",
        "The host closed the room. Ask to have it opened again.";
    Rejected: "보낸 것을 방이 받아 주지 않았어요. 다시 들어가 천천히 보내 주세요.",
        "The room would not take what was sent. Join again and send more slowly.";
    YouLeft: "방에서 나왔어요", "You left";
    Empty: "내용이 비어 있어요. 먼저 적어 주세요.", "There is nothing in it. Write something first.";
    TooLong: "한 메시지로는 너무 길어요. 나눠서 보내 주세요.", "Too long for one message. Split it in two.";
    NotText: "글자로 읽을 수 없어요. UTF-8로 보내 주세요.", "This is no text. Send UTF-8.";
    TooFast: "방이 받기에 너무 빨라요. 잠시 뒤 다시 보내 주세요.",
        "Too fast for the room. Wait a moment and send it again.";
    Unavailable: "방이 남기지 못했어요. 잠시 뒤 다시 보내 주세요.",
        "The room could not keep it. Send it again in a moment.";
    SayAgain: "같은 번호의 다른 메시지가 방에 있어요. 다시 보내 주세요.",
        "Another message in the room has the same number. Send it again.";
    NotUnderstood: "방이 알아듣지 못했어요. 양쪽의 마루를 업데이트해 주세요.",
        "The room did not understand. Update Maru on both sides.";
    KeysBroken: "방마다 나를 알려 주던 열쇠를 읽지 못해 {path} 파일로 옮겨 두었어요. 이제 모든 방에서 새 사람으로 보여요.",
        "The keys by which rooms know you could not be read. They are set aside as {path}, and you are somebody new everywhere.";
    PinsBroken: "방마다 알고 있던 인증서를 읽지 못해 {path} 파일로 옮겨 두었어요. 이제 처음 보는 인증서로 여겨요.",
        "The certificates by which rooms were known could not be read. They are set aside as {path}, and each room’s counts as new.";
    PinsUnusable: "알고 있는 인증서를 읽을 수 없어 어떤 방도 믿지 않아요. 방장에게 확인하고 --take-certificate를 쓰세요: {why}",
        "The known certificates cannot be read, so no room is trusted; ask the host and use --take-certificate: {why}";
    KeysUnusable: "방마다 나를 알려 주는 열쇠를 쓸 수 없어, 다시 들어오면 새 사람으로 보여요: {why}",
        "The keys by which rooms know you cannot be used, so you are somebody new each time: {why}";

    // The command line.
    UnknownArgument: "{what}: 모르는 옵션이에요.", "{what}: no such option.";
    UnknownCommand: "{what}: 모르는 명령이에요.", "{what}: no such command.";
    MissingArgument: "{what}: 빠졌어요.", "{what}: missing.";
    MissingValue: "{what}: 값이 빠졌어요.", "{what}: its value is missing.";
    BadValue: "{what}: {value}: 쓸 수 없는 값이에요.", "{what}: {value} cannot be used.";
    OnlyOnce: "{what}: 한 번만 쓸 수 있어요.", "{what}: give it once.";
    BadArguments: "알아들을 수 없는 명령이에요.", "These arguments cannot be understood.";
    SeeHelp: "maru --help를 보세요.", "See maru --help.";
    HeadingUsage: "사용법:", "Usage:";
    HeadingCommands: "명령", "Commands";
    HeadingArguments: "인자", "Arguments";
    HeadingOptions: "옵션", "Options";
    UsageMaru: "maru 명령 [옵션]", "maru COMMAND [OPTIONS]";
    UsageHost: "maru host [옵션]", "maru host [OPTIONS]";
    UsageJoin: "maru join [옵션] URL", "maru join [OPTIONS] URL";
    UsageNearby: "maru nearby [옵션]", "maru nearby [OPTIONS]";
    UsageSend: "maru send [옵션] URL TEXT", "maru send [OPTIONS] URL TEXT";
    UsageExport: "maru export ROOM --format FORMAT [옵션]", "maru export ROOM --format FORMAT [OPTIONS]";
    UsageBackup: "maru backup [옵션] ROOM FILE", "maru backup [OPTIONS] ROOM FILE";
    HelpAbout: "마루: 같은 건물에 있는 모두와 이야기해요. 방을 열거나 들어가요.",
        "Maru: chat with everyone in the building. Host a room, or join one.";
    HelpHost: "이 컴퓨터에 방을 열어요", "Host a room on this machine";
    HelpJoin: "방에 들어가요. 한 줄이 메시지 하나예요", "Join a room; each line of input is a message";
    HelpNearby: "이 네트워크에 열린 방을 찾아요", "Find the rooms that are open on this network";
    HelpSend: "메시지 하나를 보내고, 방이 받으면 나와요", "Send one message, and leave once the room has it";
    HelpExport: "여기서 연 방의 대화를 모두 내보내요", "Write out all that is kept of a room hosted here";
    HelpBackup: "여기서 연 방을 통째로 백업해요", "Back up a room hosted here, also while it is open";
    HelpHelp: "도움말을 보여요", "Show this help";
    HelpVersion: "버전을 보여요", "Show the version";
    HelpName: "방 이름", "What to call the room";
    HelpPort: "이 포트로만 열어요. 0이면 빈 포트. 없으면 {default}번이나 그다음 빈 포트",
        "This port alone; 0 for any. Without it {default}, or the next free one";
    HelpBind: "이 IP 주소로만 들어올 수 있게 해요. 없으면 모든 주소",
        "Listen on this IP address alone; on all without it";
    HelpKeep: "everything, nothing, 또는 남길 메시지 수. 없으면 전과 같이",
        "everything, nothing, or how many messages to keep; else as before";
    HelpPassphrase: "암호를 묻고, 이제부터 그 암호를 아는 사람만 들어오게 해요",
        "Ask for a passphrase; from now on only those who know it come in";
    HelpNewPassphraseFile: "암호를 이 파일의 첫 줄로 해요. MARU_PASSPHRASE로도 할 수 있어요",
        "Take this file’s first line for it; MARU_PASSPHRASE does the same";
    HelpNoPassphrase: "이제부터 암호를 묻지 않아요. 셋 다 없으면 전과 같이",
        "No passphrase from now on; as before without any of these";
    HelpLetForeignIn: "암호를 보일 수 없는 다른 채팅 프로그램도 들어오게 해요",
        "Let other chat programs in, which cannot show a passphrase";
    HelpPassphraseFile: "첫 줄이 방의 암호인 파일. 없으면 MARU_PASSPHRASE",
        "A file whose first line is the passphrase; else MARU_PASSPHRASE";
    HelpMaxMembers: "한 번에 있을 수 있는 사람 수 (기본 {default})", "Members at once (default {default})";
    HelpMaxPerAddress: "한 주소에서 들어올 수 있는 연결 수 (기본 {default})",
        "Connections from one address (default {default})";
    HelpRate: "한 사람이 1초에 보낼 수 있는 메시지 수 (기본 {default})",
        "Messages a second from one member (default {default})";
    HelpCert: "TLS에 쓸 인증서 파일(PEM). 없으면 이 컴퓨터의 인증서", "A certificate for TLS, in PEM; this machine’s own without it";
    HelpKey: "그 인증서의 개인 키 파일(PEM)", "The private key of that certificate, in PEM";
    HelpPublicUrl: "프록시나 터널로 이 방에 닿는 주소. 여러 번 써도 돼요",
        "An address that leads here through a proxy; repeatable";
    HelpAllowOrigin: "이 출처의 페이지도 받아요. null은 파일, *는 모두. 여러 번 써도 돼요",
        "Let these pages in too; null for files, * for all; repeatable";
    HelpQr: "QR 코드를 터미널이 아니어도 보여요", "Show a QR code even where this is no terminal";
    HelpNoQr: "QR 코드를 보이지 않아요", "Show no QR code";
    HelpNoAnnounce: "이 네트워크에 방을 알리지 않아요. 주소로만 들어올 수 있어요",
        "Do not announce the room on the network; people come by its address";
    HelpSeconds: "이만큼(초) 찾아요 (기본 {default})", "Look for this many seconds (default {default})";
    HelpScan: "이 네트워크의 주소에 하나씩 물어보기도 해요", "Ask the addresses of this network one by one, too";
    HelpNearbyLines: "\
같은 네트워크의 기기에 한꺼번에 묻는 신호(멀티캐스트)로 찾아요. 그것을 막는 네트워크에서는
--scan이 사설 주소에 하나씩 물어봐요.

--json의 줄: nearby(방마다, 바뀔 때마다), gone(닫힌 방), closed(맨 끝).",
        "\
Rooms are heard of by multicast. Where a network blocks it, --scan asks its private addresses one
by one.

Lines with --json: nearby (for each room, and whenever it changes), gone (a room that closed),
closed (the last).";
    HelpJson: "스크립트를 위해 사건마다 JSON 한 줄을 써요", "One JSON line for each event, for scripts";
    HelpDataDir: "열쇠와 설정, 방을 이 폴더에 두어요", "Keep keys, preferences and rooms in this folder";
    HelpUrl: "초대 주소. 예: http://192.168.0.10:4567/", "An invite, such as http://192.168.0.10:4567/";
    HelpNick: "쓸 이름. 없으면 마루에서 고른 이름이나 로그인 이름",
        "What to be called; by default your name in Maru or of your login";
    HelpDialect: "말하는 방식: maru, nickname-json, plain, socket.io. 없으면 알아내요",
        "maru, nickname-json, plain or socket.io; found out without it";
    HelpPin: "초대에 있는 인증서 지문. 다른 인증서면 아무 말도 안 해요",
        "The certificate’s fingerprint, as in the invite; no other is told";
    HelpTakeCertificate: "바뀐 인증서를 받아들여요. 방장에게 먼저 확인해 주세요",
        "Take the certificate that is there now; ask the host first";
    HelpInspect: "오가는 핸드셰이크와 프레임을 보여요", "Show the handshake and every frame";
    HelpListen: "입력이 끝나도 나가지 않고 들어요", "Stay and listen when the input has ended";
    HelpText: "보낼 말. -이면 표준 입력 전체", "What to say; - for all of standard input";
    HelpRoom: "이 컴퓨터에서 연 방의 이름이나 번호", "The name or identifier of a room hosted here";
    HelpFormat: "jsonl이나 html", "jsonl or html";
    HelpOutput: "이 파일에 써요. 없으면 표준 출력", "Write to this file; to standard output without it";
    HelpFile: "백업할 파일. 아직 없어야 해요", "Where to put it; there must be no such file yet";
    HelpExportLines: "\
jsonl은 항목마다 JSON 한 줄이고, html은 어디서나 읽을 수 있는 한 장의 문서예요.
지운 메시지는 들어가지 않아요. 방이 열려 있어도 할 수 있어요.",
        "\
jsonl is one JSON line an entry, html a single page that can be read anywhere.
What was deleted is not in it. The room may be open meanwhile.";
    HelpBackupEndings: "\
방이 열려 있어도 할 수 있어요. 되살리려면 방을 닫고, 이 파일을 방 폴더
(rooms/번호)의 log.sqlite3 자리에 두고, 방을 다시 열어 주세요.
사람들은 방이 되살아났다는 말을 듣고 거기서 이어 가요.",
        "\
To restore it, close the room, put the file in place of log.sqlite3 in the
room’s folder (rooms/ID), and host the room again. Members are told that it
was restored, and go on from there.";
    HelpHostEndings: "\
Ctrl+C(SIGINT)는 방을 닫아요: 사람들은 방이 닫혔다는 말을 듣고 나가요.
SIGTERM은 이 프로그램만 끝내요: 같은 방을 다시 열면 사람들이 저절로 돌아와요.
한 번 더 보내면 바로 끝나요.

--json의 줄: listening(맨 처음), members, reach, addresses, closed(맨 끝).",
        "\
Ctrl+C (SIGINT) closes the room: members hear that it is closed, and leave.
SIGTERM ends this program alone: members come back by themselves once the room is hosted again.
A second one ends it at once.

Lines with --json: listening (the first), members, reach, addresses, closed (the last).";
    HelpJoinLines: "\
/nick 이름은 이름을 바꾸고, /quit은 나가요. //로 시작하면 빗금 하나로 시작하는 말이에요.
입력이 끝나면 방이 모두 받을 때까지 기다렸다가 나가요. 답이 10초 동안 없으면 그만 기다려요.

--json이면 모든 줄을 그대로 말해요. 쓰는 줄: link, connected, entered, said, binary, renamed,
joined, left, members, gap, disk, queued, unsent, refused, unknown, sight(--inspect), closed(맨 끝).

다른 채팅 서버(ws 예제, Socket.IO 등)의 주소도 돼요. 거기서 한 말은 보낸 것까지만 알 수 있어요.
Socket.IO는 주소의 경로가 네임스페이스예요: http://host:3000/admin",
        "\
/nick NAME changes your name, /quit leaves, and // begins a line that starts with one slash.
When the input ends, it waits until the room has everything (10 seconds without an answer at most)
and leaves.

With --json every line is said as it is. Lines written: link, connected, entered, said, binary,
renamed, joined, left, members, gap, disk, queued, unsent, refused, unknown, sight (--inspect),
closed (the last).

Other chat servers can be joined too (ws examples, Socket.IO). What is said there is known to be
sent, and no more. With Socket.IO the path of the address is the namespace: http://host:3000/admin";
    HelpSendEndings: "\
0으로 끝나면 방이 메시지를 받은 거예요. 다른 채팅 서버에는 보낸 것까지만 알 수 있어요.",
        "\
Ends with 0 only if the room has the message; with another chat server, if it was sent.";
    HelpEndings: "\
끝날 때의 코드
  0  잘 끝났어요
  1  다른 까닭 (포트를 쓸 수 없을 때 등)
  2  옵션이나 주소, 보낼 말이 잘못됐어요
  3  방에 닿지 못했거나 방이 답하지 않았어요
  4  방이 받아 주지 않았어요 (자리, 이름, 보낸 것)
  5  방장이 방을 닫았어요
  130, 143  다 보내기 전에 멈추라고 했거나 (Ctrl+C, SIGTERM) 바로 끝내야 했어요

명령마다 도움말이 있어요: maru host --help",
        "\
Exit codes
  0  all went well
  1  anything not listed here, such as a port that is taken
  2  arguments, an address or a text that cannot be used
  3  the room could not be reached, or did not answer
  4  the room turned us away (no seat, the name, what was sent)
  5  the host closed the room
  130, 143  stopped (Ctrl+C, SIGTERM) before the room had all that was said, or at once

Each command has its own help: maru host --help";
}
