use super::*;

/// A server's stream of these messages.
fn stream(said: &[Said]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for said in said {
        framing::frame(framing::TEXT, said.text(120).as_bytes(), &mut bytes);
    }
    bytes
}

fn aside(bytes: &mut Vec<u8>) {
    framing::frame(framing::PING, b"there?", bytes);
}

/// Two members of whom each says two messages.
fn conversation() -> (Order, [Ear; 2], [Said; 4]) {
    let mut order = Order::new(2, |payload| payload.starts_with(b"#"));
    let said = [(0, 10), (1, 20), (0, 30), (1, 40)].map(|(sender, now)| order.say(sender, now));
    (order, [Ear::default(), Ear::default()], said)
}

fn hear(order: &mut Order, ear: &mut Ear, bytes: &[u8]) -> Result<Range<u64>, Fault> {
    order.hear(ear, bytes, &mut Vec::new())
}

#[test]
fn everybody_hearing_everything_once_in_one_order_is_no_fault() {
    let (mut order, [mut a, mut b], said) = conversation();
    assert_eq!(hear(&mut order, &mut a, &stream(&said)), Ok(0..4));
    assert_eq!(order.delivery(2).said_at, 30);
    assert_eq!(hear(&mut order, &mut b, &stream(&said)), Ok(0..4));
    order.forget_heard();
    assert_eq!((order.outstanding(), order.heard()), (0, 8));
    assert_eq!((order.verdict(&a), order.verdict(&b)), (Ok(()), Ok(())));
}

#[test]
fn streams_cut_anywhere_and_with_asides_anywhere_are_the_same_streams() {
    for cut in 1..140 {
        let (mut order, [mut a, mut b], said) = conversation();
        let mut of_a = stream(&said[..1]);
        aside(&mut of_a);
        of_a.extend(stream(&said[1..]));
        let mut of_b = stream(&said[..3]);
        aside(&mut of_b);
        of_b.extend(stream(&said[3..]));
        let mut asides = Vec::new();
        for (from_a, from_b) in of_a.chunks(cut).zip(of_b.chunks(cut)) {
            order.hear(&mut a, from_a, &mut asides).unwrap();
            order.hear(&mut b, from_b, &mut asides).unwrap();
            order.forget_heard();
        }
        assert_eq!((order.verdict(&a), order.verdict(&b)), (Ok(()), Ok(())), "cut every {cut} bytes");
        assert_eq!(asides, vec![Aside { opcode: framing::PING, payload: b"there?".to_vec() }; 2]);
        assert_eq!(order.outstanding(), 0);
    }
}

#[test]
fn a_message_that_nobody_hears_is_found() {
    let (mut order, [mut a, _], said) = conversation();
    let came = said[2];
    assert_eq!(hear(&mut order, &mut a, &stream(&[said[1], came])), Err(Fault::Skipped { due: 0, came }));
}

#[test]
fn a_message_that_one_member_misses_is_found() {
    let (mut order, [mut a, mut b], said) = conversation();
    hear(&mut order, &mut a, &stream(&said)).unwrap();
    let heard = hear(&mut order, &mut b, &stream(&[said[0], said[2], said[3]]));
    assert_eq!(heard, Err(Fault::OutOfPlace { due: said[1], came: said[2] }));
}

#[test]
fn a_message_missing_at_the_end_is_found() {
    let (mut order, [mut a, mut b], said) = conversation();
    hear(&mut order, &mut a, &stream(&said)).unwrap();
    hear(&mut order, &mut b, &stream(&said[..3])).unwrap();
    assert_eq!(order.verdict(&b), Err(Fault::Missing { heard: 3, said: 4 }));
}

#[test]
fn a_doubled_message_is_found_at_the_first_and_at_any_other_member() {
    let (mut order, [mut a, mut b], said) = conversation();
    assert_eq!(hear(&mut order, &mut a, &stream(&[said[0], said[0]])), Err(Fault::Doubled(said[0])));
    let (mut order, [mut a, _], said) = conversation();
    hear(&mut order, &mut a, &stream(&said)).unwrap();
    let doubled = [said[0], said[1], said[0]];
    assert_eq!(hear(&mut order, &mut b, &stream(&doubled)), Err(Fault::Doubled(said[0])));
}

#[test]
fn a_message_doubled_after_everybody_heard_it_is_found() {
    let (mut order, [mut a, mut b], said) = conversation();
    hear(&mut order, &mut a, &stream(&said[..2])).unwrap();
    hear(&mut order, &mut b, &stream(&said[..2])).unwrap();
    order.forget_heard();
    hear(&mut order, &mut a, &stream(&said[2..])).unwrap();
    assert_eq!(hear(&mut order, &mut b, &stream(&said[..1])), Err(Fault::Doubled(said[0])));
}

#[test]
fn two_messages_in_another_order_for_one_member_are_found() {
    let (mut order, [mut a, mut b], said) = conversation();
    hear(&mut order, &mut a, &stream(&said)).unwrap();
    let heard = hear(&mut order, &mut b, &stream(&[said[1], said[0], said[2], said[3]]));
    assert_eq!(heard, Err(Fault::OutOfPlace { due: said[0], came: said[1] }));
}

#[test]
fn a_message_that_nobody_said_is_found() {
    let (mut order, [mut a, _], said) = conversation();
    let foreign = Said { sender: 7, number: 0 };
    assert_eq!(hear(&mut order, &mut a, &stream(&[foreign])), Err(Fault::NeverSaid(foreign)));
    hear(&mut order, &mut a, &stream(&said)).unwrap();
    let early = Said { sender: 0, number: 2 };
    assert_eq!(hear(&mut order, &mut a, &stream(&[early])), Err(Fault::NeverSaid(early)));
}
