//! `maru host`: a room open on this machine until somebody ends the program.

use std::io;
use std::net::{IpAddr, Ipv6Addr};

use maru_home::{Certificate, HostedRooms};
use maru_lan::addresses::own;
use maru_lan::reach::{self, Firewall};
use maru_lan::watch::AddressWatch;
use maru_lan::{Address, Announced, Announcer, Kind, invite, qr};
use maru_server::tls::Identity;
use maru_server::visit::{Origins, PublicUrl};
use maru_server::{Host, HostLimits, HostOptions, PortChoice};
use maru_wire::{ByeCode, Keeps, PORT_DEFAULT, RoomId};

use crate::arguments::HostArguments;
use crate::ending::Ending;
use crate::events::Event;
use crate::output::{Output, complain, one_line};
use crate::person::Person;
use crate::secret;
use crate::signals::{Signal, Signals};
use crate::words::{Language, Word, Words};

/// Hosts until a signal ends it, nobody reads the output any more, or the room itself has failed.
pub(crate) async fn run(
    arguments: HostArguments,
    person: &Person,
    words: Words,
    mut signals: Signals,
) -> Ending {
    let name = arguments.name.clone().unwrap_or_else(|| default_name(person, words));
    let rooms = HostedRooms::open(&person.folders().data);
    let found = rooms.room_named(&name).and_then(|room| match arguments.keeps {
        Some(keeps) => rooms.keep_as(room, keeps),
        None => Ok(room),
    });
    let room = match found {
        Ok(room) => room,
        Err(error) => return Ending::NotKept(error),
    };
    let chosen = tokio::select! {
        chosen = secret::chosen(&arguments.passphrase, room.passphrase.as_ref(), words) => chosen,
        signal = signals.first() => return Ending::Stopped(signal),
    };
    let guarded = match chosen {
        Ok(Some(passphrase)) => rooms.guard_with(room, passphrase),
        Ok(None) => Ok(room),
        Err(ending) => return ending,
    };
    let room = match guarded {
        Ok(room) => room,
        Err(error) => return Ending::NotKept(error),
    };
    let identity = match identity(&arguments, person) {
        Ok(identity) => identity,
        Err(ending) => return ending,
    };
    let pin = identity.pin().to_owned();
    let options = HostOptions {
        bind: arguments.bind.unwrap_or(IpAddr::V6(Ipv6Addr::UNSPECIFIED)),
        port: arguments.port.map_or(PortChoice::From(PORT_DEFAULT), PortChoice::Exactly),
        host: person.member_of(&room.id),
        limits: HostLimits {
            members_max: arguments.members_max,
            per_address_max: arguments.per_address_max,
            rate_per_second: arguments.rate_per_second,
        },
        keeps: room.keeps,
        passphrase: room.passphrase.clone(),
        lets_foreign_in: arguments.lets_foreign_in,
        folder: Some(room.folder),
        tls: Some(identity),
        origins: arguments.origins.clone(),
        public_urls: arguments.public_urls.clone(),
        own_addresses: own,
        language: match words.language() {
            Language::Ko => maru_server::Language::Korean,
            Language::En => maru_server::Language::English,
        },
        ..HostOptions::new(room.id.clone(), room.name.clone())
    };
    let (tls, passphrase) = (options.tls.is_some(), options.passphrase.is_some());
    let host = match Host::start(options).await {
        Ok(host) => host,
        Err(error) => return Ending::NotOpened(error),
    };
    let (port, bind) = (host.address().port(), host.address().ip());
    let announced = Announced { room: room.id.clone(), name: room.name.clone(), bind, port, tls, passphrase };
    let announces = arguments.announce && person.announces();
    let announcer = if announces { announce(announced, &host, words) } else { None };
    let watch = AddressWatch::start(port, bind);
    let addresses = watch.addresses().borrow().clone();
    let open = Open {
        asked_port: (arguments.port.is_none() && port != PORT_DEFAULT).then_some(PORT_DEFAULT),
        port,
        room: room.id,
        name: room.name,
        keeps: room.keeps,
        guarded: room.passphrase.is_some(),
        bind,
        addresses,
        public_urls: arguments.public_urls.clone(),
        invited_pin: arguments.certificate.is_none().then(|| pin.clone()),
        pin,
    };
    let mut output = Output::open(arguments.json);
    let told = tokio::select! {
        told = tell(&mut output, open, &watch, &arguments, &host, words) => told.map(|()| None),
        () = host.ended() => Ok(None),
        signal = signals.first() => Ok(Some(signal)),
    };
    let (code, ending) = match told {
        // The person closed the room.
        Ok(Some(Signal::Interrupt)) => (ByeCode::RoomClosed, Ending::Done),
        // Whoever ends a service may start it again; members come back by themselves then.
        Ok(Some(Signal::Terminate)) => (ByeCode::Restarting, Ending::Done),
        Ok(None) => (ByeCode::Restarting, Ending::RoomFailed),
        Err(error) => (ByeCode::Restarting, error.into()),
    };
    if output.is_styled() && code == ByeCode::RoomClosed {
        // The terminal has shown ^C without a line end; a failure is told below.
        let _ = output.line("");
    }
    let withdrawn = async {
        if let Some(announcer) = announcer {
            announcer.withdraw().await;
        }
    };
    tokio::join!(host.stop(code), withdrawn);
    match say_closed(&mut output, words) {
        Err(error) if matches!(ending, Ending::Done) => error.into(),
        _ => ending,
    }
}

/// A room that is open, as people find it.
struct Open {
    asked_port: Option<u16>,
    port: u16,
    room: RoomId,
    name: String,
    keeps: Keeps,
    /// Whether there is a passphrase.
    guarded: bool,
    bind: IpAddr,
    /// The best first; at least one.
    addresses: Vec<Address>,
    public_urls: Vec<PublicUrl>,
    /// By what its certificate is known.
    pin: String,
    /// The same where invites name it: one that was given is made anew by whoever gave it, with another key.
    invited_pin: Option<String>,
}

impl Open {
    /// Where others are sent: where its host says that it is reached or, failing that, to the best address.
    fn url(&self) -> String {
        let public = self.public_urls.first().map(PublicUrl::to_string);
        public.unwrap_or_else(|| invite::page(&self.addresses).expect("an open room has an address"))
    }

    /// The same for a camera: with the rest of the invite, which nobody has to type.
    fn painted(&self) -> String {
        let invite = invite::url(&self.addresses, &self.room, self.invited_pin.as_deref());
        match self.public_urls.first() {
            None => invite.unwrap_or_else(|| self.url()),
            Some(public) => public.to_string(),
        }
    }

    /// All of them, the best first.
    fn urls(&self) -> Vec<String> {
        let public = self.public_urls.iter().map(PublicUrl::to_string);
        public.chain(self.addresses.iter().map(Address::url)).collect()
    }

    fn invite(&self) -> String {
        invite::link(&self.addresses, &self.room, self.invited_pin.as_deref())
    }
}

/// Who the room is over TLS: by the certificate that was given or, without one, by this machine's own.
fn identity(arguments: &HostArguments, person: &Person) -> Result<Identity, Ending> {
    if let Some((certificate, key)) = &arguments.certificate {
        return Identity::from_files(certificate, key).map_err(Ending::BadCertificate);
    }
    let own = Certificate::open(&person.folders().data).map_err(Ending::NoCertificate)?;
    Identity::from_der(own.chain_der().to_vec(), own.key_der()).map_err(Ending::BadCertificate)
}

/// Tells who is here, for as long as there is a room.
async fn tell(
    output: &mut Output,
    mut open: Open,
    watch: &AddressWatch,
    arguments: &HostArguments,
    host: &Host,
    words: Words,
) -> io::Result<()> {
    let mut members = host.members();
    if let Some(asked) = open.asked_port {
        let ports = [("a", asked.to_string()), ("b", open.port.to_string())];
        complain(&words.with(Word::PortMoved, &ports.each_ref().map(|(name, port)| (*name, port.as_str()))));
    }
    output.event(&Event::Listening {
        url: open.url(),
        port: open.port,
        asked_port: open.asked_port,
        room: open.room.clone(),
        name: open.name.clone(),
        addresses: open.urls(),
        invite: open.invite(),
        tls: true,
        pin: open.pin.clone(),
        keeps: open.keeps,
        passphrase: open.guarded,
    })?;
    invite_people(output, &open, arguments, words)?;
    let mut addresses = watch.addresses();
    let mut reached = host.reached();
    let firewall = firewall_before(open.bind).await;
    let mut known = None;
    // Whether a line about the members is the last one, to be written over.
    let mut counted = false;
    // A script knows that a new room is empty.
    let mut has_counted = *members.borrow() > 0;
    loop {
        let now = reach::judge(open.bind, open.port, &open.addresses, *reached.borrow_and_update(), firewall);
        if known.as_ref() != Some(&now) {
            if let Some(line) = words.reach(&now) {
                output.line_over(&format!("  {line}"), !counted)?;
                counted = false;
            }
            output.event(&Event::Reach { reach: now.clone() })?;
            known = Some(now);
        }
        let count = *members.borrow_and_update();
        if std::mem::take(&mut has_counted) {
            output.event(&Event::Members { count })?;
        }
        output.line_over(&format!("  {}", words.member_count(count)), !counted)?;
        counted = true;
        tokio::select! {
            changed = members.changed() => match changed {
                Ok(()) => has_counted = true,
                Err(_) => return Ok(()),
            },
            Ok(()) = addresses.changed() => {
                open.addresses = addresses.borrow_and_update().clone();
                let (url, addresses, invite) = (open.url(), open.urls(), open.invite());
                if open.public_urls.is_empty() {
                    let line = words.with(Word::AddressesChanged, &[("url", &output.bold(&url))]);
                    output.line_over(&format!("  {line}"), !std::mem::take(&mut counted))?;
                }
                output.event(&Event::Addresses { url, addresses, invite })?;
            }
            Ok(()) = reached.changed() => {}
        }
    }
}

/// Tells the network of the room, where it is for others. Whoever cannot be told this way has the address.
fn announce(announced: Announced, host: &Host, words: Words) -> Option<Announcer> {
    Announcer::start(announced, host.members()).unwrap_or_else(|error| {
        complain(&words.with(Word::NotAnnounced, &[("why", &error.to_string())]));
        None
    })
}

/// The firewall of this machine, where others are to come through it.
async fn firewall_before(bind: IpAddr) -> Option<Firewall> {
    if bind.to_canonical().is_loopback() {
        return None;
    }
    tokio::task::spawn_blocking(Firewall::of_this_machine).await.ok().flatten()
}

fn invite_people(
    output: &mut Output,
    open: &Open,
    arguments: &HostArguments,
    words: Words,
) -> io::Result<()> {
    let url = open.url();
    output.line("")?;
    output.line(&format!("  {}", one_line(&open.name)))?;
    output.line("")?;
    output.line(&format!("  {}", output.bold(&url)))?;
    for public in open.public_urls.iter().map(PublicUrl::to_string).filter(|public| *public != url) {
        output.line(&output.faint(&format!("  {public}")))?;
    }
    for address in open.addresses.iter().filter(|address| address.url() != url) {
        let kind = words.text(Word::of_kind(address.kind));
        output.line(&output.faint(&format!("  {}  {kind}", address.url())))?;
    }
    output.line("")?;
    let paint = if output.is_styled() { qr::Paint::Colours } else { qr::Paint::Plain };
    let painted = arguments.qr.unwrap_or_else(|| output.is_terminal());
    let picture = if painted { qr::terminal(&open.painted(), paint).ok() } else { None };
    for line in picture.iter().flat_map(|picture| picture.lines()) {
        output.line(&format!("  {line}"))?;
    }
    let loopback =
        open.public_urls.is_empty() && open.addresses.iter().all(|address| address.kind == Kind::Loopback);
    let how = match picture {
        // As it was asked for, or for want of a network.
        _ if loopback && arguments.bind.is_some() => Word::OnlyHere,
        _ if loopback => Word::InviteLoopback,
        Some(_) => Word::InviteScan,
        None => Word::InviteLead,
    };
    if picture.is_some() {
        output.line("")?;
    }
    output.line(&format!("  {}", words.text(how)))?;
    output.line(&format!("  {}", words.with(Word::InviteTerminal, &[("url", &url)])))?;
    if open.guarded {
        output.line(&format!("  {}", words.text(Word::Guarded)))?;
        if arguments.lets_foreign_in {
            output.line(&format!("  {}", words.text(Word::GuardedButForeign)))?;
        }
    }
    match &arguments.origins {
        Origins::Own => {}
        Origins::Any => output.line(&format!("  {}", words.text(Word::OpenToAllPages)))?,
        Origins::Listed(pages) => {
            let pages = one_line(&pages.join(", ")).into_owned();
            output.line(&format!("  {}", words.with(Word::OpenToPages, &[("pages", &pages)])))?;
        }
    }
    if let Some(kept) = words.keeps(open.keeps) {
        output.line(&format!("  {kept}"))?;
    }
    output.line(&format!("  {}", words.text(Word::HowToClose)))?;
    output.line("")
}

fn say_closed(output: &mut Output, words: Words) -> io::Result<()> {
    output.event(&Event::Closed { fault: None })?;
    output.line(&format!("  {}", words.text(Word::Closed)))
}

fn default_name(person: &Person, words: Words) -> String {
    match person.nickname() {
        Some(me) => words.with(Word::RoomDefault, &[("me", me.as_str())]),
        None => words.text(Word::RoomNameless).into(),
    }
}
