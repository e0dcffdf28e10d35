//! `maru nearby`: the rooms that are open on this network, found by listening and, where it is asked for, by asking.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use maru_client::{Endpoint, card};
use maru_lan::{Browser, Nearby, addresses, scan};
use maru_wire::RoomCard;

use crate::arguments::NearbyArguments;
use crate::ending::Ending;
use crate::events::Event;
use crate::output::{Output, complain, one_line};
use crate::signals::Signals;
use crate::words::{Word, Words};

/// Looks for as long as was asked, or until a signal ends it.
pub(crate) async fn run(arguments: NearbyArguments, words: Words, mut signals: Signals) -> Ending {
    let browser = match Browser::start() {
        Ok(browser) => browser,
        Err(error) => return Ending::Failed(words.with(Word::NearbyFailed, &[("why", &error.to_string())])),
    };
    let mut output = Output::open(arguments.json);
    let mut shown = Shown::default();
    let patience = tokio::time::sleep(Duration::from_secs(arguments.seconds));
    let looking = async {
        let asking = async {
            if arguments.scan {
                look_harder(&browser, words).await;
            }
        };
        // Whichever takes longer: nobody wants half of what they asked for.
        tokio::join!(patience, asking);
    };
    let ended = tokio::select! {
        told = tell(&browser, &mut shown, &mut output, words) => told,
        () = looking => shown.tell(&browser.rooms().borrow().clone(), &mut output, words),
        _ = signals.first() => Ok(()),
    };
    match ended.and_then(|()| shown.end(&mut output, &arguments, words)) {
        Ok(()) => Ending::Done,
        Err(error) => error.into(),
    }
}

/// Asks the addresses of this machine's private networks, each for its card.
async fn look_harder(browser: &Browser, words: Words) {
    let doors = scan::doors(&addresses::networks());
    complain(&words.with(Word::NearbyScanning, &[("n", &doors.len().to_string())]));
    browser.ask_around(doors, ask).await;
}

async fn ask(at: SocketAddr) -> Option<RoomCard> {
    card::ask(&Endpoint::from(at), scan::PATIENCE).await.ok()
}

/// Tells of rooms as they come and go, for ever.
async fn tell(browser: &Browser, shown: &mut Shown, output: &mut Output, words: Words) -> io::Result<()> {
    let mut rooms = browser.rooms();
    loop {
        let now = rooms.borrow_and_update().clone();
        shown.tell(&now, output, words)?;
        if rooms.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

/// What was told already.
#[derive(Debug, Default)]
struct Shown {
    rooms: Vec<Nearby>,
    any: bool,
}

impl Shown {
    fn tell(&mut self, now: &[Nearby], output: &mut Output, words: Words) -> io::Result<()> {
        for gone in self.rooms.iter().filter(|known| !now.iter().any(|room| room.id == known.id)) {
            output.event(&Event::Gone { id: gone.id.clone() })?;
        }
        for room in now.iter().filter(|room| !self.rooms.contains(room)) {
            output.event(&Event::Nearby { room: room.clone() })?;
            // A person is told once; a script is told all that changes.
            if !self.rooms.iter().any(|known| known.id == room.id) {
                show(room, output, words)?;
            }
        }
        self.any |= !now.is_empty();
        self.rooms = now.to_vec();
        Ok(())
    }

    fn end(&self, output: &mut Output, arguments: &NearbyArguments, words: Words) -> io::Result<()> {
        output.event(&Event::Closed { fault: None })?;
        match (self.any, arguments.scan) {
            (true, _) => Ok(()),
            (false, true) => output.line(words.text(Word::NearbyNone)),
            (false, false) => output.line(words.text(Word::NearbyNoneScan)),
        }
    }
}

fn show(room: &Nearby, output: &mut Output, words: Words) -> io::Result<()> {
    let mut facts = Vec::new();
    facts.extend(room.members.map(|count| words.member_count(count)));
    facts.extend(room.passphrase.then(|| words.text(Word::NearbyPassphrase).to_owned()));
    facts.extend((!room.tls).then(|| words.text(Word::NearbyUnencrypted).to_owned()));
    output.line(&format!(
        "  {}  {}",
        output.bold(&one_line(&room.name)),
        output.faint(&facts.join(" · "))
    ))?;
    output.line(&format!("  {}", words.with(Word::NearbyJoin, &[("invite", &room.invite)])))?;
    output.line("")
}
