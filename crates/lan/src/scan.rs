//! *Look harder*: where multicast is blocked, the addresses of this machine's private networks are asked one by one
//! whether a room is there. Only when a person asks for it, and never beyond the building. What is asked and how is the
//! caller's: this owns whom, how many at a time and for how long.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use maru_wire::PORT_DEFAULT;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::addresses::Network;

/// The doors to knock at, those where a room most likely is first: the default port at every address, then the ports it
/// moves to where that one is taken. For each of [`NETWORKS_MAX`] private networks the /24 around our own address,
/// without this machine itself.
pub fn doors(networks: &[Network]) -> Vec<SocketAddr> {
    let mut around: Vec<[u8; 3]> = Vec::new();
    for network in networks {
        let IpAddr::V4(own) = network.own else { continue };
        let [a, b, c, _] = own.octets();
        if own.is_private() && !around.contains(&[a, b, c]) && around.len() < NETWORKS_MAX {
            around.push([a, b, c]);
        }
    }
    let is_own = |ip: Ipv4Addr| networks.iter().any(|network| network.own == IpAddr::V4(ip));
    let mut doors = Vec::new();
    for port in PORT_DEFAULT..PORT_DEFAULT + PORTS {
        for [a, b, c] in &around {
            let hosts = (1..=254).map(|d| Ipv4Addr::new(*a, *b, *c, d));
            // A network smaller than a /24 ends before it does.
            let inside = |ip: &Ipv4Addr| networks.iter().any(|network| network.holds(IpAddr::V4(*ip)));
            doors.extend(
                hosts.filter(|ip| inside(ip) && !is_own(*ip)).map(|ip| SocketAddr::new(ip.into(), port)),
            );
        }
    }
    doors
}

/// Knocks at all of them, [`AT_ONCE_MAX`] at a time and [`PATIENCE`] each, and hands on what answers as it does. Dropping
/// it ends all of it.
pub async fn ask_all<Answer, Asking>(
    doors: Vec<SocketAddr>,
    mut ask: impl FnMut(SocketAddr) -> Asking,
    mut answered: impl FnMut(SocketAddr, Answer),
) where
    Answer: Send + 'static,
    Asking: Future<Output = Option<Answer>> + Send + 'static,
{
    let mut rest = doors.into_iter();
    let mut asking = JoinSet::new();
    loop {
        while asking.len() < AT_ONCE_MAX {
            let Some(door) = rest.next() else { break };
            let answer = timeout(PATIENCE, ask(door));
            asking.spawn(async move { (door, answer.await.ok().flatten()) });
        }
        let Some(ended) = asking.join_next().await else { return };
        // One that panicked has nothing to say.
        if let Ok((door, Some(answer))) = ended {
            answered(door, answer);
        }
    }
}

/// Networks asked at most: a machine with more is a router or a workshop.
pub const NETWORKS_MAX: usize = 3;

/// Doors asked at a time: few enough that no home router takes it for an attack or runs out of memory for it.
pub const AT_ONCE_MAX: usize = 50;

/// The longest wait at one door: on a network of a building an answer takes some milliseconds.
pub const PATIENCE: Duration = Duration::from_millis(500);

/// The default port and those a room moves to where it is taken.
const PORTS: u16 = 4;

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use tokio::time::{Instant, sleep};

    fn network(own: &str, prefix_bits: u8) -> Network {
        Network { own: own.parse().unwrap(), prefix_bits }
    }

    fn hosts(networks: &[Network]) -> Vec<String> {
        let doors = doors(networks);
        doors.iter().filter(|door| door.port() == PORT_DEFAULT).map(|door| door.ip().to_string()).collect()
    }

    #[test]
    fn the_twenty_four_around_us_is_asked_but_not_ourselves() {
        let doors = doors(&[network("192.168.0.7", 16)]);
        assert_eq!(doors.len(), 253 * 4);
        assert_eq!(doors[0].to_string(), "192.168.0.1:4567");
        assert!(!doors.iter().any(|door| door.ip().to_string() == "192.168.0.7"));
        assert!(doors.iter().all(|door| door.ip().to_string().starts_with("192.168.0.")));
        assert!(doors[..253].iter().all(|door| door.port() == 4567), "the likeliest port first");
    }

    #[test]
    fn nothing_public_is_ever_asked() {
        for own in
            ["8.8.8.8", "100.64.0.1", "169.254.1.1", "127.0.0.1", "2001:db8::1", "fd00::1", "172.32.0.1"]
        {
            assert_eq!(hosts(&[network(own, 24)]), Vec::<String>::new(), "{own}");
        }
        for own in ["10.0.0.7", "172.31.255.7", "192.168.9.7"] {
            assert_eq!(hosts(&[network(own, 24)]).len(), 253, "{own}");
        }
    }

    #[test]
    fn three_networks_are_asked_and_a_small_one_to_its_end() {
        let many: Vec<_> = (0..5).map(|n| network(&format!("10.0.{n}.7"), 24)).collect();
        assert_eq!(hosts(&many).len(), 3 * 253);
        let twice = [network("10.0.0.7", 24), network("10.0.0.8", 24)];
        assert_eq!(hosts(&twice).len(), 252, "one network with two addresses of ours");
        assert_eq!(
            hosts(&[network("10.0.0.9", 29)]),
            ["10.0.0.8", "10.0.0.10", "10.0.0.11", "10.0.0.12", "10.0.0.13", "10.0.0.14", "10.0.0.15"]
        );
    }

    #[tokio::test(start_paused = true)]
    async fn fifty_are_asked_at_a_time_and_half_a_second_each() {
        let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let doors = doors(&[network("10.0.0.7", 24)]);
        let (count, begun) = (doors.len(), Instant::now());
        let mut found = Vec::new();
        let ask = |door: SocketAddr| {
            let (now, most) = (Arc::clone(&now), Arc::clone(&most));
            async move {
                most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                if door.ip().to_string() == "10.0.0.9" {
                    now.fetch_sub(1, Ordering::SeqCst);
                    return Some("a room");
                }
                // A machine that is not there.
                let _gone = Ending(now);
                sleep(Duration::from_secs(60)).await;
                None
            }
        };
        ask_all(doors, ask, |door, answer| found.push((door, answer))).await;
        assert_eq!(found.len(), 4);
        assert_eq!(most.load(Ordering::SeqCst), AT_ONCE_MAX);
        let rounds = count.div_ceil(AT_ONCE_MAX) as u32;
        assert!(begun.elapsed() <= PATIENCE * (rounds + 1), "{:?}", begun.elapsed());
    }

    struct Ending(Arc<AtomicUsize>);

    impl Drop for Ending {
        fn drop(&mut self) {
            self.0.fetch_sub(1, Ordering::SeqCst);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn who_gives_up_asks_nobody_any_more() {
        let asked = Arc::new(AtomicUsize::new(0));
        let counting = Arc::clone(&asked);
        let ask = move |_| {
            counting.fetch_add(1, Ordering::SeqCst);
            std::future::pending::<Option<()>>()
        };
        let all = ask_all(doors(&[network("10.0.0.7", 24)]), ask, |_, ()| {});
        assert!(timeout(2 * PATIENCE - Duration::from_millis(1), all).await.is_err());
        assert_eq!(asked.load(Ordering::SeqCst), 2 * AT_ONCE_MAX);
        sleep(10 * PATIENCE).await;
        assert_eq!(asked.load(Ordering::SeqCst), 2 * AT_ONCE_MAX);
    }
}
