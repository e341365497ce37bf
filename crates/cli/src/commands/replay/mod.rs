//! Owns `iisgate replay`: a recording shown, or asked again and its answers compared.
//!
//! Does not own what a recording is (`gate::recording`), nor the conversation (`player`).

mod player;

mod program;

use crate::Exit;
use crate::args::ReplayArgs;
use crate::printer::Printer;
use anyhow::{Context, bail};
use gate::recording::{Decoder, Dialogue, Passed, Recording, Secrets, differences};
use gate::relay::Direction;
use player::{Ended, Player};
use std::io::{self, Write};
use std::time::Duration;

/// How long an answer may take, if nothing else is said: IIS's own limit is 90 s, and a person waits.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(60);

pub(crate) fn run(args: ReplayArgs, printer: &Printer) -> anyhow::Result<Exit> {
    let recording = Recording::load(&args.file).with_context(|| args.file.display().to_string())?;
    let mut out = io::stdout().lock();
    if args.show {
        show(&recording, &mut out)?;
        return Ok(Exit::Done);
    }
    let mut recorded = Dialogue::default();
    for step in &recording.steps {
        if let Passed::Bytes(bytes) = &step.passed {
            recorded.pass(step.direction, bytes);
        }
    }
    if recorded.exchanges().is_empty() {
        bail!("{}: it holds no request", args.file.display());
    }
    let timeout = args.timeout.unwrap_or(ANSWER_TIMEOUT);
    let (program, stream) = program::start(&args)?;
    let mut player = Player::new(&stream, timeout);
    let ended = player.play(&recording, &recorded).context("the program's pipe")?;
    let got = player.into_dialogue();
    drop(stream);
    let status = program.end();
    match ended {
        Ended::Whole => {}
        Ended::Closed if got.ended() == 0 && recorded.ended() > 0 => {
            bail!("the program ended before it answered anything ({status})");
        }
        Ended::Closed => printer.say(format!("the program closed the pipe ({status})")),
        Ended::Late => {
            printer.say(format!(
                "no answer within {} s: --timeout N waits longer",
                timeout.as_secs_f64()
            ));
        }
    }
    report(&recorded, &got, recording.secrets, &mut out)
}

/// Prints a block for each request, and the sum.
fn report(
    recorded: &Dialogue,
    got: &Dialogue,
    secrets: Secrets,
    out: &mut impl Write,
) -> anyhow::Result<Exit> {
    let nothing = gate::recording::Answer::default();
    let (mut same, mut others, mut cut) = (0, 0, 0);
    for (index, before) in recorded.exchanges().iter().enumerate() {
        let answer = got.exchanges().get(index).map_or(&nothing, |exchange| &exchange.answer);
        let told = differences(&before.answer, answer, secrets);
        let verdict = if before.answer.end.is_none() {
            cut += 1;
            "not compared: the recording has no whole answer"
        } else if told.is_empty() {
            same += 1;
            "same"
        } else {
            others += 1;
            "differs"
        };
        writeln!(
            out,
            "{:>3}  {}\n     recorded {}, got {}: {verdict}",
            index + 1,
            before.request_line,
            before.answer.status_line(),
            answer.status_line(),
        )?;
        for line in told.iter().filter(|_| before.answer.end.is_some()) {
            writeln!(out, "       {line}")?;
        }
    }
    let cut = if cut > 0 { format!(", {cut} not compared") } else { String::new() };
    writeln!(out, "{same} same, {others} different{cut}")?;
    Ok(if others == 0 { Exit::Done } else { Exit::Trouble })
}

/// Prints what was said: each step's time, then the records that it completed.
fn show(recording: &Recording, out: &mut impl Write) -> io::Result<()> {
    let directions = [Direction::ToApplication, Direction::ToWebServer];
    let mut decoders = directions.map(Decoder::new);
    for step in &recording.steps {
        let decoder = &mut decoders[step.direction as usize];
        let mut lines = Vec::new();
        match &step.passed {
            Passed::Bytes(bytes) => decoder.pass(bytes, &mut lines),
            Passed::End => decoder.end(&mut lines),
        }
        for line in lines {
            match line.starts_with(' ') {
                true => writeln!(out, "{:>9}  {line}", "")?,
                false => writeln!(out, "{:>6} ms {line}", step.at.as_millis())?,
            }
        }
    }
    Ok(())
}
