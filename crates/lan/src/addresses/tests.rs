use super::*;

const ANY_V4: IpAddr = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
const ANY_V6: IpAddr = IpAddr::V6(Ipv6Addr::UNSPECIFIED);

/// Interfaces as `name ip [down|p2p]` lines.
fn interfaces_of(list: &str) -> Vec<Interface> {
    let interface = |line: &str| {
        // Names have spaces on Windows: the address is the last word but for the marks.
        let mut words: Vec<_> = line.split_whitespace().collect();
        let marks: Vec<_> = words.extract_if(.., |word| matches!(*word, "down" | "p2p")).collect();
        let ip = words.pop().unwrap().parse().unwrap();
        let (up, point_to_point) = (!marks.contains(&"down"), marks.contains(&"p2p"));
        Interface { name: words.join(" "), ip, up, point_to_point }
    };
    list.lines().map(str::trim).filter(|line| !line.is_empty()).map(interface).collect()
}

/// `ip kind` of each address, in order.
fn told(list: &str, bind: IpAddr) -> Vec<String> {
    let ranked = ranked(&interfaces_of(list), 4567, bind);
    ranked.iter().map(|address| format!("{} {:?}", address.ip, address.kind)).collect()
}

const LINUX: &str = "
    lo 127.0.0.1
    lo ::1
    docker0 172.17.0.1
    br-3f2a9c1d7e55 172.18.0.1
    veth12ab34c fe80::1
    virbr0 192.168.122.1 down
    corp0 10.8.0.2 p2p
    wg0 10.66.0.3
    tailscale0 100.101.102.103
    tailscale0 fd7a:115c:a1e0::1
    enp3s0 192.168.0.10
    enp3s0 fe80::aaaa
    enp3s0 2001:db8::10
    wlp2s0 192.168.0.23
";

#[test]
fn on_linux_the_network_of_the_building_comes_first() {
    assert_eq!(
        told(LINUX, ANY_V6),
        [
            "192.168.0.10 Lan",
            "192.168.0.23 Lan",
            "2001:db8::10 Lan",
            "10.8.0.2 Vpn",
            "10.66.0.3 Vpn",
            "100.101.102.103 Vpn",
            "fd7a:115c:a1e0::1 Vpn",
            "172.17.0.1 Virtual",
            "172.18.0.1 Virtual",
            "192.168.122.1 Virtual",
        ]
    );
}

#[test]
fn on_macos_tunnels_and_guests_come_after_the_network_of_the_building() {
    let list = "
        lo0 127.0.0.1
        utun3 10.5.0.2 p2p
        utun4 fe80::2
        bridge100 192.168.64.1
        vmenet0 169.254.1.1
        awdl0 fe80::3
        feth123 10.147.17.5
        en0 10.0.1.7
        en0 fd12:3456::7
        bridge0 169.254.9.9
    ";
    assert_eq!(
        told(list, ANY_V6),
        [
            "10.0.1.7 Lan",
            "fd12:3456::7 Lan",
            "169.254.9.9 Lan",
            "10.5.0.2 Vpn",
            "10.147.17.5 Vpn",
            "192.168.64.1 Virtual",
            "169.254.1.1 Virtual",
        ]
    );
}

#[test]
fn on_windows_names_in_korean_and_with_spaces_are_understood() {
    let list = "
        Loopback Pseudo-Interface 1 127.0.0.1
        vEthernet (WSL (Hyper-V firewall)) 172.29.80.1
        vEthernet (Default Switch) 172.20.0.1
        VirtualBox Host-Only Network 192.168.99.1
        이더넷 2 192.168.56.1
        VMware Network Adapter VMnet8 192.168.145.1
        OpenVPN TAP-Windows6 10.9.0.6
        Tailscale 100.64.0.9
        이더넷 192.168.219.105
        Wi-Fi 192.168.219.110
        로컬 영역 연결* 10 169.254.44.5 down
    ";
    let told = told(list, ANY_V4);
    assert_eq!(told[..2], ["192.168.219.105 Lan", "192.168.219.110 Lan"]);
    assert_eq!(told[2..4], ["10.9.0.6 Vpn", "100.64.0.9 Vpn"]);
    assert!(told[4..9].iter().all(|address| address.ends_with("Virtual")), "{told:?}");
    assert_eq!(told[9..], ["169.254.44.5 Lan"], "what is down comes last");
}

#[test]
fn only_where_the_room_is_bound_it_can_be_reached() {
    assert!(told(LINUX, ANY_V4).iter().all(|address| !address.contains("::")), "IPv4 only");
    assert_eq!(told(LINUX, "192.168.0.23".parse().unwrap()), ["192.168.0.23 Lan"]);
    assert_eq!(told(LINUX, "::ffff:192.168.0.23".parse().unwrap()), ["192.168.0.23 Lan"]);
    assert_eq!(told(LINUX, "203.0.113.5".parse().unwrap()), ["203.0.113.5 Lan"], "it was asked for");
}

#[test]
fn a_room_bound_to_this_machine_tells_only_that() {
    assert_eq!(told(LINUX, Ipv4Addr::LOCALHOST.into()), ["127.0.0.1 Loopback"]);
    assert_eq!(told(LINUX, Ipv6Addr::LOCALHOST.into()), ["::1 Loopback"]);
    assert_eq!(told(LINUX, "127.0.0.9".parse().unwrap()), ["127.0.0.9 Loopback"]);
}

#[test]
fn loopback_is_told_only_where_there_is_nothing_else() {
    assert_eq!(told("lo 127.0.0.1\nlo ::1\neth0 fe80::1", ANY_V6), ["127.0.0.1 Loopback", "::1 Loopback"]);
    assert_eq!(told("", ANY_V4), ["127.0.0.1 Loopback"]);
    assert_eq!(told("", ANY_V6), ["::1 Loopback"]);
}

#[test]
fn addresses_that_nobody_can_use_are_left_out() {
    let list = "eth0 0.0.0.0\neth0 224.0.0.1\neth0 fe80::5\neth0 ff02::1\neth0 ::\neth0 192.168.0.2\neth1 192.168.0.2";
    assert_eq!(told(list, ANY_V6), ["192.168.0.2 Lan"]);
}

#[test]
fn any_ipv4_of_the_building_comes_before_ipv6_and_before_a_cable_without_router() {
    let list =
        "eth0 2001:db8::1\neth0 fd00::1\neth0 169.254.3.3\neth0 203.0.113.9\neth0 172.16.5.5\neth0 10.1.1.1";
    assert_eq!(
        told(list, ANY_V6),
        [
            "10.1.1.1 Lan",
            "172.16.5.5 Lan",
            "203.0.113.9 Lan",
            "fd00::1 Lan",
            "2001:db8::1 Lan",
            "169.254.3.3 Lan"
        ]
    );
}

#[test]
fn a_host_of_many_containers_tells_a_bounded_list_with_the_building_in_it() {
    let mut list: String = (0..100).map(|n| format!("docker{n} 172.17.{n}.1\n")).collect();
    list.push_str("eth0 192.168.0.2");
    let told = told(&list, ANY_V4);
    assert_eq!(told.len(), ADDRESSES_MAX);
    assert_eq!(told[0], "192.168.0.2 Lan");
}

#[test]
fn a_url_has_ipv6_in_brackets() {
    let url = |ip: &str| ranked(&interfaces_of(&format!("eth0 {ip}")), 80, ANY_V6)[0].url();
    assert_eq!(url("192.168.0.10"), "http://192.168.0.10:80/");
    assert_eq!(url("2001:db8::10"), "http://[2001:db8::10]:80/");
}

#[test]
fn the_page_knows_each_kind_by_its_word() {
    let words: Vec<_> = [Kind::Lan, Kind::Vpn, Kind::Virtual, Kind::Loopback, Kind::Name]
        .map(|kind| serde_json::to_string(&kind).unwrap())
        .to_vec();
    assert_eq!(words, [r#""lan""#, r#""vpn""#, r#""virtual""#, r#""loopback""#, r#""name""#]);
}

#[test]
fn this_machine_has_an_address_wherever_the_test_runs() {
    let here = addresses(4567, ANY_V4);
    assert!(!here.is_empty() && here.iter().all(|address| address.ip.is_ipv4() && address.port == 4567));
    let local = addresses(4567, Ipv4Addr::LOCALHOST.into());
    assert_eq!(local.iter().map(Address::url).collect::<Vec<_>>(), ["http://127.0.0.1:4567/"]);
}
