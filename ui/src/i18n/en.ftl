# Every word a person reads, in English. Keys and variables are the same as in ko.ftl; a test holds that.

app = Maru
app-unread = ({ $n }) { $room } · Maru
app-room = { $room } · Maru

# First screen
welcome = Everyone in one room
welcome-hint = Open a room on this machine, or go where somebody invited you.
nickname = Your name here
nickname-reroll = Another name
nickname-hint = Others see you under this name.
host = Host a room
host-options = Room options
hosting = Opening
room-name = Room name
room-default = { $me }’s room
host-more = More
keep = What is kept
keep-everything = Everything
keep-last = The latest messages
keep-nothing = Nothing
keep-everything-hint = All of it stays on this machine. Open the room again and it goes on.
keep-last-hint = As many stay on this machine; older ones are deleted.
keep-nothing-hint = Nothing is written to disk. It is gone when the room closes, and cannot be searched.
keep-entries = How many messages
keep-entries-wrong = Give a number from 1 to 1,000,000,000.
host-known = You have hosted a room by this name. Opened again, it goes on.
port = Port
port-hint = Others dial this number. If it is taken, the next free one is used.
host-open = Open the room
host-passphrase = Passphrase
host-passphrase-other = Another passphrase
host-passphrase-hint = Everybody has to type it to come in. It is never sent, and never stored as it is.
host-passphrase-kept = This room asks for its passphrase already. Left empty, that one stays.
host-passphrase-remove = Ask for no passphrase any more
host-foreign = Let other programs in without it
host-foreign-hint = Tutorial clients and bots cannot show a passphrase. Whoever comes in that way needs none.
host-pages = Allow web pages from anywhere
host-pages-hint = Any page that someone on this network has open can come in and read along. Turn it on for lessons and experiments.
announce = Show rooms on this network
announce-hint = Others nearby see the name of a room you host, and who looks can join. Off, they need the address.
join-title = Join by address
join-address = Paste an invite
join = Join
joining = Joining
join-cancel = Cancel
target = Goes to { $host }, port { $port }
target-tls = Goes to { $host }, port { $port }, encrypted
nearby = Nearby rooms
nearby-none = No rooms nearby. Host or paste an address.
nearby-join = Join { $room }
nearby-tls = encrypted
nearby-passphrase = asks for a passphrase
scan = Look harder
scanning = Looking through this network
join-more = How it speaks
dialect = The room speaks
dialect-auto = Find out
dialect-maru = Maru
dialect-nickname_json = Nickname JSON
dialect-plain = Plain text
dialect-socket_io = Socket.IO
dialect-badge = This room speaks another way than Maru: { $dialect }. Nothing is kept here, and who received a line is not known.
dialect-hint = Only for servers that are not Maru. Left alone, Maru finds out by itself.
recent = Recent rooms
recent-hosted = hosted here
recent-join = Join { $room } again
recent-host = Open { $room } again
recent-forget = Forget { $room }

# Guest
guest-lead = You are invited
guest-room-unknown = Join the room
guest-count =
    { $n ->
        [one] { $n } person is here
       *[other] { $n } people are here
    }
guest-name = What should they call you?
guest-enter = Join the room
guest-passphrase-hint = The host knows it. It is never sent.
guest-http = Others on this network could read this. Avoid secrets.
open-in-app-hint = Have Maru on this device?
open-in-app = Open in the app

# Room
rooms = Rooms
rooms-unread = { $n } unread
rooms-add = Another room
rooms-back = Back to the list
room-back = Back to the room
member-count =
    { $n ->
        [one] { $n } person
       *[other] { $n } people
    }
kept-here = kept here
details = People and room
details-show = Show who is here
details-hide = Hide who is here
invite = Invite
people = People
people-away = Who is here is shown once reconnected.
member-you = you
member-host = host
members-more = Show more people
members-rest =
    { $n ->
        [one] and { $n } more
       *[other] and { $n } more
    }
stop-hosting = Stop hosting
leave = Leave the room
forget = Forget what is kept here
timeline = Messages in { $room }
history-loading = Fetching older messages
history-away = Older messages come once reconnected
history-start = The beginning of this room
keeps-everything = Everything said here is kept on the host’s machine.
keeps-last =
    { $n ->
        [one] Only the latest message is kept in this room.
       *[other] Only the latest { $n } messages are kept in this room.
    }
keeps-nothing = This room keeps nothing: what is said is gone when it closes.
room-empty = Say hello
room-empty-hint = What you write here reaches everyone in the room.
composer = Write a message
send = Send
composer-hint = Enter sends, Shift+Enter breaks the line
pending = Sending
queued = Sends once reconnected
queued-disk = Sends once the disk is well
failed = Not sent. { $why }
retry = Try again
give-up = Discard
unread = New
new-pill =
    { $n ->
        [one] { $n } new message
       *[other] { $n } new messages
    }
to-bottom = To the latest message
show-all = Show all of it
copy = Copy
copied = Copied
copy-failed = Could not copy. Select the text and copy it yourself.
copy-code = Copy code
sent = Sent
composer-hint-foreign = Enter sends. Who received it is not known in this room
foreign-keeps = This room belongs to another program. What is shown here goes with this window.
guard-plain = Not encrypted. Others on this network could read this.
guard-first_seen = Encrypted. This certificate was seen for the first time, and is remembered.
guard-pinned = Encrypted, with the certificate that is known for this room.
guard-authority = Encrypted, with a certificate that is publicly vouched for.

# Inspector
inspector = Inspector
inspector-open = Look at the connection
inspector-close = Close the inspector
inspector-pause = Hold
inspector-resume = Go on
inspector-held =
    { $n ->
        [0] Held. Nothing new since.
        [one] Held. { $n } more since.
       *[other] Held. { $n } more since.
    }
inspector-copy-all = Copy all that is shown
inspector-clear = Clear
inspector-filter = Filter
inspector-direction = Direction
inspector-opcode = Kind of frame
inspector-frames = Frames
inspector-none = Nothing seen yet
inspector-gap =
    { $n ->
        [one] { $n } is missing here: only the latest are kept
       *[other] { $n } are missing here: only the latest are kept
    }
inspector-cut =
    { $n ->
        [one] Only the beginning is kept, of { $n } byte.
       *[other] Only the beginning is kept, of { $n } bytes.
    }
inspector-whole = All of it
direction-all = Both ways
direction-out = Out
direction-in = In
opcode-all = All kinds
seen-request = Request
seen-response = Response
seen-tls = TLS
seen-closed = Closed
handshake = Handshake
handshake-url = Address
handshake-subprotocol = Subprotocol
handshake-tls = TLS
handshake-none = none
handshake-pin = SHA-256 { $pin }
handshake-tls-browser = by the browser
handshake-hidden = A page is not shown the headers of its handshake, nor pings and pongs. The browser’s developer tools and the Maru app show them.

joins-one = { $name } joined
joins =
    { $n ->
        [one] { $name } and { $n } other joined
       *[other] { $name } and { $n } others joined
    }
lefts-one = { $name } left
lefts =
    { $n ->
        [one] { $name } and { $n } other left
       *[other] { $name } and { $n } others left
    }
visits-one = { $name } came by and left
visits =
    { $n ->
        [one] { $name } and { $n } other came by and left
       *[other] { $name } and { $n } others came by and left
    }
renamed = { $old } is now { $new }
newer-maru = Something that a newer version of Maru shows
binary-data = { $name } sent { $n } bytes that are no text
gap-trimmed = Messages here weren’t kept
gap-new_epoch = The room began anew here
gap-diverged = The room was restored from a backup here and moved on differently
typing-one = { $name } is typing
typing-two = { $name } and { $other } are typing
typing-many = Several people are typing
search = Find messages
search-placeholder = Find in this room
search-close = Close the search
search-clear = Clear the search
search-hint = Type to search; a letter or two is enough. With several words, each has to be in the message.
search-waiting = Searching
search-none = Nothing found. Try fewer letters.
search-count =
    { $n ->
        [one] { $n } message found
       *[other] { $n } messages found
    }
search-older = Older results
search-again = Search again
search-offline = Disconnected, so there is no search just now. It goes on once reconnected.
search-keeps-nothing = This room keeps nothing, so there is no search.
search-cannot = This room has no search. Ask the host to update Maru.
excerpt = You are looking at earlier messages
excerpt-back = Back to the present
excerpt-gone = This message is not kept any more.
excerpt-end = These are the latest
export-open = Export the talk
export = Export
export-title = Export the talk as a file
export-format = Format
export-html = A page to read (HTML)
export-jsonl = Lines for scripts (JSONL)
export-whole = All that is kept on this machine goes into it; what was deleted does not.
export-loaded = Only what is loaded here goes into it. Scroll up to load more first.
export-saved = Saved to
export-handed = Your browser is downloading the file.
export-folder = Open the folder

# Connection
reconnect =
    { $n ->
        [0] Disconnected. Retrying now.
       *[other] Disconnected. Retrying in { $n }s.
    }
reconnect-why = { $why } Retrying in { $n }s.
away =
    { $n ->
        [0] The room is away; this is what was kept here. Retrying now.
       *[other] The room is away; this is what was kept here. Retrying in { $n }s.
    }
connecting = Connecting
disk = The host’s disk takes nothing just now. What you write waits and is sent when it is well again.
disk-own = This machine’s disk takes nothing just now. Make some space: what is said waits until then.
notebook-in_use = This room is open in another Maru on this machine too. Until it is closed there, what you write here is not kept on this disk.
notebook-newer = A newer Maru has kept this room. Until you update, what you write here is not kept on this disk.
notebook-full = Too many rooms are kept on this machine, so what you write here is not. Forget one of the recent rooms.
notebook-set_aside = What was kept here could not be read and was set aside. From now on it is kept anew.
notebook-unwritable = This disk cannot be written, so what you write here is not kept. Check that it has space.
host-failed = Something in the room has failed, and it is closed. Open it again and it goes on.
try-now = Try now
ended-left = You left
ended-room_closed = Host closed the room. History stays.
ended-stopped = You closed the room. History stays.
ended-stopped-unkept = You closed the room. It keeps nothing: what is shown here goes with this page.
ended-room_closed-unkept = Host closed the room. It keeps nothing: what is shown here goes with this page.
ended-other = You are no longer in the room. { $why }
ended-passphrase = Enter the passphrase
rejoin = Rejoin
reopen = Open again
close-room = Remove from the list

# Invite
invite-title = Invite people
invite-lead = On the same Wi‑Fi, this address opens the room.
invite-text = Chat with me in “{ $room }”. On the same Wi‑Fi, open { $url }
invite-copy-text = Copy invitation
invite-others =
    { $n ->
        [one] { $n } other address
       *[other] { $n } other addresses
    }
invite-qr = QR code for { $url }
invite-scan = Or scan with a phone
invite-none = No network was found. Connect to Wi‑Fi and open the room again.
invite-loopback = Only this machine can use this address. Connect to Wi‑Fi to invite others.
kind-lan = local network
kind-vpn = over VPN
kind-virtual = virtual network
kind-loopback = this machine only
kind-name = name of this machine
port-moved = Port { $a } is busy; using { $b }
invite-copy-link = Copy link
invite-copy-maru = Copy link for the app
invite-passphrase = Tell them the passphrase too. It is not in the invite.
reach-reached = Others can reach you ✓
reach-waiting = No devices connected yet
reach-here_only = Only this machine reaches this room. Host it on the network to let others in.
reach-no_network = No network was found. Connect to Wi‑Fi first.
reach-vpn_only = Pause VPN or use another address.
reach-firewall = A firewall may interfere. Run this:
reach-firewall-window = A firewall may interfere. Allow Maru in the window that your system shows.

# Dialogs
close = Close
cancel = Cancel
leave-title = Leave { $room }?
leave-text = The room goes on without you. You can rejoin while it is open.
forget-title = Forget { $room }?
forget-text = What is kept of this room on this machine is deleted, with what still waits to be sent. What the host and others have stays with them.
forget-text-own = This room of yours is deleted with everything said in it, for good. Copies that others have stay with them.
forget-confirm = Forget
stop-title = Close { $room } for everyone?
stop-text =
    { $n ->
        [0] Nobody else is here.
        [one] { $n } other person is here. Their history stays with them.
       *[other] { $n } others are here. Their history stays with them.
    }
stop-confirm = Close the room
quit-title = Quitting closes the room for { $n }
quit-text = Keep the window open for as long as the others want to talk.
quit-confirm = Quit and close the room
quit-stay = Stay
link-title = Open this link?
link-host = It leads to
link-open = Open
link-copy = Copy link
passphrase = Passphrase
passphrase-show = Show
passphrase-hide = Hide
passphrase-title = This room asks for a passphrase
passphrase-text = Whoever invited you knows it. It is never sent: the room is only shown that you know it.
certificate-title = Certificate changed
certificate-text = This room shows another certificate than before. Either it moved to another machine or was set up anew, or somebody stands between you and reads along.
certificate-ask = Ask the host first, in person or by phone. Nothing was sent there.
certificate-back = Ask the host first
certificate-take = Take the new certificate
opened-title = Join this room?
opened-where = The invite leads to

# Settings
settings = Settings
settings-name = Name
settings-name-hint = Changes in every open room.
settings-name-save = Change
settings-name-saved = Changed
language = Language
language-system = Same as this device
language-ko = 한국어
language-en = English
theme = Theme
theme-system = Same as this device
theme-light = Light
theme-dark = Dark
data = Your data
data-notice = Maru has no account and no server: what is said goes from machine to machine. Rooms you host are kept on this device as you choose when you open them. A copy of rooms you join and your settings are kept here too, and nowhere else by Maru.
data-notice-guest = What is said goes to the host’s machine and from there to everyone in the room. This browser keeps your name and settings, nothing else.
help = When something is wrong
diagnostics = Copy diagnostics
diagnostics-hint = Versions and settings for a bug report; never what was said.
diagnostics-copied = Copied. Paste it into your report.
about = About
about-text = Maru is free software under MIT or Apache 2.0.
licences = Third-party licences
licences-text = Maru is built with the work of others. Their licences come with the program in the file THIRD-PARTY-NOTICES.md.
prefs-broken = Your settings could not be read. They were set aside as { $file }, and Maru started with fresh ones.
prefs-broken-short = Your settings could not be read, so Maru started with fresh ones.
understood = Got it

# Keys
switcher = Go to a room
switcher-hint = Room name
switcher-none = No room by that name. Try fewer letters.
keys = Keyboard
keys-send = Send
keys-newline = Break the line
keys-search = Find messages
keys-switcher = Go to a room
keys-next-room = Next or previous room
keys-unread = Next unread room
keys-settings = Settings
keys-details = People and room
keys-inspector = Inspector
keys-messages = From message to message
keys-close = Close, then to the latest
keys-sheet = This list

# What went wrong, and what to do. The part after the dash is the code.
error-unknown = That did not work. Try again in a moment.
error-address_empty = Paste the address that you were given.
error-address_unreadable = Unreadable address. Try 192.168.0.10:4567
error-address_scheme = Maru cannot use this kind of address. Try one that begins with http or ws.
error-address_port = The port must be a number from 1 to 65535.
error-address_too_long = That is too long for an address. Paste the address alone.
error-invite_incomplete = Part of the invite is missing. Copy all of it once more.
error-port_taken = This port is busy. Choose another, or leave it empty.
error-port_forbidden = This system reserves ports below 1024. Choose a higher one.
error-address_unavailable = This machine has no such address. Check the network and try again.
error-already_hosting = You host a room already. Close it first.
error-bad_room_name = A room’s name has 1 to 64 visible characters. Shorten it.
error-bad_nickname = A name has 1 to 32 visible characters. Change it.
error-nickname_taken = Name taken. Choose another.
error-prefs_unwritable = Your settings could not be saved. Check that the disk has space.
error-not_joined = You are not in this room any more. Rejoin first.
error-link_scheme = Maru opens only web and mail links. Copy it instead.
error-too_long = Too long for one message. Split it in two.
error-outbox_full = Too many messages are waiting. Send this one once reconnected.
error-not_found = Address not found. Check spelling.
error-refused = No room there. Check the port.
error-timeout = No answer. Are you on the same Wi‑Fi?
error-not_a_room = Not a chat room. Check the address.
error-other_room = Another room is open there now. Ask the host for a new invite.
error-forbidden = The room does not let you in from here. Ask the host for another address.
error-tls = Certificate not valid. Ask the host first.
error-room_full = Room full. Try later.
error-address_full = Too many from your network are in already. Try later.
error-lost = The connection was lost. Check the network.
error-room_closed = The host closed the room. Ask them to open it again.
error-rejected = The room would not take what was sent. Rejoin and go slower.
error-left = You left. Rejoin to talk.
error-not_json = The room did not understand. Update Maru on both sides.
error-not_text = The room did not understand. Update Maru on both sides.
error-unknown_type = The room’s Maru is too old for this. Ask the host to update.
error-bad_frame = The room did not understand. Update Maru on both sides.
error-hello_first = The room did not know you yet. Try again.
error-already_here = You are in already.
error-bad_signature = The room could not verify you. Leave and join again.
error-empty = There is nothing in it. Write something first.
error-id_reused = The room has another message under this one’s number. Try again.
error-too_fast = Too fast for the room. Wait a moment and try again.
error-unavailable = The room could not keep it. Try again in a moment.
error-no_such_room = You are not in this room any more. Rejoin first.
error-not_here = A guest in a browser cannot do this. Use the Maru app.
error-bad_id = That message could not be sent. Write it again.
error-host_failed = The room could not be opened. Choose another port, or try again.
error-log_busy = This room is open in another Maru already. Close it there first.
error-room_in_use = This room is open in another Maru. Close it there first.
error-log_newer = A newer Maru has kept this room. Update Maru to open it.
error-log_broken = This room’s log is damaged. It was left as it is; open a room by another name.
error-not_hosting = No room of yours is open. Open one first.
error-link_failed = The link could not be opened. Copy it instead.
error-data_unwritable = Maru could not save on this disk. Check that it has space.
error-bad_search = Look for fewer words.
error-folder_failed = The folder could not be opened. Find it in your file manager.
error-certificate_changed = Certificate changed. Ask the host first.
error-passphrase_needed = This room asks for a passphrase. Ask the host.
error-bad_passphrase = This cannot be a passphrase. Use 1 to 256 characters.
error-wrong_passphrase = Wrong passphrase. Ask the host.
error-passphrase_first = This room asks for a passphrase. Ask the host.
error-too_many_attempts = Too many wrong passphrases. Try again in some minutes.
error-passphrase_unguarded = This room asks for a passphrase without encryption, so it was not shown. Ask the host.
