//! Owns the matching: a program made of a pattern's tree, and the backtracking that runs it.
//!
//! Does not read patterns. Steps and memory are bounded, so that no request can hold the server.

use super::parse::{Class, Node};

/// The largest program: far above any pattern that a person writes.
const OPERATIONS_MAX: usize = 20_000;
/// Steps for one text; a URL of 4096 characters takes a few for each.
const STEPS_MAX: usize = 2_000_000;

#[derive(Debug, Clone, PartialEq, Eq)]
enum Operation {
    Char(char),
    Any,
    Class(Class),
    Start,
    End,
    WordEdge(bool),
    BackReference(usize),
    /// Goes on at the first, and at the second when that fails.
    Split(usize, usize),
    Jump(usize),
    /// Notes where we are.
    Save(usize),
    /// Fails when nothing was taken since that was noted.
    Progress(usize),
    /// Runs what follows up to its `Done`, then goes on behind it from where it was.
    Look {
        is_wanted: bool,
        behind: usize,
    },
    Done,
}

/// A pattern as a program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Program {
    operations: Vec<Operation>,
    /// Places for beginnings and ends of groups, then for loops.
    slots: usize,
    groups: usize,
    ignores_case: bool,
}

impl Program {
    pub(super) fn new(node: &Node, ignores_case: bool) -> Result<Self, String> {
        let groups = groups(node) + 1;
        let slots = groups * 2;
        let mut program = Program { operations: Vec::new(), slots, groups, ignores_case };
        program.emit(&Node::Group(Some(0), Box::new(node.clone())))?;
        program.push(Operation::Done)?;
        Ok(program)
    }

    fn push(&mut self, operation: Operation) -> Result<usize, String> {
        if self.operations.len() >= OPERATIONS_MAX {
            return Err("the pattern is too large".to_owned());
        }
        self.operations.push(operation);
        Ok(self.operations.len() - 1)
    }

    fn emit(&mut self, node: &Node) -> Result<(), String> {
        let simple = match node {
            Node::Char(character) => Operation::Char(self.fold(*character)),
            Node::Any => Operation::Any,
            Node::Class(class) => Operation::Class(class.clone()),
            Node::Start => Operation::Start,
            Node::End => Operation::End,
            Node::WordEdge(is_wanted) => Operation::WordEdge(*is_wanted),
            Node::BackReference(group) => Operation::BackReference(*group),
            Node::Group(None, inner) => return self.emit(inner),
            Node::Group(Some(number), inner) => {
                self.push(Operation::Save(number * 2))?;
                self.emit(inner)?;
                Operation::Save(number * 2 + 1)
            }
            Node::Look(is_wanted, inner) => {
                let at = self.push(Operation::Look { is_wanted: *is_wanted, behind: 0 })?;
                self.emit(inner)?;
                self.push(Operation::Done)?;
                let behind = self.operations.len();
                self.operations[at] = Operation::Look { is_wanted: *is_wanted, behind };
                return Ok(());
            }
            Node::Sequence(nodes) => return nodes.iter().try_for_each(|node| self.emit(node)),
            Node::Either(ways) => return self.either(ways),
            Node::Repeat { node, min, max, is_greedy } => {
                return self.repeat(node, *min, *max, *is_greedy);
            }
        };
        self.push(simple).map(drop)
    }

    fn either(&mut self, ways: &[Node]) -> Result<(), String> {
        let mut ends = Vec::new();
        for (index, way) in ways.iter().enumerate() {
            let is_last = index + 1 == ways.len();
            let split = if is_last { None } else { Some(self.push(Operation::Split(0, 0))?) };
            self.emit(way)?;
            if let Some(split) = split {
                ends.push(self.push(Operation::Jump(0))?);
                self.operations[split] = Operation::Split(split + 1, self.operations.len());
            }
        }
        for end in ends {
            self.operations[end] = Operation::Jump(self.operations.len());
        }
        Ok(())
    }

    fn repeat(
        &mut self,
        node: &Node,
        min: u32,
        max: Option<u32>,
        is_greedy: bool,
    ) -> Result<(), String> {
        let split = |into: usize, out: usize| {
            if is_greedy { Operation::Split(into, out) } else { Operation::Split(out, into) }
        };
        for _ in 0..min {
            self.emit(node)?;
        }
        let Some(max) = max else {
            let slot = self.slots;
            self.slots += 1;
            let at = self.push(Operation::Jump(0))?;
            self.push(Operation::Save(slot))?;
            self.emit(node)?;
            self.push(Operation::Progress(slot))?;
            self.push(Operation::Jump(at))?;
            self.operations[at] = split(at + 1, self.operations.len());
            return Ok(());
        };
        let mut splits = Vec::new();
        for _ in min..max {
            splits.push(self.push(Operation::Jump(0))?);
            self.emit(node)?;
        }
        for at in splits {
            self.operations[at] = split(at + 1, self.operations.len());
        }
        Ok(())
    }

    fn fold(&self, character: char) -> char {
        if self.ignores_case { lower(character) } else { character }
    }

    /// The groups of the first match, group 0 first.
    pub(super) fn find(&self, text: &str) -> Option<Vec<String>> {
        let text: Vec<char> = text.chars().collect();
        let mut steps = STEPS_MAX;
        for start in 0..=text.len() {
            let mut slots = vec![None; self.slots];
            match self.run(0, start, &text, &mut slots, &mut steps) {
                Some(true) => {
                    let group = |number: usize| {
                        let range = slots[number * 2].zip(slots[number * 2 + 1]);
                        range.map_or_else(String::new, |(from, to)| text[from..to].iter().collect())
                    };
                    return Some((0..self.groups).map(group).collect());
                }
                Some(false) => {}
                None => return None,
            }
        }
        None
    }

    /// Whether it matches from there; `None` when it took too long.
    fn run(
        &self,
        mut at: usize,
        mut position: usize,
        text: &[char],
        slots: &mut Vec<Option<usize>>,
        steps: &mut usize,
    ) -> Option<bool> {
        // Where to go on after a failure, and how the slots were.
        let mut choices: Vec<(usize, usize, Vec<Option<usize>>)> = Vec::new();
        loop {
            *steps = steps.checked_sub(1)?;
            let next = match &self.operations[at] {
                Operation::Done => return Some(true),
                Operation::Jump(to) => Some((*to, position)),
                Operation::Split(first, second) => {
                    choices.push((*second, position, slots.clone()));
                    Some((*first, position))
                }
                Operation::Save(slot) => {
                    slots[*slot] = Some(position);
                    Some((at + 1, position))
                }
                Operation::Progress(slot) => {
                    (slots[*slot] != Some(position)).then_some((at + 1, position))
                }
                Operation::Look { is_wanted, behind } => {
                    let mut inner = slots.clone();
                    let found = self.run(at + 1, position, text, &mut inner, steps)?;
                    if found && *is_wanted {
                        *slots = inner;
                    }
                    (found == *is_wanted).then_some((*behind, position))
                }
                other => self.take(other, position, text, slots).map(|to| (at + 1, to)),
            };
            (at, position) = match next {
                Some(next) => next,
                None => match choices.pop() {
                    Some((choice, back, saved)) => {
                        *slots = saved;
                        (choice, back)
                    }
                    None => return Some(false),
                },
            };
        }
    }

    /// Where we are after an operation that looks at the text; `None` when it fails.
    fn take(
        &self,
        operation: &Operation,
        position: usize,
        text: &[char],
        slots: &[Option<usize>],
    ) -> Option<usize> {
        let next = text.get(position).copied();
        let is_taken = match operation {
            Operation::Char(wanted) => next.is_some_and(|next| self.fold(next) == *wanted),
            Operation::Any => next.is_some_and(|next| !matches!(next, '\n' | '\r')),
            Operation::Class(class) => next.is_some_and(|next| self.is_in(class, next)),
            Operation::Start => return (position == 0).then_some(position),
            Operation::End => return (position == text.len()).then_some(position),
            Operation::WordEdge(is_wanted) => {
                let is_word = |at: Option<usize>| {
                    let found = at.and_then(|at| text.get(at));
                    found.is_some_and(|c| c.is_ascii_alphanumeric() || *c == '_')
                };
                let is_edge = is_word(position.checked_sub(1)) != is_word(Some(position));
                return (is_edge == *is_wanted).then_some(position);
            }
            Operation::BackReference(group) => {
                let slot = |at: usize| slots.get(at).copied().flatten();
                let range = slot(group * 2).zip(slot(group * 2 + 1));
                let Some((from, to)) = range.filter(|_| *group < self.groups) else {
                    return Some(position);
                };
                let end = position + (to - from);
                let there = text.get(position..end)?;
                let same = |(a, b): (&char, &char)| self.fold(*a) == self.fold(*b);
                return text[from..to].iter().zip(there).all(same).then_some(end);
            }
            _ => false,
        };
        is_taken.then_some(position + 1)
    }

    fn is_in(&self, class: &Class, character: char) -> bool {
        let holds = |character: char| {
            class.ranges.iter().any(|(first, last)| (*first..=*last).contains(&character))
        };
        let upper = || character.to_uppercase().next().unwrap_or(character);
        let is_in =
            holds(character) || (self.ignores_case && (holds(lower(character)) || holds(upper())));
        is_in != class.is_negated
    }
}

fn lower(character: char) -> char {
    character.to_lowercase().next().unwrap_or(character)
}

/// The highest number of a group.
fn groups(node: &Node) -> usize {
    match node {
        Node::Group(number, inner) => number.unwrap_or(0).max(groups(inner)),
        Node::Look(_, inner) | Node::Repeat { node: inner, .. } => groups(inner),
        Node::Sequence(nodes) | Node::Either(nodes) => nodes.iter().map(groups).max().unwrap_or(0),
        _ => 0,
    }
}
