//! Owns the tests of `running`: what the system hears, whatever the helper does.
//!
//! Does not start a helper: `tests/windows/test_service.py` does, under the system's manager.

use super::*;
use crate::failure::StartFailure;
use std::sync::Mutex;
use std::sync::mpsc::Sender;

/// Remembers what was said.
#[derive(Default)]
struct Said {
    phases: Mutex<Vec<Phase>>,
    heard: Option<Sender<()>>,
}

impl Reporter for Said {
    fn report(&self, phase: Phase) {
        self.phases.lock().expect("no panic").push(phase);
        if let Some(heard) = &self.heard {
            let _ = heard.send(());
        }
    }
}

#[test]
fn the_system_hears_how_the_helper_stands() {
    let failed = || Stand::Failed(StartFailure::new("it is broken", ""));
    let table: [(bool, Vec<Event>, u32, &[Phase]); 6] = [
        (false, vec![Event::Stands(Stand::Ready), Event::Stop], 0, &[Phase::Running]),
        (false, vec![Event::Stands(Stand::Starting), Event::Stop], 0, &[]),
        (false, vec![Event::Stands(failed())], FAILED, &[]),
        // It crashed and is back: that is nobody else's matter.
        (
            false,
            vec![
                Event::Stands(Stand::Ready),
                Event::Stands(Stand::Starting),
                Event::Stands(Stand::Ready),
                Event::Stop,
            ],
            0,
            &[Phase::Running],
        ),
        // It crashed and cannot be started any more.
        (
            false,
            vec![Event::Stands(Stand::Ready), Event::Stands(failed())],
            FAILED,
            &[Phase::Running],
        ),
        (true, vec![Event::Stands(Stand::Done)], 0, &[Phase::Running]),
    ];
    for (number, (is_task, events, code, phases)) in table.into_iter().enumerate() {
        let (sender, receiver) = channel();
        events.into_iter().for_each(|event| sender.send(event).expect("heard"));
        let said = Said::default();
        assert_eq!(follow(is_task, &said, &receiver), code, "{number}");
        assert_eq!(*said.phases.lock().expect("no panic"), phases, "{number}");
    }
}

#[test]
fn what_takes_long_is_told_to_be_under_way() {
    let (sender, receiver) = channel();
    let (heard, hears) = channel();
    let said = Said { heard: Some(heard), ..Said::default() };
    std::thread::scope(|scope| {
        let said = &said;
        let following = scope.spawn(move || follow(false, said, &receiver));
        hears.recv().expect("told");
        sender.send(Event::Stop).expect("heard");
        assert_eq!(following.join().expect("no panic"), 0);
    });
    assert_eq!(said.phases.lock().expect("no panic")[0], Phase::Starting(2));
}
