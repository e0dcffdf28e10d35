//! Lines of ours that a server will say to us too: they show already, and must not show twice.

use std::collections::VecDeque;
use std::time::Duration;

use maru_wire::MessageText;

/// The lines that may come back, in the order they were said.
#[derive(Debug, Default)]
pub(super) struct Echoes {
    expected: VecDeque<Echo>,
    now: Duration,
}

#[derive(Debug)]
struct Echo {
    name: String,
    text: MessageText,
    until: Duration,
}

impl Echoes {
    /// It is that late now.
    pub(super) fn handle_time(&mut self, now: Duration) {
        self.now = self.now.max(now);
        while self.expected.front().is_some_and(|echo| echo.until < now) {
            self.expected.pop_front();
        }
    }

    /// We said a line under a name.
    pub(super) fn expect(&mut self, name: &str, text: &MessageText) {
        if self.expected.len() >= ECHOES_MAX {
            self.expected.pop_front();
        }
        let (name, text, until) = (name.to_owned(), text.clone(), self.now + ECHO_WITHIN);
        self.expected.push_back(Echo { name, text, until });
    }

    /// Whether a line that was heard is one of ours. Each comes back once, and in order: what was said before it will
    /// not come any more.
    pub(super) fn handle_heard(&mut self, name: &str, text: &MessageText) -> bool {
        let is_it = |echo: &Echo| echo.name == name && echo.text == *text;
        let Some(at) = self.expected.iter().position(is_it) else { return false };
        self.expected.drain(..=at);
        true
    }
}

/// Lines that may still come back: more than a person, or a script that waits for nothing, has under way.
const ECHOES_MAX: usize = 256;

/// How long a line may take to come back. After that it is somebody else's who happens to say the same.
const ECHO_WITHIN: Duration = Duration::from_secs(30);

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> MessageText {
        MessageText::parse(text).unwrap()
    }

    #[test]
    fn each_line_comes_back_once() {
        let mut echoes = Echoes::default();
        echoes.expect("민지", &text("안녕"));
        assert!(!echoes.handle_heard("준", &text("안녕")), "somebody else's");
        assert!(!echoes.handle_heard("민지", &text("안녕!")));
        assert!(echoes.handle_heard("민지", &text("안녕")));
        assert!(!echoes.handle_heard("민지", &text("안녕")), "somebody with our name says the same");
    }

    #[test]
    fn what_was_said_before_an_echo_comes_no_more_and_nothing_is_waited_for_for_ever() {
        let mut echoes = Echoes::default();
        echoes.expect("민지", &text("하나"));
        echoes.expect("민지", &text("둘"));
        assert!(echoes.handle_heard("민지", &text("둘")));
        assert!(!echoes.handle_heard("민지", &text("하나")));
        echoes.expect("민지", &text("셋"));
        echoes.handle_time(ECHO_WITHIN + Duration::from_secs(1));
        assert!(!echoes.handle_heard("민지", &text("셋")));
        for n in 0..ECHOES_MAX * 2 {
            echoes.expect("민지", &text(&n.to_string()));
        }
        assert_eq!(echoes.expected.len(), ECHOES_MAX);
    }
}
